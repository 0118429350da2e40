#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What is said of linux.resources before anything is made; what the limits do is tested where all
# controllers are of version 2 (tests/vm).

load ../helpers/tare

setup() {
    setup_bundle
}

resources() {
    config ".linux.resources = $1"
}

# hierarchy CONTROLLER: its number in version 1, or skips.
hierarchy() {
    local number
    number=$(awk -v name="$1" '$1 == name { print $2 }' /proc/cgroups)
    [ "${number:-0}" != 0 ] || skip "$1 is not bound to cgroup version 1 here"
    echo "$number"
}

# controllers: those that a limit could use in a cgroup of this test.
controllers() {
    cat "$TARE_TEST_CGROUP/cgroup.controllers"
}

# refused_each <ROWS: lines of PART|JSON|REASON|WAY-OUT: the part of linux.resources is refused.
refused_each() {
    local part value reason hint
    while IFS='|' read -r part value reason hint; do
        bad_config ".linux.resources.$part = $value" ": linux.resources.$part: $reason"
        assert_stderr_has "hint: $hint"
        assert_equal "$(wc -l <<<"$stderr")" 2
    done
}

@test "[RS2] [ME6] [ME7] [ME8] [ME9] [ME10] settings of version 1 alone name what comes nearest" {
    refused_each <<'ROWS'
memory.kernel|1000|cgroup v2 has no limit on the kernel's memory alone|leave it out: memory.limit (memory.max)
memory.kernelTCP|1000|cgroup v2 has no limit on the kernel's memory alone|leave it out: memory.limit (memory.max)
memory.swappiness|0|cgroup v2 has no swappiness of a cgroup|leave it out; memory.swap (memory.swap.max)
memory.disableOOMKiller|true|cgroup v2 cannot do without the OOM killer|leave it out; memory.high
memory.useHierarchy|false|cgroup v2 always counts by hierarchy|leave it out
ROWS
}

@test "[RS2] [CP7] [CP8] [IO3] [IO7] [NW1] [NW2] the same of the other controllers" {
    refused_each <<'ROWS'
cpu.realtimeRuntime|1000|cgroup v2 has no budget for realtime processes|leave it out; cpu.quota (cpu.max)
cpu.realtimePeriod|1000|cgroup v2 has no budget for realtime processes|leave it out; cpu.quota (cpu.max)
blockIO.leafWeight|100|cgroup v2 has no weight against the cgroups below|leave it out; blockIO.weight (io.weight)
network.classID|1|cgroup v2 has no classes of packets|leave it out; nftables
network.priorities|[{ name: "eth0", priority: 1 }]|cgroup v2 has no priorities of packets|leave it out; nftables
ROWS
    bad_config '.linux.resources.blockIO.weightDevice = [{ major: 8, minor: 0, leafWeight: 10 }]' \
        'linux.resources.blockIO.weightDevice[0].leafWeight: cgroup v2 has no weight against'
}

@test "[ME4] [ME8] [CP6] [CP9] [CP11] [IO2] [IO8] [HP2] [PI2] [RD4] wrong values" {
    local row value
    while IFS='|' read -r row value; do
        bad_config ".linux.resources = $row" "linux.resources.$value"
    done <<'ROWS'
{ memory: { limit: 1000, swap: 999 } }|memory.swap: 999 is below linux.resources.memory.limit, 1000
{ memory: { swap: 999 } }|memory.swap: needs linux.resources.memory.limit beside it
{ memory: { limit: -2 } }|memory.limit: -2 is not a number of bytes
{ memory: { swappiness: 101 } }|memory.swappiness: 101 is not between 0 and 100
{ cpu: { quota: 5000, burst: 5001 } }|cpu.burst: 5001 is above linux.resources.cpu.quota, 5000
{ cpu: { cpus: "a" } }|cpu.cpus: 'a' is not a list of numbers
{ cpu: { idle: 2 } }|cpu.idle: 2 is neither 0 nor 1
{ blockIO: { weight: 5 } }|blockIO.weight: 5 is not between 10 and 1000
{ blockIO: { weight: 1001 } }|blockIO.weight: 1001 is not between 10 and 1000
{ blockIO: { weightDevice: [{ major: 8, minor: 0 }] } }|blockIO.weightDevice[0]: has neither
{ blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0 }] } }|blockIO.throttleReadBpsDevice[0]: has no rate
{ hugepageLimits: [{ pageSize: "64kB", limit: 1 }] }|hugepageLimits[0].pageSize: "64kB" is not
{ hugepageLimits: [{ pageSize: "3MB", limit: 1 }] }|hugepageLimits[0].pageSize: this kernel has no
{ pids: { limit: -2 } }|pids.limit: -2 is not a number of processes
{ rdma: { mlx5_0: {} } }|rdma.mlx5_0: has neither hcaHandles nor hcaObjects
{ unified: { "../x.y": "1" } }|unified.../x.y: the key "../x.y" is not the name of a control file
{ unified: { "cgroup.procs": "1" } }|unified.cgroup.procs: the key "cgroup.procs" is no limit
ROWS
}

