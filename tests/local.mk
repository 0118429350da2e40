# SPDX-License-Identifier: Apache-2.0
# All tests speak TAP: lints (scripts), unit tests (cmocka), and tests of the program (bats).

lints = \
    %D%/lint/layers.sh \
    %D%/lint/sizes.sh \
    %D%/lint/calls.sh \
    %D%/lint/style.sh \
    %D%/lint/headers.sh \
    %D%/lint/init.sh \
    %D%/lint/promises.sh \
    %D%/lint/rows.sh \
    %D%/lint/sbom.sh \
    %D%/lint/scripts.sh \
    %D%/lint/format.sh \
    %D%/lint/check.sh \
    %D%/lint/self-test.sh

unit_tests = \
    %D%/unit/base/test_allocate \
    %D%/unit/base/test_builder \
    %D%/unit/base/test_columns \
    %D%/unit/base/test_error \
    %D%/unit/base/test_error_names \
    %D%/unit/base/test_escape \
    %D%/unit/base/test_foreign \
    %D%/unit/base/test_log \
    %D%/unit/base/test_nearest \
    %D%/unit/base/test_number_set \
    %D%/unit/base/test_text \
    %D%/unit/base/test_timestamp \
    %D%/unit/bench/test_percentile \
    %D%/unit/cgroup/test_before \
    %D%/unit/cgroup/test_byte_size \
    %D%/unit/cgroup/test_cgroup \
    %D%/unit/cgroup/test_cgroupfs \
    %D%/unit/cgroup/test_controllers \
    %D%/unit/cgroup/test_cpu_weight \
    %D%/unit/cgroup/test_delegate \
    %D%/unit/cgroup/test_device_bpf \
    %D%/unit/cgroup/test_device_rules \
    %D%/unit/cgroup/test_freezer \
    %D%/unit/cgroup/test_intel_rdt \
    %D%/unit/cgroup/test_kill \
    %D%/unit/cgroup/test_limits \
    %D%/unit/cgroup/test_limits_apply \
    %D%/unit/cgroup/test_limits_change \
    %D%/unit/cgroup/test_oom \
    %D%/unit/cgroup/test_path \
    %D%/unit/cgroup/test_processes \
    %D%/unit/cgroup/test_read_back \
    %D%/unit/cgroup/test_remove \
    %D%/unit/cgroup/test_scope \
    %D%/unit/cgroup/test_stats \
    %D%/unit/cli/test_causes \
    %D%/unit/cli/test_cli \
    %D%/unit/cli/test_duration \
    %D%/unit/cli/test_launch_options \
    %D%/unit/cli/test_options \
    %D%/unit/cli/test_pattern \
    %D%/unit/cli/test_stats \
    %D%/unit/container/test_container \
    %D%/unit/container/test_event \
    %D%/unit/container/test_features \
    %D%/unit/container/test_fields \
    %D%/unit/container/test_foreground \
    %D%/unit/container/test_load \
    %D%/unit/container/test_notify \
    %D%/unit/container/test_pause \
    %D%/unit/container/test_relay \
    %D%/unit/container/test_spec \
    %D%/unit/container/test_usage \
    %D%/unit/container/test_validate \
    %D%/unit/launch/test_bridge \
    %D%/unit/launch/test_criu_log \
    %D%/unit/launch/test_hooks \
    %D%/unit/launch/test_plan \
    %D%/unit/launch/test_restore_sockets \
    %D%/unit/launch/test_run_inside \
    %D%/unit/launch/test_step \
    %D%/unit/launch/test_storyboards \
    %D%/unit/libocispec/test_arena \
    %D%/unit/libocispec/test_decode \
    %D%/unit/libocispec/test_documents \
    %D%/unit/libocispec/test_encode \
    %D%/unit/libocispec/test_json \
    %D%/unit/libocispec/test_json_memory \
    %D%/unit/libocispec/test_keys \
    %D%/unit/libocispec/test_locate \
    %D%/unit/libocispec/test_mount \
    %D%/unit/libocispec/test_number \
    %D%/unit/libocispec/test_path \
    %D%/unit/libocispec/test_schema \
    %D%/unit/libocispec/test_semver \
    %D%/unit/libocispec/test_unknown \
    %D%/unit/libocispec/test_utf8 \
    %D%/unit/namespace/test_hostname \
    %D%/unit/namespace/test_id_map \
    %D%/unit/namespace/test_interfaces \
    %D%/unit/namespace/test_loopback \
    %D%/unit/namespace/test_namespaces \
    %D%/unit/namespace/test_net_devices \
    %D%/unit/namespace/test_sysctl \
    %D%/unit/namespace/test_time_ns \
    %D%/unit/namespace/test_user_ns \
    %D%/unit/os/test_channel \
    %D%/unit/os/test_channel_endless \
    %D%/unit/os/test_clone \
    %D%/unit/os/test_deadline \
    %D%/unit/os/test_fd \
    %D%/unit/os/test_fd_batch \
    %D%/unit/os/test_fd_pass \
    %D%/unit/os/test_file_user \
    %D%/unit/os/test_lock \
    %D%/unit/os/test_lsm \
    %D%/unit/os/test_host_object \
    %D%/unit/os/test_memory \
    %D%/unit/os/test_mount_api \
    %D%/unit/os/test_mount_layers \
    %D%/unit/os/test_mount_list \
    %D%/unit/os/test_network \
    %D%/unit/os/test_path \
    %D%/unit/os/test_path_copy \
    %D%/unit/os/test_path_links \
    %D%/unit/os/test_path_walk \
    %D%/unit/os/test_pidfd \
    %D%/unit/os/test_proc \
    %D%/unit/os/test_program \
    %D%/unit/os/test_protobuf \
    %D%/unit/os/test_route \
    %D%/unit/os/test_sealed_self \
    %D%/unit/os/test_self \
    %D%/unit/os/test_trial \
    %D%/unit/os/test_user_namespace \
    %D%/unit/process/test_cpu_affinity \
    %D%/unit/process/test_cwd \
    %D%/unit/process/test_environment \
    %D%/unit/process/test_executable \
    %D%/unit/process/test_fds \
    %D%/unit/process/test_io_priority \
    %D%/unit/process/test_keyring \
    %D%/unit/process/test_memory_policy \
    %D%/unit/process/test_oom_score \
    %D%/unit/process/test_personality \
    %D%/unit/process/test_rlimits \
    %D%/unit/process/test_scheduler \
    %D%/unit/process/test_signals \
    %D%/unit/process/test_terminal \
    %D%/unit/process/test_user \
    %D%/unit/rootfs/test_console \
    %D%/unit/rootfs/test_devices \
    %D%/unit/rootfs/test_masked_paths \
    %D%/unit/rootfs/test_mount_idmap \
    %D%/unit/rootfs/test_mount_options \
    %D%/unit/rootfs/test_mounts \
    %D%/unit/rootfs/test_rootfs \
    %D%/unit/security/test_apparmor \
    %D%/unit/security/test_capabilities \
    %D%/unit/security/test_confine \
    %D%/unit/security/test_no_new_privileges \
    %D%/unit/security/test_seccomp_none \
    %D%/unit/security/test_selinux \
    %D%/unit/state/test_entry \
    %D%/unit/state/test_record \
    %D%/unit/state/test_start_socket \
    %D%/unit/state/test_store \
    %D%/unit/state/test_store_open

