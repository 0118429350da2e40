#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    mkdir "$rootfs/etc/secrets"
    echo secret >"$rootfs/etc/secrets/one"
    echo secret >"$rootfs/etc/secret"
}

@test "[MP1] a masked file is empty, a masked folder too, and nothing can be written there" {
    config '.linux.maskedPaths = ["/etc/secret", "/etc/secrets"]'
    run_container chain cat /etc/secret ';' ls /etc/secrets ';' write /etc/secrets/new x \
        ';' mkdir /etc/secrets/new ';' unlink /etc/secret
    assert_success
    assert_output $'EROFS\nEROFS\nEBUSY'
    assert_equal "$(cat "$rootfs/etc/secret")" secret
}

@test "[MP1] what is written to a masked file goes nowhere" {
    config '.linux.maskedPaths = ["/etc/secret"]'
    run_container chain write /etc/secret text ';' cat /etc/secret
    assert_success
    assert_output ok
    assert_equal "$(cat "$rootfs/etc/secret")" secret
}

@test "[MP1] many paths of both kinds, and the same one twice" {
    local number
    for number in 1 2 3 4 5 6 7 8; do
        mkdir "$rootfs/etc/dir$number"
        echo secret | tee "$rootfs/etc/dir$number/file" >"$rootfs/etc/file$number"
    done
    config '.linux.maskedPaths = ["/etc/secret", "/etc/secret", "/etc/secrets"]
        + [range(1; 9) | "/etc/dir\(.)", "/etc/file\(.)"]'
    run_container chain cat /etc/file1 ';' cat /etc/file8 ';' ls /etc/dir1 ';' ls /etc/dir8 \
        ';' ls /etc/secrets ';' cat /etc/secret ';' say end
    assert_success
    assert_output end
}

@test "[MP1] [RO1] paths that are not there are skipped, and not made" {
    config '.linux.maskedPaths = ["/nowhere", "/etc/secret/below", "/no/where"]
        | .linux.readonlyPaths = ["/nowhere", "/proc/no-such"]'
    run_container ls /
    assert_success
    refute_line nowhere
    refute_line no
}

@test "[MP1] paths of /proc and /sys" {
    # Not every kernel has the paths that are masked by custom.
    config '.linux.maskedPaths = ["/proc/version", "/proc/tty", "/sys/kernel", "/proc/acpi"]
        | .mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] }]'
    run_container chain cat /proc/version ';' ls /proc/tty ';' ls /sys/kernel
    assert_success
    assert_output ''
}

@test "[MP1] [RO1] links and mounts in /proc, and what only looks like a name there" {
    mkdir "$bundle/tty"
    echo secret | tee "$rootfs/linked" "$bundle/tty/one" >"$bundle/tty/two"
    ln -s /linked "$bundle/tty/three"
    config '.mounts += [{ destination: "/proc/tty", source: "tty", options: ["bind"] }]
        | .linux.maskedPaths = ["/proc/mounts", "/proc/self/../version", "/proc//uptime",
            "/proc/./loadavg", "/proc/sys/kernel/ostype", "/proc/tty/one", "/proc/..data",
            "/proc/tty/three", "/./proc/vmstat", "/proc/1/x"]
        | .linux.readonlyPaths = ["/proc/tty/two", "/proc/net"]'
    run_container chain cat /proc/mounts ';' cat /proc/version ';' cat /proc/uptime \
        ';' cat /proc/loadavg ';' cat /proc/sys/kernel/ostype ';' cat /proc/tty/one \
        ';' cat /linked ';' cat /proc/vmstat \
        ';' cat /proc/tty/two ';' open /proc/tty/two w
    assert_success
    assert_output $'secret\nEROFS'
    config 'del(.linux.maskedPaths)
        | .linux.readonlyPaths = ["/proc/net", "/proc/sys", "/proc/version"]'
    run_container mounts
    assert_equal "$(awk '$5 ~ "^/proc/(1/net|sys|version)$" { print $5, substr($6, 1, 3) }' \
        <<<"$output" | sort)" \
        $'/proc/1/net ro,\n/proc/sys ro,\n/proc/version ro,'
}

@test "[MP1] [RO1] a /proc that is none, and one of the image" {
    config '(.mounts[] | select(.destination == "/proc")) |= { destination, type: "tmpfs" }
        | .mounts += [{ destination: "/proc/acpi", type: "tmpfs" }]
        | .linux.maskedPaths = ["/proc/acpi", "/proc/keys"] | .linux.readonlyPaths = ["/proc/sys"]'
    run_container chain write /proc/acpi/x x ';' write /proc/y x
    assert_success
    assert_output $'EROFS\nok'
    config 'del(.mounts[] | select(.destination == "/proc" or .destination == "/proc/acpi"))'
    mkdir -p "$rootfs/proc/sys"
    echo secret >"$rootfs/proc/keys"
    run_container chain cat /proc/keys ';' write /proc/sys/x x ';' write /proc/y x
    assert_success
    assert_output $'EROFS\nok'
    mv "$rootfs/proc" "$rootfs/real"
    ln -s real "$rootfs/proc"
    run_container chain cat /real/keys ';' write /proc/sys/x x ';' write /proc/z x
    assert_success
    assert_output $'EROFS\nok'
}

@test "[MP2] a masked path is one of the container, behind its links too" {
    ln -s ../../../../../../etc/secrets "$rootfs/link"
    ln -s secret "$rootfs/etc/other"
    config '.linux.maskedPaths = ["/link/one", "/etc/other"]'
    run_container chain cat /etc/secrets/one ';' cat /etc/secret ';' say end
    assert_success
    assert_output end
}

@test "[RO1] a read-only path can be read and not written, nor what is mounted below it" {
    needs mount_setattr
    mkdir -p "$rootfs/data/sub"
    config '.mounts += [{ destination: "/data/sub", type: "tmpfs" }]
        | .linux.readonlyPaths = ["/data", "/etc/secret"]'
    run_container chain write /data/x x ';' write /data/sub/x x ';' cat /etc/secret \
        ';' open /etc/secret w ';' write /etc/free x
    assert_success
    assert_output $'EROFS\nEROFS\nsecret\nEROFS\nok'
}

@test "[RO1] read-only paths of /proc, of a process with all its capabilities" {
    config '.linux.readonlyPaths = ["/proc/sys", "/proc/version", "/proc/irq"]
        | .process.capabilities = (["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"]
            | { bounding: ., permitted: ., effective: . })'
    run_container chain write /proc/sys/kernel/msgmax 4096 ';' open /proc/version w
    assert_success
    assert_output $'EROFS\nEROFS'
}

@test "a path that is both read-only and a mount keeps its other flags" {
    config '.mounts += [{ destination: "/tmp", type: "tmpfs", options: ["nosuid", "noexec"] }]
        | .linux.readonlyPaths = ["/tmp"]'
    run_container mounts
    assert_success
    assert_equal "$(awk '$5 == "/tmp" { flags = $6 } END { print flags }' <<<"$output")" \
        ro,nosuid,noexec,relatime
}

@test "sysctls are written before their paths become read-only" {
    config '.linux.readonlyPaths = ["/proc/sys"] | .linux.sysctl = { "kernel.msgmax": "4096" }'
    run_container sysctl kernel.msgmax
    assert_success
    assert_output 4096
}

@test "a container without a process does not wait in a directory that is masked" {
    config 'del(.process) | .linux.maskedPaths = ["/etc/secrets"]'
    create_container
    assert_equal "$(readlink "/proc/$(tare state "$id" | jq .pid)/cwd")" /
    tare delete --force "$id"
}
