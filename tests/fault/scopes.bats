#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of tare.bash, systemd.bash and fault.bash
#
# (T51) As in faults.bats, and it is systemd that makes the cgroups: whatever fails, no scope is left,
# neither as a cgroup nor in systemd's memory.  The sample is small in the test machine: it is slow.
# In the machine itself.

load ../helpers/tare
load ../helpers/terminal
load ../helpers/systemd
load ../engines/engines
load fault
load commands

setup() {
    setup_faults
    setup_systemd
    calls=("lseek readlink" fcntl bpf)
    [ -z "${TARE_TEST_VM:-}" ] || calls=() every=${TARE_FAULT_EVERY:-480}
    options=(--systemd-cgroup)
    parent=fault.slice:tare:
    cgroups=$slices/fault.slice
    "${manager[@]}" start fault.slice
    name_scope
    keep_look
}

teardown() {
    teardown_faults
    [ -z "${slices:-}" ] || "${manager[@]}" stop fault.slice
    teardown_systemd
}

tare() {
    "$TARE" --root "$state" --systemd-cgroup "$@"
}

name_scope() {
    config --arg path "$parent$id" '.linux.cgroupsPath = $path'
}

own_cgroup() {
    echo "$cgroups/tare-$id.scope/container"
}

# So that one that is left is not in the way of the next.
before_run() {
    name_scope
}

before_create() {
    name_scope
}

@test "scope_run: whatever call fails, it works or says one error" {
    strike_all run "${calls[0]:-}"
}

@test "scope_create: whatever call fails in it or in start, it works or says one error" {
    strike_all create
}

@test "scope_exec: whatever call fails, it works or says one error, and the container lives" {
    live_on
    strike_all exec
}

@test "scope_update: whatever call fails, it works or says one error, and the container lives" {
    mknod "$rootfs/tun" c 10 200
    live_on
    strike_all update "${calls[2]:-}"
}

@test "scope_delete: whatever call fails, it works or says one error, and can be tried again" {
    strike_all delete "${calls[1]:-}"
}

@test "scope_gc: whatever call fails, it works or says one error, and can be tried again" {
    strike_all gc
}

@test "scope_keeper: who keeps the place of init dies, and systemd does not say so" {
    before_run
    ask_run
    strike run 1 436 1 KILL # close_range(2)
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
