#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# A plain user runs containers in a unit of its own systemd, to which cgroups were delegated.
# In the machine itself.

load ../helpers/tare
load vm

setup() {
    need_vm
    setup_bundle
    runtime=/run/user/1000
    state=$runtime/tare
    users_cgroup=/user.slice/user-1000.slice/user@1000.service/app.slice
    config '.linux.namespaces += [{ type: "user" }]
        | .linux.uidMappings = [{ containerID: 0, hostID: 1000, size: 1 }]
        | .linux.gidMappings = [{ containerID: 0, hostID: 1000, size: 1 }]'
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
    chown -R tester: "$bundle"
}

teardown() {
    [ -z "${id:-}" ] || users_tare delete --force "$id" >/dev/null 2>&1 || :
}

as_tester() {
    setpriv --reuid=tester --regid=tester --init-groups env -i PATH="$PATH" HOME=/home/tester \
        XDG_RUNTIME_DIR="$runtime" DBUS_SESSION_BUS_ADDRESS="unix:path=$runtime/bus" "$@"
}

# users_tare ARGUMENT...: in a scope of the user's, whose own cgroup may have children.
users_tare() {
    as_tester systemd-run --user --scope --quiet --collect --property=Delegate=yes -- \
        "$TARE" --log-level warn "$@" </dev/null
}

# users_container [WORD...]: runs the bundle to its end; the words are for the witness.
users_container() {
    [ $# = 0 ] || witness_runs "$@"
    run --separate-stderr users_tare run --bundle "$bundle" "$id"
    [ -z "$stderr" ] || echo "standard error: $stderr" # shown if the test fails
}

# That the user has nothing left of containers, nor of what their cgroups were made below.
nothing_of_tester() {
    wait_until 10 nothing_is_left
}

nothing_is_left() {
    [ -z "$(find "$state" -mindepth 1 2>/dev/null)" ] && [ -z "$(list_processes)" ] &&
        [ -z "$(find "$TARE_TEST_CGROUP/user.slice" -name "*$id*")" ]
}

@test "a plain user runs a container, without privileges, and it lacks no cgroup" {
    users_container chain ids ';' cat /proc/self/uid_map
    assert_success
    [[ $stderr != *cgroup* ]]
    assert_line 'uid=0:0:0'
    assert_line --regexp '^ +0 +1000 +1$'
    nothing_of_tester
}

@test "[CG3] its cgroup is made below the user's own" {
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    users_container cat /proc/self/cgroup
    assert_success
    assert_output --regexp "^0::$users_cgroup/run-[^/]*\.scope/$id\$"
    nothing_of_tester
}

@test "subordinate ids are mapped by newuidmap and newgidmap" {
    config '.linux.uidMappings += [{ containerID: 1, hostID: 100000, size: 65536 }]
        | .linux.gidMappings += [{ containerID: 1, hostID: 100000, size: 65536 }]
        | .process.user = { uid: 33, gid: 33, additionalGids: [44] }'
    users_container chain ids ';' cat /proc/self/uid_map
    assert_success
    assert_line 'uid=33:33:33'
    assert_line 'groups=44'
    assert_line --regexp '^ +1 +100000 +65536$'
    nothing_of_tester
}

@test "ids that were not granted are refused" {
    config '.linux.uidMappings += [{ containerID: 1, hostID: 300000, size: 10 }]'
    users_container
    assert_failure 1
    assert_output ''
    assert_stderr_has uidMappings
    nothing_of_tester
}

@test "limits are kept in a delegated cgroup" {
    local cgroup=$users_cgroup/container-$id.slice
    config --arg path "$cgroup/$id" '.linux.cgroupsPath = $path
        | .linux.resources = { memory: { limit: 67108864, swap: 67108864 }, pids: { limit: 5 },
            cpu: { quota: 50000, period: 100000 } }'
    users_container fork 9
    assert_success
    assert_line children=4
    users_container eat 268435456
    assert_failure 137
    assert_stderr_has 'memory ran out'

    witness_runs sleep 100
    users_tare create --bundle "$bundle" "$id" >/dev/null 2>&1
    assert_equal "$(<"$TARE_TEST_CGROUP$cgroup/$id/memory.max")" 67108864
    assert_equal "$(<"$TARE_TEST_CGROUP$cgroup/$id/pids.max")" 5
    assert_equal "$(<"$TARE_TEST_CGROUP$cgroup/$id/cpu.max")" '50000 100000'
    users_tare update --memory 96M --memory-swap 96M --pids-limit 7 "$id"
    assert_equal "$(<"$TARE_TEST_CGROUP$cgroup/$id/memory.max")" 100663296
    assert_equal "$(<"$TARE_TEST_CGROUP$cgroup/$id/pids.max")" 7
    users_tare delete --force "$id"
    nothing_of_tester
}

@test "a cgroup that has processes hands no controller down, not even one that knows threads" {
    config '.linux.resources = { pids: { limit: 5 } }'
    users_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'linux.resources.pids.limit: cgroup /sys/fs/cgroup'
    assert_stderr_has 'controller pids: it has processes of its own'
    nothing_of_tester
}

@test "a limit without a delegated cgroup is refused" {
    config '.linux.resources = { memory: { limit: 67108864 } }'
    run --separate-stderr setpriv --reuid=tester --regid=tester --init-groups \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr_has 'linux.resources.memory.limit: needs a cgroup'
    nothing_of_tester
}

@test "a life in the user's own state directory: create, start, kill, delete" {
    witness_runs sleep 100
    users_tare create --bundle "$bundle" "$id" >/dev/null 2>&1
    assert_equal "$(stat -c '%a %U' "$state/$id")" '700 tester'
    as_tester "$TARE" start "$id"
    assert_equal "$(as_tester "$TARE" state "$id" | jq -r .status)" running
    as_tester "$TARE" kill "$id" KILL
    wait_until 10 users_container_has_stopped
    as_tester "$TARE" delete "$id"
    nothing_of_tester
}

users_container_has_stopped() {
    [ "$(as_tester "$TARE" state "$id" | jq -r .status)" = stopped ]
}
