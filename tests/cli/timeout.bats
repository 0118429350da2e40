#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# --timeout: whatever tare waits for, it gives up in time, says so once, and leaves nothing behind.
# Each of these would wait for a minute at least; `timeout` ends what does not give up.

load ../helpers/tare
load ../helpers/terminal

setup() {
    setup_bundle
}

# hook KIND WORD...: one more hook of this kind, a program of the host.
hook() {
    config '.hooks[$kind] += [{ path: "/bin/sleep", args: $ARGS.positional }]' \
        --arg kind "$1" --args -- "${@:2}"
}

# gives_up ARGUMENT...: tare, with a second to do it.
gives_up() {
    run --separate-stderr timeout 50 "$TARE" --root "$state" --timeout 1s "$@" </dev/null 3>&-
    [ "$status" != 124 ] || fail "tare $* has waited on"
}

@test "create and run give up hooks that do not end" {
    local kind
    for kind in prestart createRuntime; do
        config 'del(.hooks)'
        hook "$kind" sleep 60
        gives_up create --bundle "$bundle" "$id"
        assert_failure 1
        assert_stderr_has "hooks.${kind}[0]: /bin/sleep was killed, since the time of --timeout is over"
        assert_equal "$(grep -c 'tare: ' <<<"$stderr")" 1
        nothing_left
    done
    gives_up run --bundle "$bundle" "$id"
    assert_failure 1
    nothing_left
}

@test "start and run give up a startContainer hook, and the container is gone" {
    config '.hooks.startContainer = [{ path: "/witness", args: ["hook", "sleep", "60"] }]'
    create_container
    gives_up start "$id"
    assert_failure 1
    assert_stderr "tare: start '$id': gave up, since the time of --timeout is over"
    nothing_left
    gives_up run --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'gave up, since the time of --timeout is over'
    nothing_left
}

@test "start gives up a poststart hook" {
    hook poststart sleep 60
    create_container sleep 100
    gives_up start "$id"
    assert_failure 1
    assert_stderr_has 'since the time of --timeout is over'
    nothing_left
}

@test "delete gives a poststop hook ten seconds, and has deleted the container" {
    hook poststop sleep 60
    create_container sleep 100
    gives_up --log-level warn delete --force "$id"
    assert_success
    assert_stderr_has 'did not end within 10 s, and was killed'
    nothing_left
}

@test "no command waits longer for a lock" {
    create_container sleep 100
    flock --no-fork "$state/$id" sleep 60 3>&- &
    local holder=$! words
    wait_until 5 bash -c '! flock --nonblock "$1" true' . "$state/$id"
    for words in "start $id" "kill $id" "pause $id" "update --pids-limit 5 $id" \
        "delete --force $id"; do
        # shellcheck disable=SC2086 # its words
        gives_up $words
        assert_failure 1
        assert_stderr_has "container \"$id\" is busy: process $holder holds its lock"
    done
    kill "$holder"
    wait "$holder" || :
    has_status "$id" created
}

@test "exec gives up what stands still in a frozen cgroup" {
    local before
    start_container sleep 100
    tare pause "$id"
    before=$(list_processes)
    gives_up exec --ignore-paused "$id" /witness say hello
    assert_failure 255
    assert_output ''
    assert_stderr_has 'gave up, since the time of --timeout is over'
    wait_until 5 [ "$(list_processes)" = "$before" ]
    has_status "$id" paused
    tare resume "$id"
}

@test "wait gives up, and a container in the foreground does not" {
    start_container sleep 100
    gives_up wait "$id"
    assert_failure 1
    assert_stderr "tare: wait '$id': the container has not ended, and the time of --timeout is over"
    tare delete --force "$id"
    witness_runs chain sleep 2 ';' say over
    gives_up run --bundle "$bundle" "$id"
    assert_success
    assert_output --partial over
    nothing_left
}

@test "a container in the foreground still gets SIGALRM" {
    witness_runs trap 14
    "$TARE" --root "$state" --timeout 30s run --bundle "$bundle" "$id" \
        </dev/null >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    local runner=$!
    wait_until 20 grep -q ready "$BATS_TEST_TMPDIR/output"
    kill -ALRM "$runner"
    wait "$runner" || :
    grep -q 14 "$BATS_TEST_TMPDIR/output" || fail "$(cat "$BATS_TEST_TMPDIR/output")"
    nothing_left
}

@test "no command waits longer for a document, or for who reads a trace" {
    mkfifo "$BATS_TEST_TMPDIR/trace"
    gives_up run --trace "$BATS_TEST_TMPDIR/trace" --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "--trace: open '$BATS_TEST_TMPDIR/trace': "
    assert_stderr_has 'hint: a fifo needs somebody who reads it'
    nothing_left
    start_container sleep 100
    mkfifo "$BATS_TEST_TMPDIR/silent"
    exec 9<>"$BATS_TEST_TMPDIR/silent"
    run --separate-stderr timeout 50 "$TARE" --root "$state" --timeout 1s \
        update --resources - "$id" <&9 9<&- 3>&-
    exec 9<&-
    assert_failure 1
    assert_stderr_has 'standard input: gave up, since the time of --timeout is over'
    tare delete --force "$id"
    nothing_left
}

@test "what is watched is watched for so long, which is no failure" {
    start_container sleep 100
    run_tare --timeout 2s events --interval 500ms "$id"
    assert_success
    assert_stderr ''
    [ "${#lines[@]}" -ge 1 ] && [ "${#lines[@]}" -le 4 ] || fail "${#lines[@]} lines"
    assert_equal "$(jq -r .type <<<"${lines[0]}")" stats
    at_terminal expect '0.0%' -- \
        "$TARE" --root "$state" --timeout 2s stats --interval 500ms "$id"
    assert_success
    run_tare --timeout 1s stats --interval 1h --format json
    assert_success
    assert_equal "$(jq -r '.[].id' <<<"$output")" "$id"
    tare delete --force "$id"
    nothing_left
}

@test "what is done in time does not notice" {
    run_tare --timeout 1m run --bundle "$bundle" "$id"
    assert_success
    assert_output hello
    assert_stderr ''
    nothing_left
}

@test "--timeout is a length of time" {
    local bad
    for bad in 0 -1s 5 x ''; do
        run_tare --timeout "$bad" list
        assert_failure 64
        assert_output ''
        assert_stderr_has "--timeout"
    done
}
