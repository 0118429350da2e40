#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of tare.bash, systemd.bash and fault.bash
#
# (T51) As in faults.bats, and it is systemd that makes the cgroups: whatever fails, no scope is
# left, neither as a cgroup nor in systemd's memory.
# In the machine itself.

load ../helpers/tare
load ../helpers/terminal
load ../helpers/systemd
load ../engines/engines
load fault
load commands
load scopes

setup() {
    [ -z "${TARE_TEST_VM:-}" ] || [ -n "${TARE_FAULT_EVERY:-}" ] ||
        skip "the machine is slow: tests/vm/faults.bats is for it"
    setup_scopes
}

teardown() {
    teardown_scopes
}

@test "scope_run: (T51) whatever call fails, it works or says one error" {
    strike_all run "lseek readlink"
}

@test "scope_create: (T51) whatever call fails in it or in start, it works or says one error" {
    strike_all create
}

@test "scope_exec: (T51) whatever call fails, it works or says one error, and the container lives" {
    live_on
    strike_all exec
}

@test "scope_update: (T51) whatever call fails, it works or says one error, and the container lives" {
    mknod "$rootfs/tun" c 10 200
    live_on
    strike_all update bpf
}

@test "scope_delete: (T51) whatever call fails, it works or says one error, and can be tried again" {
    strike_all delete fcntl
}

@test "scope_gc: (T51) whatever call fails, it works or says one error, and can be tried again" {
    strike_all gc
}

@test "an update that allows all devices leaves no list of before to systemd" {
    local rule said=()
    mknod "$rootfs/tun" c 10 200
    run_on
    for rule in true false true; do
        tare update --resources - "$id" <<<"{ \"devices\": [{ \"allow\": $rule }] }"
        said+=("$(tare exec "$id" /witness open /tun r)")
    done
    [ "${said[1]}" = EPERM ]
    [ "${said[0]}" != EPERM ]
    assert_equal "${said[2]}" "${said[0]}"
}

@test "scope_keeper: who keeps the place of init dies, and systemd does not say so" {
    before_run
    ask_run
    what='its keeper is killed in close_range'
    attempt run 1 436 1 KILL close_range
    sum_up
    grep -q "tare-$id.scope: its keeper was killed by signal 9" "$heard.err"
}

# What the others rely on.
@test "a scope that is left would be seen" {
    local runner unit=tare-$id.scope
    "${manager[@]/%systemctl/systemd-run}" --quiet --scope --slice=fault.slice --unit="$unit" -- \
        sleep 100 </dev/null >/dev/null 2>&1 3>&- &
    runner=$!
    wait_until 10 "${manager[@]}" --quiet is-active "$unit"
    : >"$heard.err"
    what=nothing status=0 is_killed=false patience=0.1 leaks=0
    clean_up nothing 3>"$heard.blamed"
    kill "$runner"
    assert_equal "$leaks" 1
    run cat "$heard.blamed"
    assert_output --regexp "> > cgroup: .*/fault.slice/$unit"
    assert_output --regexp "> > $unit +loaded +active"
}
