#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# exec where it meets limits, AppArmor, and a container that arranges its own cgroups.

load ../helpers/tare
load vm

profile='profile tare-exec flags=(attach_disconnected,mediate_deleted) {
    file, capability, network, signal, ptrace, unix,
}'

setup() {
    setup_vm_bundle
}

gone() {
    tare delete --force "$id"
    nothing_left
}

# execs_behind: leaves a process in the container, whose pid is $process.
execs_behind() {
    run_tare exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$id" /witness sleep 100
    assert_success
    process=$(<"$BATS_TEST_TMPDIR/pid")
}

@test "exec goes to init's cgroup where the container's has handed controllers down" {
    config '.linux.resources = { pids: { limit: 50 }, memory: { limit: 100000000 } }'
    start_container sleep 100
    local cgroup
    cgroup=$(cgroup_of "$id")
    mkdir "$cgroup/init" "$cgroup/other"
    tare state "$id" | jq .pid >"$cgroup/init/cgroup.procs"
    echo +memory >"$cgroup/cgroup.subtree_control"
    execs_behind
    grep -qx "$process" "$cgroup/init/cgroup.procs"

    run_tare exec --cgroup other "$id" /witness exit 3
    assert_failure 3
    run_tare exec --cgroup / "$id" /witness exit 3
    assert_failure 255
    assert_stderr_has 'busy (EBUSY)'
    gone
}

@test "the limits of the container are those of exec" {
    config '.linux.resources = { pids: { limit: 5 }, memory: { limit: 50000000, swap: 50000000 } }'
    start_container sleep 100
    run_tare exec "$id" /witness fork 9
    assert_success
    assert_line error=EAGAIN
    run_tare exec "$id" /witness eat 90000000
    assert_failure 137
    assert_equal "$(status_of "$id")" running
    gone
}

@test "[E1.exec.11] [E1.exec.9] [P12] exec is under the profile of the config, of --apparmor or of the document" {
    apparmor_parser --replace --skip-cache <<<"$profile"
    start_container sleep 100
    run_tare exec "$id" /witness cat /proc/self/attr/current
    assert_output unconfined
    run_tare exec --apparmor tare-exec "$id" /witness cat /proc/self/attr/current
    assert_success
    assert_output 'tare-exec (enforce)'
    run_tare exec --apparmor tare-nowhere "$id" /witness exit 0
    assert_failure 255
    gone

    in_user_namespace
    config '.process.apparmorProfile = "tare-exec"'
    start_container sleep 100
    run_tare exec --user 5:5 "$id" /witness cat /proc/self/attr/current
    assert_success
    assert_output 'tare-exec (enforce)'

    # A document that says nothing of it does not lead out of it.
    echo '{ "args": ["/witness", "cat", "/proc/self/attr/current"], "cwd": "/" }' >"$BATS_TEST_TMPDIR/process.json"
    run_tare exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    assert_success
    assert_output 'tare-exec (enforce)'
    gone
    apparmor_parser --remove --skip-cache <<<"$profile"
}
