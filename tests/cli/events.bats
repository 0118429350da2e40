#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare
load ../helpers/rootless

setup() {
    setup_bundle
}

# begin_events [OPTION...]: events of the container in the background; what they say goes to $said.
begin_events() {
    said=$BATS_TEST_TMPDIR/said
    "$TARE" --root "$state" events "$@" "$id" >"$said" 2>&1 3>&- &
    events=$!
}

has_said() {
    [ "$(wc -l <"$said")" -ge "$1" ]
}

@test "[E1.events.1] events --stats prints once what a container uses" {
    start_container sleep 100
    run_tare events --stats "$id"
    assert_success
    assert_stderr ''
    assert_equal "${#lines[@]}" 1
    jq -e --arg id "$id" '.type == "stats" and .id == $id and (.data |
        .cpu.usage.total > 0 and .cpu.usage.total >= .cpu.usage.user and
        (.pids | type) == "object" and (.memory.usage | type) == "object" and
        (.blkio | type) == "object" and (.hugetlb | type) == "object" and
        .network_interfaces[0].Name == "lo" and .network_interfaces[0].RxBytes == 0)' <<<"$output"
    if [ -e "$TARE_TEST_CGROUP/tests/cpu.pressure" ]; then
        jq -e '.data | [.cpu, .memory, .blkio] | all(.psi.some |
            .avg10 >= 0 and .avg60 >= 0 and .avg300 >= 0 and .total >= 0)' <<<"$output"
    fi
    tare delete --force "$id"
    nothing_left
}

@test "the interfaces are those of a network namespace of the container's own" {
    config 'del(.linux.namespaces[] | select(.type == "network"))'
    start_container sleep 100
    run_tare events --stats "$id"
    assert_success
    jq -e '.data | has("network_interfaces") | not' <<<"$output"
    tare delete --force "$id"
    nothing_left
}

# has_grown: what it has burnt, as far as lines are whole.
has_grown() {
    jq -es '.[0].data.cpu.usage.total < .[-1].data.cpu.usage.total' "$said" 2>/dev/null
}

@test "[E1.events.1] events goes on, line by line, until the container ends" {
    local before
    start_container burn 100
    begin_events --interval 50ms
    wait_until 20 has_grown
    tare pause "$id"
    before=$(wc -l <"$said")
    wait_until 20 has_said $((before + 2))
    tare resume "$id"
    tare kill "$id" KILL
    wait "$events"
    jq -es --arg id "$id" 'all(.type == "stats" and .id == $id) and
        [.[].data.cpu.usage.total] == ([.[].data.cpu.usage.total] | sort) and
        .[0].data.cpu.usage.total < .[-1].data.cpu.usage.total' "$said"
    tare delete "$id"
    nothing_left
}

@test "events sees the end also when a line takes longer than the interval" {
    start_container sleep 100
    said=$BATS_TEST_TMPDIR/said
    timeout 60 "$TARE" --root "$state" events --interval 1ns "$id" >"$said" 3>&- &
    events=$!
    wait_until 20 has_said 2
    tare kill "$id" KILL
    wait "$events"
    tare delete "$id"
    nothing_left
}

@test "events goes on when files of the cgroup go" {
    needs_cgroup_file cgroup.pressure
    local place before
    start_container sleep 100
    place=$(jq -r '"\(.cgroupMount)/\(.cgroupPath)"' "$state/$id/state.json")
    [ -e "$place/cpu.pressure" ] || skip "needs pressure stall information"
    begin_events --interval 20ms
    wait_until 20 has_said 1
    echo 0 >"$place/cgroup.pressure"
    before=$(wc -l <"$said")
    wait_until 20 has_said $((before + 2)) # the next one may have been begun
    kill -0 "$events"
    tare kill "$id" KILL
    wait "$events"
    jq -es --argjson before "$before" 'all(.data.cpu.usage.total > 0) and
        (.[0].data.cpu | has("psi")) and (.[$before + 1].data.cpu | has("psi") | not)' "$said"
    tare delete "$id"
    nothing_left
}

@test "events works behind a container that is deleted by force, and one that is only created" {
    create_container sleep 100
    begin_events --interval 50ms
    wait_until 20 has_said 1
    tare delete --force "$id"
    wait "$events"
    jq -e . "$said"
    nothing_left
}

@test "events ends when nobody reads any more" {
    start_container sleep 100
    run timeout 60 bash -c '"$1" --root "$2" events --interval 20ms "$3" | head -n 1' \
        . "$TARE" "$state" "$id"
    assert_success
    jq -e .data <<<"$output"
    "$TARE" --root "$state" events --interval 1h "$id" > >(exec 3>&-; :) 2>&1 3>&- &
    wait $!
    tare delete --force "$id"
    nothing_left
}

@test "(R24) events confines itself: no rights, no files, few system calls" {
    start_container sleep 100
    begin_events --interval 20ms
    wait_until 20 has_said 1
    is_confined "$events" || fail "$(cat "/proc/$events/status")"
    kill "$events"
    tare delete --force "$id"
    nothing_left
}

@test "events of a container that does not run, or has no cgroup, is an error" {
    run_tare events "$id"
    assert_failure 1
    assert_stderr_has "container \"$id\" does not exist"
    start_container exit 0
    wait_until 20 has_status "$id" stopped
    for option in --stats --interval=1s; do
        run_tare events "$option" "$id"
        assert_failure 1
        assert_output ''
        assert_stderr "tare: events '$id': container not running"
    done
    tare delete "$id"
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    witness_runs sleep 100
    tare --cgroup-manager disabled create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    run_tare events --stats "$id"
    assert_failure 1
    assert_stderr_has 'has no cgroup of its own'
    tare delete --force "$id"
    nothing_left
}

@test "events --stats of a container that ends meanwhile, whatever /proc says of it then" {
    local number tracer log=$BATS_TEST_TMPDIR/log
    command -v strace >/dev/null || skip "needs strace"
    needs_own_calls
    for number in EACCES ESRCH; do
        start_container sleep 100
        # It stands still behind the refusal, until the container has ended.
        : >"$log"
        strace -o "$log" -P "$(tare state "$id" | jq .pid)/ns/mnt" -e trace=%%stat \
            -e "inject=%%stat:error=$number:signal=STOP" \
            "$TARE" --root "$state" events --stats "$id" \
            </dev/null >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
        tracer=$!
        wait_until 10 grep -q 'stopped by SIGSTOP' "$log"
        tare kill "$id" KILL
        wait_until 10 has_status "$id" stopped
        pkill -CONT -P "$tracer"
        ! wait "$tracer" || fail "events --stats has worked"
        assert_equal "$(grep '^tare:' "$BATS_TEST_TMPDIR/said")" \
            "tare: events '$id': container not running"
        tare delete "$id"
    done
    nothing_left
}

@test "--interval takes lengths of time as Go does" {
    for interval in 0 0s 5 -1s 1d ''; do
        run_tare events --interval "$interval" "$id"
        assert_failure 64
        assert_stderr_has "--interval '$interval' is no length of time"
    done
}

@test "a plain user sees what his container uses in a delegated cgroup" {
    need_user_namespaces
    make_users_own
    enter_delegated_cgroup
    maps_ids 1000 1
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    witness_runs sleep 100
    plain "$TARE" --root "$state" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    run plain "$TARE" --root "$state" events --stats "$id"
    assert_success
    jq -e '.data.cpu.usage.total > 0' <<<"$output"
    plain "$TARE" --root "$state" delete --force "$id"
    leave_cgroup
    nothing_left
}