if SECCOMP
unit_tests += \
    %D%/unit/security/test_seccomp \
    %D%/unit/security/test_seccomp_profiles \
    %D%/unit/security/test_seccomp_rules \
    %D%/unit/security/test_syscall_table
endif

bats_tests = \
    %D%/bench/ceilings.bats \
    %D%/bench/tools.bats \
    %D%/cli/causes.bats %D%/cli/causes_hooks.bats \
    %D%/cli/check.bats %D%/cli/check_bundle.bats %D%/cli/check_config.bats \
    %D%/cli/check_inside.bats \
    %D%/cli/checkpoint.bats \
    %D%/cli/checkpoint_options.bats \
    %D%/cli/completion.bats \
    %D%/cli/console_socket.bats \
    %D%/cli/create.bats \
    %D%/cli/delete.bats \
    %D%/cli/dry_run.bats \
    %D%/cli/events.bats \
    %D%/cli/exec.bats \
    %D%/cli/explain.bats \
    %D%/cli/features.bats \
    %D%/cli/first_thread.bats \
    %D%/cli/gc.bats \
    %D%/cli/help.bats \
    %D%/cli/kill.bats \
    %D%/cli/list.bats \
    %D%/cli/log.bats \
    %D%/cli/man.bats \
    %D%/cli/mounts.bats \
    %D%/cli/notify.bats \
    %D%/cli/options.bats \
    %D%/cli/pause.bats \
    %D%/cli/picture.bats \
    %D%/cli/pid_file.bats \
    %D%/cli/pidfd_socket.bats \
    %D%/cli/preserve_fds.bats \
    %D%/cli/ps.bats \
    %D%/cli/rootfs.bats \
    %D%/cli/run.bats \
    %D%/cli/scope.bats \
    %D%/cli/scope_program.bats \
    %D%/cli/spec.bats \
    %D%/cli/start.bats \
    %D%/cli/state.bats \
    %D%/cli/stats.bats \
    %D%/cli/terminal.bats \
    %D%/cli/timeout.bats \
    %D%/cli/trace.bats \
    %D%/cli/update.bats \
    %D%/cli/version.bats \
    %D%/rootless/contained.bats \
    %D%/rootless/exec.bats \
    %D%/cli/wait.bats \
    %D%/rootless/foreign.bats \
    %D%/rootless/nested.bats \
    %D%/rootless/user.bats \
    %D%/engines/calls.bats \
    %D%/engines/configs.bats \
    %D%/engines/drop_ins.bats \
    %D%/engines/contract.bats \
    %D%/fault/faults.bats \
    %D%/fault/network.bats \
    %D%/fault/scopes.bats \
    %D%/rootless/user_namespace.bats \
    %D%/security/descriptors.bats \
    %D%/security/documents.bats \
    %D%/security/entering.bats \
    %D%/security/ids.bats \
    %D%/security/image_links.bats \
    %D%/security/live_mounts.bats \
    %D%/security/passwd.bats \
    %D%/security/privileges.bats \
    %D%/security/proc_links.bats \
    %D%/security/proc_mounts.bats \
    %D%/security/program.bats \
    %D%/security/races.bats \
    %D%/security/races_image.bats \
    %D%/security/races_ways.bats \
    %D%/security/state_directory.bats \
    %D%/security/stdio.bats \
    %D%/spec/annotations.bats \
    %D%/spec/bad_configs.bats \
    %D%/spec/bad_configs_more.bats \
    %D%/spec/capabilities.bats \
    %D%/spec/cgroup.bats \
    %D%/spec/cpu_affinity.bats \
    %D%/spec/device_rules.bats \
    %D%/spec/devices.bats \
    %D%/spec/fallbacks.bats \
    %D%/spec/general.bats \
    %D%/spec/hooks.bats \
    %D%/spec/hostname.bats \
    %D%/spec/idmapped.bats \
    %D%/spec/intel_rdt.bats \
    %D%/spec/io_priority.bats \
    %D%/spec/labels.bats \
    %D%/spec/lifecycle.bats \
    %D%/spec/limits.bats \
    %D%/spec/masked_paths.bats \
    %D%/spec/memory_policy.bats \
    %D%/spec/mount_options.bats \
    %D%/spec/mounts.bats \
    %D%/spec/namespaces.bats \
    %D%/spec/namespaces_joined.bats \
    %D%/spec/net_devices.bats \
    %D%/spec/odd_hosts.bats \
    %D%/spec/personality.bats \
    %D%/spec/process.bats \
    %D%/spec/read_back.bats \
    %D%/spec/readings.bats \
    %D%/spec/refused.bats \
    %D%/spec/rlimits.bats \
    %D%/spec/root.bats \
    %D%/spec/scheduler.bats \
    %D%/spec/seccomp.bats \
    %D%/spec/seccomp_notify.bats \
    %D%/spec/sysctl.bats \
    %D%/spec/terminal.bats \
    %D%/spec/time_namespace.bats \
    %D%/spec/tmpcopyup.bats \
    %D%/spec/user.bats \
    %D%/spec/user_namespace.bats \
    %D%/spec/vm.bats

