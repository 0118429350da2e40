/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "libocispec/mount.h"
#include "rootfs/mount_words.h"
#include "rootfs/mounts.h"

struct arena;

struct mount_idmap_request {
    const struct oci_mount *mount;
    const struct mount_words *words;
    const struct mounts_context *context;
};

/*
 * mounts[].uidMappings and gidMappings, and the options idmap and ridmap (config.md#linux-mount-
 * options): whether a mount, of which all else is planned, is idmapped, and by whose mappings.  Its
 * own come together or not at all (M12), and count for the mount alone where no option says so
 * (M13).  Without any the container's are taken, and there have to be some (MO52).  What shows the
 * kernel (proc, sysfs, ...) is ERROR_UNSUPPORTED, and so is what needs rights that we lack.
 * Mappings may stand in the option itself, too.
 */
fallible mount_idmap_plan(const struct mount_idmap_request *request, struct arena *arena,
                          struct mount_plan *plan);

/* mount_plan.idmap_text: "uids=0-1-10#10-11-10;gids=0-100-10" (crun(1), podman-run(1)); both lists
 * are there.  ERROR_CONFIG. */
struct mount_idmap_list {
    struct oci_idmap_array ids;
    bool *are_relative; /* one for each: its host_id is one of the container */
};
struct mount_idmap_lists {
    struct mount_idmap_list uids, gids;
};
fallible mount_idmap_parse(const char *text, const char *field, struct arena *arena,
                           struct mount_idmap_lists *lists);
