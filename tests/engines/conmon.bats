#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# conmon without an engine: what it makes of a runtime's containers.

load ../helpers/tare
load ../helpers/terminal
load ../engines/conmon

setup_file() {
    runtime_retries
}

setup() {
    setup_conmon
}

teardown() {
    [ -z "${watch:-}" ] || by_hand delete --force "$id" 2>/dev/null || :
    teardown_bundle
}

@test "conmon: the pid, the log with both streams, the exit file" {
    witness_runs chain say out ';' complain err ';' exit 7
    watched
    assert_equal "$(answer)" "$(cat "$watch/pid")"
    assert_equal "$(by_hand state "$id" | jq -r .status)" created
    by_hand start "$id"
    assert_equal "$(ended)" 7
    assert_equal "$(logged stdout)" out
    assert_equal "$(logged stderr)" err
    gone
}

@test "conmon: the container is conmon's child when it has been created" {
    witness_runs sleep 1000
    watched
    wait_until 10 [ -s "$watch/conmon-pid" ]
    run sed -n 's/^PPid:\t//p' "/proc/$(cat "$watch/pid")/status"
    assert_output "$(cat "$watch/conmon-pid")"
    by_hand start "$id"
    by_hand kill "$id" KILL
    assert_equal "$(ended)" 137
    gone
}

@test "conmon: why a container could not be created" {
    config '.process.args = ["/no/such/command"]'
    watched
    refute [ "$(answer)" -gt 0 ]
    run jq -r .message "$watch/said"
    assert_output --partial '/no/such/command'
    assert_output --partial 'o such file or directory'
    nothing_left
}

@test "conmon: standard input and output of an attached client" {
    witness_runs chain line ';' line
    watched --stdin
    by_hand start "$id"
    printf 'one\ntwo\n' | timeout 60 socat -t 60 - \
        "UNIX-CONNECT:$watch/sockets/$id/attach,type=5" >"$watch/shown" || :
    assert_equal "$(ended)" 0
    # The first byte of each packet is the stream's number.
    run tr -d '\002' <"$watch/shown"
    assert_line line=one
    assert_line line=two
    gone
}

@test "conmon: a terminal, whose output is logged" {
    with_terminal terminal
    watched --terminal
    by_hand start "$id"
    assert_equal "$(ended)" 0
    run logged stdout
    assert_output --partial /dev/pts/0
    gone
}

@test "conmon: the terminal of an attached client" {
    with_terminal line
    watched --terminal --stdin
    by_hand start "$id"
    echo typed | timeout 60 socat -t 60 - \
        "UNIX-CONNECT:$watch/sockets/$id/attach,type=5" >"$watch/shown" || :
    assert_equal "$(ended)" 0
    run logged stdout
    assert_output --partial typed
    gone
}

# process WORD...: a process document for the witness.
process() {
    jq '.process | .args = ["/witness"] + $ARGS.positional' "$bundle/config.json" --args -- "$@" \
        >"$watch/process.json"
}

# executed OPTION...: conmon starts that process in the container, and says its pid.
executed() {
    runtime_is_called --exec --exec-process-spec "$watch/process.json" --bundle "$bundle" \
        --exit-dir "$watch/exec-ends" --container-pidfile "$watch/exec-pid" --name "$id" \
        --log-path "k8s-file:$watch/exec-log" --socket-dir-path "$watch/sockets" \
        --persist-dir "$watch" "$@"
}

runs_sleeping() {
    witness_runs sleep 1000
    watched
    by_hand start "$id"
    mkdir -p "$watch/exec-ends"
}

ends_sleeping() {
    by_hand kill "$id" KILL
    assert_equal "$(ended)" 137
    gone
}

@test "conmon: a process executed in a container, its log and its exit status" {
    runs_sleeping
    process chain say out ';' complain err ';' exit 9
    executed
    assert_equal "$(answer)" "$(cat "$watch/exec-pid")"
    wait_until 20 [ -s "$watch/exec-ends/$id" ]
    assert_equal "$(cat "$watch/exec-ends/$id")" 9
    run sed -n 's/^[^ ]* stdout F //p' "$watch/exec-log"
    assert_output out
    ends_sleeping
}

@test "conmon: a process at a terminal of its own" {
    with_terminal
    config '.process.terminal = false' # but it has the file system that makes terminals
    runs_sleeping
    process readlink /proc/self/fd/0
    jq '.terminal = true' "$watch/process.json" >"$watch/edited"
    mv "$watch/edited" "$watch/process.json"
    executed --terminal
    wait_until 20 [ -s "$watch/exec-ends/$id" ]
    assert_equal "$(cat "$watch/exec-ends/$id")" 0
    run cat "$watch/exec-log"
    assert_output --partial /dev/pts/0
    ends_sleeping
}

@test "conmon: why a process could not be executed" {
    runs_sleeping
    process
    jq '.args = ["/no/such/command"]' "$watch/process.json" >"$watch/edited"
    mv "$watch/edited" "$watch/process.json"
    executed
    refute [ "$(answer)" -gt 0 ]
    run jq -r .message "$watch/said"
    assert_output --partial 'o such file or directory'
    ends_sleeping
}

@test "conmon --sdnotify-socket: what the container notifies is relayed" {
    timeout 60 socat -u "UNIX-RECVFROM:$watch/notified,type=2" "OPEN:$watch/heard,creat" 3>&- &
    wait_until 10 [ -S "$watch/notified" ]
    mkdir -p "$bundle/notify" # where conmon makes its own socket, as Podman does
    config --arg from "$bundle/notify" '.process.env += ["NOTIFY_SOCKET=/run/notify/notify.sock"]
        | .mounts += [{ destination: "/run/notify", type: "bind", source: $from,
            options: ["bind"] }]'
    witness_runs notify READY=1
    watched --sdnotify-socket "$watch/notified"
    by_hand start "$id"
    assert_equal "$(ended)" 0
    wait_until 10 grep -q READY=1 "$watch/heard"
    gone
}

@test "conmon --timeout: kills the container, and no other" {
    witness_runs sleep 1000
    watched --timeout 1
    by_hand start "$id" || : # on a busy machine it may be over by now
    assert_equal "$(ended)" -1 # conmon's word for it
    gone
}

@test "conmon --no-new-keyring: is handed on" {
    witness_runs say out
    watched --no-new-keyring
    by_hand start "$id"
    assert_equal "$(ended)" 0
    assert_equal "$(logged stdout)" out
    gone
}
