#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[E1.start.1] [OP11] start runs the program, says nothing, and returns when it runs" {
    create_container chain say ran ';' sleep 100
    run_tare start "$id"
    assert_success
    assert_output ''
    assert_stderr ''
    has_status "$id" running
    readlink "/proc/$(tare state "$id" | jq .pid)/exe" | grep -q '/witness$'
    wait_until 5 grep -qx ran "$BATS_TEST_TMPDIR/output"
    tare delete --force "$id"
    nothing_left
}

@test "[E1.start.2] [OP10] a second start is an error without effect" {
    start_container sleep 100
    run_tare start "$id"
    assert_failure 1
    assert_output ''
    assert_stderr "tare: start '$id': cannot start an already running container"
    has_status "$id" running
}

@test "[OP10] a stopped container cannot be started" {
    start_container exit 0
    wait_until 5 has_status "$id" stopped
    run_tare start "$id"
    assert_failure 1
    assert_stderr "tare: start '$id': cannot start a container that has stopped"
    has_status "$id" stopped
}

@test "[OP10] start without an id, and of an unknown one" {
    run_tare start
    assert_failure 64
    run_tare start nobody
    assert_failure 1
    assert_output ''
    assert_stderr "tare: start 'nobody': container \"nobody\" does not exist"
}

@test "[P1] [OP12] a container without a process can be created, but not started" {
    config 'del(.process)'
    create_container
    has_status "$id" created
    run_tare start "$id"
    assert_failure 1
    assert_stderr "tare: start '$id': the config has no process to start"
    has_status "$id" created

    # As a tare would have left it that did not note this.
    local record=$BATS_TEST_TMPDIR/state/$id/state.json without
    without=$(jq -e 'if has("hasProcess") then del(.hasProcess) else empty end' "$record")
    echo "$without" >"$record"
    run_tare start "$id"
    assert_failure 1
    assert_stderr "tare: start '$id': the config has no process to start"
    has_status "$id" created
    tare delete --force "$id"
    nothing_left
}

@test "[E1.start.4] start of a program that has gone since create fails with 127, and the container has ended" {
    create_container
    rm "$rootfs/witness"
    expected_status=127 run_tare start "$id"
    assert_failure 127
    assert_output ''
    assert_stderr_has 'exec: "/witness": no such file or directory'
    wait_until 5 has_status "$id" stopped
    tare delete "$id"
    nothing_left
}

@test "start of a container that was killed before says that it has stopped" {
    create_container
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    run_tare start "$id"
    assert_failure 1
    assert_stderr "tare: start '$id': cannot start a container that has stopped"
}

@test "start of an init that is stopped holds no lock, and ends in time" {
    local starter
    create_container
    kill -STOP "$(tare state "$id" | jq .pid)"
    "$TARE" --root "$state" start "$id" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    starter=$!
    wait_until 5 has_status "$id" created
    wait_until 5 test -e "$state/$id/start.going"
    tare delete --force "$id"
    ! wait "$starter" || fail "start has not failed"
    grep -q "^tare: start '$id': " "$BATS_TEST_TMPDIR/stderr"
    create_container
    kill -STOP "$(tare state "$id" | jq .pid)"
    run_tare --timeout 1s start "$id"
    assert_failure 1
    assert_stderr_has 'gave up, since the time of --timeout is over'
    nothing_left
}

@test "start of a container whose init was stopped for a while starts it" {
    local init starter
    create_container
    init=$(tare state "$id" | jq .pid)
    kill -STOP "$init"
    "$TARE" --root "$state" start "$id" 3>&- &
    starter=$!
    sleep 0.5
    kill -CONT "$init"
    wait "$starter"
    wait_until 5 has_status "$id" stopped
    tare delete "$id"
    nothing_left
}