# With --enable-fuzzing these are libFuzzer's programs; otherwise they only replay their corpora.
if FUZZING
fuzz_main =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_main = %D%/fuzz/replay.c
fuzz_ldflags = $(AM_LDFLAGS)
endif
fuzz_targets = %D%/fuzz/fuzz_cgroup %D%/fuzz/fuzz_channel %D%/fuzz/fuzz_cli %D%/fuzz/fuzz_config \
    %D%/fuzz/fuzz_id_map %D%/fuzz/fuzz_images %D%/fuzz/fuzz_mount %D%/fuzz/fuzz_mountinfo \
    %D%/fuzz/fuzz_notify %D%/fuzz/fuzz_passwd %D%/fuzz/fuzz_process %D%/fuzz/fuzz_program_file \
    %D%/fuzz/fuzz_protobuf %D%/fuzz/fuzz_record %D%/fuzz/fuzz_scope
if SECCOMP
fuzz_targets += %D%/fuzz/fuzz_seccomp
endif
check_PROGRAMS += $(fuzz_targets)
%C%_fuzz_fuzz_cgroup_SOURCES = %D%/fuzz/fuzz_cgroup.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_directory.h $(fuzz_main)
%C%_fuzz_fuzz_channel_SOURCES = %D%/fuzz/fuzz_channel.c %D%/fuzz/fuzz.h $(fuzz_main)
%C%_fuzz_fuzz_cli_SOURCES = %D%/fuzz/fuzz_cli.c %D%/fuzz/fuzz.h $(fuzz_main)
%C%_fuzz_fuzz_config_SOURCES = %D%/fuzz/fuzz_config.c %D%/fuzz/fuzz.h $(fuzz_main)
%C%_fuzz_fuzz_id_map_SOURCES = %D%/fuzz/fuzz_id_map.c %D%/fuzz/fuzz.h $(fuzz_main)
%C%_fuzz_fuzz_images_SOURCES = %D%/fuzz/fuzz_images.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_directory.h $(fuzz_main)
%C%_fuzz_fuzz_mount_SOURCES = %D%/fuzz/fuzz_mount.c %D%/fuzz/fuzz.h $(fuzz_main)
%C%_fuzz_fuzz_mountinfo_SOURCES = %D%/fuzz/fuzz_mountinfo.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_directory.h $(fuzz_main)
%C%_fuzz_fuzz_notify_SOURCES = %D%/fuzz/fuzz_notify.c %D%/fuzz/fuzz.h $(fuzz_main)
%C%_fuzz_fuzz_passwd_SOURCES = %D%/fuzz/fuzz_passwd.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_directory.h $(fuzz_main)
%C%_fuzz_fuzz_process_SOURCES = %D%/fuzz/fuzz_process.c %D%/fuzz/fuzz.h $(fuzz_main)
%C%_fuzz_fuzz_program_file_SOURCES = %D%/fuzz/fuzz_program_file.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_directory.h $(fuzz_main)
%C%_fuzz_fuzz_protobuf_SOURCES = %D%/fuzz/fuzz_protobuf.c %D%/fuzz/fuzz.h $(fuzz_main)
%C%_fuzz_fuzz_record_SOURCES = %D%/fuzz/fuzz_record.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_directory.h $(fuzz_main)
%C%_fuzz_fuzz_scope_SOURCES = %D%/fuzz/fuzz_scope.c %D%/fuzz/fuzz.h $(fuzz_main)
%C%_fuzz_fuzz_seccomp_SOURCES = %D%/fuzz/fuzz_seccomp.c %D%/fuzz/fuzz.h $(fuzz_main)
%C%_fuzz_fuzz_cgroup_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_channel_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_cli_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_config_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_id_map_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_images_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_mount_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_mountinfo_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_notify_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_passwd_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_process_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_program_file_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_protobuf_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_record_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_scope_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_fuzz_seccomp_LDFLAGS = $(fuzz_ldflags)
TESTS += %D%/fuzz/replay.sh
EXTRA_DIST += %D%/fuzz/replay.sh %D%/fuzz/run %D%/fuzz/targets.sh %D%/fuzz/corpus

