# SPDX-License-Identifier: Apache-2.0
# The two programs: tare, and the init program which enters the container.

# Everything but the mains, from the bottom up -----------------------------------------------------

libtare_a_SOURCES += \
    %D%/base/allocate.c %D%/base/allocate.h \
    %D%/base/builder.c %D%/base/builder.h \
    %D%/base/cleanup.h \
    %D%/base/columns.c %D%/base/columns.h \
    %D%/base/error.c %D%/base/error.h \
    %D%/base/error_names.c %D%/base/error_names.h \
    %D%/base/escape.c %D%/base/escape.h \
    %D%/base/foreign.c %D%/base/foreign.h \
    %D%/base/list.h \
    %D%/base/log.c %D%/base/log.h \
    %D%/base/nearest.c %D%/base/nearest.h \
    %D%/base/number_set.c %D%/base/number_set.h \
    %D%/base/text.c %D%/base/text.h \
    %D%/base/timestamp.c %D%/base/timestamp.h

libtare_a_SOURCES += \
    %D%/os/boot.c %D%/os/boot.h \
    %D%/os/bpf.c %D%/os/bpf.h \
    %D%/os/channel.c %D%/os/channel.h \
    %D%/os/clock.c %D%/os/clock.h \
    %D%/os/clone.c %D%/os/clone.h \
    %D%/os/criu.c %D%/os/criu.h %D%/os/criu_host.c \
    %D%/os/deadline.c %D%/os/deadline.h \
    %D%/os/directory.c %D%/os/directory.h %D%/os/directory_remove.c \
    %D%/os/dumpable.c %D%/os/dumpable.h \
    %D%/os/embedded_init.c %D%/os/embedded_init.h \
    %D%/os/fd.c %D%/os/fd.h \
    %D%/os/fd_pass.c \
    %D%/os/fd_batch.c %D%/os/fd_batch.h \
    %D%/os/fd_left.c %D%/os/fd_left.h \
    %D%/os/fd_path.c %D%/os/fd_path.h \
    %D%/os/fd_read.c \
    %D%/os/file_user.c %D%/os/file_user.h \
    %D%/os/host_object.c %D%/os/host_object.h %D%/os/host_object_inside.c \
    %D%/os/interrupts.c %D%/os/interrupts.h \
    %D%/os/keeper.c %D%/os/keeper.h \
    %D%/os/kernel.c %D%/os/kernel.h \
    %D%/os/lock.c %D%/os/lock.h \
    %D%/os/lsm.c %D%/os/lsm.h \
    %D%/os/memory.c %D%/os/memory.h %D%/os/memory_inside.c \
    %D%/os/mount_api.c %D%/os/mount_api.h \
    %D%/os/mount_api_change.c \
    %D%/os/mount_api_idmap.c \
    %D%/os/mount_api_root.c \
    %D%/os/mount_below.c \
    %D%/os/cgroup_options.h %D%/os/mount_api_cgroup.c \
    %D%/os/mount_list.c %D%/os/mount_list.h \
    %D%/os/mount_attributes.h \
    %D%/os/mount_layers.c %D%/os/mount_layers.h \
    %D%/os/namespace_kinds.c %D%/os/namespace_kinds.h \
    %D%/os/netlink.c %D%/os/netlink.h \
    %D%/os/network.c %D%/os/network.h \
    %D%/os/path.c %D%/os/path.h \
    %D%/os/path_copy.c %D%/os/path_copy.h \
    %D%/os/path_links.c %D%/os/path_links.h \
    %D%/os/path_walk.c %D%/os/path_walk.h \
    %D%/os/pidfd.c %D%/os/pidfd.h \
    %D%/os/proc.c %D%/os/proc.h %D%/os/proc_status.c \
    %D%/os/program.c %D%/os/program.h %D%/os/program_child.c %D%/os/program_child.h \
    %D%/os/program_find.c %D%/os/program_read.c \
    %D%/os/ptrace.c %D%/os/ptrace.h %D%/os/session_keyring.c %D%/os/session_keyring.h \
    %D%/os/protobuf.c %D%/os/protobuf.h \
    %D%/os/route.c %D%/os/route.h %D%/os/route_table.c \
    %D%/os/sealed_self.c %D%/os/sealed_self.h \
    %D%/os/self.c %D%/os/self.h \
    %D%/os/syscalls.h \
    %D%/os/trial.c %D%/os/trial.h \
    %D%/os/tty.c %D%/os/tty.h \
    %D%/os/user_namespace.c %D%/os/user_namespace.h %D%/os/user_namespace_keeper.c

