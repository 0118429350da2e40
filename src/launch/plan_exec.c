/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of exec.  The container is there: what the process sees is what its init sees, asked of
 * the kernel and not of the config, since they may differ by now.  The process document stands in
 * the place of config.json's (launch.h); linux.seccomp and linux.personality are the container's.
 */

#include <sched.h>

#include "launch/host.h"
#include "libocispec/config.h"
#include "os/proc.h"

fallible plan_entry(struct host *host, struct plan *plan)
{
    const struct launch_target *target = host->request->target;
    int proc;

    host->record = *target->record;
    host->cgroup_plan.is_wanted = plan->has_cgroup = target->record->cgroup_path;
    plan->has_intel_rdt = target->record->rdt_group;
    plan->rootfs.tree = plan->masked_paths.null = plan->terminal.socket = -1;
    plan->listener = NO_LISTENER;
    try(proc_mounted(&proc));
    try(namespaces_find_own(proc, target->record->pid.value, &plan->namespaces.own));
    plan->enter =
        (struct enter_plan){ .is_wanted = true, .init = target->init, .root = -1, .mounts = -1 };
    plan->has_bridge = plan->namespaces.own & CLONE_NEWPID;
    return OK;
}

/* The ids of the process have to be mapped: they are checked as if the namespace were made now.  Of
 * one that was joined without mappings in the config, the kernel alone knows them. */
fallible plan_entered_user_ns(struct host *host, struct plan *plan)
{
    const struct oci_linux *linux_ = host->request->config->linux_;
    const struct user_ns_context context = {
        .created = CLONE_NEWUSER,
        .own = CLONE_NEWUSER,
        .uid = plan->user.uid,
        .gid = plan->user.gid,
        .groups = plan->user.groups,
        .group_count = plan->user.group_count,
    };

    if (plan->namespaces.own & CLONE_NEWUSER && linux_ && linux_->uid_mappings.n)
        return user_ns_plan(linux_, &context, host->arena, &plan->user_ns);
    plan->user_ns.uid = plan->user.uid;
    plan->user_ns.gid = plan->user.gid;
    return OK;
}

fallible exec_plan(struct host *host, struct plan *plan)
{
    try(plan_entry(host, plan));
    delegated_cgroup_plan_exec(host);
    try(plan_labels(host, plan));
    try(plan_process(host, plan));
    try(plan_entered_user_ns(host, plan));
    return plan_execution(host, plan);
}