# Each of them looks for more, for FUZZ_SECONDS.
if FUZZING
fuzz: $(fuzz_targets) %D%/helpers/reaper
	TARE_BUILD='$(abs_builddir)' $(srcdir)/%D%/fuzz/run
else
fuzz:
	@echo "this build cannot fuzz: configure one with CC=clang --enable-fuzzing" >&2
	@exit 1
endif
.PHONY: fuzz

# Containers by the thousand; `make check` has few of them, check-load 2,000.
load_files = %D%/load/load %D%/load/containers.py %D%/load/counters.py %D%/load/crowds.py \
    %D%/load/leaks.py %D%/load/lies.py %D%/load/lives.py %D%/load/plain.py %D%/load/small.sh \
    %D%/load/soak.py
EXTRA_DIST += $(load_files)
TESTS += %D%/load/small.sh
load_needs = tare %D%/helpers/reaper %D%/helpers/witness
check-load: $(load_needs)
	TARE_BUILD='$(abs_builddir)' $(srcdir)/%D%/load/load $(LOAD)

# `make soak SOAK=600 SEED=7`, in seconds.
soak: $(load_needs)
	TARE_BUILD='$(abs_builddir)' $(srcdir)/%D%/load/load $${SEED:+--seed $$SEED} soak=$${SOAK:-3600}
.PHONY: check-load soak

# Long, and not part of `make check`: whole uses of tare.  The longest first, so that others run
# beside them.
accept_tests = \
    %D%/accept/3-attacks.sh \
    %D%/accept/5-podman.sh \
    %D%/accept/1-debian.sh \
    %D%/accept/1-lifecycle.sh \
    %D%/accept/1-quickstart.sh \
    %D%/accept/2-everything.sh \
    %D%/accept/3-costs.sh \
    %D%/accept/3-podman.sh \
    %D%/accept/8-new-user.sh

# With real engines, and not part of `make check`.
engine_tests = \
    %D%/engines/buildah.bats \
    %D%/engines/conmon.bats \
    %D%/engines/containerd.bats \
    %D%/engines/cri.bats \
    %D%/engines/crio.bats \
    %D%/engines/docker_run.bats \
    %D%/engines/podman_build.bats \
    %D%/engines/podman_exec.bats \
    %D%/engines/podman_life.bats \
    %D%/engines/podman_network.bats \
    %D%/engines/podman_run.bats