libtare_a_SOURCES += \
    %D%/state/entry.c \
    %D%/state/notify_socket.c %D%/state/notify_socket.h \
    %D%/state/record.c %D%/state/record.h \
    %D%/state/start_socket.c %D%/state/start_socket.h %D%/state/start_socket_inside.c \
    %D%/state/store.c %D%/state/store.h \
    %D%/state/store_open.c

libtare_a_SOURCES += \
    %D%/rootfs/console.c %D%/rootfs/console.h %D%/rootfs/console_inside.c \
    %D%/rootfs/device_sources.c \
    %D%/rootfs/devices.c %D%/rootfs/devices.h %D%/rootfs/devices_inside.c \
    %D%/rootfs/live_mounts.c %D%/rootfs/live_mounts.h %D%/rootfs/live_mounts_inside.c \
    %D%/rootfs/masked_paths.c %D%/rootfs/masked_paths.h %D%/rootfs/masked_paths_inside.c \
    %D%/rootfs/mount_idmap.c %D%/rootfs/mount_idmap.h %D%/rootfs/mount_idmap_list.c \
    %D%/rootfs/mount_label.c %D%/rootfs/mount_label.h %D%/rootfs/mount_label_inside.c \
    %D%/rootfs/mount_options.c %D%/rootfs/mount_options.h \
    %D%/rootfs/mount_sources.c %D%/rootfs/mount_sources_inside.c \
    %D%/rootfs/mount_words.c %D%/rootfs/mount_words.h \
    %D%/rootfs/mounts.c %D%/rootfs/mounts.h %D%/rootfs/mounts_inside.c \
    %D%/rootfs/mounts_read_only.c \
    %D%/rootfs/rootfs.c %D%/rootfs/rootfs.h %D%/rootfs/rootfs_inside.c

libtare_a_SOURCES += \
    %D%/namespace/hostname.c %D%/namespace/hostname.h %D%/namespace/hostname_inside.c \
    %D%/namespace/id_map.c %D%/namespace/id_map.h \
    %D%/namespace/interfaces.c %D%/namespace/interfaces.h \
    %D%/namespace/loopback.c %D%/namespace/loopback.h \
    %D%/namespace/namespaces.c %D%/namespace/namespaces.h %D%/namespace/namespaces_inside.c \
    %D%/namespace/net_devices.c %D%/namespace/net_devices.h \
    %D%/namespace/net_devices_inside.c %D%/namespace/net_devices_move.c \
    %D%/namespace/sysctl.c %D%/namespace/sysctl.h %D%/namespace/sysctl_inside.c \
    %D%/namespace/time_ns.c %D%/namespace/time_ns.h \
    %D%/namespace/user_ns.c %D%/namespace/user_ns.h %D%/namespace/user_ns_inside.c \
    %D%/namespace/user_ns_map.c

libtare_a_SOURCES += \
    %D%/process/cpu_affinity.c %D%/process/cpu_affinity.h \
    %D%/process/cpu_affinity_inside.c \
    %D%/process/cwd.c %D%/process/cwd.h %D%/process/cwd_inside.c \
    %D%/process/environment.c %D%/process/environment.h %D%/process/environment_inside.c \
    %D%/process/executable.h %D%/process/executable_inside.c \
    %D%/process/fds.h %D%/process/fds_inside.c \
    %D%/process/io_priority.c %D%/process/io_priority.h \
    %D%/process/keyring.h %D%/process/keyring_inside.c \
    %D%/process/memory_policy.c %D%/process/memory_policy.h \
    %D%/process/memory_policy_inside.c \
    %D%/process/oom_score.c %D%/process/oom_score.h \
    %D%/process/personality.c %D%/process/personality.h %D%/process/personality_inside.c \
    %D%/process/program_file.c %D%/process/program_file.h \
    %D%/process/rlimits.c %D%/process/rlimits.h %D%/process/rlimits_inside.c \
    %D%/process/scheduler.c %D%/process/scheduler.h \
    %D%/process/signals.c %D%/process/signals.h %D%/process/signals_inside.c \
    %D%/process/terminal.c %D%/process/terminal.h %D%/process/terminal_inside.c \
    %D%/process/user.c %D%/process/user.h %D%/process/user_inside.c

