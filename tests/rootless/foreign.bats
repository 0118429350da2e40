#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2034 # variables of tare.bash, read and set

# tare as root of a user namespace in the mount namespace of somebody else, where it may not mount:
# init opens what is mounted.

load ../helpers/tare
load ../helpers/rootless

setup() {
    need_user_namespaces
    setup_bundle
}

teardown() {
    teardown_bundle
    [ -z "${mounted:-}" ] || umount --recursive "$mounted"
}

add_mount() {
    config --argjson mount "$1" '.mounts += [$mount]'
}

# mount_source OPTIONS: a tmpfs at $BATS_TEST_TMPDIR/bundle/source, with a file.
mount_source() {
    mkdir "$bundle/source"
    mount -t tmpfs -o "$1" source "$bundle/source"
    mounted=$bundle/source
}

@test "[ROOT2] the root, and everything that a container is made of" {
    config '.root.readonly = true | .linux.maskedPaths = ["/proc/keys", "/etc"] |
        .linux.readonlyPaths = ["/proc/sys"]'
    run_as foreign chain mkdir /made ';' open /dev/null rw ';' mounts
    assert_success
    assert_line --index 0 EROFS
    assert_line --index 1 ok
    assert_line --regexp '/null /proc/keys '
    assert_line --regexp '/proc/sys ro,'
    assert_line --regexp ' / /proc rw,nosuid,nodev,noexec,relatime - proc proc '
    nothing_left
}

@test "[ROOT2] without pivot_root" {
    run foreign "$TARE" --root "$state" run --no-pivot --bundle "$bundle" "$id"
    assert_success
    assert_output hello
    nothing_left
}

@test "[M4] [M6] binds: a directory and a file, absolute and relative to the bundle" {
    mkdir "$bundle/given"
    echo text >"$bundle/given/file"
    add_mount "$(jq -n --arg source "$bundle/given" '{ destination: "/a", type: "bind",
        source: $source, options: ["bind", "ro"] }')"
    add_mount '{ "destination": "/b", "source": "given/file", "options": ["rbind"] }'
    run_as foreign chain cat /a/file ';' cat /b ';' write /a/file x
    assert_success
    assert_line --index 0 text
    assert_line --index 1 text
    assert_line --index 2 EROFS
    nothing_left
}

@test "[M4] a source that is not there is an error with its field" {
    add_mount '{ "destination": "/a", "source": "nowhere", "options": ["bind"] }'
    run_as foreign
    assert_failure 1
    assert_stderr_has 'mounts[2] on /a: open nowhere: not found (ENOENT)'
    nothing_left
}

@test "[M4] what lies below a source cannot be left out, and rbind takes it along" {
    mkdir -p "$bundle/given/below"
    mount -t tmpfs below "$bundle/given/below"
    mounted=$bundle/given/below
    snapshot_before=$(snapshot)
    add_mount '{ "destination": "/a", "source": "given", "options": ["bind"] }'
    run_as foreign
    assert_failure 1
    assert_stderr_has 'mounts[2] on /a: copy the mount'
    assert_stderr_has 'hint: there are mounts below it'
    config '.mounts[2].options = ["rbind"]'
    run_as foreign mounts
    assert_success
    assert_line --regexp ' /a/below .*- tmpfs below '
    nothing_left
}

@test "[M5] a filesystem whose options are paths of the host is made by init" {
    mkdir "$bundle"/{lower,upper,work}
    unshare --user --map-root-user --mount mount -t overlay -o \
        "lowerdir=$bundle/lower,upperdir=$bundle/upper,workdir=$bundle/work" overlay /mnt ||
        skip "needs overlay in user namespaces"
    echo low >"$bundle/lower/file"
    add_mount "$(jq -n --arg b "$bundle" '{ destination: "/o", type: "overlay", source: "overlay",
        options: ["lowerdir=\($b)/lower", "upperdir=\($b)/upper", "workdir=\($b)/work"] }')"
    run_as foreign chain cat /o/file ';' write /o/file high
    assert_success
    assert_line --index 0 low
    assert_equal "$(cat "$bundle/upper/file")" high
    nothing_left
}

@test "[M5] one that the kernel refuses to a user namespace is an error that says so" {
    add_mount '{ "destination": "/x", "type": "ext4", "source": "/dev/loop9" }'
    run_as foreign
    assert_failure 1
    assert_stderr_has 'mounts[2] on /x'
    assert_stderr_has 'ext4'
    nothing_left
}

@test "(R11) flags that the host has locked stay, also where the mount is made read-only" {
    mount_source nosuid,nodev,noexec
    snapshot_before=$(snapshot)
    add_mount '{ "destination": "/a", "source": "source", "options": ["rbind", "ro"] }'
    run_as foreign mounts
    assert_success
    assert_line --regexp ' / /a ro,nosuid,nodev,noexec,relatime - tmpfs source '
    config '.linux.readonlyPaths = ["/a"] | .mounts[2].options = ["rbind"]'
    run_as foreign mounts
    assert_success
    assert_line --regexp ' / /a ro,nosuid,nodev,noexec,relatime - tmpfs source '
    nothing_left
}

@test "(R11) to ask that a locked flag be cleared is an error with the reason" {
    mount_source ro,nodev
    snapshot_before=$(snapshot)
    add_mount '{ "destination": "/a", "source": "source", "options": ["rbind", "rw"] }'
    run_as foreign
    assert_failure 1
    assert_stderr_has 'mounts[2]: source on /a: change a mount: not permitted (EPERM)'
    assert_stderr_has 'hint: the host has the source mounted with flags that a user namespace may not'
    config '.mounts[2].options = ["rbind", "nosuid"]'
    run_as foreign mounts
    assert_success
    assert_line --regexp ' / /a ro,nosuid,nodev,relatime - tmpfs source '
    nothing_left
}

@test "[D1] a device of the config" {
    config '.linux.devices = [{ "type": "c", "path": "/dev/full", "major": 1, "minor": 7 }]'
    run_as foreign stat /dev/full
    assert_success
    assert_output --regexp '^/dev/full: char mode=0666 .* rdev=1:7 '
    nothing_left
}
