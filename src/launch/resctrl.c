/* SPDX-License-Identifier: Apache-2.0 */
/* linux.intelRdt in the life of a container.  Its groups are made before the birth, and init is put
 * into them when it is built: what is done to build it takes no part of anybody's cache.  Each
 * process that comes in by exec is put there too, since it is no child of init. */

#include "launch/resctrl.h"

#include "cgroup/intel_rdt_stats.h"

#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "launch/host.h"
#include "libocispec/config.h"

static struct intel_rdt_groups groups_of(const struct record *record)
{
    return (struct intel_rdt_groups){
        .group = record->rdt_group,
        .monitor = record->rdt_monitors.value ? record->id : NULL,
        .is_own = record->rdt_is_own.value,
    };
}

fallible resctrl_plan(struct host *host, struct plan *plan)
{
    const struct intel_rdt_groups *groups = &host->intel_rdt.groups;
    auto_close int root = -1;

    try(intel_rdt_plan(host->request->config->linux_, host->request->id, host->arena,
                       &host->intel_rdt));
    plan->has_intel_rdt = groups->group;
    if (!groups->group)
        return OK;
    try(intel_rdt_open(&root));
    return intel_rdt_check(&host->intel_rdt, root);
}

void resctrl_note(struct host *host)
{
    const struct intel_rdt_groups *groups = &host->intel_rdt.groups;

    if (!groups->group)
        return;
    host->record.rdt_group = groups->group;
    host->record.rdt_is_own = (struct oci_opt_bool){ groups->is_own, true };
    host->record.rdt_monitors = (struct oci_opt_bool){ groups->monitor, true };
}

fallible resctrl_make(struct launch *launch)
{
    struct host *host = launch->host;
    auto_close int root = -1;

    try(intel_rdt_open(&root));
    return intel_rdt_make(&host->intel_rdt, root, &host->intel_rdt_made);
}

static fallible unmake(const struct host *host)
{
    auto_close int root = -1;

    try(intel_rdt_open(&root));
    return intel_rdt_unmake(&host->intel_rdt.groups, root, &host->intel_rdt_made);
}

void resctrl_unmake(struct launch *launch)
{
    struct host *host = launch->host;
    struct error *error = host->is_init_left ? OK : unmake(host);

    if (error)
        log_warning("linux.intelRdt: %s", error_line(error));
    error_forget(error);
}

fallible resctrl_enter(struct launch *launch)
{
    const struct intel_rdt_groups groups = groups_of(&launch->host->record);
    auto_close int root = -1;

    try(intel_rdt_open(&root));
    return intel_rdt_add(&groups, root, launch->host->pid);
}

fallible resctrl_plan_change(const struct record *record, const struct oci_linux *linux_,
                             struct arena *arena, struct intel_rdt_plan *plan)
{
    struct intel_rdt_plan found;

    try(intel_rdt_plan(linux_, record->id, arena, &found));
    if (found.schemata && !record->rdt_group)
        return error_hint(error_new(ERROR_STATE, "the container has no group of resctrl"),
                          "create it with linux.intelRdt, be that empty");
    found.groups = groups_of(record);
    *plan = found;
    return OK;
}

fallible resctrl_change(const struct intel_rdt_plan *plan)
{
    auto_close int root = -1;

    try(intel_rdt_open(&root));
    if (!plan->groups.is_own)
        log_warning("linux.intelRdt: all in the group '%s' get the new schemata, not the container "
                    "alone",
                    plan->groups.group);
    return intel_rdt_change(plan, root);
}

/* -1: it was unmounted, and the groups have gone with it. */
static fallible open_if_mounted(int *root)
{
    struct error *error = intel_rdt_open(root);

    if (!error || error->code != ERROR_UNSUPPORTED)
        return error;
    error_forget(error);
    *root = -1;
    return OK;
}

fallible resctrl_open_stats(const struct record *record, struct intel_rdt_stats *stats)
{
    const struct intel_rdt_groups groups = groups_of(record);
    auto_close int root = -1;

    try(open_if_mounted(&root));
    return root < 0 ? OK : intel_rdt_stats_open(&groups, root, stats);
}

static fallible remove_groups(const struct intel_rdt_groups *groups)
{
    auto_close int root = -1;

    if (!groups->is_own && !groups->monitor)
        return OK;
    try(open_if_mounted(&root));
    return root < 0 ? OK : intel_rdt_remove(groups, root);
}

fallible resctrl_remove(const struct record *record)
{
    const struct intel_rdt_groups groups = groups_of(record);
    return remove_groups(&groups);
}

fallible resctrl_remove_planned(const struct oci_linux *linux_, const char *id, struct arena *arena)
{
    struct intel_rdt_plan plan;

    try(intel_rdt_plan(linux_, id, arena, &plan));
    return remove_groups(&plan.groups);
}
