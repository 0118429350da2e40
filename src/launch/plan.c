/* SPDX-License-Identifier: Apache-2.0 */
/* All planning of a launch: every feature reads its fields of config.json and says what is to be
 * done.  Nothing is made here, so a config that cannot be honoured is refused without a trace. */

#include <sched.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/timestamp.h"
#include "cgroup/scope.h"
#include "launch/annotations.h"
#include "launch/host.h"
#include "launch/idmaps.h"
#include "launch/privilege.h"
#include "launch/reasons.h"
#include "libocispec/config.h"
#include "os/clock.h"
#include "os/self.h"

static fallible plan_what_it_sees(struct host *host, struct plan *plan)
{
    const struct oci_config *config = host->request->config;
    const struct oci_linux *linux_ = config->linux_;

    try(namespaces_plan(linux_, &plan->namespaces));
    try(privilege_plan(plan));
    uint64_t own = plan->namespaces.own;
    try(time_ns_plan(linux_, plan->namespaces.created, host->arena, &plan->time_ns));
    plan->has_bridge = plan->namespaces.joined_count || plan->time_ns.offsets;
    try(hostname_plan(config, own, &plan->hostname));
    try(net_devices_plan(linux_, own & CLONE_NEWNET, host->arena, &host->net_devices));
    plan->has_net_devices = host->net_devices.n;
    if (!linux_)
        return OK;
    const struct sysctl_context context = { own, config->domainname };
    return sysctl_plan(&linux_->sysctl, &context, host->arena, &plan->sysctl);
}

static fallible plan_what_it_finds(struct host *host, struct plan *plan)
{
    const struct oci_config *config = host->request->config;
    uint64_t own = plan->namespaces.own;
    struct mounts_context context = {
        .has_cgroup_namespace = plan->namespaces.created & CLONE_NEWCGROUP,
        .has_cgroup = plan->has_cgroup,
        .label = plan->selinux.mount_label,
        .label_option = annotations_find(&config->annotations, ANNOTATION_MOUNT_CONTEXT),
        .has_user_namespace = own & CLONE_NEWUSER,
        .is_in_user_namespace = plan->is_in_user_namespace,
        .is_opened_inside = plan->opens_inside,
        .has_unknown_gids =
            own & ~plan->namespaces.created & CLONE_NEWUSER && !config->linux_->gid_mappings.n,
    };
    static const struct oci_string_array none;

    plan->masked_paths.null = -1;
    try(rootfs_plan(config, own & CLONE_NEWNS, host->request->has_no_pivot, &plan->rootfs));
    plan->rootfs.is_opened_inside = plan->opens_inside;
    plan->rootfs.is_noted = plan->opens_inside || plan->prefers_inside;
    try(privilege_find_gids(host, plan, &context.gids, &context.gid_count));
    try(mounts_plan(&config->mounts, &context, host->arena, &plan->mounts));
    bool binds_devices = plan->is_in_user_namespace && has_own_mounts(plan);
    try(devices_plan(config, binds_devices, host->arena, &plan->devices));
    return masked_paths_plan(config->linux_ ? &config->linux_->masked_paths : &none,
                             config->linux_ ? &config->linux_->readonly_paths : &none,
                             &plan->masked_paths);
}

/* The ids of a container without a process are those of root. */
static fallible plan_user_ns(struct host *host, struct plan *plan)
{
    const struct user_ns_context context = {
        .created = plan->namespaces.created,
        .own = plan->namespaces.own,
        .uid = plan->user.uid,
        .gid = plan->user.gid,
        .groups = plan->user.groups,
        .group_count = plan->user.group_count,
    };
    return user_ns_plan(host->request->config->linux_, &context, host->arena, &plan->user_ns);
}

static fallible plan_who_it_is(struct host *host, struct plan *plan)
{
    try(plan_process(host, plan));
    try(plan_user_ns(host, plan));
    plan->hands_over_idmapped = plan->user_ns.is_new;
    try(idmaps_plan(host, plan));
    return plan->terminal.is_wanted ? console_plan(&plan->mounts, &plan->console) : OK;
}

static fallible plan_what_it_gets(struct host *host, struct plan *plan)
{
    try(scope_plan_cgroup(host, plan));
    plan->has_cgroup = host->cgroup_plan.is_wanted;
    try(delegated_cgroup_plan(host, plan));
    try(resources_plan(host, plan));
    return resctrl_plan(host, plan);
}

static fallible name_owner(struct arena *arena, const char **owner)
{
    /* Numbers, not names: a look-up would load what /etc/nsswitch.conf says. */
    if (self_user() == 0)
        *owner = "root";
    else
        try_print(*owner, arena, "%u", self_user());
    return OK;
}

static fallible name_moment(struct arena *arena, const char **text)
{
    char printed[TIMESTAMP_SIZE];
    struct timespec now = clock_date();

    timestamp_print(printed, &now, 9);
    *text = arena_string(arena, printed);
    return *text ? OK : allocate_failed();
}

/* Those that are not over with create. */
static fallible remember_hooks(const struct oci_hooks *hooks, struct arena *arena,
                               struct record *record)
{
    if (!hooks || !(hooks->poststart.n + hooks->poststop.n))
        return OK;
    try_new(record->hooks, arena, 1);
    record->hooks->poststart = hooks->poststart;
    record->hooks->poststop = hooks->poststop;
    return OK;
}

static fallible plan_record(struct host *host, struct plan *plan)
{
    const struct launch_request *request = host->request;
    const struct cgroup_plan *cgroup = &host->cgroup_plan;

    host->record = (struct record){
        .oci_version = "1.3.0",
        .id = request->id,
        .bundle = request->bundle_path,
        .has_pid_namespace = { plan->namespaces.created & CLONE_NEWPID, true },
        .has_process = { request->config->process, true },
        .annotations = request->config->annotations,
    };
    if (cgroup->scope)
        host->record.scope = cgroup->scope->unit;
    if (cgroup->is_wanted && !cgroup->scope) {
        host->record.cgroup_mount = cgroup->mount;
        host->record.cgroup_path = cgroup->path;
        host->record.cgroup_kept = (struct oci_opt_u32){ cgroup->kept, true };
    }
    resctrl_note(host);
    try(remember_hooks(request->config->hooks, host->arena, &host->record));
    try(name_owner(host->arena, &host->record.owner));
    return name_moment(host->arena, &host->record.created);
}

fallible launch_plan(struct host *host, struct plan *plan)
{
    static struct error *(*const parts[])(struct host *, struct plan *) = {
        plan_labels,    plan_what_it_sees, plan_what_it_gets, plan_what_it_finds,
        plan_who_it_is, plan_record,       plan_execution,
    };
    const struct launch_request *request = host->request;

    for (size_t i = 0; i < LENGTH(parts); i++)
        try(parts[i](host, plan));
    plan->delegates_cgroup = resources_are_delegated(host, plan);
    plan->listener = request->starts_at_once ? NO_LISTENER : LISTENER_IS_WANTED;
    return OK;
}
