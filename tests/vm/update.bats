#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# tare update where all controllers are of version 2: what was not limited at create gets its
# controllers now, what is not named stays, and what fails half-way is taken back.

load ../helpers/tare
load vm

setup() {
    setup_vm_bundle
    cgroup=$TARE_TEST_CGROUP/tare/$id
}

resources() {
    config ".linux.resources = $1"
}

# What the witness eats in these tests is in use.
has_eaten() {
    [ "$(cat "$cgroup/memory.current")" -ge $((48 << 20)) ]
}

# updated JSON: the container, by a document on standard input.
updated() {
    tare update --resources - "$id" <<<"$1"
}

gone() {
    tare delete --force "$id"
    nothing_left
}

# disk: major and minor number of the disk to limit, as JSON members.
disk() {
    printf '"major": %d, "minor": %d' "0x$(stat -c %t /dev/vdc)" "0x$(stat -c %T /dev/vdc)"
}

@test "every option reaches its file, in a container that had no limit at all" {
    start_container sleep 100
    assert_equal "$(cat "$cgroup/cgroup.controllers")" ''
    tare update --memory 64M --memory-swap 96M --memory-reservation 32M --pids-limit 50 \
        --cpu-share 512 --cpu-quota 50000 --cpu-period 200000 --cpuset-cpus 0-1 --cpuset-mems 1 \
        "$id"
    assert_equal "$(values memory.max memory.swap.max memory.low pids.max cpu.weight cpu.max \
        cpuset.cpus cpuset.mems)" "memory.max 67108864
memory.swap.max 33554432
memory.low 33554432
pids.max 50
cpu.weight 59
cpu.max 50000 200000
cpuset.cpus 0-1
cpuset.mems 1"
    run_tare --log-level warn update --cpu-share 1 "$id"
    assert_success
    assert_stderr 'tare: warning: --cpu-share 1 counts as 2, the least'
    run_tare --log-level warn update --cpu-share 262145 "$id"
    assert_stderr 'tare: warning: --cpu-share 262145 counts as 262144, the most'
    run_tare --log-level warn update --cpu-share 512 "$id"
    assert_stderr ''
    # What is not named stays.
    tare update --memory 80M "$id"
    tare update --cpu-period 100000 "$id"
    tare update --memory-swap 100M --cpu-share 1024 "$id"
    assert_equal "$(values memory.max memory.swap.max memory.low pids.max cpu.weight cpu.max)" \
        "memory.max 83886080
memory.swap.max 20971520
memory.low 33554432
pids.max 50
cpu.weight 100
cpu.max 50000 100000"
    tare update --memory -1 --memory-swap -1 --pids-limit -1 --cpu-quota -1 "$id"
    assert_equal "$(values memory.max memory.swap.max pids.max cpu.max)" "memory.max max
memory.swap.max max
pids.max max
cpu.max max 100000"
    gone
}

@test "cpu-burst and cpu-idle go with what holds" {
    needs_cgroup_file cpu.idle
    resources '{ cpu: { quota: 50000, period: 100000, shares: 100 } }'
    create_container
    tare update --cpu-burst 40000 "$id"
    assert_equal "$(values cpu.max.burst cpu.weight)" $'cpu.max.burst 40000\ncpu.weight 17'
    run_tare update --cpu-quota 30000 "$id"
    assert_failure 1
    assert_stderr_has '--cpu-quota: linux.resources.cpu.quota: 30000 is below linux.resources.cpu'
    tare update --cpu-quota 30000 --cpu-burst 0 --cpu-idle 1 "$id"
    assert_equal "$(values cpu.max cpu.max.burst cpu.idle)" "cpu.max 30000 100000
cpu.max.burst 0
cpu.idle 1"
    run_tare update --cpu-share 512 "$id"
    assert_failure 1
    assert_stderr_has '--cpu-share: linux.resources.cpu.shares: the weight of an idle cgroup is'
    tare update --cpu-share 512 --cpu-idle 0 "$id"
    assert_equal "$(values cpu.weight cpu.idle)" $'cpu.weight 59\ncpu.idle 0'
    gone
}

@test "what a later write fails at is taken back, with its order" {
    needs_cgroup_file cpu.idle
    local before files=(memory.max memory.swap.max pids.max cpu.weight cpu.idle cpu.max io.max
        cpuset.cpus)
    resources "{ memory: { limit: 50000000 }, pids: { limit: 9 }, cpu: { idle: 1, quota: 70000 },
        blockIO: { throttleReadBpsDevice: [{ $(disk), rate: 1048576 }] } }"
    start_container sleep 100
    tare pause "$id"
    tare update --cpuset-cpus 0 "$id"
    before=$(values "${files[@]}")
    run_tare update --resources - "$id" <<<"{ \"memory\": { \"limit\": 90000000,
        \"swap\": 120000000 }, \"pids\": { \"limit\": 5 }, \"rdma\": { \"none0\": { \"hcaObjects\": 1 } },
        \"cpu\": { \"shares\": 2048, \"idle\": 0, \"quota\": 5000, \"cpus\": \"0-1\" }, \"blockIO\": {
        \"throttleWriteBpsDevice\": [{ $(disk), \"rate\": 4096 }] } }"
    assert_failure 1
    assert_output ''
    assert_stderr_has "linux.resources.rdma.none0: write 'none0 hca_object=1' to rdma.max: "
    assert_stderr_has 'hint: there is no RDMA device of that name'
    assert_equal "$(values "${files[@]}")" "$before"
    has_status "$id" paused
    gone
}

