/* SPDX-License-Identifier: Apache-2.0 */
/* What the host does to a process of a container from outside: that for which its own rights count,
 * which the process may not have.  Part of both storyboards. */

#include "launch/host.h"

fallible process_set_oom_score(struct launch *launch)
{
    return oom_score_apply(&launch->plan->oom_score, launch->host->pid);
}

fallible process_raise_rlimits(struct launch *launch)
{
    return rlimits_raise(&launch->plan->rlimits, launch->host->pid);
}

fallible process_set_scheduler(struct launch *launch)
{
    return scheduler_apply(&launch->plan->scheduler, launch->host->pid);
}

fallible process_set_io_priority(struct launch *launch)
{
    return io_priority_apply(&launch->plan->io_priority, launch->host->pid);
}
