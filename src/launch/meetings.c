/* SPDX-License-Identifier: Apache-2.0 */
/* The reasons for meetings; part of both programs. */

#include "launch/meetings.h"

#include "launch/plan.h"

bool meets_host(const struct plan *plan)
{
    return plan->rlimits.raised || plan->oom_score.has_score;
}
