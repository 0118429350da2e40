#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# schedule OBJECT: a container with this process.scheduler says what it has.
schedule() {
    config ".process.scheduler = $1"
    run_container scheduler
}

# may_schedule ARGUMENT...: skips where even root cannot have this with chrt(1), as in some sandboxes.
may_schedule() {
    chrt "$@" true 2>/dev/null || skip "the kernel grants no 'chrt $*' here"
}

@test "[P17] without a scheduler the caller's is left alone" {
    witness_runs scheduler
    run nice -n 3 chrt --batch 0 "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line policy=3
    assert_line nice=3
}

@test "[P18] [P19] SCHED_OTHER and SCHED_BATCH with a nice value" {
    schedule '{ policy: "SCHED_OTHER", nice: 5 }'
    assert_success
    assert_line policy=0
    assert_line nice=5
    schedule '{ policy: "SCHED_BATCH", nice: 19 }'
    assert_success
    assert_line policy=3
    assert_line nice=19
    assert_line flags=0
}

@test "[P19] a nice value below the caller's; none means 0" {
    schedule '{ policy: "SCHED_OTHER", nice: -7 }'
    assert_success
    assert_line nice=-7
    config '.process.scheduler = { policy: "SCHED_OTHER" }'
    run nice -n 3 "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line nice=0
}

@test "[P18] SCHED_IDLE" {
    schedule '{ policy: "SCHED_IDLE" }'
    assert_success
    assert_line policy=5
}

@test "[P18] [P20] SCHED_FIFO and SCHED_RR with a priority" {
    may_schedule --fifo 10
    schedule '{ policy: "SCHED_FIFO", priority: 10 }'
    assert_success
    assert_line policy=1
    assert_line priority=10
    schedule '{ policy: "SCHED_RR", priority: 99 }'
    assert_success
    assert_line policy=2
    assert_line priority=99
}

@test "[P21] SCHED_FLAG_RESET_ON_FORK: children have no such right" {
    config '.process.scheduler = { policy: "SCHED_BATCH", nice: -2,
        flags: ["SCHED_FLAG_RESET_ON_FORK"] }'
    run_container chain scheduler ';' spawn scheduler ';' wait
    assert_success
    assert_equal "$(grep -E '^(nice|flags)' <<<"$output" | paste -sd' ')" \
        'nice=-2 flags=1 nice=0 flags=0'
}

@test "[P21] SCHED_FLAG_KEEP_POLICY and _PARAMS keep the caller's" {
    config '.process.scheduler = { policy: "SCHED_OTHER",
        flags: ["SCHED_FLAG_KEEP_POLICY", "SCHED_FLAG_KEEP_PARAMS"] }'
    witness_runs scheduler
    run nice -n 3 chrt --batch 0 "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line policy=3
    assert_line nice=3
}

@test "[P22] [P23] [P24] SCHED_DEADLINE" {
    may_schedule --deadline --sched-runtime 100000 --sched-deadline 5000000 --sched-period 9000000 0
    schedule '{ policy: "SCHED_DEADLINE", runtime: 100000, deadline: 5000000, period: 9000000 }'
    assert_success
    assert_line policy=6
    assert_line runtime=100000
    assert_line deadline=5000000
    assert_line period=9000000
    schedule '{ policy: "SCHED_DEADLINE", runtime: 100000, deadline: 5000000,
        flags: ["SCHED_FLAG_RECLAIM"] }'
    assert_success
    assert_line period=5000000
    assert_line flags=2
}

@test "[P17] what the kernel refuses is an error, and nothing is left" {
    # 2^62 ns are above every limit for a period.
    schedule '{ policy: "SCHED_DEADLINE", runtime: 2000, deadline: 4611686018427387904 }'
    assert_failure 1
    assert_output ''
    assert_stderr_has 'set the scheduler: SCHED_DEADLINE: '
    assert_stderr_has 'process.scheduler'
    nothing_left
}

@test "[P17] without the right to it there is an error, and nothing is left" {
    config '.process.scheduler = { policy: "SCHED_OTHER", nice: -1 }'
    run --separate-stderr setpriv --bounding-set -sys_nice --inh-caps -all \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'set the scheduler: SCHED_OTHER: not permitted (EPERM)'
    nothing_left
}

@test "[P17] [N13] the right to it is the caller's, also for a container in a user namespace" {
    in_user_namespace
    schedule '{ policy: "SCHED_OTHER", nice: -5 }'
    assert_success
    assert_line nice=-5
    may_schedule --rr 1
    schedule '{ policy: "SCHED_RR", priority: 1 }'
    assert_success
    assert_line policy=2
}

@test "[P17] a container that waits is scheduled as its program will be" {
    config '.process.scheduler = { policy: "SCHED_BATCH", nice: 4 }'
    create_container scheduler
    run chrt --pid "$(tare state "$id" | jq .pid)"
    assert_line --partial SCHED_BATCH
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    grep -qx nice=4 "$BATS_TEST_TMPDIR/output"
}
