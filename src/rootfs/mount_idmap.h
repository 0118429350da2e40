/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "rootfs/mount_words.h"
#include "rootfs/mounts.h"

struct arena;
struct oci_mount;

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
 */
fallible mount_idmap_plan(const struct mount_idmap_request *request, struct arena *arena,
                          struct mount_plan *plan);