# The rest of what the engines are asked for.
engine_more_tests = \
    %D%/engines/docker_life.bats \
    %D%/engines/podman_cgroups.bats \
    %D%/engines/podman_pods.bats \
    %D%/engines/podman_services.bats \
    %D%/engines/podman_userns.bats \
    %D%/engines/podman_volumes.bats

# For the test machine, and not part of `make check` either; the first run makes that machine.
vm_tests = \
    %D%/vm/apparmor.bats \
    %D%/vm/selinux.bats \
    %D%/vm/basics.bats \
    %D%/vm/causes.bats \
    %D%/vm/criu.bats \
    %D%/vm/engines.bats \
    %D%/vm/events.bats \
    %D%/vm/exec.bats \
    %D%/vm/faults.bats \
    %D%/vm/limits.bats \
    %D%/vm/podman.bats \
    %D%/vm/process.bats \
    %D%/vm/rootless.bats \
    %D%/vm/scope.bats \
    %D%/vm/stats.bats \
    %D%/vm/systemd.bats \
    %D%/vm/update.bats

# Engines in it, for which it is slow, and other long tests.
vm_engine_tests = \
    %D%/vm/checkpoint.bats \
    %D%/vm/checkpoint_options.bats \
    %D%/vm/checkpoint_scope.bats \
    %D%/vm/hostile_images.bats \
    %D%/vm/podman_checkpoint.bats \
    %D%/vm/podman_nested.bats \
    %D%/vm/podman_root.bats \
    %D%/vm/podman_rootless.bats \
    %D%/vm/restored_rights.bats

vm_files = \
    %D%/vm/cache.py \
    %D%/vm/checkpoint.bash \
    %D%/vm/debian.py \
    %D%/vm/guest/agent \
    %D%/vm/guest/agent.service \
    %D%/vm/guest/initrd \
    %D%/vm/guest/prepare \
    %D%/vm/guest/setup \
    %D%/vm/image.py \
    %D%/vm/inside \
    %D%/vm/machine.py \
    %D%/vm/podman.bash \
    %D%/vm/run-in-vm \
    %D%/vm/selinux.cil \
    %D%/vm/vm \
    %D%/vm/vm.bash

# What the unit tests include and read.
unit_files = \
    %D%/unit/cgroup/fixture.h \
    %D%/unit/cgroup/machine.h \
    %D%/unit/cgroup/resctrl.h \
    %D%/unit/cgroup/tree.h \
    %D%/unit/container/config.h \
    %D%/unit/libocispec/data/README.md \
    %D%/unit/libocispec/data/config/bad/freebsd-vnet-disable.json \
    %D%/unit/libocispec/data/config/bad/invalid-json.json \
    %D%/unit/libocispec/data/config/bad/linux-hugepage.json \
    %D%/unit/libocispec/data/config/bad/linux-netdevice.json \
    %D%/unit/libocispec/data/config/bad/linux-rdma.json \
    %D%/unit/libocispec/data/config/good/freebsd-example.json \
    %D%/unit/libocispec/data/config/good/freebsd-minimal.json \
    %D%/unit/libocispec/data/config/good/full-example.json \
    %D%/unit/libocispec/data/config/good/linux-netdevice.json \
    %D%/unit/libocispec/data/config/good/linux-rdma.json \
    %D%/unit/libocispec/data/config/good/minimal-for-start.json \
    %D%/unit/libocispec/data/config/good/minimal.json \
    %D%/unit/libocispec/data/config/good/spec-example.json \
    %D%/unit/libocispec/data/config/good/zos-example.json \
    %D%/unit/libocispec/data/config/good/zos-minimal.json \
    %D%/unit/libocispec/data/features/bad/missing-ociVersionMax.json \
    %D%/unit/libocispec/data/features/good/minimal.json \
    %D%/unit/libocispec/data/features/good/runc.json \
    %D%/unit/libocispec/data/state/bad/invalid-json.json \
    %D%/unit/libocispec/data/state/good/spec-example.json \
    %D%/unit/libocispec/document.h \
    %D%/unit/libocispec/shape.h \
    %D%/unit/os/channel_pair.h \
    %D%/unit/os/in_child.h \
    %D%/unit/os/path_tree.h \
    %D%/unit/process/checks.h \
    %D%/unit/process/tree.h \
    %D%/unit/rootfs/container.h \
    %D%/unit/security/filter.h %D%/unit/security/oracle.h \
    %D%/unit/security/labels.h \
    %D%/unit/state/fixture.h

