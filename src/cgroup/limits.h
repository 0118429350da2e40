/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct arena;
struct oci_resources;

/*
 * linux.resources without its devices (config-linux.md#control-groups): limits as writes to the
 * control files of a cgroup v2 directory, in an order in which the kernel accepts them.
 *
 * Settings of version 1 are converted; those that have no counterpart are ERROR_UNSUPPORTED, which
 * names what comes nearest.  Zero means unset where engines send it by habit: in memory (limit,
 * reservation, swap, kernel, kernelTCP), cpu (shares, quota, period, realtime*), blockIO (weight,
 * leafWeight) and network (classID).
 */
struct limit {
    const char *field;      /* of config.json: "linux.resources.pids.limit" */
    const char *controller; /* "pids", or NULL for files that every cgroup has */
    const char *file;       /* "pids.max" */
    const char *value;      /* what one write(2) gives to the kernel: "10" */

    /* Where FILE is not there, or is not for the device: this other one with this other value. */
    const char *other_file, *other_value;

    /* Or nothing at all: what is asked for is how it then is.  The controller is not needed. */
    bool is_optional;

    bool keeps_quota; /* of cpu.max: the first word stays what it is */

    /* Of a change: the kernel kills to make it so, which no undo takes back. */
    bool is_last;
    struct limit *next;
};

struct limits_plan {
    struct limit *first; /* NULL: there is nothing to limit */
    struct limit *last;
};

/* IS_PIDS_ZERO_REAL: the config's ociVersion is 1.3.0 or later.  RESOURCES may be NULL. */
fallible limits_plan(const struct oci_resources *resources, bool is_pids_zero_real,
                     struct arena *arena, struct limits_plan *plan);

/* The same to change the limits of the cgroup DIRECTORY (`update`): what is not said stays as it is
 * there, and what is said is checked against that.  pids.limit 0 is unset.  Of several values for
 * the same limit on memory or on swap only the last, which would win, is planned. */
fallible limits_plan_change(const struct oci_resources *resources, int directory,
                            struct arena *arena, struct limits_plan *plan);

/* linux.resources.memory.checkBeforeUpdate: ERROR_CONFIG for a limit on memory or on swap that is
 * below what the cgroup uses now. */
fallible limits_check_use(const struct limits_plan *plan, int directory);

/* Whether each file is there and may be written, but for those that need not be; writes nothing.
 * The errors are those that a write would have. */
fallible limits_check_files(const struct limits_plan *plan, int directory);

/* Writes them to the files in DIRECTORY, those that are last in a call of their own, and reads each
 * back at once: ERROR_READ_BACK if the kernel now says something else.  Errors name the field. */
fallible limits_apply(const struct limits_plan *plan, int directory);
fallible limits_apply_last(const struct limits_plan *plan, int directory);

/* The controllers that the limits need must be offered by the cgroup2 mount: ERROR_CONTROLLER names
 * the field, the controller, who has it instead, and the way out.  Makes nothing. */
fallible limits_check_controllers(const struct limits_plan *plan, const char *mount,
                                  struct arena *arena);

/* Hands them down (cgroup.subtree_control) from the mount's root to the cgroup at PATH.  What was
 * handed down stays so, as far as those cgroups do. */
fallible limits_enable_controllers(const struct limits_plan *plan, const char *mount,
                                   const char *path);

/* Asks whether they could be handed down so, and writes nothing. */
fallible limits_try_controllers(const struct limits_plan *plan, const char *mount,
                                const char *path);
