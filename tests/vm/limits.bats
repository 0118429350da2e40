#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# linux.resources where all controllers are of version 2: each limit from outside, as a file of the
# cgroup, and from inside, by what the container can no longer do.

load ../helpers/tare
load vm

setup() {
    setup_vm_bundle
    enough_memory=$((64 << 20))
}

resources() {
    config ".linux.resources = $1"
}

# value FILE: of the container's cgroup.
value() {
    cat "$TARE_TEST_CGROUP/tare/$id/$1"
}

# created_with RESOURCES: creates the container, so that its cgroup can be looked at.
created_with() {
    resources "$1"
    create_container
}

gone() {
    tare delete --force "$id"
    nothing_left
}

@test "[PI2] [PI3] pids.limit, from -1 over 0 to many" {
    created_with '{ pids: { limit: 12 } }'
    assert_equal "$(value pids.max)" 12
    gone
    created_with '{ pids: { limit: -1 }, unified: { "pids.max": "max" } }'
    assert_equal "$(value pids.max)" max
    gone
    created_with '{ pids: { limit: -1 } }' # asks for nothing, so not for the controller
    [ ! -e "$TARE_TEST_CGROUP/tare/$id/pids.max" ]
    gone

    resources '{ pids: { limit: 3 } }'
    run_container fork 9
    assert_success
    assert_line children=2
    assert_line error=EAGAIN

    created_with '{ pids: { limit: 0 } }'
    assert_equal "$(value pids.max)" 0
    gone
    run_container fork 1
    assert_success
    assert_line children=0
    nothing_left
}

@test "[ME2] [ME3] [ME4] memory.limit, reservation and swap" {
    created_with '{ memory: { limit: 20000000, reservation: 10000000, swap: 30000000 } }'
    assert_equal "$(value memory.max)" $((20000000 / 4096 * 4096))
    assert_equal "$(value memory.low)" $((10000000 / 4096 * 4096))
    assert_equal "$(value memory.swap.max)" $((10000000 / 4096 * 4096))
    gone
    created_with '{ memory: { limit: -1, reservation: -1 } }'
    assert_equal "$(value memory.low)" max
    assert_equal "$(value memory.max)" max
    assert_equal "$(value memory.swap.max)" max
    gone
    created_with '{ memory: { limit: 20000000, swap: 20000000 } }'
    assert_equal "$(value memory.swap.max)" 0
    gone
}

@test "[ME2] what is above the limit is not had, and run says why it ended" {
    resources "{ memory: { limit: $enough_memory, swap: $enough_memory } }"
    run_container eat $((16 << 20))
    assert_success
    assert_output ok

    witness_runs eat $((256 << 20))
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_failure 137
    assert_output ''
    assert_stderr_has "memory ran out in container '$id': the kernel killed 1 of its processes \
(memory.max is $enough_memory)"
    nothing_left
}

@test "who is killed by somebody else has not run out of memory" {
    resources "{ memory: { limit: $enough_memory } }"
    witness_runs kill-self 9
    run_tare --log-level warn run --bundle "$bundle" "$id"
    [[ $stderr != *'memory ran out'* ]] || fail "$stderr"
}

@test "state says that memory ran out, of a container that has stopped" {
    resources "{ memory: { limit: $enough_memory, swap: $enough_memory } }"
    create_container eat $((256 << 20))
    assert_equal "$(tare state "$id" | jq .oomKilled)" null
    tare start "$id"
    wait_until 20 has_status "$id" stopped
    assert_equal "$(tare state "$id" | jq .oomKilled)" true
    gone
    start_container exit 3
    wait_until 20 has_status "$id" stopped
    assert_equal "$(tare state "$id" | jq .oomKilled)" null
    gone
}

@test "a limit that is too low to start in is named" {
    resources '{ memory: { limit: 4096 } }'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'memory ran out (memory.max is 4096): '
    assert_stderr_has 'hint: linux.resources.memory.limit is too low to start in'
    place='config\.json:[0-9]+:[0-9]+: linux\.resources\.memory\.limit: '
    [[ $stderr =~ $place ]] || fail "$stderr"
    nothing_left
}

@test "a container starts under 512 KiB" {
    resources '{ memory: { limit: 524288, swap: 524288 } }'
    run_container say hello
    assert_success
    assert_output hello
}

