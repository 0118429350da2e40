#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[LC12] [OP17] delete of a stopped container removes all that create has made" {
    start_container exit 0
    wait_until 5 has_status "$id" stopped
    run_tare delete "$id"
    assert_success
    assert_output ''
    assert_stderr ''
    nothing_left
}

@test "[E1.delete.2] [OP16] delete of a created or running container is an error without effect" {
    local word why="cannot delete a container that is not stopped"
    create_container sleep 100
    for word in created running; do
        run_tare delete "$id"
        assert_failure 1
        assert_output ''
        assert_stderr "tare: delete '$id': $why: it is $word
hint: kill it first, or use --force"
        has_status "$id" "$word"
        [ "$word" = running ] || tare start "$id"
    done
}

@test "[E1.delete.3] delete --force kills first" {
    create_container sleep 100
    tare delete --force "$id"
    nothing_left
    start_container sleep 100
    run_tare delete -f "$id"
    assert_success
    assert_output ''
    assert_stderr ''
    nothing_left
}

@test "(T63) delete --force ends what forks without an end, is stopped, or frozen" {
    local cgroup how
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    has_all() { [ "$(wc -l <"$cgroup/cgroup.procs")" -gt 5 ]; }
    for how in forks stopped frozen; do
        start_container chain spawn hop ';' spawn hop ';' spawn hop ';' \
            spawn sleep 100 ';' spawn sleep 100 ';' sleep 100
        cgroup=$TARE_TEST_CGROUP$(sed -n 's/^0:://p' "/proc/$(tare state "$id" | jq .pid)/cgroup")
        wait_until 10 has_all
        case $how in
        stopped) xargs kill -STOP <"$cgroup/cgroup.procs" || : ;; # those that hop are not met
        frozen) echo 1 >"$cgroup/cgroup.freeze" ;;
        esac
        run timeout 60 "$TARE" --root "$state" delete --force "$id"
        assert_success
        is_other_runtime || assert_output ''
        [ -z "$(cat "$cgroup/cgroup.procs" 2>/dev/null)" ]
        nothing_left
    done
}

# has_processes NUMBER: whether $cgroup has so many.
has_processes() {
    [ "$(wc -l <"$cgroup/cgroup.procs")" = "$1" ]
}

# calls_of_delete NUMBER: of system calls, for a container with so many processes.
calls_of_delete() {
    local cgroup calls=$BATS_TEST_TMPDIR/calls
    start_container crowd "$1"
    cgroup=$TARE_TEST_CGROUP$(sed -n 's/^0:://p' "/proc/$(tare state "$id" | jq .pid)/cgroup")
    wait_until 30 has_processes "$1"
    strace -qq -o "$calls" "$TARE" --root "$state" delete --force "$id"
    # Who waits for the last of them looks again and again.
    grep -vcE '^(nanosleep|poll|rmdir)\(' "$calls"
}

@test "(T63) delete --force makes as many calls for hundreds of processes as for two" {
    local pids few many
    command -v strace >/dev/null || skip "needs strace"
    needs cgroup.kill
    for pids in with without; do
        [ "$pids" = with ] || config 'del(.linux.namespaces[] | select(.type == "pid"))'
        few=$(calls_of_delete 2)
        many=$(calls_of_delete 300)
        [ "$many" -le $((few + 100)) ] || fail "$few calls for 2 processes, $many for 300"
    done
    nothing_left
}

# Processes that were killed, and end one by one, since a tracer lets go of each after so long.
hold_ends() {
    python3 - "$@" <<'PYTHON'
import ctypes, os, sys, time
PTRACE_SEIZE, PTRACE_DETACH, PTRACE_O_TRACEEXIT = 0x4206, 17, 0x40
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
ptrace.argtypes = [ctypes.c_long] * 4
pids = [int(pid) for pid in sys.argv[2:]]
for pid in pids:
    assert ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXIT) == 0
print("held", flush=True)
for pid in pids:
    os.waitpid(pid, 0)
for pid in pids:
    time.sleep(float(sys.argv[1]))
    ptrace(PTRACE_DETACH, pid, 0, 0)
PYTHON
}

