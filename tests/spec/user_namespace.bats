#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    [ -e /proc/self/ns/user ] || skip "the kernel has no user namespaces"
    config '.linux.namespaces += [{ type: "user" }] | .linux.uidMappings =
        [{ containerID: 0, hostID: 100000, size: 65536 }] | .linux.gidMappings = .linux.uidMappings'
    chmod 755 "$BATS_TEST_TMPDIR" "$bundle" # the container's root is a stranger to the host's
}

@test "[N13] [IM1] [IM2] the maps are those of the config" {
    config '.linux.uidMappings = [{ containerID: 0, hostID: 1000, size: 1 },
        { containerID: 1, hostID: 200000, size: 10 }]'
    run_container chain cat /proc/self/uid_map ';' cat /proc/self/gid_map ';' ns
    assert_success
    assert_line --regexp '^ +0 +1000 +1$'
    assert_line --regexp '^ +1 +200000 +10$'
    assert_line --regexp '^ +0 +100000 +65536$'
    refute_line "user=$(readlink /proc/self/ns/user)"
    nothing_left
}

@test "[N13] the process is root inside and nobody outside" {
    local pid
    config '.process.capabilities = { bounding: ["CAP_CHOWN"], permitted: ["CAP_CHOWN"],
        effective: ["CAP_CHOWN"] }'
    start_container sleep 100
    pid=$(tare state "$id" | jq .pid)
    assert_equal "$(grep -E '^(Uid|CapEff|CapBnd)' "/proc/$pid/status" | tr -s '\t' ' ')" \
        'Uid: 100000 100000 100000 100000
CapEff: 0000000000000001
CapBnd: 0000000000000001'
    tare delete --force "$id"
    nothing_left
}

@test "[N13] it has all capabilities that the config gives, whatever tare itself lacks" {
    witness_runs caps
    config '["CAP_SYS_RESOURCE", "CAP_SYS_ADMIN"] as $caps
        | .process.capabilities = { bounding: $caps, permitted: $caps, effective: $caps }'
    run_container
    assert_success
    assert_line effective=0000000001200000
    assert_line bounding=0000000001200000
    assert_line ambient=0000000000000000
    assert_line inheritable=0000000000000000
}

@test "[U2] [U3] [U5] users and groups of the namespace" {
    config '.process.user = { uid: 7, gid: 8, umask: 18, additionalGids: [9, 10] }'
    run_container ids
    assert_success
    assert_line uid=7:7:7
    assert_line gid=8:8:8
    assert_line groups=9,10
}

@test "[N13] a namespace that has no root: everything is made by its user" {
    config '.linux.uidMappings = [{ containerID: 7, hostID: 100007, size: 1 }]
        | .linux.gidMappings = [{ containerID: 8, hostID: 100008, size: 1 }]
        | .process.user = { uid: 7, gid: 8, umask: 18 }'
    run_container chain ids ';' caps ';' stat /tmp
    assert_success
    assert_line uid=7:7:7
    assert_line gid=8:8:8
    assert_line groups=
    assert_line effective=0000000000000000
    assert_line inheritable=0000000000000000
    assert_line ambient=0000000000000000
    nothing_left
}

@test "[IM6] nothing of the root filesystem changes its owner" {
    chown 100000:100000 "$rootfs/tmp"
    run_container chain stat /tmp /etc
    assert_success
    assert_line --partial '/tmp: directory mode=0755 uid=0 gid=0'
    assert_line --partial '/etc: directory mode=0755 uid=65534 gid=65534'
    assert_equal "$(stat -c '%u' "$rootfs/tmp" "$rootfs/etc")" $'100000\n0'
}

@test "[N13] [IM5] what cannot be is refused" {
    bad_config 'del(.linux.uidMappings)' \
        'linux.uidMappings: a new user namespace needs mappings'
    bad_config 'del(.linux.gidMappings)' \
        'linux.gidMappings: a new user namespace needs mappings'
    bad_config 'del(.linux.namespaces[-1])' \
        'linux.uidMappings: there is no user namespace to map ids in'
    bad_config '.linux.uidMappings[0].size = 0' 'linux.uidMappings[0].size: a mapping of no ids'
    bad_config '.linux.uidMappings += [{ containerID: 5, hostID: 0, size: 1 }]' \
        'linux.uidMappings[1].containerID: an id of linux.uidMappings[0] is mapped once more'
    bad_config '.process.user.uid = 65536' \
        'process.user.uid: 65536 is not mapped by linux.uidMappings'
    bad_config '.process.user.additionalGids = [70000]' \
        'process.user.additionalGids: 70000 is not mapped by linux.gidMappings'
}

@test "[SY2] user.* belongs to the user namespace" {
    config '.linux.sysctl = { "user.max_uts_namespaces": "7" }'
    run_container sysctl user.max_uts_namespaces
    assert_success
    assert_output 7
}

@test "[N13] a user namespace where clone3 is not known" {
    witness_runs cat /proc/self/uid_map
    run "$build/tests/helpers/refuse" clone3 -- "$TARE" --root "$state" run \
        --bundle "$bundle" "$id"
    assert_success
    assert_line --regexp '^ +0 +100000 +65536$'
    nothing_left
}

@test "[D4] [D10] a device that is there is usable, also where none can be opened" {
    mkdir "$bundle/own"
    mknod -m 600 "$bundle/own/null" c 1 3
    chown 100000:100000 "$bundle/own" # where the others are made
    config '.mounts |= map(if .destination == "/dev"
        then { destination: "/dev", source: "own", options: ["bind", "nodev"] } else . end)'
    run_container chain open /dev/null rw ';' stat /dev/null
    assert_success
    assert_line --index 0 ok
    assert_line --index 1 --partial 'char mode=0666'
    assert_equal "$(stat -c '%a %u' "$bundle/own/null")" '600 0'
    nothing_left
}

@test "[D6] [D7] the host's device keeps owner and mode, with a warning of what is asked else" {
    local node=$BATS_TEST_TMPDIR/null
    mknod -m 620 "$node" c 1 3
    chown 7:8 "$node"
    mkdir -p "$rootfs$BATS_TEST_TMPDIR"
    chown 100000:100000 "$rootfs$BATS_TEST_TMPDIR"
    config --arg node "$node" '.linux.devices =
        [{ type: "c", path: $node, major: 1, minor: 3, gid: 8 }]'
    witness_runs stat "$node"
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_output --partial mode=0620
    [[ "$stderr" != *stays* ]]
    config '.linux.devices[0].fileMode = 384'
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_output --partial mode=0620
    assert_stderr_has 'stays 7:8 with mode 0620: a user namespace may not change it to 7:8, 0600'
    nothing_left
}
