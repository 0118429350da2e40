#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# containerd's ctr: what comes out, what the container is, and what becomes of it.

load ../helpers/tare
load ../helpers/terminal
load ../engines/runtime
load ../engines/daemons
load ../engines/containerd

@test "ctr run: output, errors and the exit status" {
    run --separate-stderr containerd_box sh -c 'echo out; echo err >&2; exit 7'
    assert_failure 7
    assert_output out
    assert_stderr err
}

@test "ctr run: the environment, the directory" {
    run containerd_box --env=ONE='two words' --cwd=/www \
        sh -c 'echo $ONE $IMAGE; pwd'
    assert_success
    assert_output "two words says
/www"
}

@test "ctr run: a command that is not there, one that cannot be executed" {
    run containerd_box no-such-command
    assert_failure
    assert_output --partial 'executable file not found in $PATH'
    run containerd_box /etc/passwd
    assert_failure
    assert_output --partial 'permission denied'
}

@test "ctr run: a read-only root, a mount, a namespace of the host" {
    echo inside >"$BATS_TEST_TMPDIR/file"
    run containerd_box --read-only --net-host \
        --mount="type=bind,src=$BATS_TEST_TMPDIR,dst=/tmp,options=rbind:ro" \
        sh -c 'cat /tmp/file; readlink /proc/self/ns/net; touch /tmp/x; touch /x'
    assert_failure
    assert_line inside
    assert_line "$(in_network readlink /proc/self/ns/net)"
    assert_line 'touch: /tmp/x: Read-only file system'
    assert_line 'touch: /x: Read-only file system'
}

@test "ctr run: capabilities more and less, and what privileged is" {
    run containerd_box --cap-add=CAP_SYS_TIME --cap-drop=CAP_CHOWN witness caps
    assert_success
    assert_line --regexp '^effective=.{9}[2367abef].{5}[02468ace]$' # bits 25 and 0
    run containerd_box --privileged sh -c 'mount -t tmpfs none /tmp && grep CapEff /proc/self/status'
    assert_success
    assert_output --regexp "CapEff:.$(sed -n 's/^CapBnd:.//p' /proc/self/status)"
}

@test "ctr run: containerd's own filter" {
    run containerd_box --seccomp sh -c 'grep -w Seccomp: /proc/self/status'
    assert_success
    assert_output --regexp 'Seccomp:[[:space:]]+2'
}

@test "ctr run: a terminal and what is typed" {
    at_terminal expect ready send 'typed\r' -- \
        timeout --foreground --kill-after 1 60 ctr run --rm --tty --runc-binary /usr/local/bin/tare \
        --cpu-shares 0 localhost/box:latest "$name" \
        sh -c 'test -t 0 -a -t 1 -a -t 2 && echo ready && read line && echo "line=$line" && exit 3'
    assert_line line=typed
    assert_line '# status=3'
    assert_line '# left=cooked'
}

@test "ctr tasks: list, ps, and the cgroup of what runs" {
    local pid
    containerd_start_box sh -c 'sleep 1001 & exec sleep 1000'
    wait_until 10 containerd_is "$name" RUNNING
    pid=$(containerd_pid "$name")
    run grep ^0:: "/proc/$pid/cgroup"
    assert_output "0::/default/$name"
    wait_until 10 containerd_has_processes 2
    run ctr tasks ps "$name"
    assert_success
    assert_line --regexp "^$pid +"
}

containerd_has_processes() {
    [ "$(ctr tasks ps "$name" | grep -c '^[0-9]')" = "$1" ]
}

@test "ctr tasks exec: output, status, user and directory; beside the first process" {
    containerd_start_box
    run --separate-stderr ctr tasks exec --exec-id one --cwd /www --user 1000 "$name" \
        sh -c 'echo out; echo err >&2; pwd; id -u; cat /proc/1/cmdline | tr "\0" " "; exit 9'
    assert_failure 9
    assert_output "out
/www
1000
sleep 1000 "
    assert_stderr err
    run ctr tasks exec --exec-id two "$name" no-such-command
    assert_failure
    assert_output --partial 'executable file not found in $PATH'
}

