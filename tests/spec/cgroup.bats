#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    witness_runs cat /proc/self/cgroup
}

cgroups_path() {
    config --arg path "$1" '.linux.cgroupsPath = $path'
}

@test "[CG3] without cgroupsPath it is /tare/ID" {
    run_container
    assert_success
    assert_line "0::/tare/$id"
    nothing_left
}

@test "[CG2] [CG6] an absolute path counts from the mount point, and is made" {
    cgroups_path "/deep/er/$id"
    run_container
    assert_success
    assert_line "0::/deep/er/$id"
    [ ! -d "$TARE_TEST_CGROUP/deep/er/$id" ]
    rmdir "$TARE_TEST_CGROUP/deep/er" "$TARE_TEST_CGROUP/deep"
    nothing_left
}

@test "[CG3] a relative path counts from the root of the mount" {
    cgroups_path "relative-$id"
    run_container
    assert_success
    assert_line "0::/relative-$id"
    nothing_left
}

@test "[CG4] the same value leads to the same place" {
    cgroups_path "/same-$id"
    run_container
    assert_line "0::/same-$id"
    cd /
    run_container
    assert_line "0::/same-$id"
}

@test "[CG7] a cgroup that holds a process is refused, and stays as it is" {
    local cgroup=$TARE_TEST_CGROUP/busy-$id holder
    mkdir "$cgroup"
    sleep 100 3>&- &
    holder=$!
    echo "$holder" >"$cgroup/cgroup.procs"
    cgroups_path "/busy-$id"
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has "busy-$id"
    assert_equal "$(cat "$cgroup/cgroup.procs")" "$holder"
    kill "$holder"
    wait_until 5 rmdir "$cgroup"
    nothing_left
}

@test "[CG7] a frozen cgroup is refused, and stays frozen" {
    local cgroup=$TARE_TEST_CGROUP/frozen-$id
    mkdir "$cgroup"
    echo 1 >"$cgroup/cgroup.freeze"
    cgroups_path "/frozen-$id"
    run_container
    assert_failure 1
    assert_stderr_has frozen
    assert_equal "$(cat "$cgroup/cgroup.freeze")" 1
    rmdir "$cgroup"
    nothing_left
}

@test "[OP17] a cgroup that was there before, empty, is used, and is there afterwards" {
    local cgroup=$TARE_TEST_CGROUP/mine-$id
    mkdir "$cgroup"
    cgroups_path "/mine-$id"
    run_container
    assert_success
    assert_line "0::/mine-$id"
    [ -d "$cgroup" ]
    rmdir "$cgroup"
}

@test "[ER2] a start that fails keeps a cgroup that was there before" {
    local cgroup=$TARE_TEST_CGROUP/mine-$id
    mkdir "$cgroup"
    cgroups_path "/mine-$id"
    config '.process.args = ["/missing"]'
    expected_status=127 run_container
    assert_failure 127
    [ -d "$cgroup" ]
    rmdir "$cgroup"
}

@test "two containers share the parent, and the last one removes it" {
    create_container
    tare create --bundle "$bundle" "other-$id" </dev/null >/dev/null 2>&1
    tare delete --force "$id"
    [ -d "$TARE_TEST_CGROUP/tare/other-$id" ]
    tare delete --force "other-$id"
    [ ! -e "$TARE_TEST_CGROUP/tare" ]
    nothing_left
}

@test "the ids of containers and their cgroups are told apart by more than a prefix" {
    local short=x$id long=x${id}0
    tare create --bundle "$bundle" "$short" </dev/null >/dev/null 2>&1
    tare create --bundle "$bundle" "$long" </dev/null >/dev/null 2>&1
    tare kill --all "$short" KILL
    wait_until 5 has_status "$short" stopped
    has_status "$long" created
}

@test "tare itself stays in the cgroup of its caller" {
    create_container
    assert_equal "$(grep '^0::' /proc/self/cgroup)" 0::/tests
    tare start "$id"
    assert_equal "$(grep '^0::' /proc/self/cgroup)" 0::/tests
}

@test "the controllers of the parents are handed on as they were" {
    local before
    before=$(cat "$TARE_TEST_CGROUP/cgroup.subtree_control")
    run_container
    assert_success
    assert_equal "$(cat "$TARE_TEST_CGROUP/cgroup.subtree_control")" "$before"
}
