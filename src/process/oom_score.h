/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct oci_process;

/* process.oomScoreAdj: -1000 to 1000; absent leaves it alone. */
struct oom_score_plan {
    bool has_score;
    int score;
};
fallible oom_score_plan(const struct oci_process *process, struct oom_score_plan *plan);

/* Writes /proc/PID/oom_score_adj from the host, through a verified procfs, and reads it back. */
fallible oom_score_apply(const struct oom_score_plan *plan, pid_t pid);
