/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources: what the container gets, on the host's side of a launch.  Its limits are written
 * when init runs, and not before: what a birth takes is not counted against them. */

#include <sched.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroup/before.h"
#include "cgroup/delegate.h"
#include "launch/host.h"
#include "launch/privilege.h"
#include "libocispec/config.h"
#include "libocispec/semver.h"
#include "namespace/id_map.h"
#include "os/proc.h"

enum { MAP_SIZE = 16384 };

/* Zero is a limit on processes since this version of the specification; before, it was none. */
static bool is_pids_zero_real(const char *oci_version)
{
    struct semver version;
    return semver_parse(oci_version, &version) && version.major == 1 && version.minor >= 3;
}

/* Rules and limits need a cgroup.  Why there is none was no more than a warning when it was
 * planned; now it is the error, and is found once more. */
static fallible do_without(const struct host *host, const char *field)
{
    const struct launch_request *request = host->request;
    struct cgroup_plan plan;

    if (request->cgroup_manager == CGROUP_MANAGER_DISABLED) {
        log_warning("%s is not applied: cgroups are disabled", field);
        return OK;
    }
    struct error *reason = cgroup_plan_default(request->id, host->arena, &plan);
    if (!reason)
        return error_hint(error_unsupported(field, "needs a cgroup, and none could be made"),
                          "one can be made by now: start it once more");
    return error_field(error_within(reason, "%s: needs a cgroup, and none can be made here", field),
                       "%s", field);
}

fallible resources_plan(struct host *host, struct plan *plan)
{
    const struct oci_config *config = host->request->config;
    const struct oci_resources *resources = config->linux_ ? config->linux_->resources : NULL;
    const struct limits_plan *limits = &host->limits;

    try(device_rules_plan(config->linux_, host->arena, &host->device_rules));
    host->device_rules.is_optional = privilege_needs_no_rules(plan->namespaces.own & CLONE_NEWUSER);
    if (resources && host->device_rules.is_optional)
        try(device_rules_check_binds(config, host->request->bundle));
    try(limits_plan(resources, is_pids_zero_real(config->oci_version), host->arena, &host->limits));
    plan->has_limits = plan->has_cgroup && limits->first;
    if (plan->has_cgroup)
        return limits_check_controllers(limits, host->cgroup_plan.mount, host->arena);
    if (resources && resources->devices.n && !host->device_rules.is_optional)
        return do_without(host, "linux.resources.devices");
    return limits->first ? do_without(host, limits->first->field) : OK;
}

fallible resources_hand_down(struct launch *launch)
{
    const struct host *host = launch->host;
    return limits_enable_controllers(&host->limits, host->cgroup_plan.mount,
                                     host->cgroup_plan.path);
}

/* Of a cgroup that was there before, what is changed is remembered first: delete leaves it. */
fallible resources_limit(struct launch *launch)
{
    struct host *host = launch->host;

    if (record_keeps_cgroup(&host->record)) {
        try(before_note(&host->limits, host->cgroup, host->arena, &host->record.cgroup_before));
        try(record_save(&host->entry, &host->record, host->arena));
    }
    return limits_apply(&host->limits, host->cgroup);
}

static bool has_other_ids(const struct plan *plan)
{
    return plan->user_ns.is_new || plan->user_ns.is_joined;
}

/* Root of the host's own ids has the cgroup already. */
bool resources_are_delegated(const struct host *host, const struct plan *plan)
{
    return plan->has_cgroup && plan->has_process && plan->namespaces.created & CLONE_NEWCGROUP &&
           (plan->user.uid || has_other_ids(plan)) && delegate_is_wanted(host->request->config);
}

/* The maps of a user namespace that was joined are known from init alone.  One that is ours too
 * would tell of what is above it: there an id is what it is. */
fallible resources_find_owner(const struct launch *launch, uint32_t *owner)
{
    const struct host *host = launch->host;
    uint32_t uid = launch->plan->user.uid;
    char file[32], text[MAP_SIZE];
    struct id_map map;
    int proc;

    *owner = uid;
    if (!has_other_ids(launch->plan))
        return OK;
    text_format(file, sizeof(file), "%d/uid_map", host->pid);
    try(proc_mounted(&proc));
    try(proc_read(proc, file, text, sizeof(text)));
    try(id_map_parse(text, host->arena, &map));
    if (!id_map_find(&map, uid, owner))
        return error_config("process.user.uid", "%u is not mapped", uid);
    return OK;
}

fallible resources_delegate(struct launch *launch)
{
    struct host *host = launch->host;
    uint32_t owner;

    try(resources_find_owner(launch, &owner));
    if (record_keeps_cgroup(&host->record)) {
        try(delegate_note(host->cgroup, host->arena, &host->record.cgroup_owners));
        try(record_save(&host->entry, &host->record, host->arena));
    }
    return delegate_give(host->cgroup, owner);
}

fallible resources_note(struct host *host)
{
    struct oom oom;

    if (!record_keeps_cgroup(&host->record))
        return OK;
    try(oom_read(host->cgroup, &oom));
    host->record.oom_kills = (struct oci_opt_u64){ oom.kills, true };
    return OK;
}

void resources_see_end(struct host *host)
{
    struct error *error = oom_read(host->cgroup, &host->oom);

    if (!error)
        host->oom.kills -= host->record.oom_kills.value;
    error_forget(error);
}

/* The list of what will be written, as JSON. */
struct description {
    struct oci_string_array writes;
};

static const struct oci_field description_fields[] = {
    OCI_FIELD(description, writes, "writes", STRS, REQ),
};
static const struct oci_schema description_schema = OCI_SCHEMA(description, description_fields);

static const char *describe_limit(const struct limit *limit, struct arena *arena)
{
    if (limit->other_file)
        return allocate_print(arena, "%s=%s, or %s=%s", limit->file, limit->value,
                              limit->other_file, limit->other_value);
    return allocate_print(arena, "%s=%s", limit->file, limit->value);
}

const char *resources_describe(const struct host *host)
{
    struct description description = { .writes.n = 0 };
    uint32_t count = 0;

    for (const struct limit *limit = host->limits.first; limit; limit = limit->next)
        count++;
    description.writes.v = arena_alloc(host->arena, count, sizeof(*description.writes.v));
    if (!description.writes.v)
        return NULL;
    for (const struct limit *limit = host->limits.first; limit; limit = limit->next) {
        const char *text = describe_limit(limit, host->arena);
        if (!text)
            return NULL;
        description.writes.v[description.writes.n++] = text;
    }
    return oci_encode_at(&description_schema, &description, "writes", host->arena, NULL);
}
