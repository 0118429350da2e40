/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct launch;

/* A mount as the images have it (images/mnt.proto of criu 3.17 to 4.2). */
struct image_mount {
    uint32_t type, id, device, parent;
    uint64_t flags, superblock_flags; /* MS_* */
    bool has_superblock_flags;
    bool is_special;      /* what criu has a plugin for, or makes and removes on the host */
    const char *root;     /* what of the filesystem is mounted */
    const char *point;    /* in the container */
    const char *name;     /* of what the host gives; or NULL */
    uint64_t attributes;  /* MOUNT_ATTR_* that it will have, of those that are kept */
    bool is_of_host;      /* the root, or what has a name */
    uint64_t has_to_have; /* of what is the host's: attributes that the config wants */
};
struct image_mounts {
    struct image_mount *v;
    uint32_t n;
};

/* Reads them, to the arena of the host.  An image that is missing or damaged is ERROR_BUNDLE. */
fallible image_mounts_read(const struct launch *launch, const char *image,
                           struct image_mounts *mounts);

/* That with this number, or NULL. */
const struct image_mount *image_mounts_find(const struct image_mounts *mounts, uint32_t id);
