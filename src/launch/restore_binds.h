/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "os/mount_attributes.h"

struct arena;
struct host;
struct mount_entry;
struct mount_list;
struct mount_plan;
struct mounts_plan;
struct plan;

/* Flags of the config that a mount has to have again (R21); more of them is no harm. */
static const uint64_t restore_kept_attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                                                MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
                                                MOUNT_ATTR_NOSYMFOLLOW;

/* What criu gets of the host for a name in the images; the path is where it is on the host. */
struct restore_bind {
    const char *name, *source;
    uint64_t attributes; /* of those kept, that it has to have */
};
struct restore_binds {
    struct restore_bind *v;
    uint32_t n;
};

/* All of them, in the arena of HOST, in the order in which criu is told them: binds of the config
 * with what the host has mounted below those with all below, null devices over masked paths, and
 * devices that are bound.  What may be missing, and is, is not among them. */
fallible restore_list_binds(const struct host *host, const struct plan *plan,
                            struct restore_binds *binds);

/* What criu takes for a name: the last; or NULL. */
const struct restore_bind *restore_find_bind(const struct restore_binds *binds, const char *name);

/* What a mount of the config has to have, as later entries have changed it; a bind whose source
 * lies on that mount, or NULL: it is as read-only as that, but where the config makes
 * it writable; and what that of the host which is mounted below its source has to have in the
 * container. */
uint64_t restore_mount_attributes(const struct mounts_plan *mounts, uint32_t index);
uint64_t restore_bind_attributes(const struct mounts_plan *mounts, uint32_t index,
                                 const struct mount_entry *source);
uint64_t restore_copied_attributes(const struct mount_plan *mount,
                                   const struct mount_entry *original);

/* Finds the mount of ours that what is open lies on; NULL: it is not listed. */
fallible restore_find_source(int fd, const struct mount_list *ours,
                             const struct mount_entry **entry);

/* Opens (O_PATH) what a bind of the config has as its source, the caller's; -1: it is missing, and
 * may be. */
fallible restore_open_source(const struct host *host, const struct mount_plan *mount, int *fd);
