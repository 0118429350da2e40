/* SPDX-License-Identifier: Apache-2.0 */
/* process.scheduler.  Set by the host: CAP_SYS_NICE counts in the initial user namespace alone,
 * where init may not be.  A policy ignores in silence what belongs to another one, so each value is
 * checked against the policy here. */

#include "process/scheduler.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/list.h"
#include "base/text.h"
#include "libocispec/process.h"

enum {
    NICE_LEAST = -20,
    NICE_MOST = 19,
    PRIORITY_MOST = 99,
    RUNTIME_LEAST = 1024, /* nanoseconds: the kernel computes with a 1024th of it */
};

static const struct policy {
    uint32_t number;
    bool has_nice, has_priority, has_deadline;
} policies[] = {
    [OCI_SCHEDPOL_OTHER] = { SCHED_NORMAL, true, false, false },
    [OCI_SCHEDPOL_FIFO] = { SCHED_FIFO, false, true, false },
    [OCI_SCHEDPOL_RR] = { SCHED_RR, false, true, false },
    [OCI_SCHEDPOL_BATCH] = { SCHED_BATCH, true, false, false },
    [OCI_SCHEDPOL_IDLE] = { SCHED_IDLE, false, false, false },
    [OCI_SCHEDPOL_DEADLINE] = { SCHED_DEADLINE, false, false, true },
};

static const uint64_t flags[] = {
    [OCI_SCHEDFLAG_RESET_ON_FORK] = SCHED_FLAG_RESET_ON_FORK,
    [OCI_SCHEDFLAG_RECLAIM] = SCHED_FLAG_RECLAIM,
    [OCI_SCHEDFLAG_DL_OVERRUN] = SCHED_FLAG_DL_OVERRUN,
    [OCI_SCHEDFLAG_KEEP_POLICY] = SCHED_FLAG_KEEP_POLICY,
    [OCI_SCHEDFLAG_KEEP_PARAMS] = SCHED_FLAG_KEEP_PARAMS,
    [OCI_SCHEDFLAG_UTIL_CLAMP_MIN] = SCHED_FLAG_UTIL_CLAMP_MIN,
    [OCI_SCHEDFLAG_UTIL_CLAMP_MAX] = SCHED_FLAG_UTIL_CLAMP_MAX,
};
enum { DEADLINE_FLAGS = SCHED_FLAG_RECLAIM | SCHED_FLAG_DL_OVERRUN };

static const char *name_policy(const struct oci_scheduler *scheduler)
{
    return oci_schedpol_names.names[scheduler->policy];
}

static fallible plan_flags(const struct oci_scheduler *scheduler, struct scheduler_plan *plan)
{
    bool has_deadline = policies[scheduler->policy].has_deadline;

    for (uint32_t i = 0; i < scheduler->flags.n; i++) {
        uint8_t flag = scheduler->flags.v[i];
        char field[ERROR_FIELD_SIZE];
        text_format(field, sizeof(field), "process.scheduler.flags[%u]", i);
        if (flags[flag] & DEADLINE_FLAGS && !has_deadline)
            return error_config(field, "%s belongs to SCHED_DEADLINE, not to %s",
                                oci_schedflag_names.names[flag], name_policy(scheduler));
        plan->flags |= flags[flag];
    }
    return OK;
}

/* What is said beside a flag that keeps the old parameters, or a policy without them. */
static fallible check_unused(const struct oci_scheduler *scheduler, const char *member,
                             bool is_used, bool is_kept)
{
    char field[ERROR_FIELD_SIZE];
    text_format(field, sizeof(field), "process.scheduler.%s", member);
    if (is_kept)
        return error_config(field, "SCHED_FLAG_KEEP_PARAMS keeps the one that there is");
    if (!is_used)
        return error_config(field, "%s has none", name_policy(scheduler));
    return OK;
}

static fallible plan_nice(const struct oci_scheduler *scheduler, const struct policy *policy,
                          struct scheduler_plan *plan)
{
    int32_t nice = scheduler->nice.value;

    if (nice < NICE_LEAST || nice > NICE_MOST)
        return error_config("process.scheduler.nice", "%d is not between %d and %d", nice,
                            NICE_LEAST, NICE_MOST);
    if (nice != 0)
        try(check_unused(scheduler, "nice", policy->has_nice,
                         plan->flags & SCHED_FLAG_KEEP_PARAMS));
    plan->nice = nice;
    return OK;
}

static fallible plan_priority(const struct oci_scheduler *scheduler, const struct policy *policy,
                              struct scheduler_plan *plan)
{
    static const char field[] = "process.scheduler.priority";
    int32_t priority = scheduler->priority.value;
    bool is_kept = plan->flags & SCHED_FLAG_KEEP_PARAMS;
    bool is_needed = policy->has_priority && !is_kept;

    if (is_needed && !scheduler->priority.present)
        return error_config(field, "%s needs one, from 1 to %d", name_policy(scheduler),
                            PRIORITY_MOST);
    if (priority < is_needed || priority > PRIORITY_MOST)
        return error_config(field, "%d is not between %d and %d", priority, is_needed,
                            PRIORITY_MOST);
    if (priority != 0)
        try(check_unused(scheduler, "priority", policy->has_priority, is_kept));
    plan->priority = (uint32_t) priority;
    return OK;
}

