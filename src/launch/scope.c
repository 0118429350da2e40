/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.cgroupsPath with the systemd driver, on the host's side of a launch.
 *
 * systemd makes no scope without a process.  It gets a keeper, a child of ours that does nothing:
 * so the cgroup is there before init is born, as it is without systemd, init is born in it, and
 * what it takes to be born is not counted against the limits, which are set when it runs.  Should
 * we die, the keeper ends, and systemd takes an empty scope away by itself.
 */
#include <errno.h>
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/scope.h"
#include "cgroup/scope_text.h"
#include "launch/annotations.h"
#include "launch/host.h"
#include "libocispec/config.h"
#include "os/fd_path.h"
#include "os/mount_list.h"

fallible scope_plan_cgroup(struct host *host, struct plan *plan)
{
    const struct launch_request *request = host->request;

    if (request->cgroup_manager != CGROUP_MANAGER_SYSTEMD)
        return cgroup_plan(request->config->linux_, request->id, request->cgroup_manager,
                           host->arena, &host->cgroup_plan);
    const char *subgroup = annotations_find(&request->config->annotations, ANNOTATION_SUBGROUP);
    try(scope_plan(request->config, request->id, subgroup, host->arena, &host->cgroup_plan));
    plan->has_scope = true;
    return OK;
}

static fallible find(const struct host *host, struct scope *scope)
{
    const struct record *record = &host->record;
    const struct store *store = host->request->store; /* exec has none */
    const struct scope_owner owner = { .id = record->id,
                                       .state = store ? store->directory : -1,
                                       .created = record->created };
    return scope_find(record->scope, &owner, host->arena, scope);
}

/* The path is remembered before there is anything at it that would not go with the scope. */
static fallible note_path(struct host *host, const char *cgroup)
{
    struct cgroup_plan *plan = &host->cgroup_plan;
    const char *subgroup = plan->scope->subgroup;

    try_print(plan->path, host->arena, *subgroup ? "%s/%s" : "%s%s", cgroup, subgroup);
    plan->kept = (uint32_t) (*subgroup ? strlen(cgroup) : (size_t) (strrchr(cgroup, '/') - cgroup));
    host->record.cgroup_mount = plan->mount;
    host->record.cgroup_path = plan->path;
    host->record.cgroup_kept = (struct oci_opt_u32){ plan->kept, true };
    return record_save(&host->entry, &host->record, host->arena);
}

/* One that has died systemd puts nowhere, and does not say so: the scope is empty, but there. */
static fallible check_keeper(const struct host *host, const struct scope *scope, const char *cgroup)
{
    struct error *error =
        scope_check_process(&host->cgroup_plan, cgroup, host->keeper.pid, host->arena);
    struct error *death = error ? keeper_check(&host->keeper) : OK;

    if (!death)
        return error;
    error_forget(error);
    error_forget(scope_stop(scope, host->arena));
    return error_within(death, "%s", scope->unit);
}

/* When it fails there is no scope, or not ours. */
static fallible make(struct host *host, const struct scope *scope, const char **cgroup)
{
    struct scope_text devices = { .arena = host->arena };

    if (!host->device_rules.is_optional)
        try(scope_add_devices(&host->device_rules, &devices));
    try(scope_start(scope, host->cgroup_plan.scope, &host->keeper, &devices, cgroup));
    return check_keeper(host, scope, *cgroup);
}

static fallible go_below(struct host *host, const char *cgroup)
{
    try(note_path(host, cgroup));
    return scope_make_subgroup(&host->cgroup_plan, host->keeper.pid, &host->cgroup);
}

fallible scope_begin(struct launch *launch)
{
    struct host *host = launch->host;
    const char *cgroup;
    struct scope scope;

    try(find(host, &scope));
    try(keeper_bear(0, &host->keeper));
    struct error *error = make(host, &scope, &cgroup);
    bool is_there = !error;
    if (is_there)
        error = go_below(host, cgroup);
    if (error)
        keeper_end(&host->keeper);
    if (error && is_there)
        error_forget(scope_stop(&scope, host->arena));
    /* That somebody has told us to give up is no fault of the config. */
    return error && error->code != ERROR_PROGRAM ? error_field(error, "linux.cgroupsPath") : error;
}

void scope_end(struct launch *launch)
{
    struct host *host = launch->host;
    struct scope scope;

    keeper_end(&host->keeper);
    host_remove_cgroup(launch);
    if (host->is_init_left)
        return;
    struct error *error = find(host, &scope);
    if (!error)
        error = scope_stop(&scope, host->arena);
    if (error)
        log_warning("stop '%s': %s", host->record.scope, error_line(error));
    error_forget(error);
}

fallible scope_let_keeper_go(struct launch *launch)
{
    keeper_end(&launch->host->keeper);
    return OK;
}

fallible scope_limit(struct launch *launch)
{
    struct host *host = launch->host;
    struct scope_text properties = { .arena = host->arena };
    struct scope scope;

    try(scope_add_limits(&host->limits, &properties));
    try(find(host, &scope));
    return properties.length ? scope_set(&scope, &properties) : OK;
}

/* The cgroup that the process belongs in, from that of the scope on: what exec is for may be one
 * that was named, or that of init. */
static fallible find_below(const struct host *host, const char **below)
{
    const struct record *record = &host->record;
    size_t length =
        scope_path_length(record->scope, record->cgroup_path, record->cgroup_kept.value);
    const char *whole, *scope;

    try(fd_path(host->cgroup, host->arena, &whole));
    try_print(scope, host->arena, "%s%.*s", record->cgroup_mount, (int) length,
              record->cgroup_path);
    *below = text_equal(whole, scope) ? "" : mount_list_below(whole, scope);
    return *below ? OK : error_new(ERROR_CGROUP, "%s is not below the scope, %s", whole, scope);
}

static fallible ask_systemd(const struct host *host, pid_t pid)
{
    struct scope scope;
    const char *below = NULL;

    try(find(host, &scope));
    try(find_below(host, &below));
    return scope_attach(&scope, below, pid, host->arena);
}

/* A user outside of his session's cgroups may move nobody into them; his systemd may, and does. */
fallible scope_add_process(const struct host *host, pid_t pid)
{
    struct error *error = cgroup_add(host->cgroup, pid);
    char refused[ERROR_TEXT_SIZE];

    if (!error || error->number != EACCES || !host->record.scope)
        return error;
    error_print(error, refused, sizeof(refused));
    error_forget(error);
    return error_within(ask_systemd(host, pid), "%s; so systemd was asked", refused);
}

const char *scope_describe(const struct host *host)
{
    const struct scope_plan *scope = host->cgroup_plan.scope;
    return allocate_print(host->arena, "%s in %s%s%s", scope->unit, scope->slice,
                          *scope->subgroup ? ", cgroup " : "", scope->subgroup);
}
