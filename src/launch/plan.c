/* SPDX-License-Identifier: Apache-2.0 */
/* All planning of a launch: every feature reads its fields of config.json and says what is to be
 * done.  Nothing is made here, so a config that cannot be honoured is refused without a trace. */

#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/list.h"
#include "launch/host.h"
#include "launch/privilege.h"
#include "launch/reasons.h"
#include "libocispec/config.h"
#include "process/cwd.h"
#include "process/signals.h"
#include "security/apparmor.h"

static fallible plan_labels(struct host *host, struct plan *plan)
{
    const struct oci_config *config = host->request->config;

    if (config->process)
        try(apparmor_plan(config->process, &plan->apparmor_profile));
    return selinux_plan(config, host->arena, &plan->selinux);
}

static fallible plan_what_it_sees(struct host *host, struct plan *plan)
{
    const struct oci_config *config = host->request->config;
    const struct oci_linux *linux_ = config->linux_;

    try(namespaces_plan(linux_, &plan->namespaces));
    try(privilege_plan(host, plan));
    uint64_t own = plan->namespaces.own;
    try(time_ns_plan(linux_, plan->namespaces.created, host->arena, &plan->time_ns));
    plan->has_bridge = plan->namespaces.joined_count || plan->time_ns.offsets;
    try(hostname_plan(config, own, &plan->hostname));
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
        .is_in_user_namespace = plan->is_in_user_namespace,
        .is_opened_inside = plan->opens_inside,
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
    const struct oci_config *config = host->request->config;
    const struct oci_process *process = config->process;

    try(personality_plan(config->linux_, &plan->personality));
    if (process)
        try(user_plan(process, host->arena, &plan->user));
    try(plan_user_ns(host, plan));
    try(terminal_plan(process, &host->request->terminal, &plan->terminal));
    if (plan->terminal.is_wanted)
        try(console_plan(&plan->mounts, &plan->console));
    if (!process)
        return OK;
    plan->has_process = true;
    plan->has_no_new_privileges = process->no_new_privileges.value;
    bool has_all = plan->namespaces.own & CLONE_NEWUSER;
    try(capabilities_plan(process, has_all, &plan->capabilities));
    try(rlimits_plan(process, host->arena, &plan->rlimits));
    try(oom_score_plan(process, &plan->oom_score));
    try(scheduler_plan(process, &plan->scheduler));
    try(io_priority_plan(process, &plan->io_priority));
    return cwd_plan(process, &plan->cwd);
}

static fallible plan_what_it_gets(struct host *host, struct plan *plan)
{
    const struct oci_linux *linux_ = host->request->config->linux_;

    try(cgroup_plan(linux_, host->request->id, host->request->cgroup_manager, host->arena,
                    &host->cgroup_plan));
    plan->has_cgroup = host->cgroup_plan.is_wanted;
    return resources_plan(host, plan);
}

static fallible name_owner(struct arena *arena, const char **owner)
{
    /* Numbers, not names: a look-up would load what /etc/nsswitch.conf says. */
    if (geteuid() == 0)
        *owner = "root";
    else
        try_print(*owner, arena, "%u", geteuid());
    return OK;
}

static fallible name_moment(struct arena *arena, const char **text)
{
    struct timespec now;
    struct tm utc;

    clock_gettime(CLOCK_REALTIME, &now);
    if (!gmtime_r(&now.tv_sec, &utc))
        return error_system("read the time");
    try_print(*text, arena, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ", utc.tm_year + 1900,
              utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec);
    return OK;
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
        .annotations = request->config->annotations,
    };
    if (cgroup->is_wanted) {
        host->record.cgroup_mount = cgroup->mount;
        host->record.cgroup_path = cgroup->path;
        host->record.cgroup_kept = (struct oci_opt_u32){ cgroup->kept, true };
    }
    try(remember_hooks(request->config->hooks, host->arena, &host->record));
    try(name_owner(host->arena, &host->record.owner));
    return name_moment(host->arena, &host->record.created);
}

