/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct oci_process;

/* process.scheduler (config.md#linux-process, sched_setattr(2)); absent leaves it alone. */
struct scheduler_plan {
    bool has_scheduler;
    uint32_t policy;                    /* SCHED_* */
    uint64_t flags;                     /* SCHED_FLAG_* */
    int32_t nice;                       /* -20 to 19 */
    uint32_t priority;                  /* 1 to 99 with SCHED_FIFO and SCHED_RR, else 0 */
    uint64_t runtime, deadline, period; /* nanoseconds; 0 without SCHED_DEADLINE */
};

/* ERROR_CONFIG for every value that the kernel would refuse, or that the policy does not have and
 * the kernel would ignore. */
fallible scheduler_plan(const struct oci_process *process, struct scheduler_plan *plan);

/* From the host: sets it for the process and reads it back. */
fallible scheduler_apply(const struct scheduler_plan *plan, pid_t pid);
