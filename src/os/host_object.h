/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct arena;

/*
 * A file or directory of the host that the container will get as a mount, where init should copy
 * it: we may not copy mounts where we are (a plain user, or root of a user namespace that does not
 * own our mount namespace), or the container has a new user namespace.  Init may, in a mount
 * namespace of its own: it finds the object again by its path before it enters the container's
 * root, and knows it by device and inode.  The path is one of the host's; nothing of the
 * container's image has a part in it.
 */
struct host_object {
    const char *path; /* absolute, without symbolic links; NULL: there is none */
    uint64_t device, inode;
};

/* Host: where FD refers to, without symbolic links. */
fallible host_object_find(int fd, struct arena *arena, const char **path);

/* Host: notes what FD (O_PATH) refers to, and where it is. */
fallible host_object_note(int fd, struct arena *arena, struct host_object *object);

/*
 * Inside, in a new mount namespace and before it is cut off from the host: makes TREE a copy as
 * below.  One that the host has made is given up for it, since the kernel locks what a user
 * namespace inherits, and nothing else: in the host's copy the container could clear the flags that
 * the host has mounted it with, and take off what lies on a directory of it.  Where that fails the
 * host's copy stays, and LOST is why, and what could be cleared then.
 */
struct host_object_lost {
    uint64_t flags; /* MOUNT_ATTR_*: ro, nosuid, nodev and noexec; 0: nothing is lost */
    int number;     /* errno */
};
fallible host_object_take(const struct host_object *object, bool recursive, int *tree,
                          struct host_object_lost *lost);

/* The same while the caller is still the host's user, who may reach more than root of the
 * container: puts the copy in TREE's place, under its number and not close-on-exec, and forgets the
 * path, so that host_object_take() has nothing to do.  Does nothing where it cannot. */
void host_object_take_early(struct host_object *object, bool recursive, int tree);

/* OK, or what is to be said of the mount of FIELD on DESTINATION that has lost some, unless it is
 * in CLEARED. */
fallible host_object_warning(const struct host_object_lost *lost, const char *field,
                             const char *destination, uint64_t cleared);

/* Inside, in a new mount namespace: a detached copy of the mount there, with what is mounted below
 * if RECURSIVE.  A path that now leads elsewhere is ERROR_MOUNT. */
fallible host_object_clone(const struct host_object *object, bool recursive, int *tree);
