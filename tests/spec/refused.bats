#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What asks for nothing is not refused.

load ../helpers/tare

setup() {
    setup_bundle
}

@test "what asks for nothing is let pass, as engines send it" {
    config '.process.terminal = false | .process.apparmorProfile = "" | .hooks = { prestart: [] }
        | .process.selinuxLabel = "" | .linux.mountLabel = "" | .linux.uidMappings = []
        | .linux.resources = { memory: {}, cpu: { shares: 0, quota: -1 }, blockIO: { weight: 0 },
            pids: { limit: -1 }, hugepageLimits: [], unified: {}, network: {}, rdma: {} }
        | .linux.resources.memory = { limit: -1, swap: 0, useHierarchy: true }
        | .linux.netDevices = {} | .linux.timeOffsets = {}'
    run_container
    assert_success
    assert_output hello
    config '.ociVersion = "1.2.0" | .linux.resources.pids.limit = 0'
    run_container
    assert_success
}
