#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of tare.bash and fault.bash
#
# A system call fails, or the runtime is killed: each call of the host and of init, one after the
# other, with each error that it can have.  Then the command says one error, in 10 s at most, and
# nothing is left; or it works in another way.  Here is a sample; tests/fault/inject tries all.

load ../helpers/tare
load ../engines/engines
load fault

setup() {
    setup_faults
}

teardown() {
    teardown_faults
}

# run ---------------------------------------------------------------------------------------------

before_run() {
    :
}

ask_run() {
    words=(run --bundle "$bundle" "$id")
}

worked_run() {
    observed
}

# The container has run to its end, but could not be deleted.
may_leave_run() {
    "$is_killed" || grep -q '^# end' "$heard.out"
}

@test "run: whatever call fails, it works or says one error" {
    strike_all run
}

# create ------------------------------------------------------------------------------------------

before_create() {
    :
}

ask_create() {
    words=(create --bundle "$bundle" "$id")
}

worked_create() {
    is_there created
    tare start "$id"
    wait_until 5 is_there stopped
    observed
    tare delete "$id"
}

may_leave_create() {
    "$is_killed"
}

@test "create: whatever call fails, it works or says one error" {
    strike_all create
}

# start -------------------------------------------------------------------------------------------

before_start() {
    is_there created || tare create --bundle "$bundle" "$id" </dev/null >"$heard.told" 2>&1
}

ask_start() {
    words=(start "$id")
}

worked_start() {
    wait_until 5 is_there stopped
    mv "$heard.told" "$heard.out"
    observed
    tare delete "$id"
}

may_leave_start() {
    true
}

@test "start: whatever call fails, it works or says one error" {
    strike_all start
}

# exec --------------------------------------------------------------------------------------------

before_exec() {
    run_on
}

ask_exec() {
    words=(exec "$id" "${observing[@]}")
}

worked_exec() {
    observed
}

may_leave_exec() {
    false
}

@test "exec: whatever call fails, it works or says one error, and the container lives" {
    run_on
    snapshot_before=$(snapshot)
    strike_all exec
}

# update ------------------------------------------------------------------------------------------

before_update() {
    run_on
}

# Each time another limit.
ask_update() {
    limit=$((${limit:-1000} + 1))
    words=(update --pids-limit "$limit" --cpu-share "$limit" "$id")
}

worked_update() {
    assert_equal "$(<"$TARE_TEST_CGROUP/libpod_parent/libpod-$id/pids.max")" "$limit"
}

may_leave_update() {
    false
}

@test "update: whatever call fails, it works or says one error, and the container lives" {
    need_controller pids
    need_controller cpu
    run_on
    snapshot_before=$(snapshot)
    strike_all update
}

# delete ------------------------------------------------------------------------------------------

before_delete() {
    run_on
}

ask_delete() {
    words=(delete --force "$id")
}

worked_delete() {
    ! tare state "$id"
}

may_leave_delete() {
    true
}

@test "delete: whatever call fails, it works or says one error, and can be tried again" {
    strike_all delete
}
