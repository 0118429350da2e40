#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What needs CAP_SYS_RESOURCE, which a sandbox may lack: limits that are raised, scores that are
# lowered.  The host does both, also for a container that is in a user namespace.

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
