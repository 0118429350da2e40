#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# Starts `run` in the background; a function would hide its process id.
run_behind() {
    "$TARE" --root "$state" run --bundle "$bundle" "$id" >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    runner=$!
}

@test "[E2.5] run gives the process the caller's standard streams" {
    witness_runs chain cat - ';' complain trouble
    run --separate-stderr tare run --bundle "$bundle" "$id" <<<"from outside"
    assert_success
    assert_output "from outside"
    assert_stderr trouble
    nothing_left
}

@test "[E2.6] a pipe becomes the process's user's, so that /dev/stdout can be opened anew" {
    config '.process.user = { uid: 7, gid: 8 }'
    witness_runs chain descriptor 1 ';' descriptor 2 ';' write /dev/stdout anew ';' \
        write /dev/stderr anew
    # shellcheck disable=SC2016 # the words are the inner shell's
    run bash -c '"$@" </dev/null 2>&1 | cat' _ "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_equal "$(grep -c ': fifo uid=7 ' <<<"$output")" 2
    assert_equal "$(grep -o anew <<<"$output" | wc -l)" 2
    refute_output --partial EACCES
    nothing_left
}

@test "[E1.run.1] run ends with the status of the process" {
    run_container exit 37
    assert_failure 37
    assert_output ''
    assert_stderr ''
    nothing_left
}

@test "[E1.run.1] run ends with 128+N when signal N ends the process" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    run_container kill-self 15
    assert_failure 143
    assert_stderr ''
    nothing_left
}

@test "run passes signals on to the process" {
    witness_runs trap 10
    run_behind
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/output"
    kill -USR1 "$runner"
    wait "$runner"
    grep -qx 'got 10' "$BATS_TEST_TMPDIR/output"
    nothing_left
}

# A C library keeps some for itself: musl 34, too.  The first process of a pid namespace would
# not be ended by it.
@test "run passes the first of the real-time signals on" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    witness_runs sleep 100
    run_behind
    wait_until 5 has_status "$id" running
    kill -34 "$runner"
    local status=0
    wait "$runner" || status=$?
    assert_equal "$status" 162
    nothing_left
}

@test "run ends with 137 when the container is killed" {
    witness_runs sleep 100
    run_behind
    wait_until 5 has_status "$id" running
    tare kill "$id" KILL
    local status=0
    wait "$runner" || status=$?
    assert_equal "$status" 137
    nothing_left
}

@test "[E0.3.3] run --detach returns while the container runs, as an orphan in a session of its own" {
    witness_runs chain session ';' sleep 100
    tare run --detach --bundle "$bundle" "$id" </dev/null >"$BATS_TEST_TMPDIR/output" 2>&1
    has_status "$id" running
    local pid
    pid=$(tare state "$id" | jq .pid)
    grep -qx $'PPid:\t1' "/proc/$pid/status"
    wait_until 5 grep -q terminal "$BATS_TEST_TMPDIR/output"
    grep -qx 'sid=1' "$BATS_TEST_TMPDIR/output"
    tare delete --force "$id"
    nothing_left
}

@test "[E1.run.2] run --keep leaves the stopped container for delete" {
    witness_runs exit 3
    run_tare run --keep --bundle "$bundle" "$id"
    assert_failure 3
    has_status "$id" stopped
    tare delete "$id"
    nothing_left
}

# What is stopped here learns of the end only when another container has the name.
@test "run leaves another container alone that has its name by then" {
    local kind
    for kind in created stopped; do
        witness_runs sleep 100
        run_behind
        wait_until 5 has_status "$id" running
        kill -STOP "$runner"
        tare delete --force "$id"
        create_container exit 0
        [ "$kind" = created ] || tare start "$id"
        wait_until 5 has_status "$id" "$kind"
        kill -CONT "$runner"
        local status=0
        wait "$runner" || status=$?
        assert_equal "$status" 137
        assert_equal "$(cat "$BATS_TEST_TMPDIR/output")" ''
        has_status "$id" "$kind"
        tare delete --force "$id"
        nothing_left
    done
}

@test "run with an id that is taken fails and leaves the other alone" {
    create_container sleep 100
    run_tare run --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr_has "$id"
    has_status "$id" created
    tare delete --force "$id"
    nothing_left
}

@test "[E0.7.1] run of a program that is not there fails with 127 and the words engines know" {
    config '.process.args = ["/missing"]'
    expected_status=127 run_container
    assert_failure 127
    assert_output ''
    assert_stderr_has 'exec: "/missing": stat /missing: no such file or directory'
    nothing_left
    config '.process.args = ["missing"]'
    expected_status=127 run_container
    assert_failure 127
    assert_stderr_has 'exec: "missing": executable file not found in $PATH'
    nothing_left
}

@test "[E0.7.2] [E6.3] run of what cannot be executed fails with 126 and the words engines know" {
    echo text >"$rootfs/etc/text"
    config '.process.args = ["/etc/text"]'
    run_container
    assert_failure 126
    assert_stderr_has 'exec: "/etc/text": permission denied'
    config '.process.args = ["/etc"]'
    run_container
    assert_failure 126
    assert_stderr_has 'exec: "/etc": permission denied: is a directory'
    nothing_left
}

@test "[E1.create.4] run takes the bundle from the current directory" {
    cd "$bundle"
    run_tare run "$id"
    assert_success
    assert_output hello
}

@test "[P1] run without a process fails and leaves nothing" {
    config 'del(.process)'
    run_container
    assert_failure 1
    assert_stderr_has process
    nothing_left
}

@test "run leaves the container's own children no life after it" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    witness_runs chain spawn sleep 100 ';' say started
    tare run --bundle "$bundle" "$id" >"$BATS_TEST_TMPDIR/output" 2>&1 </dev/null
    assert_equal "$(cat "$BATS_TEST_TMPDIR/output")" started
    nothing_left
}

@test "a caller that ignores SIGCHLD gets the exit status all the same" {
    witness_runs exit 7
    run env --ignore-signal=CHLD "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_failure 7
    nothing_left
}

@test "a file that may grow no further is an error, not the end" {
    needs mounts pidfd_open # or tests/helpers/unstarted could not write either
    # Through a pipe: the files of the test could not be written either.
    # shellcheck disable=SC2016 # for the inner shell
    run bash -c '(ulimit -f 0 && exec "$@") </dev/null 2>&1 | cat; exit "${PIPESTATUS[0]}"' _ \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_failure 1
    assert_output --partial EFBIG
    nothing_left
}