@test "ctr tasks exec: at a terminal" {
    containerd_start_box
    at_terminal expect ready send 'typed\r' -- timeout --foreground --kill-after 1 60 \
        ctr tasks exec --tty --exec-id one "$name" \
        sh -c 'test -t 0 && echo ready && read line && echo "line=$line" && exit 3'
    assert_line line=typed
    assert_line '# status=3'
}

@test "ctr tasks exec: detached, and what ctr can kill by its own" {
    containerd_start_box
    ctr tasks exec --detach --exec-id one "$name" sleep 1002
    wait_until 10 containerd_has_processes 2
    ctr tasks kill --exec-id one --signal KILL "$name"
    wait_until 10 containerd_has_processes 1
    containerd_is "$name" RUNNING
}

@test "ctr tasks pause and resume" {
    containerd_start_box sh -c 'while :; do echo on; sleep 0.05; done'
    wait_until 10 grep -q on "$said"
    ctr tasks pause "$name"
    assert_equal "$(containerd_status "$name")" PAUSED
    run ctr tasks exec --exec-id one "$name" true
    assert_failure
    ctr tasks resume "$name"
    assert_equal "$(containerd_status "$name")" RUNNING
    : >"$said"
    wait_until 10 grep -q on "$said"
}

@test "ctr tasks kill: by name and number, until it ends" {
    containerd_start_box sh -c \
        'trap "echo got USR1" USR1; trap "exit 15" TERM; echo ready; while :; do sleep 0.05; done'
    wait_until 10 grep -q ready "$said"
    ctr tasks kill --signal SIGUSR1 "$name"
    wait_until 10 grep -q 'got USR1' "$said"
    ctr tasks kill --signal 15 "$name"
    wait_until 10 containerd_is "$name" STOPPED
    run ctr tasks delete "$name"
    assert_output --partial 'exit code 15'
    ctr containers delete "$name"
    daemons_left_nothing "$daemons_before"
}

@test "ctr tasks kill: one that has ended, one that never was" {
    containerd_start_box true
    wait_until 10 containerd_is "$name" STOPPED
    run ctr tasks kill "$name"
    assert_failure
    assert_output --partial 'process already finished'
    run ctr tasks kill no-such
    assert_failure
    assert_output --partial 'not found'
}

@test "ctr tasks kill: all that lives in it" {
    containerd_start_box sh -c 'sleep 1001 & sleep 1002 & exec sleep 1000'
    wait_until 10 containerd_has_processes 3
    ctr tasks kill --all --signal KILL "$name"
    wait_until 10 containerd_is "$name" STOPPED
}

@test "ctr tasks delete: not what runs, but with force" {
    containerd_start_box
    run ctr tasks delete "$name"
    assert_failure
    containerd_is "$name" RUNNING
    ctr tasks delete --force "$name" || :
    ctr containers delete "$name"
    daemons_left_nothing "$daemons_before"
}

@test "ctr tasks metrics: read from the cgroup that we made" {
    containerd_start_box
    run ctr tasks metrics "$name"
    assert_success
    assert_line --regexp "^$name "
}

@test "ctr: what runs goes on without its daemon, and is found again" {
    local pid
    containerd_start_box sh -c 'trap "exit 5" TERM; while :; do sleep 0.05; done'
    pid=$(containerd_pid "$name")
    daemons_stop containerd
    assert [ -d "/proc/$pid" ]
    containerd_start
    assert_equal "$(containerd_pid "$name") $(containerd_status "$name")" "$pid RUNNING"
    run ctr tasks exec --exec-id one "$name" echo inside
    assert_output inside
    ctr tasks kill "$name"
    wait_until 10 containerd_is "$name" STOPPED
    run ctr tasks delete "$name"
    assert_output --partial 'exit code 5'
}

@test "ctr: a container whose shim was killed is cleaned up" {
    local pid
    containerd_start_box
    pid=$(containerd_pid "$name")
    kill -KILL "$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")"
    wait_until 10 daemons_has_ended "$pid"
    wait_until 10 containerd_has_no_task
    ctr containers delete "$name"
    daemons_left_nothing "$daemons_before"
}

containerd_has_no_task() {
    [ -z "$(containerd_status "$name")" ] || containerd_is "$name" STOPPED
}
