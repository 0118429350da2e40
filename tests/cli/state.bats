#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

teardown() {
    [ -z "${holder:-}" ] || release_lock
    teardown_bundle
}

# hold_lock: another command has the container's lock, as $holder.
hold_lock() {
    flock --no-fork "$state/$id" sleep 60 </dev/null >/dev/null 2>&1 3>&- &
    holder=$!
}

# release_lock: it has that no more.
release_lock() {
    kill -KILL "$holder"
    wait "$holder" || :
    holder=
}

# field JQ-PROGRAM: of what `state` says.
field() {
    tare state "$id" | jq -r "$1"
}

# waits_for JQ-PROGRAM: whether that is true of what `state --explain` says it waits for.
waits_for() {
    tare state --explain "$id" 2>/dev/null | jq -e ".waitsFor | $1" >/dev/null
}

# in_background COMMAND...: tare, whose process is $runner.
in_background() {
    "$TARE" --root "$state" "$@" </dev/null >/dev/null 2>&1 3>&- &
    runner=$!
}

# hook KIND SCRIPT: one more hook, a shell script of the host.
hook() {
    config '.hooks[$kind] += [{ path: "/bin/sh", args: ["sh", "-c", $script] }]' \
        --arg kind "$1" --arg script "$2"
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

@test "state says what a container waits for only if it is asked" {
    create_container sleep 100
    tare state "$id" | jq -e 'has("waitsFor") | not'
    assert_equal "$(tare state --explain "$id" | jq -c 'del(.waitsFor)')" \
        "$(tare state "$id" | jq -c .)"
    assert_equal "$(tare state --explain "$id" | jq -c .waitsFor)" '{"what":"start"}'
    tare start "$id"
    tare state --explain "$id" | jq -e 'has("waitsFor") | not'
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    assert_equal "$(tare state --explain "$id" | jq -c .waitsFor)" '{"what":"delete"}'
}

@test "a paused container waits for the cgroup that is frozen, or one above" {
    start_container sleep 100
    tare pause "$id"
    assert_equal "$(tare state --explain "$id" | jq -c .waitsFor)" \
        "{\"what\":\"resume\",\"cgroup\":\"/tare/$id\"}"
    tare resume "$id"
    echo 1 >"$TARE_TEST_CGROUP/tare/cgroup.freeze"
    wait_until 5 waits_for '. == { what: "resume", cgroup: "/tare" }'
    echo 0 >"$TARE_TEST_CGROUP/tare/cgroup.freeze"
    wait_until 5 has_status "$id" running
}

@test "a container that is being made waits for a hook, which is named" {
    local kind since
    for kind in prestart createRuntime; do
        config 'del(.hooks)'
        hook prestart :
        hook createRuntime :
        hook "$kind" "read -r line <'$BATS_TEST_TMPDIR/$kind'; exit 1"
        mkfifo "$BATS_TEST_TMPDIR/$kind"
        in_background create --bundle "$bundle" "$id"
        wait_until 20 waits_for ".what == \"hook\" and .hook == \"$kind\" and .process > 1"
        waits_for '.command | startswith("sh -c read")'
        since=$(tare state --explain "$id" | jq -r .waitsFor.since)
        since=$((EPOCHSECONDS - $(date -d "$since" +%s)))
        [ "$since" -ge -1 ] && [ "$since" -le 60 ]
        echo >"$BATS_TEST_TMPDIR/$kind"
        wait "$runner" || :
    done
    nothing_left
}

@test "a hook that has executed another program is known by being the only kind there is" {
    hook createRuntime 'exec sleep 60'
    in_background create --bundle "$bundle" "$id"
    wait_until 20 waits_for '. == (. + { what: "hook", hook: "createRuntime", command: "sleep 60" })'
    kill "$(tare state --explain "$id" | jq .waitsFor.process)"
    wait "$runner" || :
    nothing_left
}

@test "a container that is being started waits for its startContainer hook" {
    config '.hooks.startContainer = [{ path: "/witness", args: ["hook", "sleep", "60"] }]'
    create_container sleep 100
    in_background start "$id"
    wait_until 20 waits_for '.what == "hook" and .hook == "startContainer" and
        .command == "hook sleep 60"'
    tare delete --force "$id"
    wait "$runner" || :
    in_background run --bundle "$bundle" "$id"
    wait_until 20 waits_for '.what == "hook" and .hook == "startContainer"'
    kill "$runner"
    wait "$runner" || :
    nothing_left
}

@test "a container waits for the command that holds its lock, stopped or not" {
    create_container sleep 100
    hold_lock
    wait_until 5 waits_for ". == (. + { what: \"command\", process: $holder, command: \"sleep 60\" })"
    waits_for 'has("isStopped") | not'
    kill -STOP "$holder"
    wait_until 5 waits_for '.isStopped'
    release_lock
    wait_until 5 waits_for '.what == "start"'
}

@test "state that comes before there is a record waits for that alone, not for hooks" {
    create_container sleep 100
    mv "$state/$id/state.json" "$BATS_TEST_TMPDIR"
    hold_lock
    wait_until 5 bash -c '! flock --nonblock "$1" true' . "$state/$id"
    tare state "$id" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
    local asked=$!
    sleep 0.3
    kill -0 "$asked" || fail "it did not wait: $(<"$BATS_TEST_TMPDIR/said")"
    mv "$BATS_TEST_TMPDIR/state.json" "$state/$id"
    wait_until 2 grep -q '"status": "created"' "$BATS_TEST_TMPDIR/said"
    kill -0 "$holder"
    release_lock
    tare delete --force "$id"
    nothing_left
}

@test "a container whose creator was killed before there was a process waits for nobody" {
    local record
    create_container sleep 100
    record=$(<"$state/$id/state.json")
    jq 'del(.pid, .started)' <<<"$record" >"$state/$id/state.json"
    assert_equal "$(tare state --explain "$id" | jq -c '[.status, .waitsFor]')" \
        '["creating",{"what":"nobody"}]'
    echo "$record" >"$state/$id/state.json"
    tare delete --force "$id"
    nothing_left
}

# asks_in_vain WORD...: a container of the witness with those words, which ask a silent agent.
asks_in_vain() {
    needs_seccomp
    local agent=$BATS_TEST_TMPDIR/agent
    config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerPath: $agent,
        syscalls: [{ names: ["getppid"], action: "SCMP_ACT_NOTIFY" }] }' --arg agent "$agent"
    "$build/tests/helpers/seccomp_agent" "$agent" "$BATS_TEST_TMPDIR/heard" silent 3>&- &
    agent_pid=$!
    wait_until 5 test -S "$agent"
    start_container "$@"
    wait_until 20 grep -q call= "$BATS_TEST_TMPDIR/heard"
    [ "$(cat "/proc/$(field .pid)/wchan")" != 0 ] || skip "the kernel does not tell who waits where"
}

@test "a process that asks a seccomp agent in vain is waited for" {
    asks_in_vain call getppid
    wait_until 5 waits_for '.what == "seccomp agent" and .command == "/witness call getppid"'
    tare delete --force "$id"
    wait "$agent_pid"
}

# As programs in Go and Java do.
@test "a process of which another thread than the first asks a seccomp agent is waited for" {
    asks_in_vain thread call getppid
    wait_until 5 waits_for '.what == "seccomp agent" and .command == "/witness thread call getppid"
        and .process == '"$(field .pid)"
    tare delete --force "$id"
    wait "$agent_pid"
}
