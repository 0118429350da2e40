#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What Kubernetes asks of a container runtime, by containerd's socket: pods, containers, streams.

load ../helpers/tare
load ../helpers/terminal
load ../engines/runtime
load ../engines/daemons
load ../engines/containerd
load ../engines/cri

@test "cri pod: a network of its own, its status, and that it can be stopped twice" {
    cri_begin_pod .
    run jq -r '.status.state // 0, .status.network.ip' \
        <<<"$(cri call PodSandboxStatus "{\"pod_sandbox_id\": \"$pod\"}")"
    assert_line --index 0 0
    assert_line --index 1 --regexp '^10\.211\.'
    for _ in 1 2; do
        cri call StopPodSandbox "{\"pod_sandbox_id\": \"$pod\"}"
    done
    cri call RemovePodSandbox "{\"pod_sandbox_id\": \"$pod\"}"
    daemons_left_nothing "$daemons_before"
}

@test "cri pod: containers share its network and host name, and reach each other" {
    cri_begin_pod .
    cri_start . httpd -f -h /www
    wait_until 20 cri_is running
    run cri_runs . sh -c 'hostname; wget -q -O - http://127.0.0.1/index.html'
    assert_success
    assert_output "$name
the page"
}

@test "cri pod: one process namespace for all" {
    cri_begin_pod "$cri_on_node | .linux.security_context.namespace_options.pid = 0"
    run cri_runs '.linux.security_context.namespace_options.pid = 0' \
        sh -c 'tr "\0" " " </proc/1/cmdline'
    assert_output 'sleep 1000000 '
}

@test "cri pod: on the node's network, with sysctls and a cgroup of the kubelet's" {
    mkdir -p /sys/fs/cgroup/kubepods/pod1 # as the kubelet does
    cri_begin_pod "$cri_on_node"' | .linux.cgroup_parent = "/kubepods/pod1"
        | .linux.sysctls = { "kernel.msgmax": "4096" }'
    run cri_runs . sh -c 'readlink /proc/self/ns/net; cat /proc/sys/kernel/msgmax'
    assert_line "$(in_network readlink /proc/self/ns/net)"
    assert_line 4096
    assert [ -d "/sys/fs/cgroup/kubepods/pod1/$pod" ]
    cri_clear
    rmdir /sys/fs/cgroup/kubepods/pod1 /sys/fs/cgroup/kubepods
}

@test "cri container: created, running, exited, removed" {
    cri_begin_pod "$cri_on_node"
    cri_create . sh -c 'echo out; echo err >&2; exit 7'
    assert_equal "$(cri_state)" created
    cri_of_container StartContainer
    wait_until 20 cri_is exited
    assert_equal "$(cri_of_container ContainerStatus | jq .status.exit_code)" 7
    run cat "$said"
    assert_line --regexp ' stdout F out$'
    assert_line --regexp ' stderr F err$'
    cri_of_container RemoveContainer
    cri_of_container RemoveContainer
    run cri_of_container ContainerStatus
    assert_failure
    assert_output --partial NOT_FOUND
}

@test "cri container: stopped in peace, or killed" {
    cri_begin_pod "$cri_on_node"
    cri_start . sh -c 'trap "exit 6" TERM; echo ready; while :; do sleep 0.05; done'
    wait_until 20 cri_has_said ready
    cri_of_container StopContainer '"timeout": 20'
    assert_equal "$(cri_of_container ContainerStatus | jq .status.exit_code)" 6
    cri_start . sleep 1000
    cri_of_container StopContainer '"timeout": 1'
    assert_equal "$(cri_of_container ContainerStatus | jq .status.exit_code)" 137
}

@test "cri container: what is not there, and what cannot be executed, is told" {
    cri_begin_pod "$cri_on_node"
    run cri_start . no-such-command
    assert_failure
    assert_output --partial 'executable file not found in $PATH'
    run cri_start . /etc/passwd
    assert_failure
    assert_output --partial 'permission denied'
}

