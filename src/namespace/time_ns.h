/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;
struct oci_linux;

/* linux.timeOffsets (config-linux.md#time-offsets, time_namespaces(7)). */
struct time_ns_plan {
    const char *offsets; /* as /proc/PID/timens_offsets takes them; NULL: none but zero is asked */
};

/* ERROR_CONFIG: offsets without a new time namespace (CREATED: CLONE_NEW* of the new ones), of
 * another clock than monotonic and boottime, or with a second or more of nanoseconds. */
fallible time_ns_plan(const struct oci_linux *linux_, uint64_t created, struct arena *arena,
                      struct time_ns_plan *plan);

/* From the host: sets the offsets of the time namespace that the children of PID will be born in,
 * and reads them back.  Nobody may have been born in it yet. */
fallible time_ns_set(const struct time_ns_plan *plan, pid_t pid);
