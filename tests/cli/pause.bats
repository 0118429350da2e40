#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    cgroup=$TARE_TEST_CGROUP/tare/$id
}

teardown() {
    teardown_bundle
    [ -z "${late:-}" ] || end_late_process
}

is_frozen() {
    grep -qx "frozen $1" "$cgroup/cgroup.events"
}

# burns PID: whether the process gets any processor time within a quarter of a second.
burns() {
    local before after
    before=$(cut -d ' ' -f 14,15 "/proc/$1/stat")
    sleep 0.25
    after=$(cut -d ' ' -f 14,15 "/proc/$1/stat")
    [ "$before" != "$after" ]
}

pid_of() {
    tare state "$1" | jq .pid
}

@test "[E1.pause.1] pause halts a running container, resume lets it go on" {
    start_container burn 100
    local pid
    pid=$(pid_of "$id")
    wait_until 5 burns "$pid"
    run_tare pause "$id"
    assert_success
    assert_output ''
    assert_stderr ''
    wait_until 5 is_frozen 1
    has_status "$id" paused
    assert_equal "$(tare list --format json | jq -r '.[0].status')" paused
    run ! burns "$pid"
    run_tare resume "$id"
    assert_success
    assert_output ''
    assert_stderr ''
    is_frozen 0
    has_status "$id" running
    wait_until 5 burns "$pid"
    tare delete --force "$id"
    nothing_left
}

@test "[E1.pause.1] pause when paused, resume when not, and both when stopped are errors without effect" {
    start_container sleep 100
    run_tare resume "$id"
    assert_failure 1
    assert_output ''
    assert_stderr "tare: resume '$id': container not paused"
    tare pause "$id"
    run_tare pause "$id"
    assert_failure 1
    assert_stderr "tare: pause '$id': container already paused"
    has_status "$id" paused
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    run_tare pause "$id"
    assert_failure 1
    assert_stderr "tare: pause '$id': container not running"
    run_tare resume "$id"
    assert_failure 1
    assert_stderr "tare: resume '$id': container not paused"
    tare delete "$id"
    nothing_left
}

@test "a created container can be paused; start has to wait until it is resumed" {
    create_container say started
    tare pause "$id"
    has_status "$id" paused
    run_tare start "$id"
    assert_failure 1
    assert_stderr "tare: start '$id': cannot start a paused container"
    tare resume "$id"
    has_status "$id" created
    tare start "$id"
    wait_until 5 grep -qx started "$BATS_TEST_TMPDIR/output"
    wait_until 5 has_status "$id" stopped
}

# Killable, and so in state D; twice, since whoever moves to a cgroup may be in it for a moment.
waits_for_answer() {
    local _
    for _ in 1 2; do
        sleep 0.1
        grep -q '^[0-9]* (stat) D ' "/proc/$late/stat" || return 1
    done
}

# Puts a process into the cgroup that no freezer halts, since it waits in the kernel for an answer of
# a FUSE server that never comes, until nobody holds descriptor 9.
add_late_process() {
    local place=$BATS_TEST_TMPDIR/late
    mkdir "$place"
    [ -c /dev/fuse ] || skip 'needs FUSE'
    { exec 9<>/dev/fuse; } 2>/dev/null || skip 'needs FUSE'
    mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 late "$place"
    (
        echo "$BASHPID" >"$cgroup/cgroup.procs"
        exec stat "$place/file"
    ) </dev/null >/dev/null 2>&1 3>&- 9>&- &
    late=$!
    wait_until 5 waits_for_answer
}

end_late_process() {
    exec 9>&-
    wait "$late" || :
    umount -l "$BATS_TEST_TMPDIR/late"
    late=''
}

# Kills a pause that waits for the late process.
pause_half_way() {
    local pausing
    "$TARE" --root "$BATS_TEST_TMPDIR/state" pause "$id" </dev/null >/dev/null 2>&1 3>&- 9>&- &
    pausing=$!
    wait_until 5 grep -qx 1 "$cgroup/cgroup.freeze"
    kill -STOP "$pausing"
    has_status "$id" paused
    kill -KILL "$pausing"
    wait "$pausing" || :
    is_frozen 0
    has_status "$id" paused
}

@test "a container that cannot be paused in time goes on, and is told so" {
    start_container sleep 100
    add_late_process
    run_tare --timeout 2s pause "$id"
    assert_failure 1
    assert_output ''
    assert_stderr_has 'freeze the cgroup'
    has_status "$id" running
    assert_equal "$(cat "$cgroup/cgroup.freeze")" 0
    end_late_process
    tare exec "$id" /witness say hello
}