@test "cri container: environment, directory, mounts, devices" {
    echo inside >"$BATS_TEST_TMPDIR/file"
    cri_begin_pod "$cri_on_node"
    run cri_runs ".envs = [{ key: \"ONE\", value: \"two words\" }] | .working_dir = \"/www\"
        | .mounts = [{ container_path: \"/image\", host_path: \"$BATS_TEST_TMPDIR\", readonly: 1 }]
        | .devices = [{ container_path: \"/dev/nothing\", host_path: \"/dev/null\",
            permissions: \"rw\" }]" \
        sh -c 'echo $ONE $IMAGE; pwd; cat /image/file; echo x >/dev/nothing; touch /image/x'
    assert_failure 1
    assert_output "two words says
/www
inside
touch: /image/x: Read-only file system"
}

@test "cri container: user, groups, read-only root" {
    cri_begin_pod "$cri_on_node"
    run cri_runs '.linux.security_context += { run_as_user: { value: 1000 },
        run_as_group: { value: 2000 }, supplemental_groups: [3000], readonly_rootfs: 1 }' \
        sh -c 'id -u; id -G; touch /tmp/x'
    assert_failure 1
    assert_line 1000
    assert_line --regexp '^2000 .*3000'
    assert_line 'touch: /tmp/x: Read-only file system'
    run cri_runs '.linux.security_context.run_as_username = "user"' id -u
    assert_output 1000
}

@test "cri container: capabilities, no new privileges, privileged" {
    cri_begin_pod "$cri_on_node | .linux.security_context.privileged = 1"
    run cri_runs '.linux.security_context += { no_new_privs: 1, capabilities:
        { add_capabilities: ["SYS_TIME"], drop_capabilities: ["CHOWN"] } }' \
        sh -c 'witness caps; grep NoNewPrivs /proc/self/status'
    assert_line --regexp '^effective=.{9}[2367abef].{5}[02468ace]$' # bits 25 and 0
    assert_line --regexp 'NoNewPrivs:.1'
    run cri_runs '.linux.security_context.capabilities.drop_capabilities = ["ALL"]' witness caps
    assert_line effective=0000000000000000
    run cri_runs '.linux.security_context.privileged = 1' \
        sh -c 'mount -t tmpfs none /tmp && grep -w Seccomp: /proc/self/status'
    assert_success
    assert_output --regexp 'Seccomp:.0'
}

@test "cri container: a filter: the runtime's default, one of the node, none" {
    cat >"$BATS_TEST_TMPDIR/filter.json" <<'JSON'
{ "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [{ "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO" }] }
JSON
    cri_begin_pod "$cri_on_node"
    run cri_runs '.linux.security_context.seccomp.profile_type = 0' \
        sh -c 'grep -w Seccomp: /proc/self/status'
    assert_output --regexp 'Seccomp:.2'
    run cri_runs ".linux.security_context.seccomp = { profile_type: 2,
        localhost_ref: \"$BATS_TEST_TMPDIR/filter.json\" }" mkdir /tmp/x
    assert_failure 1
    assert_output --partial 'not permitted'
    run cri_runs '.linux.security_context.seccomp.profile_type = 1' \
        sh -c 'grep -w Seccomp: /proc/self/status'
    assert_output --regexp 'Seccomp:.0'
}

@test "cri container: masked and read-only paths" {
    cri_begin_pod "$cri_on_node"
    run cri_runs '.linux.security_context += { masked_paths: ["/proc/keys"],
        readonly_paths: ["/proc/sys"] }' \
        sh -c 'wc -c </proc/keys; echo 1 >/proc/sys/kernel/msgmax'
    assert_line 0
    assert_output --partial 'Read-only file system'
}

@test "cri exec: at once, with output, errors and status" {
    cri_begin_pod "$cri_on_node"
    cri_start . sleep 1000
    run cri_exec sh -c 'echo out; echo err >&2; exit 9'
    assert_success
    assert_equal "$(jq -c . <<<"$output")" '{"stdout":"out\n","stderr":"err\n","exit_code":9}'
    run cri_exec no-such-command
    assert_failure
    assert_output --partial 'executable file not found in $PATH'
}

@test "cri exec: one that takes too long is killed" {
    cri_begin_pod "$cri_on_node"
    cri_start . sleep 1000
    run cri call ExecSync "$(jq -nc --arg container "$container" \
        '{ container_id: $container, cmd: ["sleep", "1001"], timeout: 1 }')"
    assert_failure
    assert_output --partial DEADLINE_EXCEEDED
    run cri_exec ps
    refute_output --partial 'sleep 1001'
}

@test "cri exec: a stream, with a terminal and without" {
    cri_begin_pod "$cri_on_node"
    cri_start . sleep 1000
    run --separate-stderr cri exec "$container" sh -c 'echo out; echo err >&2; exit 9'
    assert_failure 9
    assert_output out
    assert_stderr err
    run cri exec -i "$container" sh -c 'read line; echo "line=$line"' <<<typed
    assert_success
    assert_output line=typed
    run cri exec -t -i "$container" sh -c 'test -t 0 && read line; echo "line=$line"' <<<typed
    assert_success
    assert_output --partial line=typed
}

@test "cri attach: to what runs" {
    cri_begin_pod "$cri_on_node"
    cri_start '.stdin = 1' sh -c 'while read line; do echo "line=$line"; [ $line != end ] || exit; done'
    run cri attach -i "$container" <<<"$(printf 'typed\nend\n')"
    wait_until 20 cri_is exited
    run cri_said
    assert_output "line=typed
line=end"
}

@test "cri stats: read from the cgroup that we made" {
    cri_begin_pod "$cri_on_node"
    cri_start . sleep 1000
    run cri_of_container ContainerStats
    assert_success
    assert_equal "$(jq -r .stats.attributes.id <<<"$output")" "$container"
}

@test "cri update: a limit while it runs" {
    local file=cgroup.max.descendants # which needs no controller
    cri_begin_pod "$cri_on_node"
    cri_start . sleep 1000
    cri_of_container UpdateContainerResources "\"linux\": { \"unified\": { \"$file\": \"7\" } }"
    assert_equal "$(cat "/sys/fs/cgroup/k8s.io/$container/$file")" 7
}

@test "cri: what runs goes on without containerd, and is found again" {
    cri_begin_pod "$cri_on_node"
    cri_start . sh -c 'trap "exit 5" TERM; echo ready; while :; do sleep 0.05; done'
    wait_until 20 cri_has_said ready
    daemons_stop containerd
    containerd_start
    daemons_await 20 containerd cri_is running
    run cri_exec echo inside
    assert_equal "$(jq -r .stdout <<<"$output")" inside
    cri_of_container StopContainer '"timeout": 20'
    assert_equal "$(cri_of_container ContainerStatus | jq .status.exit_code)" 5
}
