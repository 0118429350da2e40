/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of one process, be it a container's first or one that exec brings into it: who it is,
 * and what of the plan outlives a wait. */

#include <sched.h>
#include <unistd.h>

#include "base/allocate.h"
#include "launch/annotations.h"
#include "launch/host.h"
#include "launch/reasons.h"
#include "libocispec/config.h"
#include "os/self.h"
#include "process/cwd.h"
#include "security/apparmor.h"

fallible plan_labels(struct host *host, struct plan *plan)
{
    const struct oci_config *config = host->request->config;

    if (config->process)
        try(apparmor_plan(config->process, &plan->apparmor_profile));
    return selinux_plan(config, host->arena, &plan->selinux);
}

fallible plan_process(struct host *host, struct plan *plan)
{
    const struct oci_config *config = host->request->config;
    const struct oci_process *process = config->process;

    try(self_ignored_signals(&plan->ignored_signals));
    plan->has_keyring = !host->request->has_no_new_keyring;
    try(personality_plan(config->linux_, &plan->personality));
    try(memory_policy_plan(config->linux_, host->arena, &plan->memory_policy));
    if (process)
        try(user_plan(process, host->arena, &plan->user));
    if (annotations_find(&config->annotations, ANNOTATION_GROUPS))
        user_plan_keep_groups(&plan->user);
    try(terminal_plan(process, &host->request->terminal, &plan->terminal));
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
    try(cpu_affinity_plan(process, host->arena, &plan->cpu_affinity));
    return cwd_plan(process, &plan->cwd);
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

static fallible plan_filter(struct host *host, struct plan *plan)
{
    const struct oci_config *config = host->request->config;
    struct oci_seccomp seccomp;

    if (!config->linux_ || !config->linux_->seccomp)
        return OK;
    seccomp = *config->linux_->seccomp;
    try(filter_find_agent(config, &seccomp.listener_path));
    const bool is_strict = annotations_find(&config->annotations, ANNOTATION_SECCOMP_STRICT);
    return seccomp_plan(&seccomp, is_strict, host->arena, &plan->seccomp);
}

static fallible keep_hooks(struct host *host, struct plan *plan)
{
    const struct oci_hooks *hooks = host->request->config->hooks;
    struct arena *arena = host->arena;

    if (!hooks)
        return OK;
    try(hooks_plan(hooks, arena, &plan->hooks));
    plan->hooks.has_output = hook_output_is_wanted(&host->request->config->annotations);
    bool has_host_tree = !(plan->namespaces.own & ~plan->namespaces.created & CLONE_NEWNS);
    try_print(plan->hooks.bundle, arena, "%s", has_host_tree ? host->request->bundle_path : "/");
    plan->rootfs.stays_in_place = has_host_tree && has_create_hooks(plan);
    return hooks_describe(&host->record, OCI_STATUS_CREATED, arena, &plan->hooks.state);
}

/* Everything that is executed, and lowered before that, stands together
 * on pages of its own: a waiting init keeps them. */
fallible plan_execution(struct host *host, struct plan *plan)
{
    const struct launch_request *request = host->request;
    const struct oci_process *process = request->config->process;
    struct arena *arena = host->arena;
    const char **args, *receiver;

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
        if (request->has_listeners &&
            (request->target || !(plan->namespaces.created & CLONE_NEWPID)))
            environment_plan_pid(environment);
    }
    try(keep_rlimits(arena, &plan->rlimits));
    try(keep_hooks(host, plan));
    try(start_page(arena, &plan->kept_end));
    plan->arena = arena->base;
    plan->arena_end = arena->base + arena->size;
    plan->preserved_fds = request->preserved_fds;
    plan->has_trace = request->trace;
    try(pidfd_socket_find(request, &receiver));
    plan->sends_pidfd = receiver;
    plan->has_pid_file = request->pid_file;
    plan->notifies = request->notifies;
    return OK;
}