engine_files = \
    %D%/engines/conmon.bash \
    %D%/engines/data/README.md \
    %D%/engines/data/containerd-devices.json \
    %D%/engines/data/containerd-host-network.json \
    %D%/engines/data/containerd-joined.json \
    %D%/engines/data/containerd-limits.json \
    %D%/engines/data/containerd-plain.json \
    %D%/engines/data/containerd-privileged.json \
    %D%/engines/data/containerd-read-only.json \
    %D%/engines/data/containerd-seccomp.json \
    %D%/engines/data/containerd-terminal.json \
    %D%/engines/data/containerd-user.json \
    %D%/engines/data/containerd-userns.json \
    %D%/engines/data/containerd-volume.json \
    %D%/engines/data/docker-devices.json \
    %D%/engines/data/docker-host-namespaces.json \
    %D%/engines/data/docker-limits.json \
    %D%/engines/data/docker-no-network.json \
    %D%/engines/data/docker-plain.json \
    %D%/engines/data/docker-privileged.json \
    %D%/engines/data/docker-read-only.json \
    %D%/engines/data/docker-terminal.json \
    %D%/engines/data/docker-user.json \
    %D%/engines/data/docker-userns-remap.json \
    %D%/engines/data/docker-volume.json \
    %D%/engines/data/podman-devices.json \
    %D%/engines/data/podman-host-namespaces.json \
    %D%/engines/data/podman-limits.json \
    %D%/engines/data/podman-no-network.json \
    %D%/engines/data/podman-plain.json \
    %D%/engines/data/podman-pod.json \
    %D%/engines/data/podman-privileged.json \
    %D%/engines/data/podman-read-only.json \
    %D%/engines/data/podman-systemd.json \
    %D%/engines/data/podman-terminal.json \
    %D%/engines/data/podman-uidmap.json \
    %D%/engines/data/podman-unconfined.json \
    %D%/engines/data/podman-user.json \
    %D%/engines/data/podman-userns-auto.json \
    %D%/engines/data/podman-volume.json \
    %D%/engines/containerd.bash \
    %D%/engines/cri.bash \
    %D%/engines/cri/client \
    %D%/engines/cri/messages.txt \
    %D%/engines/daemons.bash \
    %D%/engines/docker.bash \
    %D%/engines/engines.bash \
    %D%/engines/fitted \
    %D%/engines/left-out \
    %D%/engines/podman.bash \
    %D%/engines/record \
    %D%/engines/runtime.bash \
    %D%/engines/seen.awk \
    %D%/engines/table \
    %D%/engines/table.awk \
    %D%/engines/wanted.jq

EXTRA_DIST += $(unit_files) $(engine_files) $(lints) $(bats_tests) $(accept_tests) \
    $(engine_tests) $(engine_more_tests) $(vm_tests) $(vm_engine_tests) $(vm_files) \
    %D%/README.md %D%/run-isolated \
    %D%/accept/lives.bash %D%/accept/podman.bash %D%/accept/tap.bash %D%/lint/report.sh \
    %D%/lint/spdx.jq %D%/engines/contract %D%/spec/rows \
    %D%/fault/commands.bash %D%/fault/fault.bash %D%/fault/fault.c %D%/fault/inject \
    %D%/fault/kinds.awk %D%/fault/scopes.bash \
    %D%/security/attack %D%/security/attack.bash %D%/security/race.bash %D%/security/sites.bash \
    %D%/helpers/edit_image %D%/helpers/causes.bash %D%/helpers/check.bash %D%/helpers/fake_criu \
    %D%/helpers/fake_scope %D%/helpers/forget %D%/helpers/openmetrics %D%/helpers/rootless.bash \
    %D%/helpers/systemd.bash \
    %D%/helpers/tare.bash %D%/helpers/terminal.bash %D%/helpers/unit-test %D%/helpers/unstarted \
    %D%/helpers/console.c %D%/helpers/fake_systemd.c %D%/helpers/mutate.c %D%/helpers/reaper.c \
    %D%/helpers/refuse.c \
    %D%/helpers/resctrl.c %D%/helpers/seccomp_agent.c %D%/helpers/spy.c %D%/helpers/swap.c %D%/helpers/witness.c

TESTS += $(lints)
if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
if HAVE_BATS
TESTS += $(bats_tests)
endif
LDADD = libtare.a $(CMOCKA_LIBS) $(YAJL_LIBS) $(CAP_LIBS) $(SECCOMP_LIBS)

# It alone computes in floating point.
%C%_unit_cgroup_test_cpu_weight_LDADD = $(LDADD) -lm

# Programs of the harness, static, since one of them runs in containers that have no libc.
check_DATA = %D%/fault/fault %D%/helpers/console %D%/helpers/mutate %D%/helpers/reaper %D%/helpers/refuse \
    %D%/helpers/resctrl %D%/helpers/seccomp_agent %D%/helpers/spy %D%/helpers/swap %D%/helpers/witness
CLEANFILES += $(check_DATA)

%D%/fault/fault: %D%/fault/fault.c
	$(AM_V_CC)$(MKDIR_P) %D%/fault && $(build_helper) -o $@ $(srcdir)/%D%/fault/fault.c

