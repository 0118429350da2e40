#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# --systemd-cgroup: systemd makes the cgroup, and knows of the limits.
# In the machine itself.

load ../helpers/tare
load vm

setup() {
    need_vm
    setup_bundle
    unit=tare-$id.scope
    scope=$TARE_TEST_CGROUP/system.slice/$unit
    cgroup=$scope/container
}

teardown() {
    teardown_bundle
    systemctl stop "$unit" 2>/dev/null || :
}

tare() {
    "$TARE" --root "${state:-$BATS_TEST_TMPDIR/state}" --systemd-cgroup "$@"
}

# shown NAME...: properties of the unit, one a line, as the manager has them.
shown() {
    local name
    for name in "$@"; do
        systemctl show --property="$name" "$unit"
    done
}

# values FILE...: of the container's cgroup, one a line.
values() {
    local file
    for file in "$@"; do
        echo "$file $(xargs <"$cgroup/$file")"
    done
}

# That systemd has forgotten the unit, in its memory and in its files.
no_unit() {
    assert_equal "$(shown LoadState)" LoadState=not-found
    assert_equal "$(find /run/systemd -name "*$id*")" ''
    nothing_left
}

limits='.linux.resources = {
    cpu: { shares: 512, quota: 50500, period: 200000, cpus: "0-1", mems: "0" },
    memory: { limit: 67108864, reservation: 33554432, swap: 100663296 },
    pids: { limit: 50 }, blockIO: { weight: 300 },
    unified: { "memory.high": "50331648" },
    devices: [{ allow: false, access: "rwm" },
              { allow: true, type: "c", major: 10, minor: 200, access: "rw" }] }'

properties=(CPUWeight CPUQuotaPerSecUSec CPUQuotaPeriodUSec AllowedCPUs AllowedMemoryNodes MemoryMax
    MemoryLow MemoryHigh MemorySwapMax TasksMax IOWeight DevicePolicy Delegate)

expected='CPUWeight=59
CPUQuotaPerSecUSec=260ms
CPUQuotaPeriodUSec=200ms
AllowedCPUs=0-1
AllowedMemoryNodes=0
MemoryMax=67108864
MemoryLow=33554432
MemoryHigh=50331648
MemorySwapMax=33554432
TasksMax=50
IOWeight=2930
DevicePolicy=strict
Delegate=yes'

files=(cpu.weight cpu.max cpuset.cpus memory.max memory.low memory.high memory.swap.max pids.max)

written='cpu.weight 59
cpu.max 50500 200000
cpuset.cpus 0-1
memory.max 67108864
memory.low 33554432
memory.high 50331648
memory.swap.max 33554432
pids.max 50'

@test "[CG1] the scope has the limits as properties, the cgroup in it has them exactly, and a reload takes nothing away" {
    config "$limits"
    start_container sleep 100
    assert_equal "$(cgroup_of "$id")" "$cgroup"
    assert_equal "$(shown "${properties[@]}")" "$expected"
    assert_equal "$(values "${files[@]}")" "$written"
    run shown DeviceAllow
    assert_output --partial '/dev/char/1:3 rwm'
    assert_output --partial '/dev/char/10:200 rw'
    assert_output --partial 'char-136 rwm'
    run tare exec "$id" /witness cat /dev/null
    assert_success

    systemctl daemon-reload
    assert_equal "$(shown "${properties[@]}")" "$expected"
    assert_equal "$(values "${files[@]}")" "$written"
    tare delete --force "$id"
    no_unit
}

@test "what was run and has ended leaves no unit, and its name is free at once" {
    for _ in 1 2 3; do
        run_container say hello
        assert_output hello
        assert_success
    done
    no_unit
}
