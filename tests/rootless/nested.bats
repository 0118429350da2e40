#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

# tare as root of a user namespace that owns its mount namespace.

load ../helpers/tare
load ../helpers/rootless

setup() {
    need_user_namespaces
    setup_bundle
}

add_mount() {
    config --argjson mount "$1" '.mounts += [$mount]'
}

@test "[D10] the default devices are the host's, each on a file of the container's" {
    run_as nested chain stat /dev/null ';' stat /dev/urandom ';' stat /dev/tty ';' \
        write /dev/null x ';' open /dev/zero r ';' mounts
    assert_success
    assert_line --regexp '^/dev/null: char mode=0666 .* rdev=1:3 '
    assert_line --regexp '^/dev/urandom: char mode=0666 .* rdev=1:9 '
    assert_line --regexp '/devices/null /dev/null rw,'
    assert_stderr_lacks '/dev/null'
    nothing_left
}

@test "a whole life: create, state, start, kill, delete" {
    # shellcheck disable=SC2016 # expanded by the inner shell
    run --separate-stderr apart nested "$BASH" -ec '
        tare="$1 --root $2" bundle=$3 id=$4
        $tare create --bundle $bundle $id
        $tare state $id | jq -r .status
        $tare start $id
        $tare state $id | jq -r .status
        $tare kill $id KILL
        until [ $($tare state $id | jq -r .status) = stopped ]; do sleep 0.02; done
        $tare delete $id
        $tare list' life "$TARE" "$state" "$(witness_runs sleep 100 && echo "$bundle")" "$id"
    assert_success
    assert_line --index 0 created
    assert_line --index 1 running
    assert_line --index 2 --regexp '^ID '
    assert_equal "${#lines[@]}" 3
    nothing_left
}

@test "[D1] [D6] a device of the config is the host's, and keeps its mode with a warning" {
    config '.linux.devices = [{ "type": "c", "path": "/dev/full", "major": 1, "minor": 7,
        "fileMode": 384, "uid": 0, "gid": 0 }]'
    run_as nested chain stat /dev/full ';' open /dev/full r
    assert_success
    assert_line --regexp '^/dev/full: char mode=0666 .* rdev=1:7 '
    assert_stderr_has "linux.devices[0].path: '/dev/full' is the host's device and stays 0:0 with mode 0666"
    nothing_left
}

@test "[D1] a device that the host calls otherwise is found by its numbers" {
    config '.linux.devices = [{ "type": "c", "path": "/dev/deep/full", "major": 1, "minor": 7 }]'
    run_as with_devices stat /dev/deep/full
    assert_success
    assert_output --regexp '^/dev/deep/full: char mode=0666 .* rdev=1:7 '
    nothing_left
}

@test "[D1] a device that the host does not have is an error with its field" {
    config '.linux.devices = [{ "type": "b", "path": "/dev/none", "major": 4000, "minor": 3 }]'
    run_as nested
    assert_failure 1
    assert_stderr_has "linux.devices[0].path: the host has no block device 4000:3 on /dev/none"
    nothing_left
}

@test "[D2] a fifo is made, with owner and mode" {
    config '.linux.devices = [{ "type": "p", "path": "/dev/fifo", "fileMode": 416 }]'
    run_as nested stat /dev/fifo
    assert_success
    assert_output --regexp '^/dev/fifo: fifo mode=0640 '
    nothing_left
}

@test "[D4] (T16) what is in the way of a device is refused: a link, a directory" {
    ! is_other_runtime || skip "it is run with tare's own options"
    config 'del(.mounts[] | select(.destination == "/dev"))'
    ln -s /etc/target "$rootfs/dev/null"
    touch "$rootfs/etc/target"
    run_as nested
    assert_failure 1
    assert_stderr_has '/dev/null is there, and is another file than the device asked'
    rm "$rootfs/dev/null"
    mkdir "$rootfs/dev/null"
    run_as nested
    assert_failure 1
    assert_stderr_has '/dev/null is there, and is another file than the device asked'
    nothing_left
}

@test "[D10] without a mount on /dev an empty file of the image is where a device is bound" {
    config 'del(.mounts[] | select(.destination == "/dev"))'
    run_as nested stat /dev/null
    assert_success
    assert_equal "$(stat -c %F "$rootfs/dev/null")" 'regular empty file'
    run_as nested stat /dev/null
    assert_success
    assert_output --regexp '^/dev/null: char mode=0666 .* rdev=1:3 '
    nothing_left
}

@test "[RV1] that engines deny all devices does no harm, and needs no program" {
    config '.linux.resources.devices = [{ "allow": false, "access": "rwm" },
        { "allow": true, "type": "c", "major": 10, "minor": 229, "access": "rwm" }]'
    add_mount '{ "destination": "/dev/twin", "type": "bind", "source": "/dev/full",
        "options": ["bind"] }'
    run_as nested open /dev/twin r
    assert_success
    assert_stderr_lacks 'linux.resources'
    nothing_left
}

