#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What needs CAP_SYS_RESOURCE, which a sandbox may lack: limits that are raised, scores that are
# lowered.  The host does both, also for a container that is in a user namespace.  And what takes two
# CPUs, on two nodes: memory policies, and the CPUs of exec in a cpuset.

load ../helpers/tare
load vm

setup() {
    setup_vm_bundle
}

# run_below COMMAND: the container, started by a tare with low limits and a high score.
run_below() {
    run --separate-stderr bash -c 'ulimit -n 500 && echo 300 >/proc/self/oom_score_adj && "$@"' _ \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
}

@test "[RL3] [RL4] hard limits above those of tare itself" {
    config '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 600, hard: 700 }]'
    witness_runs limits
    run_below
    assert_success
    assert_line RLIMIT_NOFILE=600:700
    in_user_namespace
    config '.process.user = { uid: 1000, gid: 1000 }'
    run_below
    assert_success
    assert_line RLIMIT_NOFILE=600:700
    nothing_left
}

@test "[RL4] no limit goes above the kernel's own, and nothing is left" {
    local most
    most=$(($(</proc/sys/fs/nr_open) + 1))
    config ".process.rlimits = [{ type: \"RLIMIT_NOFILE\", soft: 10, hard: $most }]"
    run_container
    assert_failure 1
    assert_stderr_has "raise rlimits: RLIMIT_NOFILE to 10, hard $most: not permitted (EPERM)"
    assert_stderr_has 'hint: the ceiling is /proc/sys/fs/nr_open'
    nothing_left
}

@test "[P15] an oomScoreAdj below that of tare itself" {
    config '.process.oomScoreAdj = -500'
    witness_runs oom
    run_below
    assert_success
    assert_output oom_score_adj=-500
    in_user_namespace
    config '.process.user = { uid: 1000, gid: 1000 }'
    run_below
    assert_success
    assert_output oom_score_adj=-500
    nothing_left
}

@test "[P16] without an oomScoreAdj that of tare stays" {
    witness_runs oom
    run_below
    assert_output oom_score_adj=300
}

# pages_on NODE: how many of the witness's pages are there, by its numa_maps in $output.
pages_on() {
    grep -o " N$1=[0-9]*" <<<"$output" | awk -F= '{ sum += $2 } END { print sum + 0 }'
}

# takes_since VERSION PAGES JSON: so many are on node 1 by that policy, which older kernels refuse.
takes_since() {
    config ".linux.memoryPolicy = $3"
    run_container
    if kernel_since "$1"; then
        assert_success
        [ "$(pages_on 1)" -ge "$2" ] || fail "$3: $output"
    else
        assert_failure 1
        assert_stderr_has 'or the kernel is too old for the mode or a flag'
    fi
}

@test "[NU1] [NU2] [NU3] [NU4] memory comes from the nodes that the policy names" {
    local json many=2000 some=500 # pages, of the 2048 that the witness takes
    witness_runs chain eat 8388608 ';' cat /proc/self/numa_maps
    for json in '{ mode: "MPOL_BIND", nodes: "1" }' '{ mode: "MPOL_PREFERRED", nodes: "1" }' \
        '{ mode: "MPOL_BIND", nodes: "1", flags: ["MPOL_F_RELATIVE_NODES"] }'; do
        config ".linux.memoryPolicy = $json"
        run_container
        assert_success
        [ "$(pages_on 1)" -ge "$many" ] || fail "$json: $output"
    done
    config '.linux.memoryPolicy = { mode: "MPOL_INTERLEAVE", nodes: "0-1" }'
    run_container
    assert_success
    [ "$(pages_on 0)" -ge "$some" ] && [ "$(pages_on 1)" -ge "$some" ] || fail "$output"

    takes_since 5.12 "$many" '{ mode: "MPOL_BIND", nodes: "1", flags: ["MPOL_F_NUMA_BALANCING"] }'
    takes_since 5.15 "$many" '{ mode: "MPOL_PREFERRED_MANY", nodes: "1" }'
    takes_since 6.9 "$some" '{ mode: "MPOL_WEIGHTED_INTERLEAVE", nodes: "0-1" }'
    nothing_left
}

@test "[NU3] nodes outside of the cpuset are an error" {
    config '.linux.resources.cpu.mems = "0" |
        .linux.memoryPolicy = { mode: "MPOL_INTERLEAVE", nodes: "0-1" }'
    run_container say hello
    assert_failure 1
    assert_stderr_has 'MPOL_INTERLEAVE of nodes 0-1: the kernel does not take node 1'
    config '.linux.memoryPolicy.nodes = "1"'
    run_container say hello
    assert_failure 1
    assert_stderr_has 'MPOL_INTERLEAVE of nodes 1: '
    nothing_left
}

# allowed NAME: the list of that name in the status that a witness has shown.
allowed() {
    grep "^$1_allowed_list:" <<<"$output" | cut -f 2
}

# A kernel may give a child that is born into a cgroup the CPUs of its parent.
@test "[CP9] [CP10] exec is on the CPUs and the nodes of the cpuset, and so is a container of the one above" {
    local above=$TARE_TEST_CGROUP/above
    config '.linux.resources.cpu = { cpus: "1", mems: "0" }'
    start_container sleep 100
    run_tare exec "$id" /witness cat /proc/self/status
    assert_equal "$(allowed Cpus) $(allowed Mems)" '1 0'
    tare delete --force "$id"

    mkdir -p "$above"
    echo +cpuset >"$TARE_TEST_CGROUP/cgroup.subtree_control"
    echo +cpuset >"$above/cgroup.subtree_control"
    echo 1 >"$above/cpuset.cpus"
    config 'del(.linux.resources.cpu) | .linux.cgroupsPath = "/above/container"'
    run_container cat /proc/self/status
    assert_equal "$(allowed Cpus)" 1
    rmdir "$above"
    echo -cpuset >"$TARE_TEST_CGROUP/cgroup.subtree_control"
    nothing_left
}

@test "[P29] [P30] [P31] the CPUs of exec are within the cpuset" {
    config '.linux.resources.cpu.cpus = "1" | .process.execCPUAffinity = { initial: "0" }'
    start_container sleep 100
    run_tare exec "$id" /witness cat /proc/self/status
    assert_success
    assert_equal "$(allowed Cpus)" 1
    jq '.process | .args = ["/witness", "say", "hello"] | .execCPUAffinity.final = "0-1"' \
        <"$bundle/config.json" >"$BATS_TEST_TMPDIR/process.json"
    run_tare exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    assert_failure 255
    assert_stderr_has 'run on the final CPUs: CPUs 0-1: the kernel does not give CPU 0'
    tare delete --force "$id"
    nothing_left
}
