#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2034 # variables of the helpers, read and set
#
# tare check BUNDLE: what init would do inside is tried without a container, in the words of a start.

load ../helpers/tare
load ../helpers/rootless
load ../helpers/check

setup() {
    setup_bundle
    needs mounts pidfd_open
    ends_with=1
}

teardown() {
    ! mountpoint --quiet "$rootfs" || umount "$rootfs"
    teardown_bundle
}

# as_start_says ROW [COMMAND...]: by the command, `tare check` finds what is missing in that row, and
# a start fails with those words, and with the status $ends_with; the row's cause, in the start's too.
as_start_says() {
    local name=$1 reason cause
    shift
    checks "$@" -- "$bundle"
    assert_failure 1
    assert_equal "$(row "$name")" missing
    assert_equal "$(jq .missing <<<"$object")" 1
    reason=$(row "$name" reason)
    cause=$(row "$name" cause)
    run "-$ends_with" --separate-stderr apart "$@" "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_stderr_has "${reason#*"$(row "$name" field): "}"
    assert_stderr_has "$cause"
    nothing_left
}

# is_fine ROW [COMMAND...]: it is ok, and a start succeeds.
is_fine() {
    local name=$1
    shift
    checks "$@" -- "$bundle"
    assert_success
    assert_equal "$(row "$name")" ok
    run -0 --separate-stderr apart "$@" "$TARE" --root "$state" run --bundle "$bundle" "$id"
    nothing_left
}

@test "filesystems: an option that the kernel does not take" {
    is_fine filesystems
    config '.mounts += [{ destination: "/tmp", type: "tmpfs", options: ["size=abc"] }]'
    as_start_says filesystems
    assert_equal "$(row filesystems field)" 'mounts[2]'
    says filesystems reason 'mounts[2]: tmpfs on /tmp: filesystem tmpfs: option size=abc'
    config '.mounts[-1].options = ["size=1m", "nosuch=3"]'
    as_start_says filesystems
    config '.mounts[-1].options = ["size=1m", "uid=70000"]'
    is_fine filesystems
}

@test "filesystems: ids are those of the container's user namespace" {
    need_user_namespaces
    in_user_namespace
    config '.mounts += [{ destination: "/tmp", type: "tmpfs", options: ["uid=65535"] }]'
    is_fine filesystems
    config '.mounts[-1].options = ["uid=65536"]'
    as_start_says filesystems
    checks setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace -- "$bundle"
    assert_success
    assert_equal "$(row filesystems)" 'not tried'
}

@test "filesystems that init makes first in a user namespace are not tried, and that is said" {
    in_user_namespace
    checks -- "$bundle"
    assert_equal "$(row 'early filesystems')" 'not tried'
    says 'early filesystems' found "/proc is made where the host's mounts are seen"
}

@test "filesystems of a plain user" {
    need_user_namespaces
    make_users_own
    config '.linux.namespaces += [{ type: "user" }] |
        .linux.uidMappings = [{ containerID: 0, hostID: 1000, size: 1 }] |
        .linux.gidMappings = .linux.uidMappings'
    is_fine filesystems plain
    config '.mounts[-1].options = ["size=abc"]'
    as_start_says filesystems plain
}

@test "filesystems: those of a user namespace that is joined are not tried" {
    local other
    need_user_namespaces
    in_user_namespace
    unshare --user --map-root-user sleep 100 </dev/null >/dev/null 2>&1 3>&- &
    other=$!
    wait_until 10 is_elsewhere "$other"
    config --arg path "/proc/$other/ns/user" '(.linux.namespaces[] | select(.type == "user")).path =
        $path | del(.linux.uidMappings, .linux.gidMappings)'
    checks -- "$bundle"
    kill "$other"
    assert_equal "$(row filesystems)/$(row program)" 'not tried/not tried'
    says filesystems found 'linux.namespaces[6] is joined'
}

@test "process.cwd: it is there, or can be made, and nothing is made for that" {
    config '.process.cwd = "/tmp"'
    is_fine 'working directory'
    config '.process.cwd = "/new/place"'
    checks -- "$bundle"
    assert_success
    assert_equal "$(row 'working directory')" ok
    [ ! -e "$rootfs/new" ]
    mkdir "$BATS_TEST_TMPDIR/data"
    config --arg data "$BATS_TEST_TMPDIR/data" '.process.cwd = "/data/x" |
        .mounts += [{ destination: "/data", source: $data, options: ["bind"] }]'
    checks -- "$bundle"
    assert_equal "$(row 'working directory')" 'not tried'
    says 'working directory' found 'mounts[2] on /data may bring it, or hide it'
}

@test "process.cwd: a file, and what the user may not enter" {
    config '.process.cwd = "/witness"'
    as_start_says 'working directory'
    config '.process.cwd = "/witness/below"'
    as_start_says 'working directory'
    mkdir -m 700 "$rootfs/private"
    config '.process.cwd = "/private" | .process.user.uid = 1000'
    as_start_says 'working directory'
    assert_equal "$(row 'working directory' field)" process.cwd
    config '.process.capabilities = { bounding: ["CAP_DAC_READ_SEARCH"],
        permitted: ["CAP_DAC_READ_SEARCH"], effective: ["CAP_DAC_READ_SEARCH"] } |
        .process.args = ["/witness", "cwd"]'
    is_fine 'working directory'
    config '.process.cwd = "/" | .process.user.uid = 0'
    chmod 700 "$rootfs"
    is_fine 'working directory'
    config '.process.user.uid = 1000 | del(.process.capabilities)'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row 'working directory')/$(row program)" missing/missing
    run_container
    assert_failure 1
    assert_stderr_has 'process.cwd: '
}

