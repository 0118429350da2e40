/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The option words of config-linux.md#linux-mount-options (and mount(8)), as data. */

enum mount_option_action {
    MOUNT_OPTION_ATTRIBUTE,   /* sets or clears MOUNT_ATTR_* of the mount */
    MOUNT_OPTION_RECURSIVE,   /* the same for the mount and all below */
    MOUNT_OPTION_SUPERBLOCK,  /* a flag of the filesystem: sync, dirsync, lazytime, ... */
    MOUNT_OPTION_PROPAGATION, /* private, rshared, ... */
    MOUNT_OPTION_BIND,        /* bind, rbind */
    MOUNT_OPTION_REMOUNT,
    MOUNT_OPTION_NOTHING, /* known, and without effect on Linux: defaults, loud, silent, mand, ...
                           */
    MOUNT_OPTION_COPY_UP, /* tmpcopyup */
    MOUNT_OPTION_IDMAP,   /* idmap, ridmap */
    MOUNT_OPTION_NO_FAIL, /* nofail */
};

struct mount_option {
    const char *name;
    enum mount_option_action action;
    uint64_t set, clear; /* MOUNT_ATTR_*, or MS_* for propagation, bind and idmap (MS_REC) */
    const char *flag;    /* SUPERBLOCK: the key for fsconfig, NULL when clearing */
};

/* The specification's words, sorted; `features` lists them. */
extern const struct mount_option mount_options[];
extern const size_t mount_option_count;

/* The entry of a word, one of mount(8) alone included, or NULL: data for the filesystem. */
const struct mount_option *mount_option_find(const char *name);

/* The word that may have been meant by one that is none: a slip, or what others call it; NULL if
 * it is like none, or KEY=VALUE. */
const char *mount_option_guess(const char *word);
