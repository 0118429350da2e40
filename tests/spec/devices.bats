#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[D10] the default devices are there, with their numbers and modes, and can be used" {
    run_container stat /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty
    assert_success
    assert_output '/dev/null: char mode=0666 uid=0 gid=0 rdev=1:3 size=0
/dev/zero: char mode=0666 uid=0 gid=0 rdev=1:5 size=0
/dev/full: char mode=0666 uid=0 gid=0 rdev=1:7 size=0
/dev/random: char mode=0666 uid=0 gid=0 rdev=1:8 size=0
/dev/urandom: char mode=0666 uid=0 gid=0 rdev=1:9 size=0
/dev/tty: char mode=0666 uid=0 gid=0 rdev=5:0 size=0'
    config '.process.user = { uid: 1000, gid: 1000 }'
    run_container chain open /dev/null rw ';' open /dev/zero rw ';' open /dev/full rw \
        ';' open /dev/random r ';' open /dev/urandom r ';' open /dev/tty rw
    assert_success
    assert_output $'ok\nok\nok\nok\nok\nENXIO'
}

@test "[D10] the umask of the caller does not matter" {
    umask 077
    run_container stat /dev/null
    assert_success
    assert_output --partial mode=0666
}

@test "[D2] [D5] [D6] [D7] each type of device, with numbers, mode and owner" {
    config '.linux.devices = [
        { type: "c", path: "/dev/c", major: 1, minor: 3, fileMode: 416, uid: 7, gid: 8 },
        { type: "u", path: "/dev/u", major: 240, minor: 65535 },
        { type: "b", path: "/dev/b", major: 4095, minor: 1048575, fileMode: 0 },
        { type: "p", path: "/dev/p", fileMode: 511 }]'
    run_container stat /dev/c /dev/u /dev/b /dev/p
    assert_success
    assert_output '/dev/c: char mode=0640 uid=7 gid=8 rdev=1:3 size=0
/dev/u: char mode=0666 uid=0 gid=0 rdev=240:65535 size=0
/dev/b: block mode=0000 uid=0 gid=0 rdev=4095:1048575 size=0
/dev/p: fifo mode=0777 uid=0 gid=0 rdev=0:0 size=0'
}

@test "[D3] a device may lie anywhere; the folders to it are made" {
    config '.linux.devices = [{ type: "c", path: "/x/y/null", major: 1, minor: 3 }]'
    run_container chain open /x/y/null rw ';' stat /x
    assert_success
    assert_line --index 0 ok
    assert_line --index 1 --partial 'directory mode=0755 uid=0 gid=0'
}

@test "[D4] what is there and is that device is taken, and gets the owner and mode given" {
    needs fchmodat2
    mknod "$rootfs/etc/null" c 1 3
    chown 3:4 "$rootfs/etc/null"
    config '.linux.devices = [
        { type: "c", path: "/etc/null", major: 1, minor: 3, fileMode: 384, uid: 5 }]'
    run_container stat /etc/null
    assert_success
    assert_output '/etc/null: char mode=0600 uid=5 gid=4 rdev=1:3 size=0'
}

@test "[D4] what is there and is something else is refused" {
    echo text >"$rootfs/etc/null"
    config '.linux.devices = [{ type: "c", path: "/etc/null", major: 1, minor: 3 }]'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'linux.devices[0]'
    assert_stderr_has '/etc/null'
    assert_equal "$(cat "$rootfs/etc/null")" text
    rm "$rootfs/etc/null"
    mknod "$rootfs/etc/null" c 1 5
    run_container
    assert_failure 1
    nothing_left
}

@test "[D10] an entry for a default device changes it" {
    config '.linux.devices = [{ type: "c", path: "/dev/null", major: 1, minor: 3, fileMode: 384 }]'
    run_container stat /dev/null
    assert_success
    assert_output --partial mode=0600
}

@test "[D8] the same device twice is a warning" {
    config '.linux.devices = [{ type: "c", path: "/dev/a", major: 1, minor: 3 },
        { type: "c", path: "/dev/b", major: 1, minor: 3 }]'
    witness_runs stat /dev/a /dev/b
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_equal "${#lines[@]}" 2
    assert_stderr_has "linux.devices[1].path: '/dev/b' is the same device as '/dev/a'"
}

@test "[D10] without a mount on /dev the devices lie in the image" {
    config '.mounts |= map(select(.destination != "/dev"))'
    run_container stat /dev/null
    assert_success
    assert_output --partial rdev=1:3
    [ -c "$rootfs/dev/null" ]
    run_container stat /dev/null
    assert_success
}

@test "[D4] [D10] in a bound /dev only what is asked changes, and no link is made" {
    needs fchmodat2
    mkdir "$bundle/own"
    mknod -m 620 "$bundle/own/null" c 1 3
    mknod -m 600 "$bundle/own/zero" c 1 5
    mknod -m 600 "$bundle/own/full" c 1 7
    chown 7:8 "$bundle/own"/*
    config '.mounts |= map(if .destination == "/dev"
            then { destination: "/dev", source: "own", options: ["bind"] } else . end)
        | .linux.devices = [
            { type: "c", path: "/dev/zero", major: 1, minor: 5, fileMode: 420 },
            { type: "c", path: "/dev/full", major: 1, minor: 7 }]'
    run_container ls /dev
    assert_success
    refute_line fd
    refute_line ptmx
    assert_line random
    assert_equal "$(stat -c '%a %u %g' "$bundle/own/null")" '620 7 8'
    assert_equal "$(stat -c '%a %u %g' "$bundle/own/zero")" '644 7 8'
    assert_equal "$(stat -c '%a %u %g' "$bundle/own/full")" '600 7 8'
}
