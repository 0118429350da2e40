#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# A container without a config.json that somebody has written: `run --rootfs`, `spec --rootfs`.

load ../helpers/tare
load ../helpers/terminal
load ../helpers/rootless

setup() {
    setup_bundle
    rm "$bundle/config.json"
}

@test "run --rootfs runs a command in a root filesystem, and leaves nothing" {
    run_tare run --rootfs "$rootfs" -- /witness chain say hello ';' ids ';' nnp ';' exit 7
    assert_failure 7
    assert_line hello
    assert_line uid=0:0:0
    assert_line no_new_privileges=1
    assert_stderr ''
    assert_equal "$(ls "$bundle")" rootfs
    nothing_left
}

@test "run --rootfs: what follows the command is the command's, without -- as well" {
    run_tare run --rootfs "$rootfs" /witness chain say --detach ';' say -d
    assert_success
    assert_output $'--detach\n-d'
    run_tare run --rootfs "$rootfs" --id "$id" -- /witness say --
    assert_equal "$output" --
    run_tare run
    assert_failure 64
    assert_stderr_has 'usage: tare run [OPTIONS] <id>, or with --rootfs DIR [<command>...]'
    nothing_left
}

@test "run --rootfs: the root is read-only, but --writable lets it be written" {
    run_tare run --rootfs "$rootfs" -- /witness mkdir /new
    assert_output EROFS
    run_tare run --writable --rootfs "$rootfs" -- /witness mkdir /new
    assert_success
    [ -d "$rootfs/new" ]
}

@test "run --rootfs: what changes the host is refused by a filter, which says so as the kernel does" {
    needs_seccomp
    run_tare run --rootfs "$rootfs" -- /witness call keyctl 0
    assert_output EPERM
    run_tare run --rootfs "$rootfs" -- /witness call unshare $((0x10000000))
    assert_output EPERM
    run_tare run --rootfs "$rootfs" -- /witness call unshare 0
    assert_output ok
    run_tare run --rootfs "$rootfs" -- /witness call clone3
    assert_output ENOSYS
    run_tare run --rootfs "$rootfs" -- /witness call socket 38 5
    assert_output "errno 97"
    run_tare run --rootfs "$rootfs" -- /witness call socket 1 1
    assert_output ok
}

@test "run --rootfs without a command runs a shell, on a terminal if there is one" {
    mkdir -p "$rootfs/bin"
    cp "$rootfs/witness" "$rootfs/bin/sh"
    run_tare run --rootfs "$rootfs"
    assert_failure 64
    assert_stderr_has 'witness: unknown word'
    at_terminal -- "$TARE" --root "$state" run --rootfs "$rootfs" -- /witness terminal
    assert_line controlling=yes
    run_tare run --rootfs "$rootfs" -- /witness terminal
    assert_line controlling=no
}

@test "run --rootfs --id names the container; a relative path will do" {
    cd "$bundle"
    run_tare run --detach --rootfs rootfs --id "$id" -- /witness sleep 100
    assert_success
    assert_equal "$(tare state "$id" | jq -r '.status, .bundle')" $'running\n'"$rootfs"
    tare exec "$id" /witness say hi
    tare delete --force "$id"
    nothing_left
}

@test "run --rootfs: mistakes are named" {
    run_tare run --rootfs "$rootfs/nowhere" -- /witness
    assert_failure
    assert_stderr_has "open the root filesystem '$rootfs/nowhere': not found (ENOENT)"
    run_tare run --rootfs "$rootfs" --bundle "$bundle" -- /witness
    assert_stderr_has '--rootfs and --bundle exclude each other'
    run_tare run --id x --bundle "$bundle" "$id"
    assert_stderr_has '--id is for --rootfs alone'
    run_tare run --rootfs '' -- /witness
    assert_stderr_has '--rootfs must not be empty'
    run_tare run --rootfs "$rootfs" -- nothing-of-that-name
    assert_failure 127
    assert_stderr_has nothing-of-that-name
    nothing_left
}

@test "a plain user runs a command in a root filesystem of his own" {
    need_user_namespaces
    needs mount_setattr
    make_users_own
    run plain "$TARE" --root "$state" run --rootfs "$rootfs" -- /witness ids
    assert_success
    assert_line uid=0:0:0
    nothing_left
}

@test "spec --rootfs writes what run --rootfs would run" {
    needs_seccomp
    run_tare spec --bundle "$bundle" --rootfs "$rootfs" -- /witness say hello
    assert_success
    assert_equal "$(jq -c '[.root.path, .root.readonly, .process.args, .process.terminal,
        .linux.seccomp.defaultAction]' "$bundle/config.json")" \
        "[\"$rootfs\",true,[\"/witness\",\"say\",\"hello\"],false,\"SCMP_ACT_ALLOW\"]"
    run_container
    assert_output hello
    rm "$bundle/config.json"
    tare spec --bundle "$bundle" --tty --writable --rootfs "$rootfs" -- /witness
    assert_equal "$(jq -c '[.process.terminal, .root.readonly]' "$bundle/config.json")" '[true,false]'
}

@test "spec with a command alone keeps the rootfs of the bundle" {
    tare spec --bundle "$bundle" -- /witness say hello
    assert_equal "$(jq -c '[.root.path, .process.args[0], .linux.seccomp]' "$bundle/config.json")" \
        '["rootfs","/witness",null]'
    run_container
    assert_output hello
}