@test "(T63) delete --force waits for init as long as others in its pid namespace still end" {
    local cgroup pid tracer said=$BATS_TEST_TMPDIR/said
    start_container crowd 4
    pid=$(tare state "$id" | jq .pid)
    cgroup=$TARE_TEST_CGROUP$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
    wait_until 10 has_processes 4
    : >"$said"
    # shellcheck disable=SC2046 # numbers
    hold_ends 4.5 $(grep -vx "$pid" "$cgroup/cgroup.procs") >"$said" 3>&- &
    tracer=$!
    wait_until 10 grep -qx held "$said"
    run_tare delete --force "$id"
    wait "$tracer"
    assert_success
    nothing_left
}

@test "[E1.delete.1] delete of an unknown container is an error, delete --force is not" {
    run_tare delete nobody
    assert_failure 1
    assert_stderr "tare: delete 'nobody': container \"nobody\" does not exist"
    run_tare delete --force nobody
    assert_success
    assert_output ''
    assert_stderr ''
    [ ! -e "$state" ]
}

@test "[E1.delete.4] [OP18] the id is free after delete" {
    local round
    for round in 1 2 3; do
        start_container exit "$round"
        wait_until 5 has_status "$id" stopped
        tare delete "$id"
    done
    nothing_left
}

@test "[E1.delete.5] delete removes cgroups below the container's, with the processes in them" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    start_container chain spawn sleep 100 ';' exit 0
    wait_until 5 has_status "$id" stopped
    local cgroup=$TARE_TEST_CGROUP/tare/$id process
    mkdir -p "$cgroup/a/b" "$cgroup/c"
    read -r process <"$cgroup/cgroup.procs"
    echo "$process" >"$cgroup/a/b/cgroup.procs"
    tare delete "$id"
    nothing_left
}

@test "delete is content when the cgroup is gone already" {
    start_container exit 0
    wait_until 5 has_status "$id" stopped
    wait_until 5 grep -qx 'populated 0' "$TARE_TEST_CGROUP/tare/$id/cgroup.events"
    rmdir "$TARE_TEST_CGROUP/tare/$id"
    run_tare delete "$id"
    assert_success
    nothing_left
}

@test "delete of one container leaves another alone" {
    create_container
    local other=other-$id
    tare create --bundle "$bundle" "$other" </dev/null >/dev/null 2>&1
    tare delete --force "$id"
    has_status "$other" created
    tare delete --force "$other"
    nothing_left
}

@test "delete --force removes what a killed create has left" {
    mkdir -p "$state/$id" "$TARE_TEST_CGROUP/tare/$id"
    cp "$bundle/config.json" "$state/$id/"
    echo '{"id": "half' >"$state/$id/state.json"
    run_tare delete --force "$id"
    assert_success
    nothing_left
}

@test "delete --regex removes all whose ids match" {
    local other
    for other in web-1 web-2 db; do
        tare create --bundle "$bundle" "$other" </dev/null >/dev/null 2>&1
    done
    run_tare delete --regex '^web-[0-9]+$'
    assert_failure 1
    assert_stderr_has "'web-1': cannot delete a container that is not stopped"
    run_tare delete --force --regex '^web-[0-9]+$'
    assert_success
    assert_output ''
    assert_equal "$(tare list --quiet)" db
    run_tare delete --regex '^web'
    assert_failure 1
    assert_stderr_has "no container matches '^web'"
    run_tare delete -f -r '^web'
    assert_success
    run_tare delete -f -r '('
    assert_failure 64
    tare delete -f -r .
    nothing_left
}

@test "one that cannot be opened now is not taken for a leftover" {
    local place
    command -v strace >/dev/null || skip "needs strace"
    start_container sleep 1000
    for place in "$state 1" "$state 2" "$state/$id 1"; do # itself, the container's, its record
        run strace -qq -o "$BATS_TEST_TMPDIR/calls" -P "${place% *}" \
            -e "inject=openat:error=EMFILE:when=${place##* }" "$TARE" --root "$state" delete --force "$id"
        assert_failure 1
        assert_output --partial '(EMFILE)'
        assert_equal "$(status_of "$id")" running
    done
    tare delete --force "$id"
    nothing_left
}
