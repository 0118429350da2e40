/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct oci_process;

/* process.oomScoreAdj: -1000 to 1000; absent leaves it alone. */
struct oom_score_plan {
    bool has_score;
    bool is_inherited; /* we are not root: the process must be born with it */
    int score;
};
fallible oom_score_plan(const struct oci_process *process, struct oom_score_plan *plan);

/* Before the birth of one that inherits it: makes it our own, and tells what that was; and behind
 * the birth gives us that again. */
fallible oom_score_lend(const struct oom_score_plan *plan, int *before);
fallible oom_score_take_back(int before);

/* Writes /proc/PID/oom_score_adj from the host, through a verified procfs, unless it is so already,
 * and reads it back. */
fallible oom_score_apply(const struct oom_score_plan *plan, pid_t pid);
