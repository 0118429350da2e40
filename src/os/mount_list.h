/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;

/* What is mounted in a mount namespace (proc_pid_mountinfo(5)), in the kernel's order.  Host only.
 */
struct mount_entry {
    uint64_t id, parent;  /* the parent is that which it is mounted on */
    const char *device;   /* of the filesystem: "0:25" */
    const char *root;     /* what of the filesystem is mounted: "/" is all of it */
    const char *point;    /* from the root of the process; the root itself is "/" */
    const char *type;     /* of the filesystem: "tmpfs" */
    const char *options;  /* of the filesystem: "rw,size=64k,mode=755" */
    uint64_t attributes;  /* of the mount: MOUNT_ATTR_RDONLY, NOSUID, NODEV, NOEXEC, NOSYMFOLLOW */
    uint64_t propagation; /* MS_SHARED, MS_SLAVE, both, or 0 */
};
struct mount_list {
    struct mount_entry *v;
    uint32_t n;
};

/* Those of PID, in the arena; PROC is a procfs on which the pid counts (os/proc.h). */
fallible mount_list_read(int proc, pid_t pid, struct arena *arena, struct mount_list *list);

/* The mount by its id, or NULL. */
const struct mount_entry *mount_list_find(const struct mount_list *list, uint64_t id);

/* The mount that is seen at POINT, of those that lie over one another there; or NULL. */
const struct mount_entry *mount_list_find_point(const struct mount_list *list, const char *point);

/* What is behind the way to POINT in PATH, "/..."; NULL if PATH is not below. */
const char *mount_list_below(const char *path, const char *point);

/* The type of the filesystem that PATH lies on ("tmpfs"), as mountinfo has it: statfs(2) would only
 * give a number.  TYPE (arena) is untouched on failure. */
fallible mount_list_find_type(const char *path, struct arena *arena, const char **type);