static fallible start_page(struct arena *arena, const char **begin)
{
    size_t page = (size_t) sysconf(_SC_PAGESIZE);
    const char *next = arena_alloc(arena, 0, 1);

    if (!next || !arena_alloc(arena, -(size_t) next & (page - 1), 1))
        return allocate_failed();
    *begin = arena->base + arena->used;
    return OK;
}

static fallible keep(struct arena *arena, const char *const *from, uint32_t count, const char **to)
{
    for (uint32_t i = 0; i < count; i++)
        if (!(to[i] = arena_string(arena, from[i])))
            return allocate_failed();
    return OK;
}

static fallible keep_rlimits(struct arena *arena, struct rlimits_plan *plan)
{
    const struct rlimits_plan from = *plan;

    try_new(plan->v, arena, from.n);
    for (uint32_t i = 0; i < from.n; i++) {
        plan->v[i] = from.v[i];
        try(keep(arena, &from.v[i].name, 1, &plan->v[i].name));
    }
    return OK;
}

static fallible keep_hooks(struct host *host, struct plan *plan)
{
    const struct oci_hooks *hooks = host->request->config->hooks;
    struct arena *arena = host->arena;

    if (!hooks)
        return OK;
    try(hooks_plan(hooks, arena, &plan->hooks));
    bool has_host_tree = !(plan->namespaces.own & ~plan->namespaces.created & CLONE_NEWNS);
    try_print(plan->hooks.bundle, arena, "%s", has_host_tree ? host->request->bundle_path : "/");
    plan->rootfs.stays_in_place = has_host_tree && has_create_hooks(plan);
    return hooks_describe(&host->record, OCI_STATUS_CREATED, arena, &plan->hooks.state);
}

static fallible plan_filter(struct host *host, struct plan *plan)
{
    const struct oci_linux *linux_ = host->request->config->linux_;
    return seccomp_plan(linux_ ? linux_->seccomp : NULL, host->arena, &plan->seccomp);
}

/* Everything that is executed, and lowered before that, stands together
 * on pages of its own: a waiting init keeps them. */
static fallible plan_what_it_runs(struct host *host, struct plan *plan)
{
    const struct oci_process *process = host->request->config->process;
    struct arena *arena = host->arena;
    const char **args;

    if (!plan->has_no_new_privileges)
        try(plan_filter(host, plan));
    try(start_page(arena, &plan->kept));
    if (plan->has_no_new_privileges) /* it is loaded when the rest has gone */
        try(plan_filter(host, plan));
    if (process) {
        try_new(args, arena, process->args.n + 1);
        try(keep(arena, process->args.v, process->args.n, args));
        plan->args = args;
        struct environment_plan *environment = &plan->environment;
        try(environment_plan(&process->env, arena, environment));
        try(keep(arena, environment->v, environment->n, environment->v));
    }
    try(keep_rlimits(arena, &plan->rlimits));
    try(keep_hooks(host, plan));
    try(start_page(arena, &plan->kept_end));
    plan->arena = arena->base;
    plan->arena_end = arena->base + arena->size;
    return OK;
}

fallible launch_plan(struct host *host, struct plan *plan)
{
    static struct error *(*const parts[])(struct host *, struct plan *) = {
        plan_labels,    plan_what_it_sees, plan_what_it_gets, plan_what_it_finds,
        plan_who_it_is, plan_record,       plan_what_it_runs,
    };
    const struct launch_request *request = host->request;

    for (size_t i = 0; i < LENGTH(parts); i++)
        try(parts[i](host, plan));
    try(signals_read_ignored(&plan->ignored_signals));
    plan->has_keyring = !request->has_no_new_keyring;
    plan->preserved_fds = request->preserved_fds;
    plan->has_trace = request->trace;
    plan->delegates_cgroup = resources_are_delegated(host, plan);
    plan->listener = request->starts_at_once ? NO_LISTENER : LISTENER_IS_WANTED;
    return OK;
}
