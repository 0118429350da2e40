#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# rlimits TEXT: process.rlimits, as text: jq would round large numbers.
rlimits() {
    local text
    config '.process.rlimits = "HERE"'
    text=$(cat "$bundle/config.json")
    printf '%s\n' "${text/\"HERE\"/$1}" >"$bundle/config.json"
}

@test "[RL3] [RL4] soft and hard limit are set, each by itself" {
    witness_runs limits
    rlimits '[{ "type": "RLIMIT_NOFILE", "soft": 100, "hard": 200 },
        { "type": "RLIMIT_CORE", "soft": 0, "hard": 4096 }]'
    run_container
    assert_success
    assert_line RLIMIT_NOFILE=100:200
    assert_line RLIMIT_CORE=0:4096
}

@test "[RL1] what is not listed stays as the caller has it" {
    witness_runs limits
    rlimits '[{ "type": "RLIMIT_NOFILE", "soft": 100, "hard": 200 }]'
    run_container
    assert_success
    assert_equal "$(grep -v NOFILE <<<"$output")" "$("$witness" limits | grep -v NOFILE)"
}

@test "[RL2] all sixteen types, at the limits that the caller has" {
    witness_runs limits
    rlimits "[$("$witness" limits | sed 's/infinity/18446744073709551615/g' |
        sed -E 's/^(RLIMIT_[A-Z]+)=([0-9]+):([0-9]+)$/{"type":"\1","soft":\2,"hard":\3}/' |
        paste -sd,)]"
    assert_equal "$(grep -o RLIMIT_ "$bundle/config.json" | wc -l)" 16
    run_container
    assert_success
    assert_output "$("$witness" limits)"
}

@test "[RL3] 2^64-1 is infinity, and one less is not" {
    ulimit -Hc unlimited || skip "the caller's own limit is lower"
    witness_runs limits
    rlimits '[{ "type": "RLIMIT_CORE",
        "soft": 18446744073709551614, "hard": 18446744073709551615 }]'
    run_container
    assert_success
    assert_line RLIMIT_CORE=18446744073709551614:infinity
}

@test "rlimits do not bind what tare does itself" {
    witness_runs limits
    rlimits '[{ "type": "RLIMIT_NOFILE", "soft": 0, "hard": 0 },
        { "type": "RLIMIT_FSIZE", "soft": 0, "hard": 0 },
        { "type": "RLIMIT_MEMLOCK", "soft": 0, "hard": 0 }]'
    run "$TARE" --root "$state" run --bundle "$bundle" "$id" # whose output is a pipe
    assert_success
    assert_line RLIMIT_NOFILE=0:0
    assert_line RLIMIT_FSIZE=0:0
    nothing_left
}

@test "[RL4] raising a hard limit without the right to is an error with a way out" {
    (ulimit -n unlimited) 2>/dev/null && skip "tare may do so here"
    local most
    most=$(($(ulimit -Hn) + 1))
    rlimits '[{ "type": "RLIMIT_NOFILE", "soft": 10, "hard": '"$most"' }]'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has "raise rlimits: RLIMIT_NOFILE to 10, hard $most: not permitted (EPERM)"
    assert_stderr_has 'hint: the ceiling is /proc/sys/fs/nr_open; raising a hard limit needs'
    nothing_left
}

@test "[RL1] a program that does not fit into its limits: the error names them" {
    local name
    for name in RLIMIT_AS RLIMIT_DATA; do
        rlimits '[{ "type": "'$name'", "soft": 65536, "hard": 65536 }]'
        run_container say hello
        assert_failure 139
        assert_stderr_has "process.rlimits[0].soft: the process was ended by SIGSEGV, with a $name of 65536 bytes"
        assert_stderr_has 'hint: the kernel ends a program so that does not fit into its limits'
        nothing_left
    done
    config 'del(.process.rlimits, (.linux.namespaces[] | select(.type == "pid")))'
    run_container kill-self 11
    assert_failure 139
    assert_stderr ''
}

@test "[RL1] exec of a program that does not fit into its limits likewise" {
    start_container sleep 100
    jq '.process + { args: ["/witness", "say", "hello"],
        rlimits: [{ type: "RLIMIT_AS", soft: 65536, hard: 65536 }] }' "$bundle/config.json" \
        >"$BATS_TEST_TMPDIR/process.json"
    run_tare exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    assert_failure 139
    assert_stderr_has 'process.rlimits[0].soft: the process was ended by SIGSEGV'
    tare delete --force "$id"
    nothing_left
}

@test "rlimits of a container that waits bind only its program" {
    rlimits '[{ "type": "RLIMIT_NOFILE", "soft": 0, "hard": 0 }]'
    create_container limits
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    grep -qx RLIMIT_NOFILE=0:0 "$BATS_TEST_TMPDIR/output"
}
