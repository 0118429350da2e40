#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Where Podman puts a container among the cgroups, what it limits there and what it sees of it.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman

# cgroup_of PROCESS: its path from the root that we see.
cgroup_of() {
    sed -n 's/^0:://p' "/proc/$1/cgroup"
}

@test "podman run --cgroup-parent: the container's cgroup is in that" {
    start_box --cgroup-parent "/$name-parent"
    assert_equal "$(cgroup_of "$(seen Pid)")" \
        "/$name-parent/libpod-$(podman inspect --format '{{.Id}}' "$name")"
    podman rm --force --time 0 "$name" >/dev/null
    find /sys/fs/cgroup/"$name-parent" -depth -type d -exec rmdir {} + 2>/dev/null || :
}

@test "podman run --cgroups=split: below the caller's own cgroup" {
    local own=/sys/fs/cgroup/$name-own
    mkdir "$own"
    (
        echo 0 >"$own/cgroup.procs"
        podman run --detach --name "$name" --cgroups=split box sleep 1000 >/dev/null
    )
    run cgroup_of "$(seen Pid)"
    assert_output --regexp "^/$name-own/libpod-payload-"
    podman rm --force --time 0 "$name" >/dev/null
    wait_until 20 is_empty "$own"
    find "$own" -depth -type d -exec rmdir {} +
}

is_empty() {
    grep -q 'populated 0' "$1/cgroup.events"
}

@test "podman run --cgroups=no-conmon: the container has one, conmon stays with us" {
    start_box --cgroups=no-conmon
    run cgroup_of "$(seen Pid)"
    assert_output --partial libpod-
    run cgroup_of "$(seen ConmonPid)"
    assert_output "$(cgroup_of self)"
}

@test "podman run --cgroups=disabled: no cgroup, and it is stopped and removed all the same" {
    start_box --cgroups=disabled
    refute [ -z "$(seen Pid)" ]
    podman exec "$name" true
    podman stop --time 0 "$name" >/dev/null
    assert_equal "$(seen ExitCode)" 137
}

@test "podman run --cgroupns: host and private" {
    run podman run --rm --cgroupns private box cat /proc/self/cgroup
    assert_line 0::/
    run podman run --rm --cgroupns host box cat /proc/self/cgroup
    assert_line --partial libpod
}

@test "podman run --cpu-shares, --memory, --pids-limit" {
    need_controller memory
    need_controller cpu
    need_controller pids
    local files
    start_box --memory 64m --cpus 0.5 --pids-limit 20
    files=/sys/fs/cgroup$(cgroup_of "$(seen Pid)")
    assert_equal "$(cat "$files"/{memory.max,cpu.max,pids.max} | xargs)" '67108864 50000 100000 20'
}

@test "podman update: other limits" {
    need_controller cpu
    start_box
    podman update --cpus 0.5 "$name"
    run cat "/sys/fs/cgroup$(cgroup_of "$(seen Pid)")/cpu.max"
    assert_output '50000 100000'
}

@test "podman run: a limit of a controller that is not there is refused" {
    ! grep -qw memory "$TARE_TEST_CGROUP/cgroup.controllers" || skip "all controllers are here"
    run podman run --rm --memory 64m box true
    assert_failure
    is_tare || return 0
    assert_output --partial memory
}

@test "podman stats: the processes of a container" {
    start_box
    run podman stats --no-stream --format '{{.Name}} {{.PIDs}}' "$name"
    assert_success
    assert_output --partial "$name"
}

@test "podman top: users and states" {
    start_box --user user
    run podman top "$name" user huser state args
    assert_success
    assert_line --regexp '^user +[^ ]+ +S +sleep 1000'
}

@test "podman run --device-cgroup-rule: a device that is made inside" {
    run podman run --rm --cap-add mknod --device-cgroup-rule 'c 1:3 rwm' box \
        sh -c 'mknod /tmp/null c 1 3 && echo x >/tmp/null && echo written'
    assert_success
    assert_output written
    run podman run --rm --cap-add mknod --device-cgroup-rule 'c 10:229 m' box \
        sh -c 'mknod /tmp/fuse c 10 229 && cat /tmp/fuse'
    assert_failure
}

@test "podman run --systemd=always: writes its own cgroups, ends by its own signal" {
    start_box --systemd=always -- sh -c 'mkdir /sys/fs/cgroup/init.scope &&
        echo 1 >/sys/fs/cgroup/init.scope/cgroup.procs
        trap "exit 9" 37; echo ready; while :; do sleep 0.05; done'
    podman_says "$name" ready
    run cgroup_of "$(seen Pid)"
    assert_output --regexp '/libpod-.*/init.scope$'
    podman stop --time 20 "$name" >/dev/null
    assert_equal "$(seen ExitCode)" 9
}

@test "podman exec: beside a container that has gone into a cgroup of its own" {
    start_box --systemd=always -- sh -c 'mkdir /sys/fs/cgroup/init.scope &&
        echo 1 >/sys/fs/cgroup/init.scope/cgroup.procs && echo ready && exec sleep 1000'
    podman_says "$name" ready
    run podman exec "$name" sh -c 'echo entered'
    assert_success
    assert_output entered
}
