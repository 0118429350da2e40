/* SPDX-License-Identifier: Apache-2.0 */
/* process.rlimits: how much of each resource the process may use.
 * Set from the host: raising a hard limit needs CAP_SYS_RESOURCE outside any user namespace. */

#include "process/rlimits.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/text.h"
#include "libocispec/process.h"

static const struct resource {
    const char *name;
    int number;
} resources[] = {
    { "RLIMIT_AS", RLIMIT_AS },
    { "RLIMIT_CORE", RLIMIT_CORE },
    { "RLIMIT_CPU", RLIMIT_CPU },
    { "RLIMIT_DATA", RLIMIT_DATA },
    { "RLIMIT_FSIZE", RLIMIT_FSIZE },
    { "RLIMIT_LOCKS", RLIMIT_LOCKS },
    { "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
    { "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
    { "RLIMIT_NICE", RLIMIT_NICE },
    { "RLIMIT_NOFILE", RLIMIT_NOFILE },
    { "RLIMIT_NPROC", RLIMIT_NPROC },
    { "RLIMIT_RSS", RLIMIT_RSS },
    { "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
    { "RLIMIT_RTTIME", RLIMIT_RTTIME },
    { "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
    { "RLIMIT_STACK", RLIMIT_STACK },
};

static const struct resource *find_resource(const char *name)
{
    for (size_t i = 0; i < LENGTH(resources); i++)
        if (text_equal(resources[i].name, name))
            return &resources[i];
    return NULL;
}

/* Where RESOURCE stands among the first N limits, or N. */
static uint32_t find_limit(const struct rlimits_plan *plan, int resource, uint32_t n)
{
    uint32_t i = 0;
    while (i < n && plan->v[i].resource != resource)
        i++;
    return i;
}

static fallible plan_limit(const struct oci_rlimit *limit, uint32_t i, struct rlimits_plan *plan)
{
    char field[ERROR_FIELD_SIZE];
    text_format(field, sizeof(field), "process.rlimits[%u].type", i);
    const struct resource *resource = find_resource(limit->type);
    if (!resource)
        return error_config(field, "\"%s\" is no resource limit", limit->type);
    uint32_t first = find_limit(plan, resource->number, i);
    if (first < i)
        return error_config(field, "%s stands in process.rlimits[%u] already", limit->type, first);

    text_format(field, sizeof(field), "process.rlimits[%u].soft", i);
    if (limit->soft > limit->hard)
        return error_config(field, "%llu is above the hard limit %llu",
                            (unsigned long long) limit->soft, (unsigned long long) limit->hard);
    plan->v[i] = (struct rlimit_plan){
        .resource = resource->number,
        .soft = limit->soft,
        .hard = limit->hard,
        .name = resource->name,
    };
    return OK;
}

fallible rlimits_plan(const struct oci_process *process, struct arena *arena,
                      struct rlimits_plan *plan)
{
    struct rlimits_plan made = { .n = process->rlimits.n };
    try_new(made.v, arena, made.n);
    for (uint32_t i = 0; i < made.n; i++)
        try(plan_limit(process->rlimits.v[i], i, &made));
    *plan = made;
    return OK;
}

static fallible explain(const struct rlimit_plan *limit)
{
    struct error *error =
        limit->soft == limit->hard
            ? error_system("%s to %llu", limit->name, (unsigned long long) limit->hard)
            : error_system("%s to %llu, hard %llu", limit->name, (unsigned long long) limit->soft,
                           (unsigned long long) limit->hard);
    if (error->number != EPERM)
        return error;
    return error_hint(error, "%sraising a hard limit needs CAP_SYS_RESOURCE",
                      limit->resource == RLIMIT_NOFILE ? "the ceiling is /proc/sys/fs/nr_open; "
                                                       : "");
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

fallible rlimits_apply(const struct rlimits_plan *plan, pid_t pid)
{
    for (uint32_t i = 0; i < plan->n; i++)
        try(apply_limit(&plan->v[i], pid));
    return OK;
}
