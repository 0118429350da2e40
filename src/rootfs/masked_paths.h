/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "os/host_object.h"

struct arena;
struct mounts_plan;
struct oci_string_array;

/* linux.maskedPaths and linux.readonlyPaths (config-linux.md#masked-paths, #readonly-paths). */
struct masked_paths_plan {
    const char *const *masked;
    const char *const *read_only;
    struct host_object null_object; /* the host's /dev/null, where init is to make the clone */
    uint32_t masked_count;
    uint32_t read_only_count;
    int null; /* a detached clone of the host's /dev/null, verified as character device 1:3, which
               * the owner of the plan closes; -1 before masked_paths_open() or without a mask */
    bool is_null_private;   /* no peer of the host's mount any more */
    bool has_proc, has_sys; /* a procfs is mounted on /proc, a sysfs on /sys, by the config */
};

/* Checks that the paths are absolute. */
fallible masked_paths_plan(const struct oci_string_array *masked,
                           const struct oci_string_array *read_only,
                           struct masked_paths_plan *plan);

/* Opens the null device, if a path is to be masked; notes it in NOTES unless that is NULL, for init
 * to make the clone.  Sees in the mounts what will be on /proc and /sys. */
fallible masked_paths_open(struct masked_paths_plan *plan, const struct mounts_plan *mounts,
                           struct arena *notes);

/* Inside, before the root is entered: makes the clone that the host could not make. */
fallible masked_paths_open_inside(struct masked_paths_plan *plan);

/* Inside: hides each masked path (a directory under an empty read-only tmpfs, anything else under
 * the null device) and makes each read-only path so; a path that is not there is skipped, any other
 * failure is an error.  Asks the kernel afterwards what a program finds there (R5), unless it is in
 * a procfs or sysfs, where no name leads elsewhere; it is an error if that of the config is not on
 * /proc or /sys any more (a path with ".." is not known to be in it, and a link out of it is
 * followed by name).  The working directory may be one of those hidden then. */
fallible masked_paths_apply(const struct masked_paths_plan *plan, int root);

/* Inside: whether what is mounted, by a descriptor of its root, looks like what hides a path. */
fallible masked_paths_identify(int fd, bool *is_mask);