libtare_a_SOURCES += \
    %D%/security/apparmor.c %D%/security/apparmor.h %D%/security/apparmor_inside.c \
    %D%/security/capabilities.c %D%/security/capabilities.h %D%/security/capabilities_inside.c \
    %D%/security/confine.c %D%/security/confine.h %D%/security/confine_files.c \
    %D%/security/label.c %D%/security/label.h \
    %D%/security/no_new_privileges.h %D%/security/no_new_privileges_inside.c \
    %D%/security/seccomp.h %D%/security/seccomp_inside.c %D%/security/seccomp_notify.c \
    %D%/security/selinux.c %D%/security/selinux.h %D%/security/selinux_inside.c
if SECCOMP
libtare_a_SOURCES += \
    %D%/security/seccomp.c \
    %D%/security/seccomp_architectures.c %D%/security/seccomp_architectures.h \
    %D%/security/seccomp_calls.c %D%/security/seccomp_calls.h \
    %D%/security/seccomp_filter.h %D%/security/seccomp_program.c \
    %D%/security/seccomp_rules.c %D%/security/seccomp_rules.h \
    %D%/security/syscall_find.c %D%/security/syscall_table.h
nodist_libtare_a_SOURCES += %D%/security/syscall_table.c
else
libtare_a_SOURCES += %D%/security/seccomp_none.c
endif
if INSTRUMENTED
libtare_a_SOURCES += %D%/security/confine_reach_none.c
else
libtare_a_SOURCES += %D%/security/confine_reach.c
endif

libtare_a_SOURCES += \
    %D%/cgroup/before.c %D%/cgroup/before.h \
    %D%/cgroup/byte_size.c %D%/cgroup/byte_size.h \
    %D%/cgroup/cgroup.c %D%/cgroup/cgroup.h \
    %D%/cgroup/cgroupfs.c \
    %D%/cgroup/controllers.c \
    %D%/cgroup/cpu.c \
    %D%/cgroup/cpu_weight.c %D%/cgroup/cpu_weight.h \
    %D%/cgroup/cpuset.c \
    %D%/cgroup/delegate.c %D%/cgroup/delegate.h \
    %D%/cgroup/device_assembler.c %D%/cgroup/device_assembler.h \
    %D%/cgroup/device_binds.c \
    %D%/cgroup/device_bpf.c \
    %D%/cgroup/device_program.c %D%/cgroup/device_program.h \
    %D%/cgroup/device_rules.c %D%/cgroup/device_rules.h \
    %D%/cgroup/file.c %D%/cgroup/file.h \
    %D%/cgroup/freezer.c %D%/cgroup/freezer.h \
    %D%/cgroup/hugetlb.c %D%/cgroup/hugetlb.h \
    %D%/cgroup/intel_rdt.c %D%/cgroup/intel_rdt.h %D%/cgroup/intel_rdt_groups.c \
    %D%/cgroup/intel_rdt_stats.c %D%/cgroup/intel_rdt_stats.h \
    %D%/cgroup/intel_rdt_schemata.c %D%/cgroup/intel_rdt_schemata.h \
    %D%/cgroup/io.c \
    %D%/cgroup/join.c %D%/cgroup/join.h \
    %D%/cgroup/kill.c %D%/cgroup/kill.h \
    %D%/cgroup/limit_list.h \
    %D%/cgroup/limits.c %D%/cgroup/limits.h \
    %D%/cgroup/limits_use.c \
    %D%/cgroup/memory.c \
    %D%/cgroup/network.c \
    %D%/cgroup/oom.c %D%/cgroup/oom.h \
    %D%/cgroup/path.c %D%/cgroup/path.h \
    %D%/cgroup/pid_list.c %D%/cgroup/pid_list.h \
    %D%/cgroup/pids.c \
    %D%/cgroup/processes.c \
    %D%/cgroup/rdma.c \
    %D%/cgroup/read_back.c %D%/cgroup/read_back.h \
    %D%/cgroup/remove.c \
    %D%/cgroup/scope.c %D%/cgroup/scope.h %D%/cgroup/scope_annotations.c \
    %D%/cgroup/scope_devices.c %D%/cgroup/scope_limits.c %D%/cgroup/scope_name.c \
    %D%/cgroup/scope_text.c %D%/cgroup/scope_text.h %D%/cgroup/scope_variant.c \
    %D%/cgroup/stats.c %D%/cgroup/stats.h %D%/cgroup/stats_lines.c \
    %D%/cgroup/unified.c \
    %D%/cgroup/walk.c %D%/cgroup/walk.h

