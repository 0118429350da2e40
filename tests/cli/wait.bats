#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    waited=$BATS_TEST_TMPDIR/waited
}

# tells_outcomes: whether this Linux says how somebody else's child has ended (6.15).
tells_outcomes() {
    ! lacks PIDFD_GET_INFO
}

# assert_waited STATUS [NUMBER]: a waiter has ended well and printed this status.
assert_waited() {
    local expected=''
    ! tells_outcomes || expected=$1
    assert_equal "$(cat "$waited${2:-}")" "$expected"
}

# number_polls: the numbers of poll(2) and its sisters on this machine, a line each.
number_polls() {
    local machine
    case $(uname -m) in
    i?86) machine=x86 ;;
    arm*) machine=arm ;;
    *) machine=$(uname -m | sed 's/^\(ppc64\|mips64\|mips\)\(le\|el\)$/\1/') ;;
    esac
    awk -F , -v machine="$machine" '
        $1 == "name" { for (i = 2; i <= NF; i++) if ($i == machine) column = i }
        /^p?poll(_time64)?,/ && column && $column ~ /^[0-9]+$/ { print $column }' \
        "$BATS_TEST_DIRNAME/../../contrib/syscalls/syscalls.csv"
}

# is_waiting PID: the process sleeps in poll(2), for ever; some kernels do not tell by name.
is_waiting() {
    [ "$(cut -d ' ' -f 3 "/proc/$1/stat")" = S ] || return 1
    grep -q poll "/proc/$1/wchan" || cut -d ' ' -f 1 "/proc/$1/syscall" | grep -qxf <(number_polls)
}

# assert_ended STATUS PID: our own child.  `run` cannot tell: it is a child of whoever asks there only
# if it has ended before.
assert_ended() {
    local result=0
    wait "$2" || result=$?
    assert_equal "$result" "$1"
}

# start_waiter [NUMBER]: one in the background, as $waiter.
start_waiter() {
    "$TARE" --root "$state" wait "$id" >"$waited${1:-}" 2>&1 </dev/null 3>&- &
    waiter=$!
    wait_until 5 is_waiting "$waiter"
}

@test "wait ends with the container, and prints how that ended" {
    start_container trap 10
    start_waiter
    tare kill "$id" USR1
    wait "$waiter"
    assert_waited 0
    has_status "$id" stopped
    tare delete "$id"

    create_container exit 7
    start_waiter
    tare start "$id"
    wait "$waiter"
    assert_waited 7
    tare delete "$id"
    nothing_left
}

@test "wait prints 128 and the number of the signal that ended the container" {
    start_container sleep 100
    start_waiter
    tare kill "$id" KILL
    wait "$waiter"
    assert_waited 137
}

@test "wait sleeps all the while" {
    start_container sleep 100
    start_waiter
    local before after
    before=$(grep ctxt "/proc/$waiter/status")
    sleep 0.5
    after=$(grep ctxt "/proc/$waiter/status")
    assert_equal "$after" "$before"
    tare kill "$id" KILL
    wait "$waiter"
}

@test "many can wait, while others pause, resume and kill" {
    start_container trap 10
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/output"
    local waiters=() number
    for number in 1 2 3 4 5; do
        start_waiter "$number"
        waiters+=("$waiter")
    done
    tare pause "$id"
    has_status "$id" paused
    tare resume "$id"
    tare kill "$id" USR1
    for number in 1 2 3 4 5; do
        wait "${waiters[number - 1]}"
        assert_waited 0 "$number"
    done
}

@test "a container can be deleted, and its id used again, while it is waited for" {
    start_container sleep 100
    start_waiter
    tare delete --force "$id"
    wait "$waiter"
    assert_waited 137
    start_container sleep 100
    tare delete --force "$id"
    nothing_left
}

@test "wait for a created container" {
    create_container say hello
    start_waiter
    tare kill "$id" KILL
    wait "$waiter"
    assert_waited 137
}

@test "wait for a stopped container returns at once" {
    start_container exit 3
    wait_until 5 has_status "$id" stopped
    run_tare wait "$id"
    assert_success
    assert_output ''
    assert_stderr ''
}

# What is stopped here does not reap its child: the container.
@test "an init that nobody reaps has ended" {
    witness_runs sleep 100
    "$TARE" --root "$state" run --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&- &
    local runner=$!
    wait_until 5 has_status "$id" running
    local pid
    pid=$(tare state "$id" | jq .pid)
    start_waiter
    kill -STOP "$runner"
    tare kill "$id" KILL
    wait "$waiter"
    assert_equal "$(cat "$waited")" ''
    grep -q '^State:.Z' "/proc/$pid/status"
    run_tare wait "$id"
    assert_success
    assert_output ''
    assert_equal "$(tare ps --format json "$id")" '[]'
    kill -CONT "$runner"
    assert_ended 137 "$runner"
    nothing_left
}

@test "SIGTERM and SIGINT end who waits, and nobody else" {
    start_container sleep 100
    start_waiter
    kill -TERM "$waiter"
    assert_ended 143 "$waiter"
    has_status "$id" running
    # A shell lets what it starts in the background ignore SIGINT.
    run -124 timeout --signal INT 0.5 "$TARE" --root "$state" wait "$id"
    has_status "$id" running
}

@test "wait for a container that create has not finished" {
    local hook=$BATS_TEST_TMPDIR/hook
    mkfifo "$BATS_TEST_TMPDIR/go"
    printf '#!/bin/sh\nread -r line <%s\n' "$BATS_TEST_TMPDIR/go" >"$hook"
    chmod +x "$hook"
    config --arg path "$hook" '.hooks.createRuntime = [{ path: $path }]'
    witness_runs sleep 100
    "$TARE" --root "$state" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&- &
    local creator=$!
    wait_until 5 has_status "$id" creating
    "$TARE" --root "$state" wait "$id" >"$waited" 2>&1 </dev/null 3>&- &
    waiter=$!
    sleep 0.2
    echo >"$BATS_TEST_TMPDIR/go"
    wait "$creator"
    wait_until 5 is_waiting "$waiter"
    tare delete --force "$id"
    wait "$waiter"
    assert_waited 137
    nothing_left
}

@test "wait without an id, and for an unknown one" {
    run_tare wait
    assert_failure 64
    assert_stderr_has '<id> is missing'
    run_tare wait nobody
    assert_failure 1
    assert_output ''
    assert_stderr "tare: wait 'nobody': container \"nobody\" does not exist"
}
