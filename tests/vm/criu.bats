#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# That a container is written down by criu and goes on; all else is in checkpoint*.bats, which take
# longer.

load ../helpers/tare
load vm
load checkpoint

@test "[E1.checkpoint.3] [E1.checkpoint.4] [E1.restore.3] [E1.restore.5] a plain container is written down, has stopped, and goes on" {
    start_counting
    checkpoint --work-path "$BATS_TEST_TMPDIR/criu"
    assert_success
    assert_output ''
    assert_stderr ''
    [ -s "$images/inventory.img" ]
    [ -s "$BATS_TEST_TMPDIR/criu/dump.log" ]
    [ -s "$BATS_TEST_TMPDIR/criu/stats-dump" ]
    [ ! -e "$images/dump.log" ]
    [ "$(jq length "$images/descriptors.json")" = 3 ]
    run_tare state "$id"
    assert_failure 1
    assert_stderr_has 'does not exist'
    tare delete --force "$id"
    nothing_left

    restore --pid-file "$BATS_TEST_TMPDIR/pid"
    assert_success
    assert_output ''
    assert_stderr ''
    goes_on
    assert_equal "$(cat "$BATS_TEST_TMPDIR/pid"; echo .)" "$(tare state "$id" | jq .pid)."
    grep -q "/tare/$id\$" "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/cgroup"
    grep -q '^PPid:[[:space:]]1$' "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/status"
    gone
}
