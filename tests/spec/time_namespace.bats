#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    [ -e /proc/self/ns/time ] || skip "the kernel has no time namespaces"
    config '.linux.namespaces += [{ type: "time" }]'
}

offsets() {
    config --argjson offsets "$1" '.linux.timeOffsets = $offsets'
}

# What the container's clocks say, without the blanks.
clocks() {
    run_container cat /proc/self/timens_offsets
    assert_success
    output=$(tr -s ' ' <<<"$output")
}

@test "[N15] a new time namespace without offsets shows the host's clocks" {
    run_container ns
    assert_success
    refute_line "time=$(readlink /proc/self/ns/time)"
    clocks
    assert_output 'monotonic 0 0
boottime 0 0'
}

@test "[TO1] [TO2] [TO3] offsets of both clocks, in seconds and nanoseconds, also below zero" {
    offsets '{ "monotonic": { "secs": 86400, "nanosecs": 7 }, "boottime": { "secs": -1 } }'
    clocks
    assert_output 'monotonic 86400 7
boottime -1 0'
    nothing_left
}

@test "[TO1] the process sees the clock with its offset" {
    local before
    offsets '{ "boottime": { "secs": 1000000000 } }'
    run_container clock
    assert_success
    before=$("$witness" clock | sed -n 's/^boottime=//p')
    output=$(sed -n 's/^boottime=//p' <<<"$output")
    [ "$output" -ge $((before + 999999990)) ] && [ "$output" -le $((before + 1000000000)) ]
}

@test "[TO1] offsets of a container with a user namespace of its own" {
    config '.linux.namespaces += [{ type: "user" }] | .linux.gidMappings =
        [{ containerID: 0, hostID: 100000, size: 10 }] | .linux.uidMappings = .linux.gidMappings'
    offsets '{ "monotonic": { "secs": 3600 } }'
    chmod 755 "$BATS_TEST_TMPDIR" "$bundle"
    run_container clock
    assert_success
    [ "$(sed -n 's/^monotonic=//p' <<<"$output")" -ge \
        $(("$(sed -n 's/^monotonic=//p' <<<"$("$witness" clock)")" + 3599)) ]
}

@test "[TO1] [TO3] [N15] what cannot be is refused" {
    bad_config '.linux.timeOffsets = { realtime: { secs: 1 } }' \
        'linux.timeOffsets.realtime: "realtime" is no clock that has an offset'
    bad_config '.linux.timeOffsets = { boottime: { nanosecs: 1000000000 } }' \
        'linux.timeOffsets.boottime.nanosecs: 1000000000 is a second or more'
    bad_config 'del(.linux.namespaces[-1]) | .linux.timeOffsets = { boottime: { secs: 1 } }' \
        'linux.timeOffsets: there is no new time namespace to set them in'
}

@test "[TO2] an offset that the kernel refuses leaves nothing" {
    bad_config '.linux.timeOffsets = { boottime: { secs: -4611686018 } }' \
        'hint: with the offset the clock would be negative, or too far ahead'
}

@test "[TO1] a time namespace where clone3 is not known" {
    offsets '{ "monotonic": { "secs": 3600 } }'
    witness_runs cat /proc/self/timens_offsets
    run "$build/tests/helpers/refuse" clone3 -- "$TARE" --root "$state" run \
        --bundle "$bundle" "$id"
    assert_success
    assert_line --regexp '^monotonic +3600 +0$'
    config 'del(.linux.timeOffsets)'
    witness_runs ns
    run "$build/tests/helpers/refuse" clone3 -- "$TARE" --root "$state" run \
        --bundle "$bundle" "$id"
    assert_success
    refute_line "time=$(readlink /proc/self/ns/time)"
    nothing_left
}