@test "a controller that version 1 has is named, with the field, the place and the way out" {
    local number position
    number=$(hierarchy memory)
    resources '{ memory: { limit: 1000000 } }'
    position=$(grep -n '"limit"' "$bundle/config.json" | cut -d: -f1)
    cp "$bundle/config.json" "$BATS_TEST_TMPDIR/config.json"
    refuses <<END
tare: run 'bad': bundle/config.json:$position:18: linux.resources.memory.limit: \
the controller memory is bound to cgroup version 1 (hierarchy $number)
hint: boot with cgroup_no_v1=memory, or with systemd.unified_cgroup_hierarchy=1, or leave the \
limit out
END
}

@test "[IO9] a controller has in version 1 the name that it has there" {
    hierarchy blkio
    bad_config '.linux.resources.blockIO.throttleReadBpsDevice = [{ major: 8, minor: 0, rate: 1 }]' \
        'the controller blkio is bound to cgroup version 1'
    assert_stderr_has 'cgroup_no_v1=blkio'
}

@test "[UN5] what version 1 has is no use to unified, and is not left out either" {
    hierarchy memory
    config '.linux.resources.unified = { "memory.high": "1M" }'
    run_tare --log-level warn create --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'linux.resources.unified.memory.high: the controller memory is bound to cgroup'
    assert_stderr_has 'hint: boot with cgroup_no_v1=memory, or'
    nothing_left
}

@test "where version 1 is mounted is said, too" {
    local number
    number=$(hierarchy pids)
    mkdir "$BATS_TEST_TMPDIR/v1"
    mount -t cgroup -o pids pids "$BATS_TEST_TMPDIR/v1" || skip "it cannot be mounted"
    resources '{ pids: { limit: 10 } }'
    run_tare create --bundle "$bundle" "$id"
    umount "$BATS_TEST_TMPDIR/v1"
    assert_failure 1
    assert_stderr_has "version 1 (hierarchy $number, mounted on $BATS_TEST_TMPDIR/v1)"
    nothing_left
}

# As on a host of version 1: of cgroups, nothing of version 2 is mounted.
@test "[UN5] where there is no cgroup of version 2, unified is refused" {
    resources '{ unified: { "memory.high": "1000000" } }'
    run --separate-stderr unshare --mount sh -c 'mount -t tmpfs tmpfs /sys/fs/cgroup && exec "$@"' \
        _ "$TARE" --root "$state" run --bundle "$bundle" "$id" </dev/null
    assert_failure 1
    assert_output ''
    assert_stderr_has 'linux.resources.unified'
    assert_stderr_has 'needs a cgroup, and none can be made here'
    nothing_left
}

@test "[UN4] a controller that nobody has is named" {
    bad_config '.linux.resources.unified = { "nosuch.max": "1" }' \
        'linux.resources.unified.nosuch.max: there is no controller nosuch in /sys/fs/cgroup'
    assert_stderr_has 'hint: the kernel lacks it, or it was not handed down to us: see'
    assert_stderr_has 'hand it down (systemd: Delegate=yes), or leave the limit out'
}

