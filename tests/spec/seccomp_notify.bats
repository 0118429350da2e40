#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    needs_seccomp
    setup_bundle
    agent=$BATS_TEST_TMPDIR/agent
    heard=$BATS_TEST_TMPDIR/heard
    getppid=$("$witness" number getppid)
    config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerPath: $agent,
        syscalls: [{ names: ["getppid"], action: "SCMP_ACT_NOTIFY" }] }' --arg agent "$agent"
}

teardown() {
    [ -z "${agent_pid:-}" ] || kill "$agent_pid" 2>/dev/null || :
    teardown_bundle
}

# start_agent HOW...: as tests/helpers/seccomp_agent.c says; what it hears is in $heard.
start_agent() {
    rm -f "$agent" "$heard"
    "$build/tests/helpers/seccomp_agent" "$agent" "$heard" "$@" 3>&- &
    agent_pid=$!
    wait_until 5 test -S "$agent"
}

# ends_agent: it ends by itself when nobody is left who could ask.
ends_agent() {
    wait "$agent_pid"
    agent_pid=
}

# hears_all: create can end before the agent has written down what it was sent.
hears_all() {
    wait_until 5 grep -qx end "$heard"
}

at_both_places() {
    for late in false true; do
        config ".process.noNewPrivileges = $late"
        "$@"
    done
}

asks_the_agent() {
    start_agent "$getppid" 95
    run_container chain call getppid ';' call getuid
    assert_success
    assert_output $'EOPNOTSUPP\nok'
    ends_agent
    assert_equal "$(tail -n +2 "$heard")" "fds=1
listener=ok
end
call=$getppid"
    nothing_left
}

@test "[S6] [S19] the agent gets the listener, once, and answers" {
    at_both_places asks_the_agent
}

waits_and_asks() {
    start_agent "$getppid" 95
    create_container call getppid
    assert_equal "$(status_of "$id")" created
    hears_all # the connection is closed, not kept for start
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(cat "$BATS_TEST_TMPDIR/output")" EOPNOTSUPP
    tare delete "$id"
    ends_agent
    nothing_left
}

@test "[S6] create hands the listener over" {
    at_both_places waits_and_asks
}

@test "[S8] [S20] [S21] [S22] [S23] [S24] the state that is sent" {
    config '.linux.seccomp.listenerMetadata = "opaque \"words\"" | .annotations = { a: "b" }'
    start_agent allow
    create_container
    hears_all
    local sent pid
    sent=$(head -n 1 "$heard")
    pid=$(tare state "$id" | jq .pid)
    assert_equal "$(jq -c 'del(.state)' <<<"$sent")" \
        '{"ociVersion":"1.3.0","fds":["seccompFd"],"pid":'"$pid"',"metadata":"opaque \"words\""}'
    assert_equal "$(jq -cS .state <<<"$sent")" \
        "$(tare state "$id" | jq -cS '.status = "creating"')"
    tare delete --force "$id"
    ends_agent
}

@test "[S8] without metadata there is none" {
    start_agent allow
    run_container
    hears_all
    assert_equal "$(head -n 1 "$heard" | jq 'has("metadata")')" false
}

@test "[S19] a long state is sent in parts, the descriptor with the first" {
    config '.annotations = ([range(3000) | { "key\(.)": "a value that is long enough \(.)" }] | add)'
    start_agent "$getppid" 95
    run_container call getppid
    assert_output EOPNOTSUPP
    ends_agent
    assert_equal "$(grep -c '^fds=1' "$heard")" 1
    [ "$(grep -c '^fds=0' "$heard")" -gt 10 ]
}

default_asks() {
    start_agent "$getppid" 95
    run_container chain call getppid ';' call getuid
    assert_output $'EOPNOTSUPP\nok'
    ends_agent
    # It was asked for the farewell of init, and for the program.
    grep -qx "call=$("$witness" number sendto)" "$heard"
    grep -qx "call=$("$witness" number execve)" "$heard"
    nothing_left

    start_agent allow
    create_container call getppid
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(cat "$BATS_TEST_TMPDIR/output")" ok
    tare delete "$id"
    ends_agent
}

