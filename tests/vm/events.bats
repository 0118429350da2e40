#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# events where all controllers are of version 2: what it says is what the files say.

load ../helpers/tare
load vm

setup() {
    setup_vm_bundle
}

# of JQ-PROGRAM: a part of what events says.
of() {
    jq -r "$1" <<<"$said"
}

@test "[E1.events.2] events --stats tells of all controllers" {
    config '.linux.resources = { memory: { limit: 67108864, swap: 100663296 }, pids: { limit: 12 },
        cpu: { quota: 50000, period: 100000, cpus: "0" },
        hugepageLimits: [{ pageSize: "2MB", limit: 4194304 }] }'
    start_container sleep 100
    local place
    place=$(cgroup_of "$id")
    said=$(tare events --stats "$id")
    assert_equal "$(of .data.memory.usage.limit)" 67108864
    [ "$(of .data.memory.usage.usage)" -gt 0 ]
    if [ -e "$place/memory.peak" ]; then
        [ "$(of .data.memory.usage.max)" -ge "$(of .data.memory.usage.usage)" ]
    fi
    assert_equal "$(of .data.memory.usage.failcnt)" 0
    assert_equal "$(of .data.memory.swap.limit)" 100663296
    assert_equal "$(of '.data.memory.raw | has("anon") and has("pgfault")')" true
    assert_equal "$(of .data.memory.cache)" "$(of .data.memory.raw.file)"
    assert_equal "$(of .data.pids.current)" 1
    assert_equal "$(of .data.pids.limit)" 12
    assert_equal "$(of .data.cpuset.cpus[0])" 0
    assert_equal "$(of '.data.cpu.throttling | has("periods")')" true
    assert_equal "$(of '.data.hugetlb["2MB"].failcnt')" 0
    tare delete --force "$id"
    nothing_left
}

@test "no limit of memory is the largest number, none of pids is left out" {
    config '.linux.resources = { memory: { limit: -1, reservation: 1048576 },
        pids: { limit: -1 }, unified: { "pids.max": "max" } }'
    start_container sleep 100
    # jq knows no number of 64 bits.
    run_tare events --stats "$id"
    assert_success
    assert_output --partial '"memory":{"usage":{"limit":18446744073709551615,'
    assert_output --regexp '"pids":\{"current":[0-9]+\}'
    tare delete --force "$id"
    nothing_left
}

@test "[E1.events.2] events tells when memory runs out, also when the container ends by it" {
    local said=$BATS_TEST_TMPDIR/said
    config '.linux.resources = { memory: { limit: 33554432, swap: 33554432 } }'
    witness_runs chain spawn eat $((256 << 20)) ';' wait ';' cat /gate ';' eat $((256 << 20))
    mkfifo "$rootfs/gate"
    create_container
    "$TARE" --root "$state" events --interval 1h "$id" >"$said" 3>&- &
    local events=$!
    wait_until 20 grep -q '^Seccomp:.*2$' "/proc/$events/status"
    tare start "$id"
    wait_until 20 has_said "$said" 1
    echo >"$rootfs/gate"
    wait "$events"
    assert_equal "$(cat "$said")" "{\"type\":\"oom\",\"id\":\"$id\"}
{\"type\":\"oom\",\"id\":\"$id\"}"
    tare delete "$id"
    nothing_left
}

has_said() {
    [ "$(wc -l <"$1")" -ge "$2" ]
}

@test "events goes on when a controller is taken back" {
    local place before said=$BATS_TEST_TMPDIR/said
    config '.linux.resources = { memory: { limit: 67108864 }, pids: { limit: 12 } }'
    start_container sleep 100
    place=$(cgroup_of "$id")
    "$TARE" --root "$state" events --interval 100ms "$id" >"$said" 3>&- &
    local events=$!
    wait_until 20 has_said "$said" 1
    echo -memory >"$(dirname "$place")/cgroup.subtree_control"
    before=$(wc -l <"$said")
    wait_until 20 has_said "$said" $((before + 2)) # the next one may have been begun
    [ ! -e "$place/memory.events" ]
    tare delete --force "$id"
    wait "$events"
    jq -es --argjson before "$before" '(.[0].data.memory.usage.limit == 67108864) and
        (.[$before + 1].data | .memory.usage == {} and .pids.current == 1 and .pids.limit == 12)' \
        "$said"
    nothing_left
}