static fallible check_time(const char *field, uint64_t time, uint64_t least, const char *what)
{
    if (time < least)
        return error_config(field, "%llu ns is less than %s%llu", (unsigned long long) time, what,
                            (unsigned long long) least);
    if (time > INT64_MAX)
        return error_config(field, "%llu ns is above 2^63 - 1", (unsigned long long) time);
    return OK;
}

static fallible plan_deadline(const struct oci_scheduler *scheduler, const struct policy *policy,
                              struct scheduler_plan *plan)
{
    bool is_kept = plan->flags & SCHED_FLAG_KEEP_PARAMS;

    plan->runtime = scheduler->runtime.value;
    plan->deadline = scheduler->deadline.value;
    plan->period = scheduler->period.value;
    if (!policy->has_deadline || is_kept) {
        if (plan->runtime)
            return check_unused(scheduler, "runtime", false, is_kept);
        if (plan->deadline)
            return check_unused(scheduler, "deadline", false, is_kept);
        return plan->period ? check_unused(scheduler, "period", false, is_kept) : OK;
    }
    try(check_time("process.scheduler.runtime", plan->runtime, RUNTIME_LEAST, ""));
    try(check_time("process.scheduler.deadline", plan->deadline, plan->runtime, "the runtime, "));
    if (plan->period) /* 0 is the deadline's */
        try(check_time("process.scheduler.period", plan->period, plan->deadline, "the deadline, "));
    return OK;
}

fallible scheduler_plan(const struct oci_process *process, struct scheduler_plan *plan)
{
    const struct oci_scheduler *scheduler = process->scheduler;
    struct scheduler_plan made = { .has_scheduler = scheduler };

    if (scheduler && scheduler->policy == OCI_SCHEDPOL_ISO)
        return error_hint(error_unsupported("process.scheduler.policy",
                                            "Linux has reserved SCHED_ISO, and never had it"),
                          "choose another policy (sched(7))");
    if (scheduler) {
        const struct policy *policy = &policies[scheduler->policy];
        made.policy = policy->number;
        try(plan_flags(scheduler, &made));
        try(plan_nice(scheduler, policy, &made));
        try(plan_priority(scheduler, policy, &made));
        try(plan_deadline(scheduler, policy, &made));
    }
    *plan = made;
    return OK;
}

/* struct sched_attr of the kernel since 5.3, by a name that no libc has. */
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t clamp_least, clamp_most; /* of utilization; no member of the config says them: 0 */
};

static const char *name_number(uint32_t policy)
{
    for (size_t i = 0; i < LENGTH(policies); i++)
        if (policies[i].number == policy && i != OCI_SCHEDPOL_ISO)
            return oci_schedpol_names.names[i];
    return "another policy";
}

static fallible explain(const struct scheduler_plan *plan)
{
    bool has_deadline = plan->policy == SCHED_DEADLINE;
    struct error *error = error_system("%s", name_number(plan->policy));

    if (error->number == EPERM)
        return error_hint(error, "it needs CAP_SYS_NICE outside of any user namespace%s",
                          has_deadline ? ", and all CPUs in the cpuset" : "");
    if (error->number == EOPNOTSUPP)
        return error_hint(error, "this kernel cannot clamp utilization");
    if (error->number == EBUSY)
        return error_hint(error, "the deadlines of others leave no such share of the CPUs");
    if (error->number == EINVAL && has_deadline)
        return error_hint(error, "the period must be in the bounds of "
                                 "/proc/sys/kernel/sched_deadline_period_{min,max}_us");
    return error;
}

static bool is_as_planned(const struct scheduler_plan *plan, const struct attributes *got)
{
    const uint64_t shown = SCHED_FLAG_RESET_ON_FORK | DEADLINE_FLAGS;
    bool is_fair = got->policy == SCHED_NORMAL || got->policy == SCHED_BATCH;

    if (!(plan->flags & SCHED_FLAG_KEEP_POLICY) && got->policy != plan->policy)
        return false;
    if ((got->flags & shown) != (plan->flags & shown))
        return false;
    if (plan->flags & SCHED_FLAG_KEEP_PARAMS)
        return true;
    if (got->policy == SCHED_DEADLINE)
        return got->runtime == plan->runtime && got->deadline == plan->deadline &&
               got->period == (plan->period ? plan->period : plan->deadline);
    return got->priority == plan->priority && (!is_fair || got->nice == plan->nice);
}

fallible scheduler_apply(const struct scheduler_plan *plan, pid_t pid)
{
    struct attributes got = { 0 }, wanted = {
        .size = sizeof(wanted),
        .policy = plan->policy,
        .flags = plan->flags,
        .nice = plan->nice,
        .priority = plan->priority,
        .runtime = plan->runtime,
        .deadline = plan->deadline,
        .period = plan->period,
    };

    if (syscall(SYS_sched_setattr, pid, &wanted, 0))
        return explain(plan);
    if (syscall(SYS_sched_getattr, pid, &got, sizeof(got), 0))
        return error_system("read it back");
    if (is_as_planned(plan, &got))
        return OK;
    return error_new(ERROR_READ_BACK,
                     "%s: the kernel says %s, flags 0x%llx, nice %d, priority %u, "
                     "runtime %llu, deadline %llu, period %llu",
                     name_number(plan->policy), name_number(got.policy),
                     (unsigned long long) got.flags, got.nice, got.priority,
                     (unsigned long long) got.runtime, (unsigned long long) got.deadline,
                     (unsigned long long) got.period);
}
