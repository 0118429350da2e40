/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "os/mount_api.h"

struct arena;
struct oci_mount;

/* mounts[].options of one entry, sorted into what each word is for. */
struct mount_words {
    bool is_bind, is_recursive_bind, is_remount, copies_up;
    bool may_be_missing;                /* its source: nofail */
    uint32_t directory_mode;            /* of what is made for it: X-mount.mkdir=MODE, or 0755 */
    bool has_idmap, is_idmap_recursive; /* idmap or ridmap, the last one counts */
    const char *idmap_text;             /* what follows idmap=, or NULL */
    uint32_t idmap_option;              /* the index of the option that has it */
    struct mount_change change, recursive_change; /* later words win over earlier ones */
    uint64_t superblock;                          /* MS_SYNCHRONOUS, MS_DIRSYNC, MS_LAZYTIME */
    const char **data; /* for the filesystem, then FLAG_COUNT keys for the superblock */
    uint32_t data_count, flag_count;
};

/* Reads the words of the options (libocispec/mount.h).  Unknown words are data; "x-...", "X-..."
 * and "comment=..." are notes for other programs, as in mount(8), but for "X-mount....": of these
 * mkdir is honoured, the others are ERROR_UNSUPPORTED.  FIELD ("mounts[2]") is for errors. */
fallible mount_words_read(const struct oci_mount *mount, const char *field, struct arena *arena,
                          struct mount_words *words);
