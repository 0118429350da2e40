#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# What a test has mounted on the image, and not taken off since it ended early.
teardown() {
    teardown_bundle
    [ -z "${bound:-}" ] || umount "$bound"
}

# own NAME: this shell's namespace, as the witness says it.
own() {
    echo "$1=$(readlink "/proc/self/ns/$1")"
}

@test "[N5] [N6] listed namespaces are new, the others are the caller's" {
    run_container ns
    assert_success
    local name
    for name in cgroup ipc mnt net pid uts; do
        assert_line --partial "$name=$name:["
        refute_line "$(own "$name")"
    done
    for name in time user; do
        assert_line "$(own "$name")"
    done
}

@test "[N6] each type can be left out by itself, but mount" {
    local row
    config 'del(.hostname)'
    for row in pid:pid ipc:ipc uts:uts network:net cgroup:cgroup; do
        local kept
        kept=$(cat "$bundle/config.json")
        config --arg type "${row%:*}" 'del(.linux.namespaces[] | select(.type == $type))'
        run_container ns
        assert_success
        assert_line "$(own "${row#*:}")"
        assert_equal "$(grep -c . <<<"$output")" 8
        printf '%s\n' "$kept" >"$bundle/config.json"
    done
    nothing_left
}

@test "[N8] in a new pid namespace the process is number one, and sees only its own" {
    run_container chain session ';' ls /proc
    assert_success
    assert_line pid=1
    assert_equal "$(grep -cE '^[0-9]+$' <<<"$output")" 1
}

@test "[N8] orphans in the container die with its first process" {
    run_container chain spawn sleep 100 ';' exit 0
    assert_success
    nothing_left
}

@test "[N9] a new network namespace has its loopback up, and nothing else" {
    run_container chain cat /proc/net/dev ';' cat /proc/net/fib_trie
    assert_success
    assert_equal "$(grep -c ':' <<<"$(grep -E '^ *[a-z0-9]+: ' <<<"$output")")" 1
    assert_line --regexp '^ *lo: '
    assert_line --partial '127.0.0.1'
}

# Init brings it up where no meeting says that the host has done so.
@test "[N9] without a cgroup the loopback of a new network namespace is up as well" {
    config '.process.args = ["/witness", "cat", "/proc/net/fib_trie"]'
    run_tare --cgroup-manager disabled run --bundle "$bundle" "$id"
    assert_success
    assert_line --partial '127.0.0.1'
}

@test "[N11] what is changed in a new ipc namespace stays there" {
    local msgmax
    msgmax=$(cat /proc/sys/kernel/msgmax)
    config '.linux.sysctl = { "kernel.msgmax": "4242" }'
    run_container sysctl kernel.msgmax
    assert_output 4242
    assert_equal "$(cat /proc/sys/kernel/msgmax)" "$msgmax"
}

@test "[N14] a new cgroup namespace is rooted in the container's own cgroup" {
    config '.mounts += [{ destination: "/sys/fs/cgroup", type: "cgroup2", source: "cgroup" }]'
    run_container chain cat /proc/self/cgroup ';' mounts ';' cat /sys/fs/cgroup/cgroup.procs
    assert_success
    assert_line '0::/'
    assert_equal "$(awk '$5 == "/sys/fs/cgroup" { print $4 }' <<<"$output")" /
    assert_equal "$(tail -n 1 <<<"$output")" 1
}

@test "[L0] [N1] [N6] without linux, or with an empty list, everything is the caller's" {
    local word
    config 'del(.hostname) | del(.mounts)'
    bound=$rootfs/proc
    mount --bind /proc "$bound"
    for word in '.linux.namespaces = []' 'del(.linux.namespaces)' 'del(.linux)'; do
        config "$word"
        run_container ns
        assert_success
        assert_equal "$output" "$("$witness" ns)"
    done
    umount "$bound"
    bound=
    nothing_left
}

# Whether mounts can be attached to a root that is attached nowhere.
can_mount_apart() {
    kernel_since 6.15 && ! lacks mount_setattr && ! lacks mounts
}

@test "[N6] [N10] without a mount namespace the host sees no mount, but the container does" {
    can_mount_apart || skip "needs Linux 6.15"
    local before
    before=$(cat /proc/self/mountinfo)
    config 'del(.linux.namespaces[] | select(.type == "mount")) | .root.readonly = true
        | .mounts += [{ destination: "/tmp", type: "tmpfs", options: ["size=64k"] },
            { destination: "/tmp/volume", source: "rootfs/etc", options: ["bind", "ro"] }]
        | .linux.maskedPaths = ["/proc/version", "/sys"] | .linux.readonlyPaths = ["/proc/sys"]'
    create_container chain ns ';' write /tmp/x 1 ';' write /tmp/volume/x 1 ';' write /x 1 \
        ';' cat /proc/version ';' write /proc/sys/kernel/msgmax 1 ';' stat /dev/null ';' cat /tmp/x
    assert_equal "$(cat /proc/self/mountinfo)" "$before"
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    run cat "$BATS_TEST_TMPDIR/output"
    assert_line "$(own mnt)"
    assert_equal "$(tail -n 6 <<<"$output")" 'ok
EROFS
EROFS
EROFS
/dev/null: char mode=0666 uid=0 gid=0 rdev=1:3 size=0
1'
    tare delete "$id"
    assert_equal "$(cat /proc/self/mountinfo)" "$before"
    nothing_left
}

@test "[N10] without a mount namespace nothing may be mounted where it would be seen" {
    ! can_mount_apart || skip "needs a Linux before 6.15"
    local row
    for row in '.root.readonly = true' '.mounts = [{ destination: "/tmp", type: "tmpfs" }]' \
        '.linux.maskedPaths = ["/etc"]' '.linux.readonlyPaths = ["/etc"]'; do
        bad_config "del(.mounts) | del(.linux.namespaces[1]) | $row" \
            "this would mount in the host's own mount namespace"
    done
}

@test "[N10] the mounts of the container are not seen outside" {
    local before
    before=$(wc -l </proc/self/mountinfo)
    mount --make-shared /run
    mkdir -p /run/volume
    config '.mounts += [{ destination: "/run", source: "/run", options: ["rbind"] },
        { destination: "/run/volume", type: "tmpfs" }]'
    start_container sleep 100
    run wc -l </proc/self/mountinfo
    tare delete --force "$id"
    mount --make-private /run
    rmdir /run/volume
    assert_output "$before"
}
