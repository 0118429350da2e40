/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct oci_process;

/* process.ioPriority (config.md#linux-process, ioprio_set(2)); absent leaves it alone. */
struct io_priority_plan {
    bool has_priority;
    int value; /* class and priority, as ioprio_set(2) has them in one number */
};
fallible io_priority_plan(const struct oci_process *process, struct io_priority_plan *plan);

/* From the host: sets it for the process, which is its process group's first and only one yet, and
 * reads it back. */
fallible io_priority_apply(const struct io_priority_plan *plan, pid_t pid);