@test "a process comes into a container under 512 KiB" {
    resources '{ memory: { limit: 524288, swap: 524288 } }'
    start_container sleep 100
    assert_equal "$(value memory.max)" 524288
    run_tare exec "$id" /witness say hello
    assert_success
    assert_output hello
    assert_equal "$(tare state "$id" | jq -r .status)" running
    gone
}

@test "[E0.9.1] zero and empty are unset, where the controllers are there" {
    local file cgroup=$TARE_TEST_CGROUP/above/$id
    for file in "$TARE_TEST_CGROUP" "$TARE_TEST_CGROUP/above"; do
        mkdir -p "$file"
        sed 's/[a-z]*/+&/g' "$file/cgroup.controllers" >"$file/cgroup.subtree_control"
    done
    config --arg path "/above/$id" '.linux.cgroupsPath = $path'
    created_with '{ memory: { limit: 0, reservation: 0, swap: 0, kernel: 0, kernelTCP: 0 },
        cpu: { shares: 0, quota: 0, period: 0, realtimeRuntime: 0, realtimePeriod: 0, cpus: "",
            mems: "" },
        blockIO: { weight: 0, leafWeight: 0 }, network: {}, hugepageLimits: [], unified: {} }'
    for file in memory.max:max memory.low:0 memory.swap.max:max cpu.weight:100 'cpu.max:max 100000' \
        cpuset.cpus: cpuset.mems: pids.max:max; do
        assert_equal "${file%%:*}:$(<"$cgroup/${file%%:*}")" "$file"
    done
    assert_equal "$(cat "$cgroup"/io.{,bfq.}weight 2>/dev/null | sort -u)" 'default 100'
    assert_equal "$(<"$cgroup/cgroup.subtree_control")" ''
    tare delete --force "$id"
    rmdir "$TARE_TEST_CGROUP/above"
    nothing_left
}

@test "[CP2] [CP3] [CP5] cpu.shares, quota and period" {
    created_with '{ cpu: { shares: 512, quota: 50000, period: 200000 } }'
    assert_equal "$(value cpu.weight)" 59
    assert_equal "$(value cpu.max)" '50000 200000'
    gone
    created_with '{ cpu: { shares: 1024, quota: -1 } }'
    assert_equal "$(value cpu.weight)" 100
    assert_equal "$(value cpu.max)" 'max 100000'
    gone
    created_with '{ cpu: { period: 50000 } }'
    assert_equal "$(value cpu.max)" 'max 50000'
    gone
}

@test "[CP4] [CP11] cpu.burst and idle" {
    needs_cgroup_file cpu.idle
    created_with '{ cpu: { quota: 50000, period: 200000, burst: 10000 } }'
    assert_equal "$(value cpu.max)" '50000 200000'
    assert_equal "$(value cpu.max.burst)" 10000
    gone
    created_with '{ cpu: { shares: 1024, idle: 1 } }'
    assert_equal "$(value cpu.idle)" 1
    gone
}

