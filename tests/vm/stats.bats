#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# stats where all controllers are of version 2: what it says is what the files say.

load ../helpers/tare
load vm

setup() {
    setup_vm_bundle
}

@test "stats tells of memory, processes and quotas" {
    local place page
    config '.linux.resources = { memory: { limit: 67108864, swap: 100663296 }, pids: { limit: 12 },
        cpu: { quota: 50000, period: 100000 } }'
    start_container sleep 100
    place=$(cgroup_of "$id")
    page=$(tare stats --format json --interval 50ms)
    jq -e --argjson most "$(cat "$place/pids.current")" '.[0] |
        .memory.limit == 67108864 and .memory.swapLimit == 33554432 and .memory.swap == 0 and
        .memory.usage > 0 and .memory.usage < 67108864 and .memory.oomKills == 0 and
        .pids == { current: $most, limit: 12 } and .pids.current == 1 and
        .cpu.throttledTime >= 0 and .cpu.periods >= 0' <<<"$page" || fail "$page"
    run_tare stats --interval 50ms
    assert_line --regexp "^$id +running +[0-9.]+% +[0-9.]+[BKM]/64M +1/12 "
    tare delete --force "$id"
    nothing_left
}

@test "stats has a sample for each controller, and +Inf for a limit that is none" {
    local page name
    config '.linux.resources = { memory: { limit: 67108864 }, pids: { limit: 12 },
        unified: { "memory.swap.max": "max" } }'
    start_container sleep 100
    page=$(tare stats --format openmetrics | "$helpers/openmetrics")
    for name in memory_bytes:. memory_limit_bytes:67108864 swap_limit_bytes:+Inf swap_bytes:0 \
        oom_kills_total:0 pids:1 pids_limit:12; do
        jq -es --arg name "tare_container_${name%:*}" --arg value "${name#*:}" --arg id "$id" \
            'map(select(.[0] == $name)) | length == 1 and .[0][1].id == $id and
                ($value == "." or .[0][2] == $value)' <<<"$page" || fail "$name: $page"
    done
    tare delete --force "$id"
    nothing_left
}

@test "stats counts the processes that were killed since memory ran out" {
    config '.linux.resources = { memory: { limit: 16777216, swap: 16777216 } }'
    start_container sleep 100
    tare exec "$id" /witness eat 67108864 </dev/null >/dev/null 2>&1 || :
    tare stats --interval 1ms --format json | jq -e '.[0].memory.oomKills == 1'
    tare delete --force "$id"
    nothing_left
}