%D%/helpers/console: %D%/helpers/console.c
	$(AM_V_CC)$(MKDIR_P) %D%/helpers && $(build_helper) -o $@ $(srcdir)/%D%/helpers/console.c

# In the place of systemd for what speaks to it, and like that linked with its library.
if SYSTEMD
check_DATA += %D%/helpers/fake_systemd
endif
CLEANFILES += %D%/helpers/fake_systemd

%D%/helpers/fake_systemd: %D%/helpers/fake_systemd.c
	$(AM_V_CC)$(MKDIR_P) %D%/helpers && $(CC) -std=gnu17 -O2 -D_GNU_SOURCE -Wall -Wextra $(WERROR) \
	    -o $@ $(srcdir)/%D%/helpers/fake_systemd.c $(SYSTEMD_LIBS)

%D%/helpers/mutate: %D%/helpers/mutate.c
	$(AM_V_CC)$(MKDIR_P) %D%/helpers && $(build_helper) -o $@ $(srcdir)/%D%/helpers/mutate.c

%D%/helpers/reaper: %D%/helpers/reaper.c
	$(AM_V_CC)$(MKDIR_P) %D%/helpers && $(build_helper) -o $@ $(srcdir)/%D%/helpers/reaper.c

%D%/helpers/refuse: %D%/helpers/refuse.c
	$(AM_V_CC)$(MKDIR_P) %D%/helpers && $(build_helper) -o $@ $(srcdir)/%D%/helpers/refuse.c

%D%/helpers/resctrl: %D%/helpers/resctrl.c
	$(AM_V_CC)$(MKDIR_P) %D%/helpers && $(build_helper) -o $@ $(srcdir)/%D%/helpers/resctrl.c

%D%/helpers/seccomp_agent: %D%/helpers/seccomp_agent.c
	$(AM_V_CC)$(MKDIR_P) %D%/helpers && $(build_helper) -o $@ \
	    $(srcdir)/%D%/helpers/seccomp_agent.c

%D%/helpers/spy: %D%/helpers/spy.c
	$(AM_V_CC)$(MKDIR_P) %D%/helpers && $(build_helper) -o $@ $(srcdir)/%D%/helpers/spy.c

%D%/helpers/swap: %D%/helpers/swap.c
	$(AM_V_CC)$(MKDIR_P) %D%/helpers && $(build_helper) -o $@ $(srcdir)/%D%/helpers/swap.c

%D%/helpers/witness: %D%/helpers/witness.c
	$(AM_V_CC)$(MKDIR_P) %D%/helpers && $(build_helper) -o $@ $(srcdir)/%D%/helpers/witness.c

# What measures (bench/README.md).  Some have no libc, so that what they do themselves is next to
# nothing.
bench_files = \
    %D%/bench/README.md %D%/bench/await %D%/bench/bare.h %D%/bench/bench %D%/bench/bundle \
    %D%/bench/ceilings %D%/bench/ceilings.table %D%/bench/filter.c %D%/bench/filter_rules.jq \
    %D%/bench/floor.c %D%/bench/floor_kinds.h %D%/bench/interleave.c %D%/bench/payload.c \
    %D%/bench/percentile.h %D%/bench/steps.c %D%/bench/both.c %D%/bench/tables.bash \
    %D%/bench/targets.awk %D%/bench/plot.awk %D%/bench/result.txt %D%/bench/result.svg
EXTRA_DIST += $(bench_files)
check_DATA += %D%/bench/both %D%/bench/floor %D%/bench/interleave %D%/bench/payload %D%/bench/steps
if SECCOMP
check_DATA += %D%/bench/filter
endif
CLEANFILES += %D%/bench/both %D%/bench/filter %D%/bench/floor %D%/bench/interleave %D%/bench/payload \
    %D%/bench/steps

%D%/bench/filter: %D%/bench/filter.c
	$(AM_V_CC)$(MKDIR_P) %D%/bench && $(CC) -std=gnu17 -O2 -D_GNU_SOURCE -Wall -Wextra $(WERROR) \
	    -o $@ $(srcdir)/%D%/bench/filter.c $(SECCOMP_LIBS)

%D%/bench/floor: %D%/bench/floor.c %D%/bench/floor_kinds.h %D%/bench/bare.h
	$(AM_V_CC)$(MKDIR_P) %D%/bench && $(build_bare) -o $@ $(srcdir)/%D%/bench/floor.c

%D%/bench/both: %D%/bench/both.c
	$(AM_V_CC)$(MKDIR_P) %D%/bench && $(build_helper) -o $@ $(srcdir)/%D%/bench/both.c

%D%/bench/interleave: %D%/bench/interleave.c %D%/bench/percentile.h
	$(AM_V_CC)$(MKDIR_P) %D%/bench && $(build_helper) -o $@ $(srcdir)/%D%/bench/interleave.c