@test "[RV1] a rule against a device that the config itself binds is an error" {
    config '.linux.resources.devices = [{ "allow": false, "access": "rwm" },
        { "allow": false, "type": "c", "major": 1, "minor": 7, "access": "rwm" }]'
    add_mount '{ "destination": "/dev/twin", "type": "bind", "source": "/dev/full",
        "options": ["bind"] }'
    run_as nested
    assert_failure 1
    assert_stderr_has 'linux.resources.devices[1]: it denies the device 1:7, which mounts[2] binds'
    config '.mounts[2].options = ["nosuid,rbind"]'
    run_as nested
    assert_failure 1
    assert_stderr_has 'linux.resources.devices[1]: it denies the device 1:7, which mounts[2] binds'
    config '.linux.resources.devices += [{ "allow": true, "type": "c", "major": 1, "minor": 7 }]'
    run_as nested
    assert_success
    nothing_left
}

@test "[M5] proc and sysfs are new ones" {
    add_mount '{ "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"] }'
    run_as nested chain ids ';' mounts ';' ls /proc/1
    assert_success
    assert_line --regexp ' / /proc rw,nosuid,nodev,noexec,relatime - proc proc '
    assert_line --regexp ' / /sys ro,relatime - sysfs sysfs '
    assert_stderr_lacks 'refuses'
    nothing_left
}

@test "[M5] where the outer engine has masked /proc and /sys, the host's are bound, with a warning" {
    needs mount_setattr # since there are mounts below /sys
    add_mount '{ "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"] }'
    run_as masked chain mounts ';' cat /proc/keys ';' ls /sys/firmware
    assert_success
    assert_line --regexp ' / /proc rw,nosuid,nodev,noexec,relatime - proc proc '
    assert_line --regexp '/null /proc/keys '
    assert_line --regexp ' / /sys ro,.* - sysfs sysfs '
    assert_stderr_has "mounts[0]: the kernel refuses a new proc, so the host's /proc is bound on /proc"
    assert_stderr_has "mounts[2]: the kernel refuses a new sysfs, so the host's /sys is bound on /sys"
    assert_stderr_has 'unmask=ALL'
    nothing_left
}

@test "[M5] (R18) the host's /sys is bound when there is no network namespace, all of it read-only" {
    needs mount_setattr # since there are mounts below /sys
    config 'del(.linux.namespaces[] | select(.type == "network"))'
    add_mount '{ "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"] }'
    run_as nested chain mounts ';' mkdir /sys/fs/cgroup/x
    assert_success
    assert_line --regexp ' / /sys ro,.* - sysfs sysfs '
    assert_line --regexp '/sys/fs/cgroup ro,.* - cgroup2 '
    assert_line EROFS
    assert_stderr_has "so the host's /sys is bound on /sys"
    nothing_left
}

@test "[M5] mqueue without an ipc namespace: the host's, where it has one, else the kernel's refusal" {
    config 'del(.linux.namespaces[] | select(.type == "ipc"))'
    add_mount '{ "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue" }'
    if [ "$(stat -f -c %t /dev/mqueue 2>/dev/null)" = 19800202 ]; then
        run_as nested mounts
        assert_success
        assert_line --regexp '/dev/mqueue .*- mqueue '
        assert_stderr_has "so the host's /dev/mqueue is bound"
    else
        run_as nested
        assert_failure 1
        assert_stderr_has 'mounts[2]'
        assert_stderr_has 'hint: a new one needs an ipc namespace'
    fi
    nothing_left
}

@test "[M5] devpts does without the group 5, with a warning" {
    add_mount '{ "destination": "/dev/pts", "type": "devpts", "source": "devpts",
        "options": ["newinstance", "gid=5", "mode=0620", "ptmxmode=0666"] }'
    run_as nested mounts
    assert_success
    assert_line --regexp ' /dev/pts .*mode=620,ptmxmode=666'
    assert_stderr_has "mounts[2].options: 'gid=5' is left out: the user namespace has no such group"
    nothing_left
}

@test "[SY1] sysctls are written also where /proc is the host's" {
    config '.linux.sysctl = { "net.ipv4.ip_unprivileged_port_start": "80" }'
    run_as masked sysctl net.ipv4.ip_unprivileged_port_start
    assert_success
    assert_line --regexp '80'
    nothing_left
}

@test "[MP1] [RO1] [ROOT4] masks, read-only paths and a read-only root" {
    config '.root.readonly = true | .linux.maskedPaths = ["/proc/keys", "/proc/none", "/etc"] |
        .linux.readonlyPaths = ["/proc/sys"]'
    touch "$rootfs/etc/secret"
    run_as nested chain mkdir /made ';' ls /etc ';' cat /proc/keys ';' mounts
    assert_success
    assert_line --index 0 EROFS
    refute_line --partial secret
    assert_line --regexp '/null /proc/keys '
    assert_line --regexp '/proc/sys ro,'
    nothing_left
}

@test "[U2] groups cannot be set where the user namespace refuses it" {
    run_as nested ids
    assert_success
    assert_line 'uid=0:0:0'
    config '.process.user.additionalGids = [0]'
    run_as nested ids
    assert_failure 1
    assert_stderr_has 'process.user.additionalGids'
    nothing_left
}
