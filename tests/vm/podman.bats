#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Podman of a plain user, with tare as its runtime: the core of it; more is in podman_rootless.bats.
# In the machine itself.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman
load vm
load podman

@test "rootless run: its user's ids, what comes out, what is not there" {
    run podman info --format \
        '{{.Host.OCIRuntime.Name}} {{.Host.Security.Rootless}} {{.Host.CgroupsVersion}}'
    ! is_tare || assert_output 'tare true v2'
    run --separate-stderr podman run --rm --interactive --userns keep-id box \
        sh -c 'cat; echo err >&2; id -u; exit 7' <<<words
    assert_failure 7
    assert_output "words
1000"
    assert_stderr err
    run -127 podman run --rm box no-such-command
    assert_output --regexp 'executable file .*not found in \$PATH'
}

@test "rootless life of a container: limits, exec, stop, rm" {
    local cgroup
    start_box --cgroup-parent "$delegated" --memory 64m --pids-limit 20 -- sh -c \
        'trap "echo bye; exit 3" TERM; echo up; while :; do sleep 0.1; done'
    cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(seen Pid)/cgroup")
    [[ $cgroup == /sys/fs/cgroup$delegated/libpod-* ]]
    assert_equal "$(cd "$cgroup" && cat memory.max pids.max)" "67108864
20"
    run podman exec --user user "$name" sh -c 'id -u; exit 5'
    assert_failure 5
    assert_output 1000
    podman stop "$name" >/dev/null
    assert_equal "$(seen ExitCode)" 3
    run podman logs "$name"
    assert_line bye
    podman rm "$name" >/dev/null
}
