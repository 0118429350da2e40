/* SPDX-License-Identifier: Apache-2.0 */
/* What the host does to a process of a container from outside: that for which its own rights count,
 * which the process may not have.  Part of both storyboards. */

#include "base/error_names.h"
#include "base/log.h"
#include "launch/host.h"

fallible process_lend_oom_score(struct launch *launch)
{
    struct host *host = launch->host;
    try(oom_score_lend(&launch->plan->oom_score, &host->own_oom_score));
    host->has_lent_oom_score = true;
    return OK;
}

fallible process_take_back_oom_score(struct launch *launch)
{
    struct host *host = launch->host;
    if (!host->has_lent_oom_score)
        return OK;
    host->has_lent_oom_score = false;
    return oom_score_take_back(host->own_oom_score);
}

void process_forget_oom_score(struct launch *launch)
{
    struct error *error = process_take_back_oom_score(launch);
    if (error)
        log_warning("our own oom score: %s", error_line(error));
    error_forget(error);
}

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

fallible process_take_initial_cpus(struct launch *launch)
{
    return cpu_affinity_apply(launch->plan->cpu_affinity.initial);
}
