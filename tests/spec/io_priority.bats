#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[P25] without an I/O priority the caller's is left alone" {
    witness_runs io-priority
    run ionice -c 2 -n 6 "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_output io_priority=2:6
}

@test "[P26] [P27] each class, with each end of the priorities" {
    local class number priority
    while read -r class number; do
        for priority in 0 7; do
            config ".process.ioPriority = { class: \"IOPRIO_CLASS_$class\", priority: $priority }"
            run_container io-priority
            assert_success
            assert_output "io_priority=$number:$priority"
        done
    done <<'CLASSES'
RT 1
BE 2
IDLE 3
CLASSES
}

@test "[P25] children of the process have the same" {
    config '.process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 6 }'
    run_container chain spawn io-priority ';' wait
    assert_success
    assert_output io_priority=2:6
}

@test "[P26] [N13] the right to it is the caller's, also for a container in a user namespace" {
    in_user_namespace
    config '.process.ioPriority = { class: "IOPRIO_CLASS_RT", priority: 2 }'
    run_container io-priority
    assert_success
    assert_output io_priority=1:2
}

@test "[P26] what the kernel refuses is an error, and nothing is left" {
    config '.process.ioPriority = { class: "IOPRIO_CLASS_RT", priority: 4 }'
    run --separate-stderr "$build/tests/helpers/refuse" EPERM ioprio_set -- \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr_has 'set the I/O priority: class 1, priority 4: not permitted (EPERM)'
    assert_stderr_has 'hint: it needs CAP_SYS_NICE outside of any user namespace'
    nothing_left
}
