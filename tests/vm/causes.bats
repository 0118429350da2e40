#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Causes that only a machine of its own can show: its settings are changed.

load ../helpers/tare
load ../helpers/causes
load ../helpers/rootless
load vm

setup() {
    setup_vm_bundle
}

# setting NAME VALUE: a sysctl, until the end of the test.
setting() {
    local file=/proc/sys/${1//.//}
    [ -e "$file" ] || skip "needs $1"
    settings+=("$file" "$(<"$file")")
    echo "$2" >"$file"
}

teardown() {
    set -- "${settings[@]}"
    while [ $# -gt 0 ]; do
        echo "$2" >"$1"
        shift 2
    done
    teardown_bundle
}

@test "[E-USERNS-OFF] plain users may make no user namespaces" {
    setting kernel.unprivileged_userns_clone 0
    maps_ids 1000 1
    make_users_own
    chown 1000:1000 "$BATS_TEST_TMPDIR"
    fails 1 E-USERNS-OFF 'only root may make user namespaces here: sysctl -w kernel' plain
}

@test "[E-MOUNT-LIMIT] a mount namespace may have no more mounts" {
    local most=$(($(wc -l </proc/self/mountinfo) + 1))
    setting fs.mount-max "$most"
    fails 1 E-MOUNT-LIMIT "fs.mount-max is $most, and a mount namespace has so many: unmount some"
}

@test "[E-PROCESS-LIMIT] a container with as many processes as it may have" {
    config '.linux.resources.pids.limit = 1'
    start_container sleep 60
    run_tare exec "$id" /witness
    assert_stderr_has "hint: pids.max of the container's cgroup, or of one above, is reached"
    assert_stderr_has '[E-PROCESS-LIMIT]'
    tare delete --force "$id"
    nothing_left
}
