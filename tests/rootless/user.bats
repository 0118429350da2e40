#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

# A plain user who has made a user namespace (`unshare -r`) and starts containers there.

load ../helpers/tare
load ../helpers/rootless

setup() {
    need_user_namespaces
    setup_bundle
    make_users_own
}

teardown() {
    teardown_bundle
    leave_cgroup
}

@test "a container of a plain user; warnings say what it lacks" {
    config '.mounts += [{ "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup" }]'
    run_as user chain ids ';' open /dev/null rw ';' mounts ';' mkdir /sys/fs/cgroup/x
    assert_success
    assert_line 'uid=0:0:0'
    assert_line ok
    assert_line --regexp ' / /sys/fs/cgroup ro,.* - cgroup2 '
    assert_line --index $((${#lines[@]} - 1)) EROFS
    assert_stderr_has 'the container gets no cgroup of its own'
    assert_stderr_has 'mounts[2].type: the container has no cgroup of its own: ours is shown, read-only'
    nothing_left
}

@test "the state directory is below XDG_RUNTIME_DIR" {
    mkdir "$bundle/runtime"
    chown 1000:1000 "$bundle/runtime"
    export XDG_RUNTIME_DIR=$bundle/runtime
    user "$TARE" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    assert_equal "$(stat -c '%a %u' "$bundle/runtime/tare/$id")" '700 1000'
    user "$TARE" delete --force "$id"
    export XDG_RUNTIME_DIR=
    run user "$TARE" run --bundle "$bundle" "$id"
    assert_failure 1
    assert_output --partial '--root'
    nothing_left
}

@test "a life without a cgroup: create, start, kill, delete" {
    witness_runs sleep 100
    user "$TARE" --root "$state" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    has_users_status created
    user "$TARE" --root "$state" start "$id"
    has_users_status running
    user "$TARE" --root "$state" kill "$id" KILL
    wait_until 5 has_users_status stopped
    user "$TARE" --root "$state" delete "$id"
    nothing_left
}

has_users_status() {
    [ "$(user "$TARE" --root "$state" state "$id" | jq -r .status)" = "$1" ]
}

@test "[CG3] in a delegated cgroup it is OWNCGROUP/ID, and goes with delete" {
    enter_delegated_cgroup
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    run_as user cat /proc/self/cgroup
    assert_success
    assert_line "0::/users/own/$id"
    assert_stderr_lacks cgroup
    leave_cgroup
    nothing_left
}

# users_update JSON: of the container, by the user.
users_update() {
    run --separate-stderr user "$TARE" --root "$state" update --resources - "$id" <<<"$1"
    echo "standard error: $stderr"
}

@test "[D9] update, with device rules that a plain user cannot load, and need not" {
    enter_delegated_cgroup
    config '.mounts += [{ destination: "/dev/null", type: "bind", source: "/dev/null",
        options: ["bind"] }]'
    witness_runs sleep 100
    user "$TARE" --root "$state" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    users_update '{ "devices": [{ "allow": false, "access": "rwm" }],
        "unified": { "cgroup.max.depth": "3" } }'
    assert_success
    assert_stderr ''
    assert_equal "$(<"$TARE_TEST_CGROUP/users/own/$id/cgroup.max.depth")" 3
    users_update '{ "devices": [{ "allow": false, "type": "c", "major": 1, "minor": 3 }],
        "unified": { "cgroup.max.depth": "4" } }'
    assert_failure 1
    assert_stderr_has 'linux.resources.devices[0]: it denies the device 1:3, which mounts['
    assert_equal "$(<"$TARE_TEST_CGROUP/users/own/$id/cgroup.max.depth")" 3
    user "$TARE" --root "$state" delete --force "$id"
    leave_cgroup
    nothing_left
}

@test "[CG1] a cgroup that is asked for, where no process can be moved, is an error" {
    enter_delegated_cgroup
    config '.linux.cgroupsPath = "/users/own/" + $id' --arg id "$id"
    run_as user
    assert_success
    config '.linux.cgroupsPath = "/other/" + $id' --arg id "$id"
    mkdir "$TARE_TEST_CGROUP/other"
    chown 1000 "$TARE_TEST_CGROUP/other"
    run_as user
    rmdir "$TARE_TEST_CGROUP/other"
    assert_failure 1
    assert_stderr_has 'linux.cgroupsPath'
    assert_stderr_has 'no process can be moved below /sys/fs/cgroup'
    leave_cgroup
    nothing_left
}

@test "[P15] [RL1] lowering the oom score, or raising a limit, is an error; the other way is not" {
    config '.process.oomScoreAdj = 500 |
        .process.rlimits = [{ "type": "RLIMIT_NOFILE", "soft": 64, "hard": 64 }]'
    run_as user oom
    assert_success
    assert_output --partial 500
    config '.process.oomScoreAdj = -500 | del(.process.rlimits)'
    run_as user
    assert_failure 1
    assert_stderr_has 'process.oomScoreAdj'
    config 'del(.process.oomScoreAdj) |
        .process.rlimits = [{ "type": "RLIMIT_NOFILE", "soft": 64, "hard": 1000000000 }]'
    run_as user
    assert_failure 1
    assert_stderr_has 'process.rlimits'
    nothing_left
}
