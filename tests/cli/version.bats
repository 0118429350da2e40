#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load ../helpers/tare

@test "[E1.version.1] --version prints the program's version, its commit and the specification's" {
    run_tare --version
    assert_success
    assert_line --index 0 --regexp '^tare version [0-9]+\.[0-9]+\.[0-9]+$'
    assert_line --index 1 --regexp '^commit: ([0-9a-f]{40}|unknown)$'
    assert_line --index 2 'spec: 1.3.0'
    assert_equal "${#lines[@]}" 3
}
