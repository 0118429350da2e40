/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct plan;

/* Why a row of a storyboard is played: the `when` of both tables.  Both programs ask the same plan,
 * so that both skip a meeting, or the halves of a step, or neither does. */

/* What it sees; what the bridge unshares before it bears init (CLONE_NEW*). */
bool has_bridge(const struct plan *plan);
uint64_t bridge_unshares(const struct plan *plan);
bool keeps_rights(const struct plan *plan);
bool has_late_cgroup_namespace(const struct plan *plan);
bool enters_container(const struct plan *plan);
bool adds_mounts(const struct plan *plan);
bool removes_mounts(const struct plan *plan);
bool opens_before_it_enters(const struct plan *plan);
bool has_own_network(const struct plan *plan);
bool gets_loopback(const struct plan *plan);      /* from the host, which has time then */
bool brings_up_loopback(const struct plan *plan); /* itself */
bool has_net_devices(const struct plan *plan);
bool has_names(const struct plan *plan);
bool has_sysctls(const struct plan *plan);

/* What it finds. */
bool has_own_mounts(const struct plan *plan);
bool shares_mounts(const struct plan *plan); /* with the host */
bool has_own_root(const struct plan *plan);  /* a mount */
bool has_mounts(const struct plan *plan);
bool ends_read_only(const struct plan *plan);
bool maps_ids_of_sources(const struct plan *plan);
bool maps_ids_of_init(const struct plan *plan);
bool binds_devices(const struct plan *plan);
bool opens_early(const struct plan *plan);
bool has_paths(const struct plan *plan);

/* Its hooks.  Those of create need the old tree: with any of them the root is entered late. */
bool has_hook_output(const struct plan *plan);
bool has_prestart_hooks(const struct plan *plan);
bool has_create_runtime_hooks(const struct plan *plan);
bool has_create_container_hooks(const struct plan *plan);
bool has_start_container_hooks(const struct plan *plan);
bool has_create_hooks(const struct plan *plan);
bool lacks_create_hooks(const struct plan *plan);

/* Its terminal, and who gets the other end: an engine, or `run`. */
bool has_terminal(const struct plan *plan);
bool sends_terminal(const struct plan *plan);
bool relays_terminal(const struct plan *plan);

/* Who it is. */
bool has_process(const struct plan *plan);
bool has_keyring(const struct plan *plan);
bool lacks_home(const struct plan *plan);
bool listens(const struct plan *plan);
bool gains_nothing(const struct plan *plan);
bool has_rlimits(const struct plan *plan);
bool raises_rlimits(const struct plan *plan);
bool has_oom_score(const struct plan *plan);
bool inherits_oom_score(const struct plan *plan);
bool has_scheduler(const struct plan *plan);
bool has_io_priority(const struct plan *plan);
bool has_initial_cpus(const struct plan *plan);
bool has_final_cpus(const struct plan *plan);
bool has_personality(const struct plan *plan);
bool has_memory_policy(const struct plan *plan);
bool has_apparmor_profile(const struct plan *plan);
bool has_selinux_label(const struct plan *plan);

/* What it may do: a filter that init loads while it has the privilege that this needs, or at last;
 * one that asks an agent. */
bool has_filter(const struct plan *plan);
bool filters_early(const struct plan *plan);
bool filters_late(const struct plan *plan);
bool has_agent(const struct plan *plan);

/* What it gets. */
bool has_cgroup(const struct plan *plan);
bool makes_cgroup(const struct plan *plan);
bool has_scope(const struct plan *plan);
bool limits_scope(const struct plan *plan);
bool has_limits(const struct plan *plan);
bool delegates_cgroup(const struct plan *plan);
bool has_delegated_cgroup(const struct plan *plan);
bool has_intel_rdt(const struct plan *plan);

/* Who is told of it: who started it, when it is ready; the receiver of its pidfd. */
bool notifies(const struct plan *plan);
bool sends_pidfd(const struct plan *plan);
bool has_pid_file(const struct plan *plan);

/* How it begins: init waits for `start`; the host has something to do to a built container before
 * it confines itself, or has had something to do to one that is being built. */
bool waits_for_start(const struct plan *plan);
bool starts_at_once(const struct plan *plan);
bool meets_host(const struct plan *plan);
bool awaits_host(const struct plan *plan);
