#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# rows ACTOR: the names of its steps, as --dry-run has them.
rows() {
    tare run --dry-run --format json --bundle "$bundle" "$id" | jq -r ".$1[].step"
}

@test "run --dry-run shows both storyboards and makes nothing" {
    run_tare run --dry-run --bundle "$bundle" "$id"
    assert_success
    assert_stderr ''
    assert_line --index 0 host
    assert_line init
    assert_line --regexp '^    make the cgroup +"/sys/fs/cgroup/tare/'"$id"'"$'
    assert_line --regexp '^    set the host name +"container"$'
    refute_line --partial 'rlimits'
    refute_line hello
    [ ! -e "$state" ]
    nothing_left
}

@test "--dry-run shows the rows that the config asks for, with their values" {
    config '.process.rlimits = [{ "type": "RLIMIT_CORE", "soft": 0, "hard": 0 }]
        | .process.oomScoreAdj = 500 | .linux.sysctl = { "kernel.msgmax": "4096" }
        | .linux.maskedPaths = ["/proc/kcore"]'
    run_tare run --dry-run --bundle "$bundle" "$id"
    assert_success
    assert_line --regexp '^    set the oom score +500$'
    assert_line --regexp '^    set rlimits +\[\{"type":"RLIMIT_CORE","soft":0,"hard":0\}\]$'
    assert_line --regexp '^    write sysctls +\{"kernel.msgmax":"4096"\}$'
    assert_line --regexp '^    mask and protect paths +\["/proc/kcore"\]$'
    # Both sides meet for the score, in the same order.
    assert_equal "$(grep '^  =' <<<"$output" | sort | uniq -c | awk '{ print $1 }' | xargs)" '2 2'
}

@test "--dry-run shows a pid file where one is asked for" {
    run_tare run --dry-run --bundle "$bundle" "$id"
    refute_output --partial 'the pid file'
    run_tare run --dry-run --pid-file /run/pid --bundle "$bundle" "$id"
    assert_line --regexp '^    open the pid file'
    assert_line --regexp '^    write the pid file'
}

@test "--dry-run has a line for each element of what is long, below the other" {
    config '.process.args = ["/witness", "say", "\"],[{", ("x" * 70)]'
    run_tare run --dry-run --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(jq -c . <<<"$(sed -nE '/^    mount /,/\]$/{s/^.{36}//;p}' <<<"$output")")" \
        "$(jq -c .mounts "$bundle/config.json")"
    assert_equal "$(sed -nE '/^    find the executable /,/"\]$/{s/^.{36}//;p}' <<<"$output")" \
        "[\"/witness\",
 \"say\",
 \"\\\"],[{\",
 \"$(printf 'x%.0s' {1..70})\"]"
    # Short ones stay where they are.
    assert_line --regexp '^    become the user +\{"uid":0,"gid":0,"umask":18\}$'
}

@test "--dry-run as JSON has actors, steps, fields and values" {
    run_tare run --dry-run --format json --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(jq -c 'keys' <<<"$output")" '["host","init"]'
    assert_equal "$(jq -c '.init[] | select(.field == "hostname")' <<<"$output")" \
        '{"step":"set the host name","field":"hostname","value":"container"}'
    assert_equal "$(jq -c '.host[] | select(.step == "give birth to init").value | sort' \
        <<<"$output")" '["cgroup","ipc","mount","network","pid","uts"]'
    nothing_left
}

@test "--dry-run writes names of the config as JSON does" {
    config '.linux.devices = [{ path: "/dev/a\"\\b\u0007c", type: "c", major: 1, minor: 3 }]'
    run_tare run --dry-run --format json --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(jq -c '.init[] | select(.step == "make devices").value[-1]' <<<"$output")" \
        '"/dev/a\"\\b\u0007c"'
    nothing_left
}

@test "what is created before what uses it" {
    local names
    names=$(rows host)
    [ "$(grep -n 'make the cgroup' <<<"$names" | cut -d: -f1)" -lt \
        "$(grep -n 'give birth' <<<"$names" | cut -d: -f1)" ]
    names=$(rows init)
    [ "$(grep -nx 'enter the root' <<<"$names" | cut -d: -f1)" -lt \
        "$(grep -nx mount <<<"$names" | cut -d: -f1)" ]
}

@test "create --dry-run differs from run by the wait for start" {
    run_tare create --dry-run --bundle "$bundle" "$id"
    assert_success
    assert_line --partial 'wait for start'
    run_tare run --dry-run --bundle "$bundle" "$id"
    refute_line --partial 'wait for start'
    nothing_left
}

@test "--dry-run refuses a bad config as the run would" {
    config '.process.cwd = "tmp"'
    run_tare run --bundle "$bundle" "$id"
    local said=$stderr
    run_tare run --dry-run --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr "$said"
    nothing_left
}

@test "--dry-run works while the id is taken" {
    create_container
    run_tare run --dry-run --bundle "$bundle" "$id"
    assert_success
    has_status "$id" created
}
