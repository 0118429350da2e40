#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Containers in a scope of systemd are written down, and go on in a new one of that name.
# In the machine itself.

load ../helpers/tare
load vm
load checkpoint

setup() {
    setup_checkpoint
    unit=tare-$id.scope
    scope=$TARE_TEST_CGROUP/system.slice/$unit
}

teardown() {
    teardown_bundle
    systemctl stop "$unit" 2>/dev/null || :
}

tare() {
    "$TARE" --root "$state" --systemd-cgroup "$@"
}

@test "--systemd-cgroup: the scope ends with the container, and there is one again, with its limits" {
    local options
    config '.linux.resources = { pids: { limit: 50 }, devices: [{ allow: false, access: "rwm" }] }'
    options=$(findmnt -no FS-OPTIONS /sys/fs/cgroup)
    start_counting
    assert_equal "$(cgroup_of "$id")" "$scope/container"
    checkpoint
    assert_success
    wait_until 20 scope_is_gone
    nothing_left
    # criu mounts the hierarchy for itself, and resets what systemd has asked for.
    assert_equal "$(findmnt -no FS-OPTIONS /sys/fs/cgroup)" "$options"

    restore
    assert_success
    goes_on
    assert_equal "$(findmnt -no FS-OPTIONS /sys/fs/cgroup)" "$options"
    assert_equal "$(cgroup_of "$id")" "$scope/container"
    assert_equal "$(<"$scope/container/pids.max")" 50
    assert_equal "$(systemctl show --property TasksMax "$unit")" TasksMax=50
    assert_equal "$(systemctl show --property DevicePolicy "$unit")" DevicePolicy=strict
    run -0 tare exec "$id" /witness open /dev/full w
    gone
    wait_until 20 scope_is_gone
}

scope_is_gone() {
    [ "$(systemctl show --property LoadState "$unit")" = LoadState=not-found ]
}
