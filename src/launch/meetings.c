/* SPDX-License-Identifier: Apache-2.0 */
/* The reasons that both storyboards share; part of both programs. */

#include "launch/meetings.h"

#include "launch/plan.h"

bool has_mounts(const struct plan *plan)
{
    return plan->mounts.n;
}

bool waits_for_start(const struct plan *plan)
{
    return plan->listener != NO_LISTENER;
}

bool meets_host(const struct plan *plan)
{
    return plan->rlimits.raised || plan->oom_score.has_score;
}
