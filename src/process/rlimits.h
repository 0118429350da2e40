/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;
struct oci_process;

/* process.rlimits (config.md#posix-process). */
struct rlimit_plan {
    int resource; /* RLIMIT_* */
    uint64_t soft, hard;
    bool is_raised; /* the hard limit is above the one that we have */
    const char *name;
};
struct rlimits_plan {
    struct rlimit_plan *v;
    uint32_t n;
    uint32_t raised; /* how many are */
};

/* Unknown or repeated types, and soft above hard, are ERROR_CONFIG. */
fallible rlimits_plan(const struct oci_process *process, struct arena *arena,
                      struct rlimits_plan *plan);

/* From the host: sets the limits of the process that are raised (needs CAP_SYS_RESOURCE), and reads
 * them back (prlimit(2)). */
fallible rlimits_raise(const struct rlimits_plan *plan, pid_t pid);

/* Inside: sets the others, and reads them back. */
fallible rlimits_lower(const struct rlimits_plan *plan);