@test "[CP3] a tenth of a CPU is not more" {
    local spent
    resources '{ cpu: { quota: 10000, period: 100000 } }'
    run_container burn 3
    assert_success
    spent=${output#cpu=}
    [ "$spent" -le 900 ] || fail "$spent ms of 3 s"
}

@test "[CP9] [CP10] cpu.cpus and cpu.mems" {
    created_with '{ cpu: { cpus: "1,0", mems: "1" } }'
    assert_equal "$(value cpuset.cpus)" 0-1
    assert_equal "$(value cpuset.mems)" 1
    gone
    resources '{ cpu: { cpus: "1", mems: "0" } }'
    run_container cat /proc/self/status
    assert_success
    assert_line --regexp '^Cpus_allowed_list:[[:space:]]+1$'
    assert_line --regexp '^Mems_allowed_list:[[:space:]]+0$'

    resources '{ cpu: { cpus: "999" } }'
    run_container
    assert_failure 1
    assert_stderr_has "linux.resources.cpu.cpus: write '999' to cpuset.cpus: "
    assert_stderr_has 'hint: some of them are not there'
    nothing_left
}

@test "[CP9] CPUs that the cgroup above does not have are no set at all" {
    mkdir "$TARE_TEST_CGROUP/above-$id"
    echo 0 >"$TARE_TEST_CGROUP/above-$id/cpuset.cpus"
    config --arg path "/above-$id/$id" '.linux.cgroupsPath = $path'
    resources '{ cpu: { cpus: "1" } }'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has "'1' was written to cpuset.cpus.effective, and the kernel says '0'"
    assert_stderr_has 'hint: the cgroups above leave none of them to it'
    rmdir "$TARE_TEST_CGROUP/above-$id"
    nothing_left
}

# disk: major and minor number of the disk to limit, as JSON members.
disk() {
    printf 'major: %d, minor: %d' "0x$(stat -c %t /dev/vdc)" "0x$(stat -c %T /dev/vdc)"
}

@test "[IO9] [IO10] [IO11] [IO12] [IO14] blockIO throttles" {
    local place
    place=$(lsblk -dno MAJ:MIN /dev/vdc | xargs)
    created_with "{ blockIO: { throttleReadBpsDevice: [{ $(disk), rate: 1048576 }],
        throttleWriteBpsDevice: [{ $(disk), rate: 2097152 }],
        throttleReadIOPSDevice: [{ $(disk), rate: 100 }],
        throttleWriteIOPSDevice: [{ $(disk), rate: 0 }] } }"
    assert_equal "$(value io.max)" "$place rbps=1048576 wbps=2097152 riops=100 wiops=max"
    gone

    resources "{ devices: [{ allow: true, type: \"b\", access: \"rwm\" }],
        blockIO: { throttleReadBpsDevice: [{ $(disk), rate: 1048576 }] } }"
    config ".linux.devices = [{ type: \"b\", path: \"/dev/disk\", $(disk) }]"
    run_container read-disk /dev/disk $((3 << 20))
    assert_success
    [ "${output#ms=}" -ge 1500 ] || fail "3 MB in ${output#ms=} ms"

    resources '{ blockIO: { throttleReadBpsDevice: [{ major: 400, minor: 1, rate: 1 }] } }'
    run_container
    assert_failure 1
    assert_stderr_has "throttleReadBpsDevice[0]: write '400:1 rbps=1' to io.max: "
    assert_stderr_has 'hint: it must be a whole disk that is there'
    nothing_left
}

@test "[IO2] blockIO.weight, in each of the files that the kernel has" {
    modprobe bfq || skip 'this kernel has no bfq'
    created_with '{ blockIO: { weight: 100 } }'
    assert_equal "$(value io.bfq.weight | head -n 1)" 'default 100'
    [ ! -e "$TARE_TEST_CGROUP/tare/$id/io.weight" ] ||
        assert_equal "$(value io.weight | head -n 1)" 'default 910'
    gone
}

# weighed FILE WEIGHT: the disk has the weight in that file, once the container is created.
weighed() {
    created_with "{ blockIO: { weight: 300, weightDevice: [{ $(disk), weight: 20 }] } }"
    assert_equal "$(grep -v default <"$TARE_TEST_CGROUP/tare/$id/$1")" \
        "$(lsblk -dno MAJ:MIN /dev/vdc | xargs) $2"
    assert_equal "$(value io.bfq.weight | head -n 1)" 'default 300'
    [ ! -e "$TARE_TEST_CGROUP/tare/$id/io.weight" ] ||
        assert_equal "$(value io.weight | head -n 1)" 'default 2930'
    gone
}

@test "[IO4] [IO5] [IO6] the weight of a disk, by what schedules it" {
    local place
    modprobe bfq || skip 'this kernel has no bfq'
    place=$(lsblk -dno MAJ:MIN /dev/vdc | xargs)
    echo bfq >/sys/block/vdc/queue/scheduler
    weighed io.bfq.weight 20

    echo none >/sys/block/vdc/queue/scheduler
    resources "{ blockIO: { weightDevice: [{ $(disk), weight: 20 }] } }"
    run_container
    assert_failure 1
    assert_stderr_has "linux.resources.blockIO.weightDevice[0].weight: write '$place "
    assert_stderr_has "hint: the disk's I/O scheduler must be bfq, or io.cost be enabled for it"
    nothing_left

    if [ -e "$TARE_TEST_CGROUP/io.cost.qos" ]; then
        echo "$place enable=1" >"$TARE_TEST_CGROUP/io.cost.qos"
        weighed io.weight 102
        echo "$place enable=0" >"$TARE_TEST_CGROUP/io.cost.qos"
    fi
}