%D%/bench/payload: %D%/bench/payload.c %D%/bench/bare.h
	$(AM_V_CC)$(MKDIR_P) %D%/bench && $(build_bare) -o $@ $(srcdir)/%D%/bench/payload.c

%D%/bench/steps: %D%/bench/steps.c
	$(AM_V_CC)$(MKDIR_P) %D%/bench && $(build_helper) -o $@ $(srcdir)/%D%/bench/steps.c

build_bare = $(CC) -std=gnu17 -O2 -D_GNU_SOURCE -Wall -Wextra $(WERROR) -static -s -nostdlib \
    -nostartfiles -ffreestanding -fno-stack-protector -fno-pie -Wl,--build-id=none

# `make bench BENCH='--rounds 30 --tables run'`
bench: tare %D%/helpers/reaper %D%/bench/both %D%/bench/filter %D%/bench/floor \
    %D%/bench/interleave %D%/bench/payload
	@TARE_BUILD='$(abs_builddir)' $(srcdir)/%D%/bench/bench $(BENCH)
.PHONY: bench

# The result that bench/README.md shows, made anew; on a quiet machine, and with TARE_BENCH_PEERS.
bench-result:
	$(MAKE) --no-print-directory --silent bench BENCH='--rounds 200 --idle "0 100 1000" $(BENCH)' >result.txt
	mv result.txt $(srcdir)/%D%/bench/result.txt
	$(AWK) -f $(srcdir)/%D%/bench/plot.awk $(srcdir)/%D%/bench/result.txt >$(srcdir)/%D%/bench/result.svg
.PHONY: bench-result

build_helper = $(INIT_CC) -std=gnu17 -Os -D_GNU_SOURCE $(INIT_CPPFLAGS) $(INIT_CFLAGS) $(WERROR) \
    -static -s $(INIT_LDFLAGS)

# What runs them.  One that hangs is stopped: a unit test here, a single test in bats by bats.
TEST_EXTENSIONS = .sh .bats
TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TAP_DRIVER)
LOG_COMPILER = $(srcdir)/%D%/run-isolated
AM_LOG_FLAGS = $(srcdir)/%D%/helpers/unit-test
SH_LOG_DRIVER = $(TAP_DRIVER)
BATS_LOG_DRIVER = $(TAP_DRIVER)
BATS_LOG_COMPILER = $(srcdir)/%D%/run-isolated $(BATS)
AM_BATS_LOG_FLAGS = --tap
AM_TESTS_ENVIRONMENT = \
    TARE_BUILD='$(abs_builddir)'; export TARE_BUILD; \
    CC='$(CC)'; export CC; \
    BATS_TEST_TIMEOUT=$${BATS_TEST_TIMEOUT:-300}; export BATS_TEST_TIMEOUT;

# One kind alone.
check-lint:
	$(MAKE) check TESTS='$(lints)'
check-unit:
	$(MAKE) check TESTS='$(unit_tests)'
# Under valgrind, where memory alone is judged.
check-valgrind:
	$(MAKE) check TESTS=
	$(top_srcdir)/contrib/analysers/valgrind '$(abs_builddir)' $(unit_tests)
check-bats:
	$(MAKE) check TESTS='$(bats_tests)'
# What compares times runs alone.
check-accept:
	status=0; \
	$(MAKE) check TESTS='$(filter-out %D%/accept/3-costs.sh,$(accept_tests))' || status=1; \
	$(MAKE) check TESTS='%D%/accept/3-costs.sh' || status=1; \
	exit $$status
check-engines:
	$(MAKE) check TESTS='$(engine_tests)'
check-engines-all:
	$(MAKE) check TESTS='$(engine_more_tests)'
check-vm:
	BATS_TEST_TIMEOUT=$${BATS_TEST_TIMEOUT:-600} \
	$(MAKE) check TESTS='$(vm_tests)' BATS_LOG_COMPILER='$(srcdir)/%D%/vm/run-in-vm bats'
check-vm-engines:
	BATS_TEST_TIMEOUT=$${BATS_TEST_TIMEOUT:-600} TARE_VM_TIMEOUT=$${TARE_VM_TIMEOUT:-2400} \
	$(MAKE) check TESTS='$(vm_engine_tests)' BATS_LOG_COMPILER='$(srcdir)/%D%/vm/run-in-vm bats'
check-bats-vm:
	BATS_TEST_TIMEOUT=$${BATS_TEST_TIMEOUT:-600} \
	$(MAKE) check TESTS='$(bats_tests)' BATS_LOG_COMPILER='$(srcdir)/%D%/vm/run-in-vm bats'
.PHONY: check-lint check-unit check-valgrind check-bats check-bats-vm check-accept check-engines \
    check-engines-all check-vm check-vm-engines
