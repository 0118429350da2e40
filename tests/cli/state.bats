#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# field JQ-PROGRAM: of what `state` says.
field() {
    tare state "$id" | jq -r "$1"
}

@test "[E1.state.1] [OP4] [ST1] [ST2] [ST5] [ST6] state has the members of the specification" {
    config '.annotations = { "com.example.key": "a \"value\"", "empty": "" }'
    create_container
    assert_equal "$(field .ociVersion)" 1.3.0
    assert_equal "$(field .id)" "$id"
    assert_equal "$(field .bundle)" "$bundle"
    assert_equal "$(field '.annotations | tojson')" \
        '{"com.example.key":"a \"value\"","empty":""}'
}

@test "[E1.state.2] [ST7] state says rootfs, created and owner besides" {
    create_container
    assert_equal "$(field .rootfs)" "$rootfs"
    assert_equal "$(field .owner)" root
    local created now
    created=$(date -d "$(field .created)" +%s)
    now=$(date +%s)
    [ "$created" -le "$now" ] && [ "$created" -ge $((now - 60)) ]
    field .created | grep -qE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]+Z$'
}

@test "[ST5] a relative bundle is shown as an absolute path" {
    cd "$BATS_TEST_TMPDIR"
    tare create --bundle ./bundle/../bundle "$id" </dev/null >output 2>&1
    assert_equal "$(field .bundle)" "$bundle"
}

@test "[E1.state.5] [E1.state.3] [ST3] [ST4] status and pid follow the life of the container" {
    create_container trap 15
    assert_equal "$(field .status)" created
    local pid
    pid=$(field .pid)
    kill -0 "$pid"
    tare start "$id"
    assert_equal "$(field .status)" running
    assert_equal "$(field .pid)" "$pid"
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/output"
    tare kill "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(field .pid)" 0
}

@test "[E1.kill.2] [E1.delete.3] a frozen container is paused, and can be killed all the same" {
    local cgroup=$TARE_TEST_CGROUP/tare/$id
    start_container sleep 100
    echo 1 >"$cgroup/cgroup.freeze"
    wait_until 5 has_status "$id" paused
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    tare delete "$id"

    start_container sleep 100
    echo 1 >"$cgroup/cgroup.freeze"
    wait_until 5 grep -qx 'frozen 1' "$cgroup/cgroup.events"
    assert_equal "$(field .status)" paused
    run_tare delete "$id"
    assert_failure 1
    assert_stderr_has 'it is paused'
    tare delete --force "$id"
    nothing_left
}

@test "[E1.state.4] [ST3] a process that nobody has waited for yet counts as stopped" {
    witness_runs sleep 100
    "$TARE" --root "$state" run --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&- &
    local parent=$! pid
    wait_until 5 has_status "$id" running
    pid=$(field .pid)
    kill -STOP "$parent"
    kill -KILL "$pid"
    wait_until 5 grep -q '^State:.Z' "/proc/$pid/status"
    assert_equal "$(field .status)" stopped
    kill -CONT "$parent"
    wait "$parent" || :
}

@test "[OP2] [OP3] state without an id, and of an unknown one" {
    run_tare state
    assert_failure 64
    assert_output ''
    run_tare state nobody
    assert_failure 1
    assert_output ''
    assert_stderr "tare: state 'nobody': container \"nobody\" does not exist"
    [ ! -e "$state" ]
}