@test "process.cwd: a root filesystem in which it cannot be made" {
    config '.process.cwd = "/new/place"'
    mount --bind "$rootfs" "$rootfs"
    mount -o remount,bind,ro "$rootfs"
    snapshot_before=$(snapshot)
    as_start_says 'working directory'
    umount "$rootfs"
    snapshot_before=$(snapshot)
    need_user_namespaces
    in_user_namespace
    chmod 755 "$rootfs"
    as_start_says 'working directory' # it belongs to a stranger
    chown 100000:100000 "$rootfs"
    is_fine 'working directory'
}

@test "process.cwd of a plain user" {
    need_user_namespaces
    make_users_own
    config '.linux.namespaces += [{ type: "user" }] |
        .linux.uidMappings = [{ containerID: 0, hostID: 1000, size: 1 }] |
        .linux.gidMappings = .linux.uidMappings | .process.cwd = "/new/place"'
    is_fine 'working directory' plain
    config '.process.cwd = "/witness"'
    as_start_says 'working directory' plain
}

@test "process.args: a program that its user may not execute" {
    needs faccessat2
    chmod 700 "$rootfs/witness"
    is_fine program
    config '.process.user.uid = 1000'
    ends_with=126
    as_start_says program
    says program reason 'process.args: exec: "/witness": permission denied'
    config '.process.args[0] = "witness" | .process.env = ["PATH=/"]'
    as_start_says program
    config '.process.capabilities = { bounding: ["CAP_DAC_OVERRIDE"], inheritable: [], ambient: [],
        permitted: ["CAP_DAC_OVERRIDE"], effective: ["CAP_DAC_OVERRIDE"] }'
    is_fine program
    config '.process.user.uid = 0 | del(.process.capabilities)'
    chown 1000 "$rootfs/witness"
    as_start_says program # without a capability, it is a stranger's also to root
    chmod 711 "$rootfs/witness"
    is_fine program
}

@test "process.args: a program that its user may execute, and not read" {
    printf '#!/nowhere/python3\n' >"$rootfs/script"
    chmod 711 "$rootfs/script"
    config '.process.args = ["/script"] | .process.user.uid = 1000'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row program)/$(row program cause)" missing/E-NO-INTERPRETER
}

@test "process.args: in a user namespace, as root there sees it" {
    needs faccessat2
    need_user_namespaces
    in_user_namespace
    chown 0:0 "$rootfs/witness"
    chmod 700 "$rootfs/witness"
    ends_with=126
    as_start_says program
    chown 100000:100000 "$rootfs/witness"
    is_fine program
    checks setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace -- "$bundle"
    assert_success
    assert_equal "$(row program)" 'not tried'
}

@test "process.args of a plain user" {
    need_user_namespaces
    make_users_own
    config '.linux.namespaces += [{ type: "user" }] |
        .linux.uidMappings = [{ containerID: 0, hostID: 1000, size: 1 }] |
        .linux.gidMappings = .linux.uidMappings'
    chmod 700 "$rootfs/witness"
    is_fine program plain
    ends_with=126
    chmod 600 "$rootfs/witness"
    as_start_says program plain
}

@test "hooks.startContainer: a program that the user of the process may not execute" {
    needs faccessat2
    cp "$witness" "$rootfs/hook"
    chmod 700 "$rootfs/hook"
    config '.hooks = { startContainer: [{ path: "/witness", args: ["a", "say", "hi"] },
        { path: "/hook", args: ["b", "say", "hi"] }] }'
    is_fine 'startContainer hooks'
    config '.process.user.uid = 1000'
    as_start_says 'startContainer hooks'
    assert_equal "$(row 'startContainer hooks' field)" 'hooks.startContainer[1]'
    chmod 711 "$rootfs/hook"
    is_fine 'startContainer hooks'
}

# is_elsewhere PID: it has another user namespace.
is_elsewhere() {
    [ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ]
}
