#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of tare.bash, systemd.bash and fault.bash
#
# (T51) A few of the faults of tests/fault/scopes.bats, with the systemd that is process 1.
# In the machine itself.

load ../helpers/tare
load ../helpers/terminal
load ../helpers/systemd
load ../engines/engines
load ../fault/fault
load ../fault/commands
load ../fault/scopes
load vm

setup() {
    need_vm
    setup_scopes
    every=${TARE_FAULT_EVERY:-600}
    export TARE_FAULT_SECONDS=100 # an emulated machine is slow, a busy one slower
}

teardown() {
    [ -z "${TARE_TEST_VM:-}" ] || teardown_scopes
}

@test "scope_sample: (T51) whatever call fails, run, gc and delete leave no scope" {
    strike_all run
    strike_all gc
    strike_all delete
}
