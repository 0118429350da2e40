/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct arena;
struct oci_linux;
struct record;

/* delete: removes the groups in resctrl that are the container's own (cgroup/intel_rdt.h); those of
 * a resctrl that was unmounted are gone with it. */
fallible resctrl_remove(const struct record *record);

/* The same where the record cannot be read, by what the config asks for. */
fallible resctrl_remove_planned(const struct oci_linux *linux_, const char *id,
                                struct arena *arena);
