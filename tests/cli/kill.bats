#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# trapping NUMBER...: a container that says which of these signals comes first.
trapping() {
    start_container trap "$@"
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/output"
}

got() {
    wait_until 5 has_status "$id" stopped
    assert_equal "$(tail -n 1 "$BATS_TEST_TMPDIR/output")" "got $1"
}

@test "[OP15] kill sends SIGTERM and says nothing" {
    trapping 15
    run_tare kill "$id"
    assert_success
    assert_output ''
    assert_stderr ''
    got 15
}

@test "[E1.kill.1] [OP15] kill takes names with and without SIG, in any case, and numbers" {
    local word
    for word in USR1 SIGUSR1 usr1 10; do
        trapping 10
        tare kill "$id" "$word"
        got 10
        tare delete "$id"
    done
}

@test "[E1.kill.1] [OP15] kill takes real-time signals as glibc counts them" {
    trapping 37 63
    tare kill "$id" SIGRTMIN+3
    got 37
    tare delete "$id"
    trapping 37 63
    tare kill "$id" RTMAX-1
    got 63
}

@test "[E1.kill.5] kill of a created container ends it" {
    create_container
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
}

@test "[E1.kill.3] [OP14] kill of a stopped container is an error, kill --all is not" {
    start_container exit 0
    wait_until 5 has_status "$id" stopped
    run_tare kill "$id" KILL
    assert_failure 1
    assert_output ''
    assert_stderr "tare: kill '$id': container not running"
    run_tare kill --all "$id" KILL
    assert_success
    assert_output ''
    assert_stderr ''
    run_tare kill -a "$id" 9
    assert_success
}

@test "kill --all reaches every process of the container" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    start_container chain spawn trap 10 12 ';' trap 10 12
    has_two_ready() { [ "$(grep -c ready "$BATS_TEST_TMPDIR/output")" = 2 ]; }
    wait_until 5 has_two_ready
    tare kill --all "$id" USR2
    has_two_answers() { [ "$(grep -c 'got 12' "$BATS_TEST_TMPDIR/output")" = 2 ]; }
    wait_until 5 has_two_answers
}

@test "[E1.kill.3] kill --all ends what init has left behind" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    start_container chain spawn sleep 100 ';' exit 0
    wait_until 5 has_status "$id" stopped
    local cgroup=$TARE_TEST_CGROUP/tare/$id
    grep -q . "$cgroup/cgroup.procs"
    tare kill --all "$id" KILL
    wait_until 5 grep -qx 'populated 0' "$cgroup/cgroup.events"
    tare delete "$id"
    nothing_left
}

@test "[E1.kill.4] without a pid namespace of the container's own, KILL ends more than init" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    start_container chain spawn sleep 100 ';' trap 10
    local cgroup=$TARE_TEST_CGROUP/tare/$id
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/output"
    tare kill "$id" USR1
    wait_until 5 grep -q 'got 10' "$BATS_TEST_TMPDIR/output"
    grep -qx 'populated 1' "$cgroup/cgroup.events"
    tare delete --force "$id"
    start_container chain spawn sleep 100 ';' sleep 100
    has_two() { [ "$(wc -l <"$cgroup/cgroup.procs")" = 2 ]; }
    wait_until 5 has_two
    tare kill "$id" KILL
    wait_until 5 grep -qx 'populated 0' "$cgroup/cgroup.events"
    tare delete "$id"
    nothing_left
}

@test "kill of what is no signal is a usage error, without effect" {
    start_container sleep 100
    local word
    for word in NOPE SIG 65 -1 0 0x9 ' 9' '9 ' +9 9.0 18446744073709551625 RTMIN+31 ''; do
        run_tare kill "$id" "$word"
        assert_failure 64
        assert_output ''
        has_status "$id" running
    done
    run_tare kill "$id" 65
    assert_stderr "tare: kill '$id': \"65\" is no signal
hint: it is a name, as TERM or RTMIN+3, or a number from 1 to 64"
    run_tare kill "$id" SIGtrm
    assert_failure 64
    assert_stderr "tare: kill '$id': \"SIGtrm\" is no signal
hint: did you mean 'TERM'?"
}

@test "[OP13] kill without an id, and of an unknown one" {
    run_tare kill
    assert_failure 64
    run_tare kill nobody KILL
    assert_failure 1
    assert_stderr "tare: kill 'nobody': container \"nobody\" does not exist"
}

@test "kill --regex reaches all whose ids match, and tells of those that it does not" {
    local other
    witness_runs sleep 100
    for other in web-1 web-2 db; do
        tare run --detach --bundle "$bundle" "$other" </dev/null >/dev/null 2>&1
    done
    run_tare kill --regex '^web' KILL
    assert_success
    wait_until 20 has_status web-1 stopped
    wait_until 20 has_status web-2 stopped
    has_status db running
    run_tare kill -r '^(web|db)' KILL
    assert_failure 1
    assert_stderr_has "'web-1': container not running"
    wait_until 20 has_status db stopped
    tare delete --regex '^(web-[12]|db)$'
    nothing_left
}
