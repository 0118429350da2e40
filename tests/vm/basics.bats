#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# The test machine is what the other files here take it for, and the plain life of a container
# works in it, on a cgroup v2 that has every controller.

load ../helpers/tare
load vm

setup() {
    setup_vm_bundle
}

@test "the kernel is the one that was asked for" {
    [[ $(uname -r) == "${TARE_VM_KERNEL}"[.-]* ]]
}

@test "cgroup v2 alone, with all controllers that limits need" {
    local controller
    run -0 awk '$3 ~ /^cgroup/ { print $3 }' /proc/mounts
    assert_output cgroup2
    for controller in cpu cpuset io memory pids hugetlb rdma misc; do
        need_controller "$controller"
        grep -qw "$controller" "$TARE_TEST_CGROUP/cgroup.controllers"
    done
}

@test "two NUMA nodes, each with a CPU and memory" {
    assert_equal "$(</sys/devices/system/node/has_memory)" 0-1
    assert_equal "$(</sys/devices/system/node/has_cpu)" 0-1
}

@test "huge pages, swap, a disk to limit and a device of RDMA" {
    [ "$(awk '$1 == "HugePages_Free:" { print $2 }' /proc/meminfo)" -gt 0 ]
    [ "$(awk '$1 == "SwapTotal:" { print $2 }' /proc/meminfo)" -gt 0 ]
    [ -b /dev/vdc ]
    grep -q '^rxe0 ' "$TARE_TEST_CGROUP/tests/rdma.max"
}

@test "AppArmor is in force" {
    assert_equal "$(</sys/module/apparmor/parameters/enabled)" Y
    grep -qw apparmor /sys/kernel/security/lsm
}

@test "a container runs to its end" {
    run_container
    assert_success
    assert_output hello
    nothing_left
}

@test "a container is created, started, killed and deleted" {
    start_container sleep 100
    has_status "$id" running
    [ -d "$(cgroup_of "$id")" ]
    tare kill "$id" KILL
    wait_until 10 has_status "$id" stopped
    tare delete "$id"
    nothing_left
}

@test "kill --all reaches every process in the cgroup" {
    start_container chain spawn sleep 100 ';' sleep 100
    tare kill --all "$id" KILL
    wait_until 10 has_status "$id" stopped
    assert_equal "$(cat "$TARE_TEST_CGROUP/tare/$id/cgroup.procs")" ''
    tare delete "$id"
    nothing_left
}

# Nothing drives 240:1 and 240:2: what may be opened is not there, what may not is refused before.
@test "devices are filtered" {
    config '.process.capabilities = (["CAP_MKNOD"] | { bounding: ., permitted: ., effective: . })
        | .linux.resources.devices = [{ allow: false },
            { allow: true, type: "c", major: 240, minor: 1 }]'
    mknod "$rootfs/etc/allowed" c 240 1
    mknod "$rootfs/etc/denied" c 240 2
    run_container chain mknod /tmp/allowed c 240 1 ';' mknod /tmp/null c 1 3 \
        ';' mknod /tmp/denied c 240 2 ';' open /etc/allowed r ';' open /etc/denied r
    assert_success
    assert_output $'ok\nok\nEPERM\nENXIO\nEPERM'
    nothing_left
}

@test "a start that fails leaves nothing" {
    config '.process.args = ["/missing"]'
    expected_status=127 run_container
    assert_failure 127
    nothing_left
}

@test "[M10] [MO48] idmapped mounts, of a disk since Linux 5.12 and of a tmpfs since 6.3" {
    local disk=$BATS_TEST_TMPDIR/disk map='[{ containerID: 0, hostID: 1000, size: 9 }]'
    mkdir "$bundle/volume"
    truncate -s 8M "$disk"
    mkfs.ext4 -q "$disk"
    mount -o loop "$disk" "$bundle/volume"
    config ".mounts += [{ destination: \"/tmp\", source: \"volume\", options: [\"bind\", \"idmap\"],
        uidMappings: $map, gidMappings: $map }]"
    run_container stat /tmp
    if kernel_since 5.12; then
        assert_success
        assert_output --partial ' uid=1000 gid=1000 '
    else
        assert_failure 1
        assert_stderr_has 'mounts[2] on /tmp: map the ids of a mount'
    fi
    umount "$bundle/volume"
    config '.mounts[2].type = "tmpfs" | .mounts[2].options = ["mode=755"]'
    run_container stat /tmp
    if kernel_since 6.3; then
        assert_success
        assert_output --partial ' uid=1000 gid=1000 '
    else
        assert_failure 1
        assert_stderr_has 'mounts[2] on /tmp: map the ids of a mount'
    fi
    nothing_left
}