@test "[HP2] [HP3] [HP4] hugepageLimits" {
    created_with '{ hugepageLimits: [{ pageSize: "2MB", limit: 4194305 }] }'
    assert_equal "$(value hugetlb.2MB.max)" 4194304
    assert_equal "$(value hugetlb.2MB.rsvd.max)" 4194304
    gone
    created_with '{ hugepageLimits: [{ pageSize: "2MB", limit: 9223372036854771712 }] }'
    assert_equal "$(value hugetlb.2MB.max)" max
    gone

    resources '{ hugepageLimits: [{ pageSize: "2MB", limit: 2097152 }] }'
    run_container chain huge 2097152 ';' huge 2097152
    assert_success
    assert_line --index 0 ok
    assert_line --index 1 ENOMEM
    nothing_left
}

@test "[RD1] [RD2] [RD3] [F9] rdma" {
    created_with '{ rdma: { rxe0: { hcaHandles: 3 } } }'
    assert_equal "$(value rdma.max | grep '^rxe0 ' | xargs)" 'rxe0 hca_handle=3 hca_object=max'
    gone
    created_with '{ rdma: { rxe0: { hcaHandles: 4294967295, hcaObjects: 0 } } }'
    assert_equal "$(value rdma.max | grep '^rxe0 ' | xargs)" 'rxe0 hca_handle=max hca_object=0'
    gone
    resources '{ rdma: { none0: { hcaObjects: 1 } } }'
    run_container
    assert_failure 1
    assert_stderr_has "linux.resources.rdma.none0: write 'none0 hca_object=1' to rdma.max: "
    assert_stderr_has 'hint: there is no RDMA device of that name'
    nothing_left
}

@test "[UN1] [UN2] unified wins, takes several lines, and enables what its keys name" {
    created_with '{ pids: { limit: 5 }, unified: { "pids.max": "7", "memory.high": "20M",
        "hugetlb.2MB.max": "0", "rdma.max": "rxe0 hca_handle=1\nrxe0 hca_object=2\n" } }'
    assert_equal "$(value pids.max)" 7
    assert_equal "$(value memory.high)" $((20 << 20))
    assert_equal "$(value hugetlb.2MB.max)" 0
    assert_equal "$(value rdma.max | grep '^rxe0 ' | xargs)" 'rxe0 hca_handle=1 hca_object=2'
    gone
    resources '{ unified: { "memory.nosuch": "1" } }'
    run_container
    assert_failure 1
    assert_stderr_has "linux.resources.unified.memory.nosuch: write '1' to memory.nosuch: not found"
    resources '{ unified: { "nosuch.max": "1" } }'
    run_container
    assert_failure 1
    assert_stderr_has 'there is no controller nosuch in /sys/fs/cgroup'
    nothing_left
}

@test "[CG6] only the controllers that limits need are handed down, from the top on" {
    config --arg path "/new-$id/deep/$id" '.linux.cgroupsPath = $path'
    resources '{ pids: { limit: 5 }, memory: { limit: 10000000 } }'
    create_container
    assert_equal "$(cat "$TARE_TEST_CGROUP/new-$id/cgroup.subtree_control")" 'memory pids'
    assert_equal "$(cat "$TARE_TEST_CGROUP/new-$id/deep/cgroup.subtree_control")" 'memory pids'
    assert_equal "$(cat "$TARE_TEST_CGROUP/new-$id/deep/$id/cgroup.subtree_control")" ''
    gone
}

@test "[RS0] [RS1] controllers that nobody asked for may be there, and are left alone" {
    mkdir "$TARE_TEST_CGROUP/more-$id"
    echo '+memory +pids' >"$TARE_TEST_CGROUP/cgroup.subtree_control"
    echo '+memory +pids' >"$TARE_TEST_CGROUP/more-$id/cgroup.subtree_control"
    config --arg path "/more-$id/$id" '.linux.cgroupsPath = $path'
    resources '{ pids: { limit: 5 } }'
    create_container
    assert_equal "$(cat "$TARE_TEST_CGROUP/more-$id/$id/cgroup.controllers")" 'memory pids'
    assert_equal "$(cat "$TARE_TEST_CGROUP/more-$id/$id/memory.max")" max
    assert_equal "$(cat "$TARE_TEST_CGROUP/more-$id/$id/pids.max")" 5
    tare delete --force "$id"
    rmdir "$TARE_TEST_CGROUP/more-$id"
    nothing_left
}

