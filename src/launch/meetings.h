/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "launch/plan.h"

/* Why the actors meet: both storyboards ask these, so that both skip a meeting or neither does. */

/* The host has something to do to a built container before it confines itself. */
static inline bool meets_host(const struct plan *plan)
{
    return plan->rlimits.n || plan->oom_score.has_score;
}
