#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What Podman does with a container that runs, or has run.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman

@test "podman create and start: a container that waits, and then runs" {
    podman create --name "$name" box sh -c 'echo out; exit 3' >/dev/null
    assert_equal "$(seen Status)" created
    run podman start --attach "$name"
    assert_failure 3
    assert_output out
    run podman start --attach "$name"
    assert_failure 3
    assert_output out
}

@test "podman init: the container is created by the runtime, and not yet started" {
    podman create --name "$name" box sh -c 'exit 3' >/dev/null
    podman init "$name" >/dev/null
    assert_equal "$(seen Status)" initialized
    podman start "$name" >/dev/null
    run podman wait "$name"
    assert_output 3
}

@test "podman logs: both streams, and what comes later" {
    start_box -- sh -c 'echo out; echo err >&2; exec sleep 1000'
    podman_says "$name" out
    run --separate-stderr podman logs "$name"
    assert_output out
    assert_stderr err
    podman rm --force --time 0 "$name" >/dev/null
    start_box -- sh -c 'echo first; sleep 1; echo later'
    run timeout 60 podman logs --follow "$name"
    assert_success
    assert_output "first
later"
}

@test "podman ps: a container that runs, one that has ended" {
    start_box
    podman run --name "$name-ended" box sh -c 'exit 2' || :
    run podman ps --format '{{.Names}} {{.Status}}'
    assert_line --regexp "^$name Up "
    refute_line --partial "$name-ended"
    run podman ps --all --format '{{.Names}} {{.Status}}'
    assert_line --regexp "^$name-ended Exited \(2\) "
}

@test "podman top: the processes of a container" {
    start_box
    run podman top "$name" pid args
    assert_success
    assert_line --regexp '^1 +sleep 1000'
}

@test "podman inspect: the runtime, the process, its cgroup" {
    local pid
    start_box
    run podman inspect --format '{{.OCIRuntime}} {{.State.Running}}' "$name"
    assert_output "${RUNTIME:-tare} true"
    pid=$(seen Pid)
    assert_equal "$(tr '\0' ' ' <"/proc/$pid/cmdline")" 'sleep 1000 '
    run grep ^0:: "/proc/$pid/cgroup"
    assert_output --partial "/libpod-$(podman inspect --format '{{.Id}}' "$name")"
}

@test "podman kill: a signal by its name, by its number" {
    start_box -- sh -c \
        'trap "exit 10" USR1; trap "exit 15" 37; echo ready; while :; do sleep 0.05; done'
    podman_says "$name" ready
    podman kill --signal USR1 "$name" >/dev/null
    run podman wait "$name"
    assert_output 10
    podman start "$name" >/dev/null
    podman_says "$name" ready 2
    podman kill --signal SIGRTMIN+3 "$name" >/dev/null
    run podman wait "$name"
    assert_output 15
}

@test "podman kill: at once, and not what has ended" {
    start_box
    podman kill "$name" >/dev/null
    run podman wait "$name"
    assert_output 137
    run podman kill "$name"
    assert_failure
}

@test "podman stop: the container may end in peace" {
    start_box -- sh -c 'trap "exit 6" TERM; echo ready; while :; do sleep 0.05; done'
    podman_says "$name" ready
    podman stop --time 10 "$name" >/dev/null
    assert_equal "$(seen Status) $(seen ExitCode)" 'exited 6'
}

@test "podman stop: one that does not hear is killed" {
    start_box
    run podman stop --time 1 "$name"
    assert_success
    assert_equal "$(seen Status) $(seen ExitCode)" 'exited 137'
}

@test "podman stop: all processes of a container without a pid namespace" {
    start_box --pid host -- sh -c 'sleep 12345 & exec sleep 1000'
    podman stop --time 1 "$name" >/dev/null
    podman rm "$name" >/dev/null
    podman_left_nothing "$podman_before"
}

@test "podman restart: another life of the same container" {
    local first
    start_box
    first=$(seen Pid)
    podman restart --time 0 "$name" >/dev/null
    assert_equal "$(seen Status)" running
    refute [ "$(seen Pid)" = "$first" ]
}

@test "podman rm: only with force what runs" {
    start_box
    run podman rm "$name"
    assert_failure
    assert_equal "$(seen Status)" running
    run podman rm --force --time 0 "$name"
    assert_success
    run podman container exists "$name"
    assert_failure 1
    podman_left_nothing "$podman_before"
}

@test "podman rm: a container that was never started" {
    podman create --name "$name" box >/dev/null
    podman init "$name" >/dev/null
    podman rm "$name" >/dev/null
    podman_left_nothing "$podman_before"
}

@test "podman attach: input and output of a container that runs" {
    podman run --detach --interactive --name "$name" box \
        sh -c 'while read line; do echo "got $line"; [ "$line" != end ] || exit 8; done' >/dev/null
    run podman attach "$name" < <(sleep 0.5; printf 'one\nend\n')
    assert_line 'got end'
    run podman wait "$name"
    assert_output 8
}

@test "podman attach: a terminal that is left and found again" {
    podman run --detach --interactive --tty --name "$name" box sh -c \
        'read line; echo "got $line"; read line; echo "got $line"; exit 8' >/dev/null
    # Podman knows the keys only if it reads them one by one.
    at_terminal wait-raw send 'one\r' expect 'got one' sleep 500 send '\020' \
        sleep 500 send '\021' -- podman attach "$name"
    assert_line '# status=0'
    assert_equal "$(seen Status)" running
    at_terminal wait-raw send 'two\r' expect 'got two' -- podman attach "$name"
    run podman wait "$name"
    assert_output 8
}

@test "podman pause and unpause" {
    local pid
    start_box -- sh -c 'while :; do echo tick; sleep 0.05; done'
    podman pause "$name" >/dev/null
    assert_equal "$(seen Status)" paused
    pid=$(seen Pid)
    wait_until 5 grep -qx 'frozen 1' \
        "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")/cgroup.events"
    run podman pause "$name"
    assert_failure
    podman unpause "$name" >/dev/null
    assert_equal "$(seen Status)" running
    run podman unpause "$name"
    assert_failure
}

@test "podman rm: a paused container, by force" {
    start_box
    podman pause "$name" >/dev/null
    podman rm --force --time 0 "$name" >/dev/null
    podman_left_nothing "$podman_before"
}

@test "podman cp, diff, commit, export: the file system of a container that runs" {
    start_box
    echo given >"$BATS_TEST_TMPDIR/file"
    podman cp "$BATS_TEST_TMPDIR/file" "$name:/tmp/file"
    run podman diff "$name"
    assert_line 'A /tmp/file'
    podman commit --quiet "$name" "localhost/$name" >/dev/null
    run podman run --rm "localhost/$name" cat /tmp/file
    podman rmi "localhost/$name" >/dev/null
    assert_output given
}

@test "podman stats, port, mount do not harm a container" {
    start_box
    podman stats --no-stream "$name"
    podman mount "$name"
    podman unmount "$name"
    assert_equal "$(seen Status)" running
}

@test "podman info: the runtime and its version" {
    run podman info --format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Version}}'
    assert_success
    ! is_tare || assert_line --regexp '^tare tare version '
}

@test "podman save and load: an image from an archive" {
    podman save --quiet --output "$BATS_TEST_TMPDIR/image.tar" box
    podman rmi box >/dev/null
    podman load --quiet --input "$BATS_TEST_TMPDIR/image.tar"
    run podman run --rm box echo loaded
    assert_output loaded
}
