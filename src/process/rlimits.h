/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;
struct oci_process;

/* process.rlimits (config.md#posix-process): set from the host, late (raising needs
 * CAP_SYS_RESOURCE outside, and they must not bind init's own work). */
struct rlimit_plan {
    int resource; /* RLIMIT_* */
    uint64_t soft, hard;
    const char *name;
};
struct rlimits_plan {
    struct rlimit_plan *v;
    uint32_t n;
};

/* Unknown or repeated types, and soft above hard, are ERROR_CONFIG. */
fallible rlimits_plan(const struct oci_process *process, struct arena *arena,
                      struct rlimits_plan *plan);

/* prlimit(2) on the process, read back. */
fallible rlimits_apply(const struct rlimits_plan *plan, pid_t pid);