@test "[S25] NOTIFY as the default action, for the very calls by which a runtime could say so" {
    config '.linux.seccomp |= { defaultAction: "SCMP_ACT_NOTIFY", listenerPath }'
    at_both_places default_asks
}

@test "[S25] NOTIFY on sendmsg, sendto and write" {
    config '.linux.seccomp.syscalls[0].names = ["sendmsg", "sendto", "write", "writev", "getppid"]'
    at_both_places asks_the_default
}

asks_the_default() {
    start_agent allow
    run_container say said
    assert_output said
    ends_agent
}

@test "[S6] listenerPath is ignored where no rule notifies" {
    config '.linux.seccomp.syscalls[0].action = "SCMP_ACT_ERRNO"'
    run_container call getppid
    assert_output EPERM
}

@test "[S6] an agent that is not there is an error before anything is made" {
    refuses <<END
tare: run 'bad': bundle/config.json:69:23: linux.seccomp.listenerPath: connect to the seccomp agent: reach the seccomp agent at "$agent": not found (ENOENT)
hint: a seccomp agent has to listen there before the container is created
END
    : >"$agent"
    bad_config . "reach the seccomp agent at \"$agent\": connection refused (ECONNREFUSED)"
}

@test "[S6] a path longer than a socket's address, and one from the bundle" {
    local long
    long=$BATS_TEST_TMPDIR/$(printf 'x%.0s' {1..100})
    mkdir "$long"
    agent=$long/agent
    start_agent() {
        rm -f "$agent"
        (cd "$long" && exec "$build/tests/helpers/seccomp_agent" agent "$heard" "$@" 3>&-) &
        agent_pid=$!
        wait_until 5 test -S "$agent"
    }
    config '.linux.seccomp.listenerPath = $agent' --arg agent "$agent"
    asks_the_agent
    config '.linux.seccomp.listenerPath = "../\($agent)"' --arg agent "${long##*/}/agent"
    cd /
    asks_the_agent
}

@test "(T67) the container does not have the listener, nor the agent's socket" {
    start_agent allow
    run_container fds
    refute_output --partial '3='
    ends_agent
}

@test "an agent that hangs up at once: what it should have answered fails" {
    start_agent close
    run_container call getppid
    assert_output ENOSYS
    ends_agent
    config '.linux.seccomp |= { defaultAction: "SCMP_ACT_NOTIFY", listenerPath }'
    for late in false true; do
        config ".process.noNewPrivileges = $late"
        start_agent close
        run_container
        assert_failure 1
        assert_stderr_has 'init ended without a word'
        assert_stderr_has 'hint: the seccomp filter has to let through'
        ends_agent
        nothing_left
    done
}

@test "[S6] an agent that does not take what it is sent is an error" {
    start_agent refuse
    config '.annotations = ([range(9000) | { "key\(.)": "a value that is long enough \(.)" }] | add)'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'hand over the seccomp listener: send the container process state to the agent'
    ends_agent
    nothing_left
}

@test "[S6] who waits for an agent that never answers can give up" {
    start_agent silent
    config '.linux.seccomp.syscalls[0].names = ["execve"]'
    "$TARE" --root "$state" run --bundle "$bundle" "$id" >/dev/null \
        2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    local runner=$! result=0
    wait_until 5 grep -q ^call= "$heard"
    kill -TERM "$runner"
    wait "$runner" || result=$?
    assert_equal "$result" 1
    grep -q 'gave up, since signal 15 came' "$BATS_TEST_TMPDIR/stderr"
    ends_agent
    nothing_left
}

@test "[S5] WAIT_KILLABLE_RECV and TSYNC go with a listener" {
    config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
        "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG"]'
    tare features | jq -e '.linux.seccomp.supportedFlags | length == 4' || skip "an older kernel"
    asks_the_agent
}

@test "[S25] tare needs no right to trace for it" {
    start_agent "$getppid" 95
    run setpriv --bounding-set -sys_ptrace --inh-caps -sys_ptrace "$TARE" --root "$state" run \
        --bundle "$bundle" "$id"
    assert_success
    ends_agent
}

