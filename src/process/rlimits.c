/* SPDX-License-Identifier: Apache-2.0 */
/* process.rlimits: how much of each resource the process may use.  Whether a limit is raised, and
 * so is the host's to set, is known beforehand: init inherits the limits that we have now. */

#include "process/rlimits.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/nearest.h"
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

static fallible refuse_resource(const char *field, const char *name)
{
    const char *known[LENGTH(resources)];

    for (size_t i = 0; i < LENGTH(resources); i++)
        known[i] = resources[i].name;
    return nearest_hint(error_config(field, "\"%s\" is no resource limit", name), name, known,
                        LENGTH(known));
}

/* Where RESOURCE stands among the first N limits, or N. */
static uint32_t find_limit(const struct rlimits_plan *plan, int resource, uint32_t n)
{
    uint32_t i = 0;
    while (i < n && plan->v[i].resource != resource)
        i++;
    return i;
}

static fallible plan_limit(const struct oci_rlimit *limit, uint32_t i, struct arena *arena,
                           struct rlimits_plan *plan)
{
    char field[ERROR_FIELD_SIZE];
    text_format(field, sizeof(field), "process.rlimits[%u].type", i);
    const struct resource *resource = find_resource(limit->type);
    if (!resource)
        return refuse_resource(field, limit->type);
    uint32_t first = find_limit(plan, resource->number, i);
    if (first < i)
        return error_config(field, "%s stands in process.rlimits[%u] already", limit->type, first);

    text_format(field, sizeof(field), "process.rlimits[%u].soft", i);
    if (limit->soft > limit->hard)
        return error_config(field, "%llu is above the hard limit %llu",
                            (unsigned long long) limit->soft, (unsigned long long) limit->hard);
    struct rlimit_plan *made = &plan->v[i];
    struct rlimit current;
    if (getrlimit(resource->number, &current))
        return error_system("read %s", limit->type);
    *made = (struct rlimit_plan){ .resource = resource->number,
                                  .soft = limit->soft,
                                  .hard = limit->hard,
                                  .is_raised = limit->hard > current.rlim_max };
    plan->raised += made->is_raised;
    try_print(made->name, arena, "%s", resource->name);
    return OK;
}

fallible rlimits_plan(const struct oci_process *process, struct arena *arena,
                      struct rlimits_plan *plan)
{
    struct rlimits_plan made = { .n = process->rlimits.n };
    try_new(made.v, arena, made.n);
    for (uint32_t i = 0; i < made.n; i++)
        try(plan_limit(process->rlimits.v[i], i, arena, &made));
    *plan = made;
    return OK;
}

/* A static shell fits into it. */
enum { SMALL_BYTES = 16 << 20, SEGFAULT_STATUS = 128 + SIGSEGV };

static bool leaves_no_room(const struct oci_rlimit *limit)
{
    return limit->soft < SMALL_BYTES &&
           (text_equal(limit->type, "RLIMIT_AS") || text_equal(limit->type, "RLIMIT_DATA"));
}

fallible rlimits_explain_end(const struct oci_process *process, int status)
{
    char field[ERROR_FIELD_SIZE];

    for (uint32_t i = 0; status == SEGFAULT_STATUS && i < process->rlimits.n; i++) {
        const struct oci_rlimit *limit = process->rlimits.v[i];
        if (!leaves_no_room(limit))
            continue;
        text_format(field, sizeof(field), "process.rlimits[%u].soft", i);
        return error_hint(error_config(field,
                                       "the process was ended by SIGSEGV, with a %s of %llu bytes",
                                       limit->type, (unsigned long long) limit->soft),
                          "the kernel ends a program so that does not fit into its limits: raise "
                          "it");
    }
    return OK;
}