@test "no limit at all needs no controller" {
    [ -z "$(controllers)" ] || skip "there are controllers here"
    resources '{ memory: { limit: -1, swap: -1 }, pids: { limit: -1 }, cpu: { quota: -1 } }'
    run_container
    assert_success
    assert_output hello
}

@test "[UN1] files that every cgroup has need no controller either, and bind the container" {
    resources '{ unified: { "cgroup.max.depth": "3", "cgroup.max.descendants": "7\n" } }'
    create_container
    assert_equal "$(cat "$TARE_TEST_CGROUP/tare/$id/cgroup.max.depth")" 3
    assert_equal "$(cat "$TARE_TEST_CGROUP/tare/$id/cgroup.max.descendants")" 7
    tare delete --force "$id"
    nothing_left
}

@test "[UN3] files that tare knows nothing of are written too" {
    needs_cgroup_file cgroup.pressure
    resources '{ unified: { "cgroup.pressure": "0" } }'
    create_container
    assert_equal "$(cat "$TARE_TEST_CGROUP/tare/$id/cgroup.pressure")" 0
    tare delete --force "$id"
    nothing_left
}

@test "[UN3] [UN4] a file that is not there, and a value that the kernel refuses, leave nothing" {
    local place
    resources '{ unified: { "cgroup.nosuch": "1" } }'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has "limit resources: linux.resources.unified.cgroup.nosuch: write '1' to \
cgroup.nosuch: not found (ENOENT)"
    assert_stderr_has "hint: this kernel's cgroups have no such file"
    nothing_left

    resources '{ unified: { "cgroup.max.depth": "many" } }'
    run_container
    assert_failure 1
    assert_stderr_has "write 'many' to cgroup.max.depth: invalid argument (EINVAL)"
    place='config\.json:[0-9]+:[0-9]+: limit resources: linux\.resources\.unified\.cgroup'
    [[ $stderr =~ $place ]] || fail "$stderr"
    nothing_left
}

@test "--dry-run shows the files and what would be written" {
    resources '{ unified: { "cgroup.max.depth": "3" }, pids: { limit: -1 },
        blockIO: { weight: 0 }, cpu: { quota: -1 } }'
    run_tare run --dry-run --bundle "$bundle" "$id"
    assert_success
    assert_line --regexp '^    limit resources +\["cpu.max=max","pids.max=max","cgroup.max.depth=3"\]$'
    assert_line --regexp '^    hand down controllers '
    # Nothing of the user's runs before the limits are there.
    assert_equal "$(tare run --dry-run --format json --bundle "$bundle" "$id" |
        jq -r '.host[] | select(.isMeeting or .step == "limit resources").step')" \
        $'init runs\nlimit resources\nthe container is built'
    nothing_left
}

@test "without cgroups a limit is left out with a warning" {
    resources '{ pids: { limit: 10 } }'
    run_tare --cgroup-manager disabled --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_output hello
    assert_stderr_has 'linux.resources.pids.limit is not applied: cgroups are disabled'
}

@test "[OP17] the limits of a cgroup that was there are as before, after delete and a failed start" {
    local cgroup=$TARE_TEST_CGROUP/kept-$id
    mkdir "$cgroup"
    echo 9 >"$cgroup/cgroup.max.depth"
    config --arg path "/kept-$id" '.linux.cgroupsPath = $path'
    resources '{ unified: { "cgroup.max.depth": "3" } }'
    create_container
    assert_equal "$(cat "$cgroup/cgroup.max.depth")" 3
    tare delete --force "$id"
    assert_equal "$(cat "$cgroup/cgroup.max.depth")" 9

    resources '{ unified: { "cgroup.max.depth": "3", "cgroup.nosuch": "1" } }'
    run_container
    assert_failure 1
    assert_equal "$(cat "$cgroup/cgroup.max.depth")" 9
    rmdir "$cgroup"
    nothing_left
}