@test "[S6] [S20] exec hands over its own listener, and says whose container it is" {
    start_agent "$getppid" 95
    start_container sleep 100
    hears_all
    kill "$agent_pid"
    wait "$agent_pid" || :
    start_agent "$getppid" 96
    run_tare exec --pid-file "$BATS_TEST_TMPDIR/pid" "$id" /witness call getppid
    assert_success
    assert_output "errno 96"
    ends_agent
    local sent
    sent=$(head -n 1 "$heard")
    assert_equal "$(jq -c '[.pid, .state.pid, .state.id, .state.status]' <<<"$sent")" \
        "[$(cat "$BATS_TEST_TMPDIR/pid"),$(tare state "$id" | jq .pid),\"$id\",\"running\"]"
    tare delete --force "$id"
    nothing_left
}

# receives WORD...: the agent is asked by what tare starts, which is called by way of the words.
receives() {
    start_agent "$getppid" 95
    run "$@" "$TARE" --root "$state" run --bundle "$bundle" "$id" </dev/null
    assert_success
    assert_output EOPNOTSUPP
    ends_agent
}

@test "[E5.6] run.oci.seccomp.receiver and RUN_OCI_SECCOMP_RECEIVER say where the agent listens" {
    witness_runs call getppid
    config 'del(.linux.seccomp.listenerPath)'
    receives env RUN_OCI_SECCOMP_RECEIVER="$agent"
    config '.annotations = { "run.oci.seccomp.receiver": $agent }' --arg agent "$agent"
    receives env RUN_OCI_SECCOMP_RECEIVER=/elsewhere
    config '.linux.seccomp.listenerPath = $agent' --arg agent "$agent"
    receives env
    config '.linux.seccomp.listenerPath = "/elsewhere"'
    bad_config . 'linux.seccomp.listenerPath: "/elsewhere" is not what the annotation run.oci.seccomp'
    config 'del(.linux.seccomp.listenerPath) | del(.annotations)'
    RUN_OCI_SECCOMP_RECEIVER='' bad_config . 'linux.seccomp.listenerPath: is missing'
    RUN_OCI_SECCOMP_RECEIVER=elsewhere run_tare run --bundle "$bundle" "$id"
    assert_failure 64
    assert_stderr_has "RUN_OCI_SECCOMP_RECEIVER 'elsewhere' is not absolute"
    config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW" }'
    RUN_OCI_SECCOMP_RECEIVER=elsewhere run_tare run --bundle "$bundle" "$id"
    assert_success
    nothing_left
}

@test "[S19] an agent that takes nobody is waited for ten seconds, or until --timeout is over" {
    local began
    python3 -c 'import signal, socket, sys
one, two, three = (socket.socket(socket.AF_UNIX) for _ in range(3))
one.bind(sys.argv[1])
one.listen(0)
two.connect(sys.argv[1])
three.setblocking(False)
try:
    three.connect(sys.argv[1])
except BlockingIOError:
    open(sys.argv[2], "w")
    signal.pause()' "$agent" "$BATS_TEST_TMPDIR/full" 3>&- &
    agent_pid=$!
    wait_until 10 test -e "$BATS_TEST_TMPDIR/full"
    began=$SECONDS
    run_tare --timeout 1s run --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "reach the seccomp agent at \"$agent\": "
    [ $((SECONDS - began)) -lt 9 ] || fail "it has taken $((SECONDS - began)) s"
    nothing_left
}

@test "[S19] init that cannot look whether its listener is there says that, and ends" {
    [ "$(uname -m)" = x86_64 ] || skip "has no poll(2)"
    tare() {
        "$build/tests/helpers/refuse" EAGAIN POLL_AT_ONCE -- "$TARE" --root "$state" "$@"
    }
    start_agent "$getppid" 95
    run_tare create --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr "tare: create '$id': wait for the listener: temporarily unavailable (EAGAIN)"
    nothing_left
}
