#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[SY1] keys with dots and with slashes" {
    config '.linux.sysctl = { "net.ipv4.ip_forward": "1", "net/ipv4/conf/lo/forwarding": "0",
        "kernel.msgmax": "8193", "kernel.sem": "100 32000 100 128", "fs.mqueue.msg_max": "11" }'
    run_container chain sysctl net.ipv4.ip_forward ';' sysctl net.ipv4.conf.lo.forwarding \
        ';' sysctl kernel.msgmax ';' sysctl kernel.sem ';' sysctl fs.mqueue.msg_max
    assert_success
    assert_equal "$(tr '\t' ' ' <<<"$output")" $'1\n0\n8193\n100 32000 100 128\n11'
}

@test "[SY1] the host's values stay" {
    local before
    before=$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax)
    config '.linux.sysctl = { "net.ipv4.ip_forward": "1", "kernel.shmmax": "12345" }'
    run_container sysctl kernel.shmmax
    assert_success
    assert_output 12345
    assert_equal "$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax)" "$before"
}

@test "[SY1] sysctls need no /proc in the container" {
    config '.mounts = [{ destination: "/p", type: "proc", source: "proc" }]
        | .linux.sysctl = { "kernel.msgmax": "8194" }'
    run_container cat /p/sys/kernel/msgmax
    assert_success
    assert_output 8194
}

@test "[SY1] a /proc that is read-only or covered does not keep sysctls from being written" {
    config '.linux.sysctl = { "kernel.msgmax": "8195" }'
    config '.mounts[0].options = ["ro"]'
    run_container cat /proc/sys/kernel/msgmax
    assert_success
    assert_output 8195
    config '.mounts[0].options = []
        | .mounts += [{ destination: "/proc/sys", type: "tmpfs", source: "tmpfs" },
            { destination: "/p", type: "proc", source: "proc" }]'
    run_container cat /p/sys/kernel/msgmax
    assert_success
    assert_output 8195
}

@test "[SY1] with hooks of create sysctls are written before the container has its root" {
    config '.linux.sysctl = { "kernel.msgmax": "8196" }
        | .linux.maskedPaths = ["/proc/sys/kernel/msgmax"]
        | .hooks.createRuntime = [{ path: "/bin/true" }]
        | .mounts += [{ destination: "/p", type: "proc", source: "proc" }]'
    run_container chain cat /p/sys/kernel/msgmax ';' cat /proc/sys/kernel/msgmax
    assert_success
    assert_output 8196
}

@test "[SY2] kernel.domainname is for a new uts namespace, and agrees with domainname" {
    config '.linux.sysctl = { "kernel.domainname": "example.org" }'
    run_container domainname
    assert_success
    assert_output domainname=example.org
    config '.domainname = "example.org"'
    run_container domainname
    assert_success
    config '.domainname = "example.com"'
    run_container
    assert_failure 1
    assert_stderr_has 'linux.sysctl.kernel.domainname: "example.org" is not the same as '
    nothing_left
}

@test "[SY1] a value that the kernel refuses is an error that names key and value" {
    config '.linux.sysctl = { "kernel.msgmax": "many" }'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'kernel.msgmax'
    assert_stderr_has many
    assert_stderr_has 'invalid argument (EINVAL)'
    nothing_left
}

@test "[SY1] a key that the kernel lacks is an error that names it" {
    config '.linux.sysctl = { "net.no_such.key": "1" }'
    run_container
    assert_failure 1
    assert_stderr_has 'net.no_such.key'
    assert_stderr_has 'not found (ENOENT)'
    nothing_left
}