# Else exec and start hang: what is born into such a cgroup stands still at once.
@test "a container whose pause was killed half way is paused, and can be resumed" {
    local was
    for was in running created; do
        create_container sleep 100
        [ "$was" = created ] || tare start "$id"
        add_late_process
        pause_half_way
        run timeout -s KILL 20 "$TARE" --root "$BATS_TEST_TMPDIR/state" exec "$id" /witness say hello
        assert_failure
        assert_output --partial 'cannot exec in a paused container'
        run_tare --timeout 5s start "$id"
        assert_failure 1
        assert_stderr_has 'cannot start a paused container'
        run_tare --timeout 2s pause "$id"
        assert_failure 1
        assert_stderr_has 'freeze the cgroup'
        has_status "$id" "$was"
        pause_half_way
        tare resume "$id"
        has_status "$id" "$was"
        pause_half_way
        exec 9>&- # that process goes on, and stands still
        wait_until 5 is_frozen 1
        run_tare pause "$id"
        assert_failure 1
        assert_stderr_has 'container already paused'
        tare resume "$id"
        end_late_process
        tare exec "$id" /witness say hello
        tare delete --force "$id"
        rmdir "$BATS_TEST_TMPDIR/late"
    done
    nothing_left
}

@test "pause reaches many processes, and those in cgroups below" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    local words=() i pids
    for i in {1..40}; do
        words+=(spawn burn 100 ';')
    done
    start_container chain "${words[@]}" burn 100
    has_all() { [ "$(wc -l <"$cgroup/cgroup.procs")" = 41 ]; }
    wait_until 10 has_all
    mkdir -p "$cgroup/below/deep"
    pids=$(tail -n 10 "$cgroup/cgroup.procs")
    for i in $pids; do
        echo "$i" >"$cgroup/below/deep/cgroup.procs"
    done
    tare pause "$id"
    # Linux 6.18 takes the word back for a moment, in either of them, seen on a busy machine.
    wait_until 5 is_frozen 1
    wait_until 5 grep -qx 'frozen 1' "$cgroup/below/deep/cgroup.events"
    run ! burns "$(tail -n 1 "$cgroup/below/deep/cgroup.procs")"
    tare resume "$id"
    wait_until 5 grep -qx 'frozen 0' "$cgroup/below/deep/cgroup.events"
    tare pause "$id"
    tare delete --force "$id"
    nothing_left
}

@test "KILL ends a paused container; any other signal comes when it is resumed" {
    start_container trap 10
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/output"
    tare pause "$id"
    tare kill "$id" USR1
    sleep 0.1
    has_status "$id" paused
    tare resume "$id"
    wait_until 5 grep -q 'got 10' "$BATS_TEST_TMPDIR/output"
    wait_until 5 has_status "$id" stopped
    tare delete "$id"

    start_container sleep 100
    tare pause "$id"
    run_tare kill "$id" KILL
    assert_success
    wait_until 5 has_status "$id" stopped
    tare delete "$id"
    nothing_left
}

@test "KILL ends all of a paused container without a pid namespace of its own" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    start_container chain spawn sleep 100 ';' sleep 100
    has_two() { [ "$(wc -l <"$cgroup/cgroup.procs")" = 2 ]; }
    wait_until 5 has_two
    tare pause "$id"
    tare kill "$id" KILL
    wait_until 5 grep -qx 'populated 0' "$cgroup/cgroup.events"
    tare delete "$id"
    nothing_left
}

@test "[OP17] delete of a paused container is an error, delete --force is not" {
    start_container sleep 100
    tare pause "$id"
    run_tare delete "$id"
    assert_failure 1
    assert_stderr_has 'it is paused'
    has_status "$id" paused
    tare delete --force "$id"
    nothing_left
}

@test "a container whose cgroup was there before can be paused, and leaves it thawed" {
    mkdir "$TARE_TEST_CGROUP/mine"
    config '.linux.cgroupsPath = "/mine"'
    start_container sleep 100
    tare pause "$id"
    grep -qx 'frozen 1' "$TARE_TEST_CGROUP/mine/cgroup.events"
    tare delete --force "$id"
    assert_equal "$(cat "$TARE_TEST_CGROUP/mine/cgroup.freeze")" 0
    rmdir "$TARE_TEST_CGROUP/mine"
    nothing_left
}

@test "a container that has no cgroup cannot be paused" {
    witness_runs sleep 100
    tare --cgroup-manager disabled create --bundle "$bundle" "$id" </dev/null >/dev/null
    tare start "$id"
    run_tare pause "$id"
    assert_failure 1
    assert_output ''
    assert_stderr "tare: pause '$id': the container has no cgroup of its own
hint: what is paused is a cgroup: create the container with one"
    has_status "$id" running
    tare delete --force "$id"
    nothing_left
}

@test "resume says so when a cgroup above is what is frozen" {
    start_container sleep 100
    echo 1 >"$TARE_TEST_CGROUP/tare/cgroup.freeze"
    wait_until 5 has_status "$id" paused
    run_tare pause "$id"
    assert_failure 1
    assert_stderr_has 'already paused'
    run_tare resume "$id"
    echo 0 >"$TARE_TEST_CGROUP/tare/cgroup.freeze"
    assert_failure 1
    assert_stderr "tare: resume '$id': a cgroup above its own is frozen, too"
    wait_until 5 has_status "$id" running
}

@test "pause and resume without an id, and of an unknown one" {
    local command
    for command in pause resume; do
        run_tare "$command"
        assert_failure 64
        assert_stderr_has '<id> is missing'
        run_tare "$command" nobody
        assert_failure 1
        assert_stderr "tare: $command 'nobody': container \"nobody\" does not exist"
    done
}
