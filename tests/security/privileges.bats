#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "(T42) a set-user-id program gains no capability beyond the bounding set" {
    cp "$witness" "$rootfs/setuid"
    chmod 4755 "$rootfs/setuid"
    config '.process.noNewPrivileges = false | .process.user = { uid: 1000, gid: 1000 }'
    run_container exec /setuid chain ids ';' caps
    assert_success
    assert_line uid=1000:0:0
    refute_line --regexp '^(effective|permitted|inheritable|bounding|ambient)=.*[1-9a-f]'
}

@test "(T42) with noNewPrivileges a set-user-id program gains nothing at all" {
    cp "$witness" "$rootfs/setuid"
    chmod 6755 "$rootfs/setuid"
    config '.process.user = { uid: 1000, gid: 1000 }
        | .process.capabilities = { bounding: ["CAP_CHOWN", "CAP_SETUID"] }'
    run_container exec /setuid chain ids ';' caps
    assert_success
    assert_line uid=1000:1000:1000
    assert_line gid=1000:1000:1000
    assert_line effective=0000000000000000
}

@test "(T42) file capabilities give a user nothing that its inheritable set does not name" {
    cp "$witness" "$rootfs/capable"
    # Version 2, effective, all of them inheritable.
    local all=ffffffff none=00000000
    python3 -c 'import os, sys
value = bytes.fromhex(sys.argv[2])
os.setxattr(sys.argv[1], "security.capability", value)' \
        "$rootfs/capable" "01000002$none$all$none$all" || skip "cannot set file capabilities"
    config '.process.noNewPrivileges = false | .process.user = { uid: 1000, gid: 1000 }
        | .process.capabilities = (["CAP_CHOWN", "CAP_SETUID", "CAP_KILL"]
            | { bounding: ., permitted: ., effective: . })'
    run_container exec /capable caps
    assert_success
    assert_line inheritable=0000000000000000
    assert_line ambient=0000000000000000
    assert_line permitted=0000000000000000
    assert_line bounding=00000000000000a1
}

@test "(T42) inheritable and ambient are empty unless the config says otherwise" {
    config '.process.capabilities = (["CAP_CHOWN", "CAP_SETUID", "CAP_SYS_ADMIN"]
        | { bounding: ., permitted: ., effective: . })'
    run_container caps
    assert_success
    assert_line inheritable=0000000000000000
    assert_line ambient=0000000000000000
}

@test "(T60) a container leaves the options of the host's cgroup mount as they are" {
    local before
    before=$(grep ' - cgroup2 ' /proc/self/mountinfo)
    config '.mounts += [{ destination: "/sys/fs/cgroup", type: "cgroup2", source: "cgroup",
        options: ["nosuid", "rw"] }]'
    run_container
    assert_success
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    run_container
    assert_success
    assert_equal "$(grep ' - cgroup2 ' /proc/self/mountinfo)" "$before"
}

@test "(T60) a container sees no cgroup but its own" {
    config '.mounts += [{ destination: "/sys/fs/cgroup", type: "cgroup2", source: "cgroup" }]'
    run_container chain ls /sys/fs/cgroup ';' mounts
    assert_success
    refute_line tests
    refute_line tare
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    run_container chain ls /sys/fs/cgroup ';' mounts
    assert_success
    refute_line tests
    refute_line tare
    assert_equal "$(awk '$5 == "/sys/fs/cgroup" { print substr($6, 1, 2) }' <<<"$output")" ro
    nothing_left
}

@test "(T64) sysctl names that are none, or the host's" {
    local row
    while read -r row; do
        bad_config ".linux.sysctl = { $row: \"1\" }" 'linux.sysctl'
    done <<'ROWS'
"kernel.core_pattern"
"kernel/core_pattern"
"kernel.shm_rmid_forced+kernel.core_pattern"
"net.ipv4.ip_forward=1+kernel.core_pattern"
"net/../kernel/core_pattern"
"net/ipv4/../../kernel/core_pattern"
"net.ipv4/../core"
"../kernel/core_pattern"
"/kernel/msgmax"
"net//ipv4/ip_forward"
"net."
"net"
"net/"
""
"kernel.msgmax\nkernel.core_pattern"
"kernel.msgmax "
"kernel.msgmaxx"
"fs.mqueue"
"fs.mqueuex.a"
"fs.file-max"
"vm.overcommit_memory"
"kernel.sysrq"
"kernel.ns_last_pid"
"user.max_user_namespaces"
"kernel.hostname"
"net.ipv4.conf.\u0000.x"
"net.ipv4.conf.ä.x"
ROWS
}

@test "(T64) values with more than one line, or nothing" {
    bad_config '.linux.sysctl = { "kernel.msgmax": "1\n2" }' \
        'linux.sysctl.kernel.msgmax: the value has more than one line'
    bad_config '.linux.sysctl = { "kernel.msgmax": "" }' 'the value is empty'
    bad_config '.linux.sysctl = { "kernel.msgmax": "1\u0000" }' 'string contains NUL'
}

@test "(T64) keys of a namespace that is shared with the host" {
    local row
    for row in network:net.ipv4.ip_forward ipc:kernel.msgmax ipc:fs.mqueue.msg_max \
        uts:kernel.domainname; do
        bad_config "del(.hostname) | del(.linux.namespaces[] | select(.type == \"${row%%:*}\"))
            | .linux.sysctl = { \"${row#*:}\": \"1\" }" \
            "linux.sysctl.${row#*:}: needs a new ${row%%:*} namespace in linux.namespaces"
    done
}

@test "(T64) a mount over /proc/sys does not catch the sysctls" {
    mkdir -p "$bundle/fake/net/ipv4" "$bundle/fake/kernel"
    echo 0 | tee "$bundle/fake/kernel/msgmax" >"$bundle/fake/net/ipv4/ip_forward"
    config '.mounts += [{ destination: "/proc/sys", source: "fake", options: ["bind"] }]
        | .linux.sysctl = { "kernel.msgmax": "4321", "net.ipv4.ip_forward": "1" }'
    run_container say ran
    if [ "$status" != 0 ]; then
        assert_failure 1
        assert_stderr_has sysctl
    fi
    cd "$bundle/fake"
    assert_equal "$(cat kernel/msgmax net/ipv4/ip_forward | xargs)" '0 0'
    nothing_left
}
