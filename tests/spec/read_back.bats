#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Where the kernel says of a call that it worked, and has done nothing: what confines the container
# is read back, and the start fails.

load ../helpers/tare

setup() {
    setup_bundle
    witness_runs say ran
}

# is_noticed FIELD WORDS CALL...: the container is not created, or $command, where the calls (words
# of tests/helpers/refuse) do nothing; the error has the field and the words.
is_noticed() {
    local said=$BATS_TEST_TMPDIR/said # a pipe would be held open by what is created all the same
    run -1 "$build/tests/helpers/refuse" "${@:3}" -- "$BASH" -c 'exec "$@" >"$0" 2>&1 </dev/null' \
        "$said" "$TARE" --root "$state" "${command:-create}" --bundle \
        "$bundle" "$id"
    # shellcheck disable=SC2034 # assert_stderr_has looks at it
    stderr=$(<"$said")
    assert_stderr_has "$1"
    assert_stderr_has "$2"
    nothing_left
}

@test "(R17) a filter that is not there is noticed, also where tare is filtered itself" {
    needs_seccomp
    kernel_since 5.9 || skip "the kernel does not count filters"
    config '.process.noNewPrivileges = true | .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["getppid"], action: "SCMP_ACT_ERRNO" }] }'
    is_noticed linux.seccomp 'the kernel says that init is without it' 0 seccomp
    config 'del(.process.noNewPrivileges)'
    is_noticed linux.seccomp 'the kernel says that init is without it' 0 seccomp
}

@test "a filter that is there is found, also where tare is filtered itself" {
    needs_seccomp
    config '.process.noNewPrivileges = true | .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["getppid"], action: "SCMP_ACT_ERRNO" }] }'
    run "$build/tests/helpers/refuse" EPERM set_mempolicy -- "$TARE" --root "$state" run \
        --bundle "$bundle" "$id" </dev/null
    assert_success
    assert_output ran
}

@test "(R11) flags that a mount did not get are noticed" {
    local flag
    needs mount_setattr
    mkdir "$bundle/volume" "$rootfs/volume"
    for flag in ro nosuid nodev noexec; do
        config --arg flag "$flag" 'del(.mounts[] | select(.destination == "/volume"))
            | .mounts += [{ destination: "/volume", type: "bind", source: "volume",
                options: ["bind", $flag] }]'
        is_noticed 'volume on /volume' "the kernel took $flag, but the mount is without it" \
            ENOSYS open_tree_attr 0 mount_setattr
    done
}

@test "a root that did not become read-only is noticed" {
    needs mount_setattr
    config '.root.readonly = true'
    is_noticed 'root.readonly' 'the kernel took ro, but the mount is without it' \
        ENOSYS open_tree_attr 0 mount_setattr
}

@test "a flag that is cleared on the mount may stay the filesystem's" {
    mkdir "$bundle/volume" "$rootfs/volume"
    config '.mounts += [{ destination: "/volume", type: "bind", source: "volume",
        options: ["bind", "rw"] }]'
    witness_runs write /volume/new 1
    run unshare --mount "$BASH" -ec 'mount -t tmpfs -o ro tmpfs "$1" && shift && exec "$@"' \
        keeps "$bundle/volume" "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_output --partial EROFS
}

@test "(R2) a root that was not changed, or is still there, is noticed" {
    is_noticed root.path "the root is not the container's after the switch" 0 pivot_root
    is_noticed root.path "the root is not the container's after the switch" 0 umount2
}

@test "(R15) ids that were not set are noticed" {
    config '.process.user = { uid: 7, gid: 8, additionalGids: [9] }'
    is_noticed process.user '1 supplementary groups were set, 0 are there' 0 setgroups
    is_noticed process.user '8 was set, but the kernel says' 0 setresgid
    is_noticed process.user '7 was set, but the kernel says' 0 setresuid
}

@test "limits that were not set are noticed" {
    config '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 33, hard: 44 }]'
    command=run is_noticed process.rlimits 'RLIMIT_NOFILE to 33, hard 44: the kernel says' 0 prlimit64
}
