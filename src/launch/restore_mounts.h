/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"
#include "os/mount_list.h"

struct launch;

/*
 * What is mounted in a restored container, as it is compared with its config (R21).  Each mount is
 * to be claimed once, by the part of the config that it comes from: what nobody claims was added.
 */
struct mounts_check {
    const struct launch *launch;
    struct mount_list mounts; /* of the container's first process */
    struct mount_list ours;
    bool *is_claimed; /* for each of the first */
    int root;         /* of the container, O_PATH */
};

/* What stands at a path of the container. */
struct mount_found {
    int fd; /* O_PATH, the caller's; -1: there is nothing, and then the rest is 0 */
    struct stat status;
    const struct mount_entry *mount; /* that is mounted right there, or NULL */
};
fallible mounts_check_find(const struct mounts_check *check, const char *path,
                           struct mount_found *found);

/* Says that a mount comes from FIELD, which allows it that propagation (MS_SHARED, MS_SLAVE).  One
 * that was claimed already, or lies over or under another one of the same place, cannot be told
 * apart: ERROR_BUNDLE. */
fallible mounts_check_claim(struct mounts_check *check, const struct mount_entry *mount,
                            const char *field, uint64_t propagation);

/* What does not keep to the config, as ERROR_BUNDLE: "PATH REASON". */
fallible mounts_check_refuse(const char *field, const char *path, const char *reason);

/* Whether the mount's filesystem is mounted where we are, too. */
bool mounts_check_is_ours(const struct mounts_check *check, const struct mount_entry *mount);

/* Claims what linux.maskedPaths, readonlyPaths and devices mount, and the console. */
fallible mounts_check_paths(struct mounts_check *check);

/* Behind all claims: below read-only paths nothing may be written to, either. */
fallible mounts_check_protected(const struct mounts_check *check);