if SYSTEMD
libtare_a_SOURCES += %D%/cgroup/scope_built.c
else
libtare_a_SOURCES += %D%/cgroup/scope_none.c
endif

libtare_a_SOURCES += \
    %D%/launch/annotations.c %D%/launch/annotations.h %D%/launch/birth.c \
    %D%/launch/bridge.c %D%/launch/bridge.h %D%/launch/bridge_inside.c \
    %D%/launch/checkpoint.c \
    %D%/launch/console_socket.c \
    %D%/launch/criu.h \
    %D%/launch/criu_images.c \
    %D%/launch/criu_log.c %D%/launch/criu_log.h \
    %D%/launch/criu_mounts.c \
    %D%/launch/criu_options.c \
    %D%/launch/criu_streams.c \
    %D%/launch/delegated_cgroup.c %D%/launch/describe.c \
    %D%/launch/hook.c %D%/launch/hook.h %D%/launch/hook_output.c \
    %D%/launch/hooks.c %D%/launch/hooks.h %D%/launch/hooks_inside.c \
    %D%/launch/exec_host.c \
    %D%/launch/exec_inside.c \
    %D%/launch/filter.c \
    %D%/launch/host.c %D%/launch/host.h \
    %D%/launch/idmaps.c %D%/launch/idmaps.h %D%/launch/idmaps_inside.c \
    %D%/launch/init_inside.c \
    %D%/launch/inside.h \
    %D%/launch/launch.c %D%/launch/launch.h \
    %D%/launch/live_host.c %D%/launch/live_inside.c \
    %D%/launch/network.c \
    %D%/launch/objects_inside.c \
    %D%/launch/pid_file.c \
    %D%/launch/pidfd_socket.c \
    %D%/launch/plan.c %D%/launch/plan.h \
    %D%/launch/plan_exec.c \
    %D%/launch/plan_live.c \
    %D%/launch/plan_process.c \
    %D%/launch/privilege.c %D%/launch/privilege.h \
    %D%/launch/process.c \
    %D%/launch/process_inside.c %D%/launch/process_inside.h \
    %D%/launch/reasons.c %D%/launch/reasons.h \
    %D%/launch/resctrl.c %D%/launch/resctrl.h \
    %D%/launch/resources.c \
    %D%/launch/restore.c %D%/launch/restore.h \
    %D%/launch/restore_access.c \
    %D%/launch/restore_check.c %D%/launch/restore_filter.c %D%/launch/restore_rights.c \
    %D%/launch/restore_files.c %D%/launch/restore_files.h %D%/launch/restore_sockets.c \
    %D%/launch/restore_ids.c %D%/launch/restore_images.c %D%/launch/restore_sysctl.c \
    %D%/launch/restore_binds.c %D%/launch/restore_binds.h \
    %D%/launch/restore_options.c %D%/launch/restore_options.h %D%/launch/restore_plan.c \
    %D%/launch/restore_mount_images.c %D%/launch/restore_mount_images.h \
    %D%/launch/restore_mount_reader.c \
    %D%/launch/restore_remaps.c \
    %D%/launch/restore_walk.c %D%/launch/restore_watches.c %D%/launch/restore_work.c \
    %D%/launch/restore_mounts.c %D%/launch/restore_mounts.h %D%/launch/restore_paths.c \
    %D%/launch/run_inside.c \
    %D%/launch/scope.c \
    %D%/launch/step.c %D%/launch/step.h \
    %D%/launch/survey.c %D%/launch/survey.h %D%/launch/survey_hooks.c %D%/launch/survey_inside.c %D%/launch/survey_program.c %D%/launch/sysctls.c \
    %D%/launch/trace.c

