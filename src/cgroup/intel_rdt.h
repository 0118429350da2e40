/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;
struct oci_linux;

/*
 * linux.intelRdt (config-linux.md#intelrdt): the part of caches and memory bandwidth that a
 * container gets, by a group in the filesystem "resctrl" (Documentation/filesystems/resctrl.rst).
 *
 * ROOT is always a descriptor of that filesystem's root.  It is locked with flock(2), as the
 * kernel's documentation asks of all who change something in it, while a group is made or removed.
 */

enum { INTEL_RDT_SIZE = 4096 }; /* of schemata, by the kernel's own limit for one read */

/* The groups of a container. */
struct intel_rdt_groups {
    const char *group;   /* its name, or "/" for the group of all that are in no other; or NULL */
    const char *monitor; /* the name of a monitoring group below that; or NULL */
    bool is_own;         /* closID was absent: the group bears the container's name, and goes with
                            it */
};

struct intel_rdt_plan {
    struct intel_rdt_groups groups; /* the group is NULL: resctrl is not touched */
    const char *schemata; /* lines, each with its '\n', in the order of writing; NULL for none */
};

/* What stands in the config: wrong values are ERROR_CONFIG. */
fallible intel_rdt_plan(const struct oci_linux *linux_, const char *id, struct arena *arena,
                        struct intel_rdt_plan *plan);

/* Opens /sys/fs/resctrl; ERROR_UNSUPPORTED when no resctrl is mounted there. */
fallible intel_rdt_open(int *root);

/* Whether the groups that are there agree with the plan: one that is only named has to exist, one
 * that is described and exists has to be as described, and the container's own must not exist.
 * ERROR_CONFIG otherwise. */
fallible intel_rdt_check(const struct intel_rdt_plan *plan, int root);

/* Checks, makes the groups that are missing, writes schemata to one that it has made, and reads it
 * back.  MADE is what is ours to remove if the start fails; a failure here leaves nothing. */
struct intel_rdt_made {
    bool has_group, has_monitor;
};
fallible intel_rdt_make(const struct intel_rdt_plan *plan, int root, struct intel_rdt_made *made);
fallible intel_rdt_unmake(const struct intel_rdt_groups *groups, int root,
                          const struct intel_rdt_made *made);

/* update: writes schemata to the group, which must be there, whoever is in it, and reads it back.
 * On failure it has again what it had. */
fallible intel_rdt_change(const struct intel_rdt_plan *plan, int root);

/* Puts a process into both, and sees that it is there. */
fallible intel_rdt_add(const struct intel_rdt_groups *groups, int root, pid_t pid);

/* delete: removes the monitoring group, and the group if it is the container's own.  Gone already
 * is fine. */
fallible intel_rdt_remove(const struct intel_rdt_groups *groups, int root);
