#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    trace=$BATS_TEST_TMPDIR/trace.json
}

# spans THREAD: the names of the spans of the actor, as they came.
spans() {
    jq -r --argjson thread "$1" '.traceEvents[] | select(.ph == "X" and .tid == $thread).name' \
        "$trace"
}

@test "run --trace writes the timeline of host and init" {
    run_tare run --trace "$trace" --bundle "$bundle" "$id"
    assert_success
    assert_output hello
    assert_stderr ''
    jq -e '[.traceEvents[] | select(.ph == "M").args.name] == ["host", "init"]' "$trace"
    jq '.traceEvents[] | select(.ph == "X")' "$trace" >"$BATS_TEST_TMPDIR/spans"
    jq -e -s 'map(.ts > 0 and .dur >= 0 and .pid == 1) | all' "$BATS_TEST_TMPDIR/spans"
    jq -e -s 'map(.cat) | unique - ["step", "meeting"] == []' "$BATS_TEST_TMPDIR/spans"
    nothing_left
}

@test "the rows of a trace are those of --dry-run" {
    needs clone3 # else init makes the cgroup namespace, which is known at birth alone
    local row plan
    config '.process.rlimits = [{ "type": "RLIMIT_CORE", "soft": 0, "hard": 0 }]
        | .process.oomScoreAdj = 500'
    # The last span that init can send is that of the row before the one that sends them.
    for row in "run:take leave" "create:hang up"; do
        plan=$(tare "${row%:*}" --dry-run --format json --bundle "$bundle" "$id")
        tare "${row%:*}" --trace "$trace" --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
        assert_equal "$(spans 1)" "$(jq -r '.host[].step' <<<"$plan")"
        assert_equal "$(spans 2)" "$(jq -r '.init[].step' <<<"$plan" | sed "/^${row#*:}\$/,\$d")"
    done
}

@test "the spans of an actor do not overlap, and both lie on one clock" {
    tare run --trace "$trace" --bundle "$bundle" "$id" >/dev/null
    jq -e '[.traceEvents[] | select(.ph == "X")] | group_by(.tid)
        | map(. as $spans | [range(1; length)
            | $spans[.].ts + 0.001 >= $spans[. - 1].ts + $spans[. - 1].dur] | all) | all' "$trace"
    jq -e '[.traceEvents[] | select(.name == "give birth to init").ts] as [$birth]
        | [.traceEvents[] | select(.ph == "X" and .tid == 2).ts] | min >= $birth' "$trace"
}

@test "a trace that cannot be written fails the command, and nothing is left" {
    run_tare run --trace "$BATS_TEST_TMPDIR/no/trace" --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr_has "$BATS_TEST_TMPDIR/no/trace"
    nothing_left
}