libtare_a_SOURCES += \
    %D%/container/check.c %D%/container/check.h %D%/container/check_probes.h \
    %D%/container/check_config.c %D%/container/check_config.h \
    %D%/container/check_cgroups.c %D%/container/check_host.c %D%/container/check_ids.c \
    %D%/container/check_kernel.c %D%/container/check_mounts.c \
    %D%/container/check_security.c %D%/container/check_table.c \
    %D%/container/checkpoint.c \
    %D%/container/container.h \
    %D%/container/delete.c \
    %D%/container/document.c %D%/container/document.h \
    %D%/container/event.c %D%/container/event.h \
    %D%/container/event_rdt.c %D%/container/event_rdt.h \
    %D%/container/events.c \
    %D%/container/exec.c %D%/container/exec.h \
    %D%/container/describe.c \
    %D%/container/features.c %D%/container/features.h \
    %D%/container/foreground.c %D%/container/foreground.h \
    %D%/container/kill.c \
    %D%/container/kept_config.c \
    %D%/container/live_mounts.c \
    %D%/container/notify.c %D%/container/notify.h \
    %D%/container/load.c %D%/container/load.h \
    %D%/container/oom.c \
    %D%/container/pause.c \
    %D%/container/processes.c \
    %D%/container/refusals.c %D%/container/refusals.h \
    %D%/container/relay.c %D%/container/relay.h \
    %D%/container/scope.c %D%/container/scope.h \
    %D%/container/spec.c %D%/container/spec.h \
    %D%/container/start.c \
    %D%/container/status.c \
    %D%/container/update.c \
    %D%/container/usage.c %D%/container/usage.h \
    %D%/container/validate.c %D%/container/validate.h \
    %D%/container/virtual_machine.c %D%/container/virtual_machine.h \
    %D%/container/wait.c \
    %D%/container/waiting.c %D%/container/waiting.h

libtare_a_SOURCES += \
    %D%/cli/cli.c \
    %D%/cli/causes.c %D%/cli/causes.h \
    %D%/cli/command.h \
    %D%/cli/commands.c %D%/cli/commands.h \
    %D%/cli/check.c \
    %D%/cli/checkpoint.c \
    %D%/cli/create.c \
    %D%/cli/criu_options.c %D%/cli/criu_options.h \
    %D%/cli/delete.c \
    %D%/cli/duration.c %D%/cli/duration.h \
    %D%/cli/events.c \
    %D%/cli/exec.c \
    %D%/cli/explain.c \
    %D%/cli/features.c \
    %D%/cli/gc.c \
    %D%/cli/help.c %D%/cli/help.h \
    %D%/cli/kill.c \
    %D%/cli/launch_options.c %D%/cli/launch_options.h \
    %D%/cli/list.c \
    %D%/cli/listen_fds.c %D%/cli/listen_fds.h \
    %D%/cli/mounts.c \
    %D%/cli/options.c %D%/cli/options.h \
    %D%/cli/output.c %D%/cli/output.h \
    %D%/cli/paragraph.c %D%/cli/paragraph.h \
    %D%/cli/pattern.c %D%/cli/pattern.h \
    %D%/cli/pause.c \
    %D%/cli/play.c %D%/cli/play.h \
    %D%/cli/probes.c %D%/cli/probes.h %D%/cli/probes_files.c %D%/cli/probes_hooks.c %D%/cli/probes_namespaces.c %D%/cli/probes_processes.c \
    %D%/cli/ps.c \
    %D%/cli/restore.c \
    %D%/cli/resume.c \
    %D%/cli/run.c \
    %D%/cli/spec.c \
    %D%/cli/start.c \
    %D%/cli/state.c \
    %D%/cli/stats.c %D%/cli/stats.h %D%/cli/stats_json.c %D%/cli/stats_metrics.c \
    %D%/cli/stats_table.c \
    %D%/cli/table.c %D%/cli/table.h \
    %D%/cli/update.c \
    %D%/cli/version.c \
    %D%/cli/visit.c %D%/cli/visit.h \
    %D%/cli/wait.c

