/* SPDX-License-Identifier: Apache-2.0 */
/* process.rlimits, carried out: each limit is set and read back.  Part of both programs: the host
 * raises hard limits, since that needs CAP_SYS_RESOURCE outside of any user namespace; init sets
 * them all, as the last thing it does, so that none binds its own work. */

#include <errno.h>
#include <sys/resource.h>

#include "process/rlimits.h"

static fallible explain(const struct rlimit_plan *limit)
{
    struct error *error =
        limit->soft == limit->hard
            ? error_system("%s to %llu", limit->name, (unsigned long long) limit->hard)
            : error_system("%s to %llu, hard %llu", limit->name, (unsigned long long) limit->soft,
                           (unsigned long long) limit->hard);
    return error_call(error, CALL_PRLIMIT, limit->name);
}

static fallible apply_limit(const struct rlimit_plan *limit, pid_t pid)
{
    struct rlimit wanted = { limit->soft, limit->hard }, got;
    if (prlimit(pid, limit->resource, &wanted, NULL) < 0)
        return explain(limit);
    if (prlimit(pid, limit->resource, NULL, &got) < 0)
        return error_system("read %s", limit->name);
    if (got.rlim_cur != limit->soft || got.rlim_max != limit->hard)
        return error_new(ERROR_READ_BACK, "%s to %llu, hard %llu: the kernel says %llu, %llu",
                         limit->name, (unsigned long long) limit->soft,
                         (unsigned long long) limit->hard, (unsigned long long) got.rlim_cur,
                         (unsigned long long) got.rlim_max);
    return OK;
}

/* The soft limit stays as it is, as far as it can: it would bind what init still has to do. */
static fallible raise_limit(const struct rlimit_plan *limit, pid_t pid)
{
    struct rlimit raised;

    if (prlimit(pid, limit->resource, NULL, &raised) < 0)
        return error_system("read %s", limit->name);
    raised.rlim_max = limit->hard;
    if (raised.rlim_cur > limit->hard)
        raised.rlim_cur = limit->hard;
    return prlimit(pid, limit->resource, &raised, NULL) < 0 ? explain(limit) : OK;
}

fallible rlimits_raise(const struct rlimits_plan *plan, pid_t pid)
{
    for (uint32_t i = 0; i < plan->n; i++)
        if (plan->v[i].is_raised)
            try(error_field(raise_limit(&plan->v[i], pid), "process.rlimits[%u].hard", i));
    return OK;
}

fallible rlimits_set(const struct rlimits_plan *plan)
{
    for (uint32_t i = 0; i < plan->n; i++)
        try(error_field(apply_limit(&plan->v[i], 0), "process.rlimits[%u]", i));
    return OK;
}
