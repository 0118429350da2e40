/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct arena;
struct intel_rdt_plan;
struct intel_rdt_stats;
struct oci_linux;
struct record;

/* update: other schemata for the groups of a container, as linux.intelRdt has them; closID and
 * enableMonitoring are the container's.  Planning makes nothing: ERROR_CONFIG for wrong values,
 * ERROR_STATE for a container that has no group. */
fallible resctrl_plan_change(const struct record *record, const struct oci_linux *linux_,
                             struct arena *arena, struct intel_rdt_plan *plan);
fallible resctrl_change(const struct intel_rdt_plan *plan);

/* events: opens what is told of the groups of a container that has some; nothing, and no error, if
 * resctrl is not mounted any more.  All of STATS->files have to be -1. */
fallible resctrl_open_stats(const struct record *record, struct intel_rdt_stats *stats);

/* delete: removes the groups in resctrl that are the container's own (cgroup/intel_rdt.h); those of
 * a resctrl that was unmounted are gone with it. */
fallible resctrl_remove(const struct record *record);

/* The same where the record cannot be read, by what the config asks for. */
fallible resctrl_remove_planned(const struct oci_linux *linux_, const char *id,
                                struct arena *arena);