@test "what fails has killed nobody, though memory was to be below what is in use" {
    local words reason
    resources '{ memory: { limit: 134217728, swap: 134217728 } }'
    start_container chain eat $((48 << 20)) ';' sleep 100
    wait_until 20 has_eaten
    while IFS='|' read -r words reason; do
        run_tare update --resources - "$id" <<<"{ \"memory\": { \"limit\": 4194304,
            \"swap\": 4194304 }, $words }"
        assert_failure 1
        assert_stderr_has "$reason"
        has_status "$id" running
        assert_equal "$(values memory.max memory.swap.max)" "memory.max $((128 << 20))
memory.swap.max 0"
    done <<'END'
"unified": { "memory.nosuch": "1" }|write '1' to memory.nosuch: not found (ENOENT)
"unified": { "memory.high": "much" }|write 'much' to memory.high:
"rdma": { "none0": { "hcaObjects": 1 } }|hint: there is no RDMA device of that name
END
    gone
}

@test "[ME11] with checkBeforeUpdate a limit below what is in use is refused" {
    resources '{ memory: { limit: 134217728, swap: 134217728, checkBeforeUpdate: true } }'
    start_container chain eat $((48 << 20)) ';' sleep 100
    wait_until 20 has_eaten
    run_tare update --memory 32M "$id"
    assert_failure 1
    assert_stderr_has "--memory: linux.resources.memory.limit: 33554432 bytes are below what is \
in use, "
    assert_stderr_has 'and checkBeforeUpdate is set'
    assert_equal "$(values memory.max)" "memory.max $((128 << 20))"
    tare update --memory 64M "$id"
    assert_equal "$(values memory.max)" "memory.max $((64 << 20))"
    has_status "$id" running

    # The document wins over the config; then the kernel makes room, the only way it has.
    run_tare update --resources - "$id" \
        <<<'{ "memory": { "limit": 33554432, "checkBeforeUpdate": false } }'
    wait_until 20 has_status "$id" stopped
    assert_equal "$(tare state "$id" | jq .oomKilled)" true
    tare delete "$id"
    nothing_left
}

@test "new limits bind what runs" {
    start_container sleep 100
    tare update --pids-limit 4 --cpuset-cpus 1 "$id"
    assert_equal "$(tare exec "$id" /witness fork 9 | head -n 1)" children=2
    run -0 tare exec "$id" /witness cat /proc/1/status
    assert_line --regexp '^Cpus_allowed_list:[[:space:]]+1$'
    gone
}

@test "what Docker, CRI-O and Podman send" {
    create_container
    updated '{ "memory": { "limit": 67108864, "reservation": 0, "swap": 134217728, "kernel": 0 },
        "cpu": { "shares": 512, "quota": 0, "period": 0, "realtimeRuntime": 0, "cpus": "",
            "mems": "" }, "blockIO": { "weight": 0 } }'
    assert_equal "$(values memory.max memory.swap.max cpu.weight)" "memory.max 67108864
memory.swap.max 67108864
cpu.weight 59"
    updated '{ "cpu": { "shares": 1024, "quota": 20000, "period": 100000, "cpus": "0" },
        "memory": { "limit": 83886080, "swap": 83886080 } }'
    assert_equal "$(values memory.max memory.swap.max cpu.weight cpu.max cpuset.cpus)" \
        "memory.max 83886080
memory.swap.max 0
cpu.weight 100
cpu.max 20000 100000
cpuset.cpus 0"
    updated '{ "devices": [{ "allow": false, "access": "rwm" }], "pids": { "limit": 2048 },
        "memory": { "limit": 1073741824, "swap": 2147483648, "checkBeforeUpdate": false },
        "cpu": { "period": 100000, "quota": 150000, "shares": 1024 }, "blockIO": {} }'
    assert_equal "$(values memory.max memory.swap.max pids.max cpu.max)" "memory.max 1073741824
memory.swap.max 1073741824
pids.max 2048
cpu.max 150000 100000"
    gone
}

@test "[OP17] a cgroup that was there is as before, also where update brought the controllers" {
    local before files=(pids.max memory.max memory.swap.max cpu.weight cpu.max)
    cgroup=$TARE_TEST_CGROUP/kept-$id
    mkdir "$cgroup"
    config --arg path "/kept-$id" '.linux.cgroupsPath = $path'
    resources '{ pids: { limit: 5 } }'
    create_container
    tare update --memory 64M --memory-swap 96M --cpu-share 100 "$id"
    tare update --memory 80M --pids-limit 7 --cpu-quota 5000 "$id"
    assert_equal "$(values pids.max memory.max cpu.max)" "pids.max 7
memory.max 83886080
cpu.max 5000 100000"
    tare delete --force "$id"
    before=$(values "${files[@]}")
    assert_equal "$before" "pids.max max
memory.max max
memory.swap.max max
cpu.weight 100
cpu.max max 100000"
    rmdir "$cgroup"
    nothing_left
}

@test "[IO2] [IO9] [IO12] [IO14] blockIO of a document, device by device" {
    create_container
    updated "{ \"blockIO\": { \"throttleReadBpsDevice\": [{ $(disk), \"rate\": 1048576 }] } }"
    updated "{ \"blockIO\": { \"throttleWriteIOPSDevice\": [{ $(disk), \"rate\": 100 }] } }"
    assert_equal "$(values io.max | cut -d ' ' -f 3-)" 'rbps=1048576 wbps=max riops=max wiops=100'
    updated "{ \"blockIO\": { \"throttleReadBpsDevice\": [{ $(disk), \"rate\": 0 }] } }"
    assert_equal "$(values io.max | cut -d ' ' -f 3-)" 'rbps=max wbps=max riops=max wiops=100'
    modprobe bfq || skip 'this kernel has no bfq'
    tare update --blkio-weight 500 "$id"
    assert_equal "$(head -n 1 "$cgroup/io.bfq.weight")" 'default 500'
    gone
}
