/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * Mounts by descriptor: made detached, changed, then attached (fsopen(2), open_tree(2),
 * mount_setattr(2), move_mount(2)).  No path of the container stands in any of these calls.
 * All descriptors are O_CLOEXEC and the caller's.  Errors are ERROR_MOUNT and keep errno; where the
 * kernel has put words into the fs context's log, the text has them.
 */

struct mount_filesystem {
    const char *type;
    const char *source;         /* or NULL: the type's name */
    const char *const *options; /* "size=1m", or "noswap" without a value */
    uint32_t option_count;
    const char *last_option; /* one more of them, or NULL */
    bool is_read_only;       /* the superblock, not only the mount */
    uint64_t attributes;     /* MOUNT_ATTR_* of the new mount */
};

/* Whether we may make, copy and attach mounts where we are: CAP_SYS_ADMIN in the user namespace
 * that owns our mount namespace. */
bool mount_is_permitted(void);

/* A new, detached mount of a filesystem.  The kernel takes values up to 255 bytes; longer ones are
 * ENAMETOOLONG, but for the layers of an overlay (os/mount_layers.h). */
fallible mount_new(const struct mount_filesystem *filesystem, int *tree);

/* Asks the kernel for the type and takes its words on the options, and makes nothing. */
fallible mount_try(const struct mount_filesystem *filesystem);

/* As mount_new(); CONTEXT, by which the filesystem was made, is the caller's to close, also on
 * failure, and stays as it is if there is none. */
fallible mount_new_from(const struct mount_filesystem *filesystem, int *context, int *tree);

/* The same, attached at once to the directory TARGET by one mount(2), which becomes the working
 * directory.  False, with nothing made, where that cannot say what is asked (what is read-only must
 * be so as a superblock, too), or the kernel refuses; why, mount_new() will tell. */
bool mount_new_here(const struct mount_filesystem *filesystem, int target);

/* A detached copy of the mount at FD (with what is mounted below, if RECURSIVE). */
fallible mount_clone(int fd, bool recursive, int *tree);

/* The same for a host path, relative to DIRECTORY; follows symbolic links.  Host side only. */
fallible mount_clone_path(int directory, const char *path, bool recursive, int *tree);

/*
 * Changes MOUNT_ATTR_* and, unless 0, the propagation (MS_PRIVATE, MS_SHARED, MS_SLAVE,
 * MS_UNBINDABLE) of a mount given by descriptor.  CLEAR holds all of MOUNT_ATTR__ATIME when SET or
 * CLEAR has a part of it.
 *
 * Where the kernel has no mount_setattr(2) (before 5.12), an attached mount is changed by mount(2);
 * recursive attributes are ENOSYS if something is mounted below.
 *
 * The flags that were set are read back of the mount itself: ERROR_READ_BACK.
 */
struct mount_change {
    uint64_t set, clear;
    uint64_t propagation;
    bool is_recursive;
};
fallible mount_change(int tree, const struct mount_change *change);

/* The same for one that is attached nowhere: ENOSYS where the kernel has no mount_setattr(2). */
fallible mount_change_detached(int tree, const struct mount_change *change);

/* Gives the tmpfs that is mounted at FD (O_PATH) room for so many blocks and files.  EINVAL: more
 * is in use, or it had no limit. */
fallible mount_limit_memory(int fd, uint64_t blocks, uint64_t files);

/* Gives a mount that is attached nowhere, with what is mounted below if RECURSIVE, the ids that
 * USER_NAMESPACE (a descriptor) has for those of the filesystem (MOUNT_ATTR_IDMAP, since 5.12).
 * Needs CAP_SYS_ADMIN where the filesystem was mounted.  Host side only. */
fallible mount_map_ids(int tree, int user_namespace, bool recursive);

/* As mount_clone_path(), of DIRECTORY itself if the path is empty; the copy is changed already if
 * the kernel can do both at once (since 6.15), else IS_CHANGED is false, and the change is still to
 * be made. */
fallible mount_clone_changed(int directory, const char *path, const struct mount_change *change,
                             int *tree, bool *is_changed);

/* Attaches a detached mount on the object that TARGET (O_PATH) refers to. */
fallible mount_attach(int tree, int target);

/* Makes COUNT changes to a detached mount, then attaches it; where the kernel can change attached
 * mounts alone, the other way round. */
fallible mount_attach_changed(int tree, int target, const struct mount_change *changes,
                              uint32_t count);

/* Attaches on TARGET a changed copy of what is there, with what is mounted below if the change is
 * recursive.  TREE is the copy. */
fallible mount_attach_copy(int target, const struct mount_change *change, int *tree);

/* The same for the directory NAME in DIRECTORY, which must be one where nobody can rename anything:
 * 0, or an errno, and nothing is attached.  ENOENT: there is none; any other (it is no directory,
 * or reached by a link; the kernel cannot copy and change at once): the former has to be tried. */
int mount_attach_copy_by_name(int directory, const char *name, const struct mount_change *change,
                              int *tree);

/* Whether a mount that is attached nowhere can be changed (since Linux 5.12), and others be
 * attached to it (since 6.15); tried out. */
bool mount_can_build_detached(void);

/* Attaches a mount on "/" of the caller's namespace; one that was attached moves. */
fallible mount_attach_on_root(int tree);

/* Attaches a detached mount on the directory PATH of the caller's namespace, which must be the very
 * one that was copied, whatever has been renamed meanwhile. */
fallible mount_attach_at(int tree, const char *path);

/* Changes the propagation of all mounts of the caller's namespace: MS_PRIVATE or MS_SLAVE. */
fallible mount_isolate_all(uint64_t propagation);

/* Makes the attached TREE the root, and the working directory: fchdir, pivot_root(".", "."), detach
 * the old one. */
fallible mount_pivot(int tree);

/* The same without pivot_root(2), for a root that is an initramfs: chroot into TREE, which is
 * attached on "/" (move_mount(2) there is what MS_MOVE would be). */
fallible mount_move_root(int tree);

/* Opens "/" (O_PATH): the caller's. */
fallible mount_open_root(int *root);

/* Checks that "/" is TREE, and "/.." too: that steps onto whatever lies on top of "/", so it would
 * find an old root that is still there. */
fallible mount_check_root(int tree);

/* What a descriptor refers to: its type and permissions (st_mode), the number of a device, its
 * inode, and the mount that it is on (statx STATX_MNT_ID). */
struct mount_place {
    mode_t mode;
    dev_t device;
    uint64_t inode, mount;
    bool is_mount_root; /* that something is mounted there */
};
fallible mount_look(int fd, struct mount_place *place);

/* Detaches the mount whose root is the directory TREE, with all below (umount2(2), MNT_DETACH); it
 * becomes the working directory for that.  For another file: that which is NAME in the working
 * directory, no link followed. */
fallible mount_detach(int tree);
fallible mount_detach_name(const char *name);

/* Whether something is mounted below DIRECTORY, in the caller's namespace and root, by
 * /proc/self/mountinfo. */
fallible mount_has_below(int directory, bool *has_some);

/* The next letter of a name in that file, where spaces and the like are octal numbers ("\040"); AT
 * is moved behind it. */
char mount_take_letter(const char **at);

/* The same of what PATH leads to, from DIRECTORY; for os/path.c. */
fallible mount_look_at(int directory, const char *path, struct mount_place *place);

/* The mount alone. */
fallible mount_id(int fd, uint64_t *id);

/* Whether two places, or what two descriptors refer to, are the same object of the same mount. */
bool mount_is_same_place(const struct mount_place *a, const struct mount_place *b);
fallible mount_is_same(int a, int b, bool *is_same);
