/* SPDX-License-Identifier: Apache-2.0 */
/* The reasons for the rows of both storyboards; part of both programs. */

#include "launch/reasons.h"

#include <sched.h>

#include "launch/plan.h"
#include "os/syscalls.h"

bool has_bridge(const struct plan *plan)
{
    return plan->has_bridge;
}

uint64_t bridge_unshares(const struct plan *plan)
{
    return plan->namespaces.created & (CLONE_NEWUSER | CLONE_NEWTIME);
}

/* Born as somebody who is not root: the rights came through the exec as ambient ones. */
bool keeps_rights(const struct plan *plan)
{
    return plan->user_ns.has_no_root && !plan->has_bridge;
}

bool has_late_cgroup_namespace(const struct plan *plan)
{
    return plan->has_late_cgroup_namespace;
}

/* exec: the container is there. */
bool enters_container(const struct plan *plan)
{
    return plan->enter.is_wanted;
}

/* mounts */
bool adds_mounts(const struct plan *plan)
{
    return enters_container(plan) && plan->enter.purpose == ENTER_TO_MOUNT;
}

bool removes_mounts(const struct plan *plan)
{
    return enters_container(plan) && plan->enter.purpose == ENTER_TO_UNMOUNT;
}

/* Some filesystems are made, and copies get flags that last, only in sight of the host's mounts. */
bool opens_before_it_enters(const struct plan *plan)
{
    return adds_mounts(plan) && plan->is_in_user_namespace;
}

bool has_own_network(const struct plan *plan)
{
    return plan->namespaces.created & CLONE_NEWNET;
}

/* While init builds the host soon has nothing to do but to wait for it. */
bool gets_loopback(const struct plan *plan)
{
    return has_own_network(plan) && plan->is_by_root && awaits_host(plan);
}

bool brings_up_loopback(const struct plan *plan)
{
    return has_own_network(plan) && !gets_loopback(plan);
}

bool has_net_devices(const struct plan *plan)
{
    return plan->has_net_devices;
}

bool has_names(const struct plan *plan)
{
    return plan->hostname.hostname || plan->hostname.domainname;
}

bool has_sysctls(const struct plan *plan)
{
    return plan->sysctl.n;
}

bool has_own_mounts(const struct plan *plan)
{
    return plan->namespaces.own & CLONE_NEWNS;
}

bool shares_mounts(const struct plan *plan)
{
    return !has_own_mounts(plan);
}

bool has_own_root(const struct plan *plan)
{
    return has_own_mounts(plan) || plan->rootfs.is_detached;
}

bool ends_read_only(const struct plan *plan)
{
    return plan->mounts.read_only_count;
}

bool has_mounts(const struct plan *plan)
{
    return plan->mounts.n;
}

bool maps_ids_of_sources(const struct plan *plan)
{
    return plan->mounts.idmap_count && !plan->hands_over_idmapped;
}

bool maps_ids_of_init(const struct plan *plan)
{
    return plan->mounts.idmap_count && plan->hands_over_idmapped;
}

bool binds_devices(const struct plan *plan)
{
    return plan->devices.are_bound;
}

/* A user namespace may not make some filesystems once it has left the host's mounts behind. */
bool opens_early(const struct plan *plan)
{
    return plan->is_in_user_namespace && has_own_mounts(plan);
}

bool has_paths(const struct plan *plan)
{
    return plan->masked_paths.masked_count || plan->masked_paths.read_only_count;
}

bool has_hook_output(const struct plan *plan)
{
    return plan->hooks.has_output && has_create_hooks(plan);
}

bool has_prestart_hooks(const struct plan *plan)
{
    return plan->hooks.prestart.n;
}

bool has_create_runtime_hooks(const struct plan *plan)
{
    return plan->hooks.create_runtime.n;
}

bool has_create_container_hooks(const struct plan *plan)
{
    return plan->hooks.create_container.n;
}

bool has_start_container_hooks(const struct plan *plan)
{
    return plan->hooks.start_container.n;
}

bool has_create_hooks(const struct plan *plan)
{
    return has_prestart_hooks(plan) || has_create_runtime_hooks(plan) ||
           has_create_container_hooks(plan);
}

