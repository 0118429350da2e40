#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of the helpers
#
# tare check BUNDLE: what init would do inside is tried without a container, in the words of a start.

load ../helpers/tare
load ../helpers/rootless
load ../helpers/check

setup() {
    setup_bundle
    needs mounts pidfd_open
}

teardown() {
    teardown_bundle
}

# as_start_says ROW [COMMAND...]: by the command, `tare check` finds what is missing in that row, and
# a start fails with those words; the row's cause, in the start's too.
as_start_says() {
    local name=$1 reason cause
    shift
    checks "$@" -- "$bundle"
    assert_failure 1
    assert_equal "$(row "$name")" missing
    assert_equal "$(jq .missing <<<"$object")" 1
    reason=$(row "$name" reason)
    cause=$(row "$name" cause)
    run -1 --separate-stderr apart "$@" "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_stderr_has "${reason#*config.json:*: }"
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
    assert_equal "$(row filesystems)" 'not tried'
    says filesystems found 'linux.namespaces[6] is joined'
}

# is_elsewhere PID: it has another user namespace.
is_elsewhere() {
    [ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ]
}