@test "[CG6] a cgroup with processes cannot hand a controller down, and that is said" {
    mkdir "$TARE_TEST_CGROUP/busy-$id"
    sleep 100 3>&- &
    local busy=$!
    echo "$busy" >"$TARE_TEST_CGROUP/busy-$id/cgroup.procs"
    config --arg path "/busy-$id/$id" '.linux.cgroupsPath = $path'
    resources '{ memory: { limit: 10000000 } }'
    run_container
    kill -KILL "$busy"
    wait "$busy" || :
    assert_failure 1
    assert_output ''
    assert_stderr_has "linux.resources.memory.limit: cgroup /sys/fs/cgroup/busy-$id: controller \
memory: it has processes of its own"
    assert_stderr_has 'hint: move them to a cgroup in it, or name a linux.cgroupsPath elsewhere'
    wait_until 10 rmdir "$TARE_TEST_CGROUP/busy-$id"
    nothing_left
}

# kept: the values that a cgroup of a test has.
kept() {
    (cd "$TARE_TEST_CGROUP/kept-$id" && grep -H . pids.max memory.max cpu.weight cpu.idle cpu.max \
        io.max memory.oom.group)
}

@test "[OP17] a cgroup that was there is as before, after delete and after a start that failed" {
    needs_cgroup_file cpu.idle
    local cgroup=$TARE_TEST_CGROUP/kept-$id before
    mkdir "$cgroup"
    echo 77 >"$cgroup/pids.max"
    echo 33 >"$cgroup/cpu.weight"
    echo "$(lsblk -dno MAJ:MIN /dev/vdc | xargs) wbps=12345" >"$cgroup/io.max"
    config --arg path "/kept-$id" '.linux.cgroupsPath = $path'
    before=$(kept)
    resources "{ pids: { limit: 5 }, memory: { limit: 50000000, swap: 60000000 },
        cpu: { shares: 100, idle: 1, quota: 5000 }, unified: { \"memory.oom.group\": \"1\" },
        blockIO: { throttleReadBpsDevice: [{ $(disk), rate: 1048576 }] } }"
    create_container
    assert_equal "$(cat "$cgroup/pids.max")" 5
    assert_equal "$(cat "$cgroup/cpu.idle")" 1
    tare delete --force "$id"
    assert_equal "$(kept)" "$before"

    config '.linux.resources.unified["memory.nosuch"] = "1"'
    run_container
    assert_failure 1
    assert_equal "$(kept)" "$before"
    rmdir "$cgroup"
    nothing_left
}

@test "a limit binds a container that is started at once from its first instruction" {
    resources '{ pids: { limit: 1 } }'
    for _ in 1 2 3 4 5; do
        run_container fork 1
        assert_success
        assert_line children=0
    done
    nothing_left
}

# The last that is asked of systemd, whose place is taken by tests/helpers/fake_scope.
@test "[D9] an update that fails behind the device rules leaves those there were" {
    local fake=$BATS_TEST_TMPDIR/program/src
    mkdir -p "$fake"
    cp "$TARE" "$fake/../tare"
    cp "$BATS_TEST_DIRNAME/../helpers/fake_scope" "$fake/scope"
    TARE=$fake/../tare
    is_other_runtime() { false; }
    mknod "$rootfs/etc/x" c 240 1
    resources '{ devices: [{ allow: false, access: "rwm" },
        { allow: true, type: "c", major: 240, minor: 1, access: "r" }] }'
    witness_runs sleep 100
    "$TARE" --root "$state" --systemd-cgroup run --detach --bundle "$bundle" "$id" \
        </dev/null >/dev/null 2>&1
    echo "error refused no" >"$fake/fail-set.3" # behind the question and the rules
    run_tare update --resources - "$id" <<<'{ "memory": { "limit": 67108864 },
        "devices": [{ "allow": false, "access": "rwm" }] }'
    assert_failure 1
    assert_stderr_has 'systemd refuses: no'
    assert_equal "$(grep -c '^verb set' "$fake/log")" 4 # that which gives back
    assert_equal "$(tare exec "$id" /witness open /etc/x r)" ENXIO
    rm "$fake/fail-set.3"
    tare update --resources - "$id" <<<'{ "memory": { "limit": 67108864 },
        "devices": [{ "allow": false, "access": "rwm" }] }'
    assert_equal "$(tare exec "$id" /witness open /etc/x r)" EPERM
    tare delete --force "$id"
    rm "$rootfs/etc/x"
    nothing_left
}