# What enters the container ------------------------------------------------------------------------

# The init program is made of these alone (and main); tests/lint/init.sh reads this list.
init_sources = \
    %D%/init.c \
    %D%/base/error.c %D%/base/number_set.c %D%/base/text.c \
    %D%/os/channel.c %D%/os/clock.c %D%/os/clone.c %D%/os/deadline.c %D%/os/directory.c \
    %D%/os/dumpable.c \
    %D%/os/fd.c %D%/os/fd_batch.c %D%/os/fd_left.c %D%/os/fd_pass.c \
    %D%/os/lsm.c %D%/os/memory_inside.c %D%/os/host_object_inside.c \
    %D%/os/mount_api.c \
    %D%/os/mount_api_change.c %D%/os/mount_api_root.c %D%/os/mount_below.c %D%/os/path.c \
    %D%/os/mount_layers.c %D%/os/namespace_kinds.c \
    %D%/os/path_copy.c \
    %D%/os/path_walk.c \
    %D%/os/proc.c %D%/os/proc_status.c %D%/os/program.c %D%/os/program_child.c \
    %D%/os/session_keyring.c \
    %D%/state/start_socket_inside.c \
    %D%/rootfs/console_inside.c %D%/rootfs/devices_inside.c %D%/rootfs/live_mounts_inside.c \
    %D%/rootfs/masked_paths_inside.c \
    %D%/rootfs/mount_label_inside.c %D%/rootfs/mount_sources_inside.c \
    %D%/rootfs/mounts_inside.c %D%/rootfs/rootfs_inside.c \
    %D%/namespace/hostname_inside.c %D%/namespace/loopback.c \
    %D%/namespace/namespaces_inside.c %D%/namespace/net_devices_inside.c \
    %D%/namespace/sysctl_inside.c \
    %D%/namespace/user_ns_inside.c \
    %D%/process/cpu_affinity_inside.c \
    %D%/process/cwd_inside.c %D%/process/environment_inside.c %D%/process/executable_inside.c \
    %D%/process/fds_inside.c %D%/process/keyring_inside.c %D%/process/memory_policy_inside.c \
    %D%/process/personality_inside.c \
    %D%/process/rlimits_inside.c %D%/process/signals_inside.c \
    %D%/process/terminal_inside.c %D%/process/user_inside.c \
    %D%/security/apparmor_inside.c %D%/security/capabilities_inside.c \
    %D%/security/no_new_privileges_inside.c %D%/security/seccomp_inside.c \
    %D%/security/selinux_inside.c \
    %D%/launch/bridge_inside.c %D%/launch/exec_inside.c %D%/launch/hook.c \
    %D%/launch/hooks_inside.c %D%/launch/idmaps_inside.c %D%/launch/init_inside.c \
    %D%/launch/live_inside.c %D%/launch/objects_inside.c %D%/launch/process_inside.c \
    %D%/launch/reasons.c %D%/launch/run_inside.c %D%/launch/step.c

EXTRA_DIST += %D%/README.md %D%/init.c
CLEANFILES += %D%/tare-init %D%/tare-init.full %D%/tare-init.full.map

# One command: it takes a second, and the whole program is in sight of the linker.  The unstripped
# one stays for debuggers and for tests/lint/init.sh.
%D%/tare-init.full: $(init_sources) $(filter %.h,$(libtare_a_SOURCES)) Makefile
	$(AM_V_GEN)$(MKDIR_P) %D% && output=`pwd`/$@ && cd $(srcdir) && \
	$(INIT_CC) -std=gnu17 -Os -g -D_GNU_SOURCE -I. -Isrc $(INIT_CPPFLAGS) $(INIT_CFLAGS) \
	    $(INIT_SANITIZERS) $(WERROR) -static $(INIT_LDFLAGS) -Wl,-Map="$$output.map" \
	    -o "$$output" $(init_sources)

