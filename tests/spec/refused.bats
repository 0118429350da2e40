#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What this version does not do is refused by name, with a way out, and before anything is made.

load ../helpers/tare

setup() {
    setup_bundle
}

# each_refused <ROWS: lines of FIELD|JSON; a config in which the field has this value is refused by
# the field's name, with its place, a reason, and a way out.
each_refused() {
    local field value position
    while IFS='|' read -r field value; do
        bad_config ".$field = $value" "$field: "
        [[ $stderr == *not\ supported* || $stderr == *no\ such\ setting* || \
            $stderr == *'always counts'* || $stderr == *'no exec'* ]] || fail "$field: $stderr"
        assert_equal "$(cut -c -6 <<<"$stderr")" $'tare: \nhint: '
        position="config\.json:[0-9]+:[0-9]+: ${field//[\[\].]/.}: "
        [[ $stderr =~ $position ]] || fail "no position: $stderr"
    done
}

@test "[ND1] network devices" {
    each_refused <<'ROWS'
linux.netDevices|{ eth0: {} }
ROWS
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
