#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# beside_setarch ARGUMENT...: the container as it comes out under setarch(8).
beside_setarch() {
    run setarch "$@" "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
}

@test "[PE1] without a personality the caller's is left alone" {
    witness_runs personality
    beside_setarch --addr-no-randomize
    assert_line persona=40000
}

@test "[PE2] LINUX32: the machine is that of 32 bits" {
    config '.linux.personality = { domain: "LINUX32" }'
    run_container personality
    assert_success
    assert_line persona=8
    assert_line machine="$(setarch linux32 uname -m)"
}

@test "[PE2] LINUX: the machine is its own, and no flag of the caller is left" {
    config '.linux.personality = { domain: "LINUX", flags: [] }'
    witness_runs personality
    beside_setarch linux32 --addr-no-randomize
    assert_line persona=0
    assert_line machine="$(setarch linux64 uname -m)"
}

@test "[PE1] what the kernel refuses is an error, and nothing is left" {
    config '.linux.personality = { domain: "LINUX32" }'
    run --separate-stderr "$build/tests/helpers/refuse" EPERM personality -- \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr_has 'linux.personality: set the personality: persona 0x8: not permitted (EPERM)'
    nothing_left
}
