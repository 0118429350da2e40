#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# A container whose process lives on when its first thread has ended: /proc shows it as a zombie.

load ../helpers/tare

setup() {
    setup_bundle
}

looks_ended() {
    grep -q '^State:[[:space:]]*Z' "/proc/$init/status"
}

# start_behind [OPTION...]: starts such a container; the options are tare's.
start_behind() {
    witness_runs behind sleep 1000
    tare "$@" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    init=$(tare state "$id" | jq .pid)
    tare start "$id"
    wait_until 5 looks_ended
}

@test "it is running, can be waited for, and is not deleted" {
    start_behind
    has_status "$id" running
    run_tare --timeout 100ms wait "$id"
    assert_failure
    assert_output ''
    run_tare delete "$id"
    assert_failure 1
    assert_stderr "tare: delete '$id': cannot delete a container that is not stopped: it is running
hint: kill it first, or use --force"
    tare delete --force "$id"
    nothing_left
}

@test "kill and kill --all reach it" {
    local option
    for option in '' --all; do
        start_behind
        # shellcheck disable=SC2086 # no word, or one
        run_tare kill $option "$id" KILL
        assert_success
        wait_until 5 has_status "$id" stopped
        tare delete "$id"
    done
    nothing_left
}

@test "delete --force ends also another process than init that lives on so" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    start_container chain spawn behind sleep 1000 ';' sleep 1000
    init=$(pgrep -P "$(tare state "$id" | jq .pid)")
    wait_until 5 looks_ended
    run_tare delete --force "$id"
    assert_success
    nothing_left
}

@test "without a cgroup it is not forgotten while it lives" {
    start_behind --cgroup-manager disabled
    run_tare --cgroup-manager disabled delete "$id"
    assert_failure 1
    has_status "$id" running
    tare --cgroup-manager disabled delete --force "$id"
    nothing_left
}

@test "exec says why it cannot enter it, and events leaves out what cannot be seen" {
    start_behind
    run_tare exec "$id" /witness say hello
    assert_failure 1
    assert_output ''
    assert_stderr "tare: exec '$id': the main thread of the container's process has ended, though \
others run on: its namespaces cannot be entered
hint: nothing but kill and delete is left for such a container"
    run_tare events --stats "$id"
    assert_success
    assert_stderr ''
    jq -e '.type == "stats" and (.data | has("network_interfaces") | not)' <<<"$output"
    tare delete --force "$id"
    nothing_left
}

# Where /proc hides processes of others ----------------------------------------------------------

# hidden WITHOUT ARGUMENT...: tare with a /proc that shows it nobody but its like, and without these
# capabilities.
hidden() {
    run --separate-stderr unshare --mount "$BASH" -ec '
        mount -t proc -o hidepid=2,gid=54321 proc /proc
        exec setpriv --bounding-set="$1" --inh-caps="$1" -- "${@:2}"
        ' hidden "$1" "$TARE" --root "$state" "${@:2}"
}

@test "a process that /proc hides has not ended: the error says what hides it" {
    local words init
    config '.process.user = { uid: 1000, gid: 1000 }'
    start_container sleep 1000
    init=$(tare state "$id" | jq .pid)
    words="process $init is there, but /proc does not show whether it is the container's
hint: /proc is mounted with hidepid: mount it without (mount -o remount,hidepid=off /proc), or ask \
as root"
    hidden -sys_ptrace state "$id"
    assert_failure 1
    assert_stderr "tare: state '$id': $words"
    hidden -sys_ptrace delete "$id"
    assert_failure 1
    assert_stderr "tare: delete '$id': $words"
    has_status "$id" running
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    hidden -sys_ptrace delete "$id"
    assert_success
    nothing_left
}

@test "a hidden process that is somebody else's is not the container's" {
    local stranger
    start_container exit 0
    wait_until 5 has_status "$id" stopped
    setpriv --reuid 54320 --clear-groups sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
    stranger=$!
    wait_until 5 grep -q '^Uid:[[:space:]]*54320' "/proc/$stranger/status"
    jq --argjson pid "$stranger" '.pid = $pid' "$state/$id/state.json" >"$BATS_TEST_TMPDIR/edited"
    cat "$BATS_TEST_TMPDIR/edited" >"$state/$id/state.json"
    hidden -sys_ptrace,-kill delete "$id"
    kill "$stranger"
    wait "$stranger" || :
    assert_stderr ''
    assert_success
    nothing_left
}