bool lacks_create_hooks(const struct plan *plan)
{
    return !has_create_hooks(plan);
}

bool has_terminal(const struct plan *plan)
{
    return plan->terminal.is_wanted;
}

bool sends_terminal(const struct plan *plan)
{
    return plan->terminal.is_wanted && !plan->terminal.is_relayed;
}

bool relays_terminal(const struct plan *plan)
{
    return plan->terminal.is_relayed;
}

bool has_process(const struct plan *plan)
{
    return plan->has_process;
}

bool has_keyring(const struct plan *plan)
{
    return plan->has_keyring;
}

bool lacks_home(const struct plan *plan)
{
    return plan->has_process && plan->environment.lacks_home;
}

bool listens(const struct plan *plan)
{
    return plan->environment.pid;
}

bool gains_nothing(const struct plan *plan)
{
    return plan->has_no_new_privileges;
}

bool has_rlimits(const struct plan *plan)
{
    return plan->rlimits.n;
}

bool raises_rlimits(const struct plan *plan)
{
    return plan->rlimits.raised;
}

bool has_oom_score(const struct plan *plan)
{
    return plan->oom_score.has_score;
}

bool inherits_oom_score(const struct plan *plan)
{
    return plan->oom_score.is_inherited;
}

bool has_scheduler(const struct plan *plan)
{
    return plan->scheduler.has_scheduler;
}

bool has_io_priority(const struct plan *plan)
{
    return plan->io_priority.has_priority;
}

bool has_initial_cpus(const struct plan *plan)
{
    return plan->cpu_affinity.initial;
}

bool has_final_cpus(const struct plan *plan)
{
    return plan->cpu_affinity.final;
}

bool has_personality(const struct plan *plan)
{
    return plan->personality.has_personality;
}

bool has_memory_policy(const struct plan *plan)
{
    return plan->memory_policy;
}

bool has_filter(const struct plan *plan)
{
    return plan->seccomp.program;
}

bool filters_early(const struct plan *plan)
{
    return has_filter(plan) && !plan->has_no_new_privileges;
}

bool filters_late(const struct plan *plan)
{
    return has_filter(plan) && plan->has_no_new_privileges;
}

bool has_agent(const struct plan *plan)
{
    return plan->seccomp.has_listener;
}

bool has_apparmor_profile(const struct plan *plan)
{
    return plan->apparmor_profile;
}

bool has_selinux_label(const struct plan *plan)
{
    return plan->selinux.process_label;
}

bool has_cgroup(const struct plan *plan)
{
    return plan->has_cgroup;
}

bool makes_cgroup(const struct plan *plan)
{
    return plan->has_cgroup && !plan->has_scope;
}

bool has_scope(const struct plan *plan)
{
    return plan->has_scope;
}

bool limits_scope(const struct plan *plan)
{
    return has_limits(plan) && has_scope(plan);
}

bool has_limits(const struct plan *plan)
{
    return plan->has_limits;
}

bool notifies(const struct plan *plan)
{
    return plan->notifies;
}

bool sends_pidfd(const struct plan *plan)
{
    return plan->sends_pidfd;
}

bool has_pid_file(const struct plan *plan)
{
    return plan->has_pid_file;
}

bool waits_for_start(const struct plan *plan)
{
    return plan->listener != NO_LISTENER;
}

bool starts_at_once(const struct plan *plan)
{
    return !waits_for_start(plan);
}

bool delegates_cgroup(const struct plan *plan)
{
    return plan->delegates_cgroup;
}

/* The user's program must not run before the host has limited it, and filtered its devices. */
bool awaits_host(const struct plan *plan)
{
    return has_cgroup(plan) || meets_host(plan);
}

bool meets_host(const struct plan *plan)
{
    return raises_rlimits(plan) || has_oom_score(plan) || has_scheduler(plan) ||
           has_io_priority(plan) || has_intel_rdt(plan) || has_delegated_cgroup(plan);
}

bool has_delegated_cgroup(const struct plan *plan)
{
    return plan->has_delegated_cgroup;
}

bool has_intel_rdt(const struct plan *plan)
{
    return plan->has_intel_rdt;
}