%D%/tare-init: %D%/tare-init.full
	$(AM_V_GEN)$(STRIP) -s -o $@ %D%/tare-init.full

# The numbers of system calls are data.
CLEANFILES += %D%/security/syscall_table.c
syscall_data = contrib/syscalls/table.awk contrib/syscalls/syscalls.csv

%D%/security/syscall_table.c: $(syscall_data)
	$(AM_V_GEN)$(MKDIR_P) %D%/security && cd $(srcdir) && \
	LC_ALL=C $(AWK) -f $(syscall_data) >$(abs_builddir)/$@.new && \
	mv $(abs_builddir)/$@.new $(abs_builddir)/$@

# The file is embedded by .incbin, which no dependency tracking sees.
embedded_init = \
    %D%/os/embedded_init.$(OBJEXT) %D%/os/libtare_musl_a-embedded_init.$(OBJEXT)
$(embedded_init): %D%/tare-init

# Nothing but assembly, it has no symbols that link-time optimisation could see.
$(embedded_init): AM_CFLAGS += $(NO_LTO_CFLAGS)

# tare ---------------------------------------------------------------------------------------------

bin_PROGRAMS += tare
tare_SOURCES = %D%/main.c
tare_CPPFLAGS = $(AM_CPPFLAGS) $(MUSL_CPPFLAGS)
tare_LDFLAGS = $(AM_LDFLAGS) $(PROGRAM_LDFLAGS) $(LINK_MAP)
CLEANFILES += tare.map
tare_LDADD = $(program_library) $(YAJL_LIBS) $(CAP_LIBS) $(SECCOMP_LIBS) $(MUSL_LIBS)
if MUSL
tare_SOURCES += %D%/base/fortified.c
endif

# What speaks to systemd, started by tare for that cgroup driver alone: tare itself, one static file,
# is not linked with libsystemd.
if SYSTEMD
pkglibexec_PROGRAMS = %D%/scope
%C%_scope_SOURCES = %D%/scope.c
%C%_scope_LDFLAGS = $(AM_LDFLAGS) -pie $(LINK_MAP)
CLEANFILES += %D%/scope.map
%C%_scope_LDADD = $(SYSTEMD_LIBS)
else
EXTRA_DIST += %D%/scope.c
endif

%D%/os/program_find.$(OBJEXT) %D%/os/libtare_musl_a-program_find.$(OBJEXT): \
    AM_CPPFLAGS += -DPACKAGE_LIBEXECDIR=\"$(pkglibexecdir)\"

# The commit and its time, in seconds since 1970: known to git, or to the tarball.  The first is part
# of `tare --version`, the second the time of all that is made of it, if nobody names another.
print_origin = if test -f $(srcdir)/.commit; then cat $(srcdir)/.commit; \
    elif test -e $(srcdir)/.git && git -C $(srcdir) log -1 --format='%H %ct'; then :; \
    else echo unknown 0; fi
print_commit = { $(print_origin); } | cut -d ' ' -f 1
print_time = test -n "$$SOURCE_DATE_EPOCH" && echo "$$SOURCE_DATE_EPOCH" || \
    { $(print_origin); } | cut -d ' ' -f 2

# Asked at each make, since nothing that make could look at says in every kind of checkout that the
# commit is another; written only when it is, so that nothing is remade for nothing.  What was known
# stays where git will not tell any more, as to root in another's tree.
%D%/commit: FORCE
	$(AM_V_at)$(MKDIR_P) %D% && $(print_commit) >$@.new
	$(AM_V_at)if test -f $@ && { cmp -s $@.new $@ || grep -qx unknown $@.new; }; \
	    then rm $@.new; else mv $@.new $@; fi
FORCE:
.PHONY: FORCE
CLEANFILES += %D%/commit %D%/commit.new

version = %D%/cli/version.$(OBJEXT) %D%/cli/libtare_musl_a-version.$(OBJEXT)
$(version): AM_CPPFLAGS += -DPACKAGE_COMMIT=\"`cat %D%/commit`\"
$(version): %D%/commit

dist-hook:
	{ $(print_origin); } >$(distdir)/.commit
