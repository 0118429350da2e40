#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# The configs that engines wrote (tests/engines/data) as they are, with every limit, on a cgroup v2
# that has all controllers.  Whether the containers are what the configs say is the matter of
# tests/engines/configs.bats, which runs everywhere.

load ../helpers/tare
load ../engines/engines
load vm

setup() {
    need_vm
    setup_engines
}

teardown() {
    teardown_engines
}

# work ENGINE: each of its configs; the last line of a failure names the one.
work() {
    local file
    for file in "$engines_data/$1"-*.json; do
        echo "${file##*/}"
        recorded "$(basename "$file" .json)"
        run_container say "${file##*/}"
        assert_success
        assert_output --partial "${file##*/}" # which a terminal ends with \r\n
    done
    remove_parents
    nothing_left
}

# has_limits NAME <ROWS: lines of FILE VALUE: what the files of the container's cgroup hold.
has_limits() {
    local file value directory
    recorded "$1"
    create_container sleep 100
    directory=$(cgroup_of "$id")
    while read -r file value; do
        assert_equal "$file $(<"$directory/$file")" "$file $value"
    done
    tare delete --force "$id"
    remove_parents
    nothing_left
}

@test "Podman's configs work" {
    work podman
}

@test "containerd's configs work" {
    work containerd
}

@test "Docker's configs work" {
    work docker
}

@test "[E0.9.3] Podman's limits are the cgroup's" {
    has_limits podman-limits <<'ROWS'
memory.max 67108864
memory.low 33554432
memory.swap.max 33554432
cpu.max 50000 100000
cpuset.cpus 0
pids.max 64
ROWS
    has_limits podman-plain <<<'pids.max 2048'
}

@test "[E0.9.3] containerd's limits are the cgroup's" {
    has_limits containerd-limits <<'ROWS'
memory.max 67108864
cpu.max 50000 100000
ROWS
}

@test "[E0.9.1] Docker's limits are the cgroup's, and its zeros are none" {
    has_limits docker-limits <<'ROWS'
memory.max 67108864
memory.low 33554432
cpu.max 50000 100000
pids.max 64
ROWS
    has_limits docker-plain <<<'cgroup.controllers' # no controller is asked for
}

@test "[E0.5.7] who watches may hand controllers down between create and start" {
    local path=$TARE_TEST_CGROUP/tare
    create_container say hello
    sed 's/[a-z]*/+&/g' "$path/cgroup.controllers" >"$path/cgroup.subtree_control"
    [ -e "$path/$id/memory.events" ]
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(<"$BATS_TEST_TMPDIR/output")" hello
    tare delete "$id"
    nothing_left
}
