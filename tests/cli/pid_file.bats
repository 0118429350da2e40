#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    file=$BATS_TEST_TMPDIR/pid
}

@test "[E1.pidfile.1] --pid-file holds the digits of the pid and nothing else" {
    tare create --pid-file "$file" --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    assert_equal "$(od -An -c "$file" | tr -d ' \n')" "$(tare state "$id" | jq .pid)"
}

@test "[E1.pidfile.2] --pid-file replaces what was there" {
    echo something longer than a number >"$file"
    ln "$file" "$file.other"
    tare run --detach --pid-file "$file" --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    grep -qE '^[0-9]+$' "$file"
    assert_equal "$(cat "$file.other")" 'something longer than a number'
    assert_equal "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'pid*' | wc -l)" 2
}

@test "--pid-file is relative to the current directory" {
    cd "$BATS_TEST_TMPDIR"
    tare create --pid-file=pid --bundle bundle "$id" </dev/null >/dev/null 2>&1
    [ -s pid ]
}

@test "[E1.pidfile.3] a start that fails writes no pid file" {
    config '.process.args = ["/missing"]'
    expected_status=127 run_tare run --pid-file "$file" --bundle "$bundle" "$id"
    assert_failure 127
    [ ! -e "$file" ]
    nothing_left
}

@test "a pid file that cannot be written fails the command, and nothing is left" {
    run_tare run --pid-file "$BATS_TEST_TMPDIR/no/pid" --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "$BATS_TEST_TMPDIR/no/pid"
    nothing_left
    mkdir "$file"
    run_tare create --pid-file "$file" --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "$file"
    assert_equal "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'pid*')" "$file"
    nothing_left
}
