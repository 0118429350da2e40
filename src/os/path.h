/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct mount_place;
struct statfs;

/*
 * The only way to a path that the container's image can influence (security rules R1, R4, R9).
 *
 * ROOT is a descriptor of the directory that is "/" for the path; a path may or may not begin with
 * "/".  Symbolic links are followed as the container would see them and cannot lead out of ROOT;
 * magic links (/proc/PID/fd, root, cwd, exe) are refused.  Descriptors given back are O_CLOEXEC and
 * the caller's.  Resolution is openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), retried a bounded
 * number of times on EAGAIN; where the kernel has no openat2 (ENOSYS, EPERM from a filter) a walk
 * over O_PATH descriptors, component by component, that holds the same promises and refuses what it
 * cannot prove (os/path_walk.h), which also serves when the kernel keeps saying EAGAIN.
 *
 * What path_make_*() and path_open_parent() make stands where the path leads, dangling links
 * followed, inside ROOT.  Errors: ERROR_PATH with the path in the text and errno kept.
 */

/* Opens what is there.  FLAGS as open(2), no O_CREAT or O_TRUNC; O_CLOEXEC is added. */
fallible path_open(int root, const char *path, int flags, int *fd);

/* Opens (O_PATH) a directory to which no symbolic link leads. */
fallible path_open_plain(int root, const char *path, int *fd);

/* Opens what is below DIRECTORY, on the same mount, and to which no symbolic link leads.  Without
 * openat2(2) this is ENOSYS. */
fallible path_open_within(int directory, const char *path, int flags, int *fd);

/* Makes the directory NAME right below PARENT, where nothing of that name may be, and opens it
 * (O_PATH), no link followed. */
fallible path_make_below(int parent, const char *name, mode_t mode, int *fd);

/* Looks, without opening it, at where PATH leads now: by the plain look-up that the container's own
 * processes will have, so for a process whose root is ROOT. */
fallible path_look(int root, const char *path, struct mount_place *place);

/* The same of the filesystem and the mount that PATH leads to (statfs(2)). */
fallible path_look_filesystem(const char *path, struct statfs *filesystem);

/* Opens a directory (O_PATH), making it and its missing parents with MODE (umask applies). */
fallible path_make_directory(int root, const char *path, mode_t mode, int *fd);

/* The same, unopened, for one that has just been found missing. */
fallible path_make_missing_directory(int root, const char *path, mode_t mode);

/* Opens (O_PATH) what is there if it is no directory; else makes the parents (0755) and an empty
 * regular file with MODE. */
fallible path_make_file(int root, const char *path, mode_t mode, int *fd);

/*
 * Opens the parent directory of PATH (O_PATH), making it and its parents (0755) if MAKE says so,
 * and points NAME at the last component (inside PATH, or "." for the root itself).  ".." or "."
 * as the last component, or a slash behind it, is refused.
 */
fallible path_open_parent(int root, const char *path, bool make, int *parent, const char **name);

/*
 * Makes a node or fifo: MODE holds the type bits and the exact permissions, owned by UID:GID.  With
 * another umask than 0 they have to be changed afterwards.  What is there already is accepted if
 * its type and numbers are the same, otherwise EEXIST; it stays the same inode.  Its mode, user and
 * group are set too, but for those that KEEPS_MODE, KEEPS_UID and KEEPS_GID leave as they are; what
 * is made has all three. EOPNOTSUPP: its mode has to change, and only fchmodat2(2) of Linux 6.6
 * does so without a way that can be led astray; its owner is then unchanged.
 */
struct path_node {
    mode_t mode;
    dev_t device;
    uid_t uid;
    gid_t gid;
    bool keeps_mode, keeps_uid, keeps_gid;
};
fallible path_make_node(int root, const char *path, const struct path_node *node);

/* Makes nodes right below a directory, by the same promise.  What the directory and its filesystem
 * do to a mode and an owner they do to all that is made there: so when one has come out as it
 * should, the next with the same mode and owner is not looked at. */
struct path_nodes {
    int directory;
    bool is_proven;
    struct path_node proven; /* what has come out right */
};
fallible path_make_node_in(struct path_nodes *nodes, const char *name,
                           const struct path_node *node);

/* Proves that a directory lies in ROOT, from the directory itself: ".." after ".." leads there. */
fallible path_is_inside(int root, int directory, bool *is_inside);

/* Makes a symbolic link; a name that is taken is left alone and is no error. */
fallible path_make_link(int root, const char *path, const char *target);
