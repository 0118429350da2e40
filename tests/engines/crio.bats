#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# CRI-O, which Debian has not, through what Debian has of it: conmon.  It is called with the words of
# CRI-O's internal/oci/runtime_oci.go, and by what contrib/'s file says; so is the runtime beside it.

load ../helpers/tare
load ../helpers/terminal
load ../engines/runtime

contrib=${helpers%/tests/helpers}/contrib

setup_file() {
    runtime_retries
}

setup() {
    setup_bundle
    [ -z "$(runtime_lacks)" ] || skip "$(runtime_lacks)"
    command -v conmon >/dev/null || skip "needs conmon"
    python3 -c 'import tomllib' 2>/dev/null || skip "needs Python 3.11"
    runtime_attempt
    is_tare || config '.ociVersion = "1.0.2"'
    watch=$BATS_TEST_TMPDIR/watch
    mkdir -p "$watch"/{ends,sockets,persist}
    read_file
    # The mounts of a test's run are its own.
    mount -t tmpfs -o mode=755 tmpfs /usr/local/bin
    ln -s "$runtime_path" /usr/local/bin/tare
    # shellcheck disable=SC2034 # nothing_left() compares with it
    snapshot_before=$(snapshot)
}

teardown() {
    if mountpoint --quiet /usr/local/bin; then
        by_hand delete --force "$id" || :
        umount /usr/local/bin
    fi
    teardown_bundle
    runtime_unmount
}

# read_file: $program and $root are what 10-tare.conf names.
read_file() {
    local words
    words=$(python3 -c 'import sys, tomllib
runtime = tomllib.load(sys.stdin.buffer)["crio"]["runtime"]["runtimes"]["tare"]
print(runtime["runtime_path"], runtime["runtime_root"])' <"$contrib/crio/10-tare.conf")
    read -r program root <<<"$words"
}

# by_hand COMMAND...: the runtime, as CRI-O calls it beside conmon.
by_hand() {
    env --ignore-environment XDG_RUNTIME_DIR=/run/user/0 "$program" --root "$root" "$@"
}

# conmon_with WORD...: what all its calls have.  It waits for a byte, with which CRI-O says that it
# has moved conmon to its cgroup.
conmon_with() {
    env --ignore-environment _OCI_SYNCPIPE=5 _OCI_STARTPIPE=6 "$(command -v conmon)" -c "$id" \
        -n k8s_name -r "$program" --runtime-arg "--root=$root" --log-level info \
        --socket-dir-path "$watch/sockets" "$@" 5>"$watch/said" 6<<<'' </dev/null >/dev/null 3>&-
}

# created WORD...: conmon makes the container, and says its pid.
created() {
    conmon_with -b "$bundle" -u "$id" --exit-dir "$watch/ends" -l "$watch/log" -P "$watch/conmon" \
        -p "$bundle/pidfile" --persist-dir "$watch/persist" --syslog "$@"
    wait_until 20 [ -s "$watch/said" ]
}

# process WORD...: what CRI-O writes for a process to be executed.
process() {
    jq '.process | .args = ["/witness"] + $ARGS.positional' "$bundle/config.json" --args -- "$@" \
        >"$watch/process.json"
}

# executed_in_sync: with the file for the pid that CRI-O has made; conmon says pid and status, and
# ends with the status, too.
executed_in_sync() {
    : >"$watch/exec-pid"
    : >"$watch/exec-log"
    run conmon_with -p "$watch/exec-pid" -e -l "$watch/exec-log" --sync -T 60 \
        --exec-process-spec "$watch/process.json"
    wait_until 20 grep -q exit_code "$watch/said"
}

has_ended_with() {
    [ "$(cat "$watch/ends/$id" 2>/dev/null)" = "$1" ]
}

@test "cri-o: a container's life, by the words of its calls" {
    witness_runs chain say out ';' complain err ';' sleep 1000
    created
    assert_equal "$(jq .pid "$watch/said")" "$(cat "$bundle/pidfile")"
    run jq -r '.status, .pid' <<<"$(by_hand state "$id")"
    assert_output "created
$(cat "$bundle/pidfile")"
    by_hand start "$id"
    wait_until 20 grep -q ' stderr F err' "$watch/log"
    run sed -n 's/^[^ ]* stdout F //p' "$watch/log"
    assert_output out
    date --date "$(by_hand state "$id" | jq -r .created)" >/dev/null
    echo '{}' | by_hand update --resources - "$id"
    by_hand pause "$id"
    assert_equal "$(by_hand state "$id" | jq -r .status)" paused
    by_hand resume "$id"
    by_hand kill "$id" KILL
    wait_until 20 has_ended_with 137
    # What it does when one is to be stopped that has ended: a failure that says so, in its words.
    run by_hand kill "$id" 15
    assert_failure
    assert_output --regexp 'no such process|container not running|process already finished'
    by_hand delete --force "$id"
    by_hand delete --force "$id"
    run by_hand state "$id"
    assert_failure
    assert_output --partial 'does not exist'
    nothing_left
}

@test "cri-o: a process in sync, with its words and its status; one that is not there" {
    witness_runs sleep 1000
    created
    by_hand start "$id"
    process chain say out ';' complain err ';' exit 9
    executed_in_sync
    assert_equal "$(jq --slurp '.[-1].exit_code' "$watch/said")" 9
    run sed -n 's/^[^ ]* \(std[a-z]* F .*\)/\1/p' "$watch/exec-log"
    assert_line 'stdout F out'
    assert_line 'stderr F err'
    jq '.args = ["/no/such/command"]' "$watch/process.json" >"$watch/edited"
    mv "$watch/edited" "$watch/process.json"
    executed_in_sync
    run jq --slurp -r '.[-1] | .exit_code, .message' "$watch/said"
    assert_line -- -1
    assert_output --regexp 'no such file or directory|executable file not found'
}

@test "cri-o: a process whose streams are its client's, and that gets no terminal" {
    witness_runs sleep 1000
    created
    by_hand start "$id"
    process line
    run by_hand exec --process "$watch/process.json" "$id" <<<typed
    assert_success
    assert_output line=typed
    process exit 7
    run by_hand exec --process "$watch/process.json" "$id"
    assert_failure 7
}

@test "cri-o: a terminal, which conmon is given" {
    with_terminal readlink /proc/self/fd/0
    created -t
    by_hand start "$id"
    wait_until 20 has_ended_with 0
    run cat "$watch/log"
    assert_output --partial /dev/pts/0
}

@test "cri-o: why a container could not be created, and no cgroup or state of it" {
    config '.process.args = ["/no/such/command"]'
    created
    run jq -r '.pid, .message' "$watch/said"
    assert_line -- -1
    assert_output --regexp 'no such file or directory|executable file not found'
    by_hand delete --force "$id"
    nothing_left
}
