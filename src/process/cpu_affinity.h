/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "base/number_set.h"

struct arena;
struct oci_process;

/* process.execCPUAffinity (config.md#linux-process, sched_setaffinity(2)): for exec alone. */
struct cpu_list {
    const char *text; /* as the config has it */
    struct number_set set;
};
struct cpu_affinity_plan {
    const struct cpu_list *initial; /* of the runtime, until the process is in its cgroup */
    const struct cpu_list *final; /* of the process from then on; NULL leaves them to the kernel */
};

/* A list that is none is ERROR_CONFIG; one that is empty is as good as absent. */
fallible cpu_affinity_plan(const struct oci_process *process, struct arena *arena,
                           struct cpu_affinity_plan *plan);

/* Sets the CPUs of the caller, and reads them back.  Part of both programs. */
fallible cpu_affinity_apply(const struct cpu_list *cpus);
