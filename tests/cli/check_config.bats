#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of the helpers
#
# tare check BUNDLE: what a start passes over in config.json is told here, where somebody looks.

load ../helpers/tare
load ../helpers/rootless
load ../helpers/check

setup() {
    setup_bundle
}

teardown() {
    teardown_bundle
}

# rows NAME MEMBER: that of all rows of this name, a line each.
rows() {
    jq -r --arg name "$1" --arg member "$2" \
        '.checks[] | select(.name == $name) | .[$member] // "none"' <<<"$object"
}

# place WORDS: "config.json:LINE:" of the line that has them.
place() {
    echo "config.json:$(grep -n "$1" "$bundle/config.json" | cut -d: -f1):"
}

@test "a member that is misspelt is ignored by a start, and told by check" {
    needs mounts pidfd_open
    config '.process.noNewPriviliges = true | .linux.resources.memory = { limitt: 1, "x-y": 1 } |
        .linux.nothingNearIt = {} | .windows = { a: 1 } | .["org.example"] = 1'
    checks -- "$bundle"
    assert_success
    assert_equal "$(rows 'unknown member' field | sort)" "\
linux.nothingNearIt
linux.resources.memory.limitt
process.noNewPriviliges"
    assert_equal "$(rows 'unknown member' status | sort -u)" degraded
    assert_equal "$(rows 'unknown member' mend | sort)" "\
did you mean 'limit'?
did you mean 'noNewPrivileges'?
none"
    rows 'unknown member' reason | grep -F "$(place noNewPriviliges)" |
        grep -F ': process.noNewPriviliges: the specification has no such member'
    assert_equal "$(jq -r .status <<<"$object")" degraded
    run_tare check "$bundle"
    assert_success
    assert_line --regexp '^  degraded +unknown member +.*process\.noNewPriviliges: '
    assert_line --regexp "^ +mend: did you mean 'noNewPrivileges'\?\$"
    run_container say hello
    assert_success
    assert_output hello
}

@test "what a start warns of are rows of check, with their places, and no lines beside them" {
    needs mounts pidfd_open
    config --arg here "$BATS_TEST_TMPDIR" '.ociVersion = "1.9.0" |
        .process.capabilities.bounding = ["CAP_SYS_ADMN"] |
        .mounts += [{ destination: "/opt", source: $here, options: ["rbind", "nosiud"] }]'
    checks -- "$bundle"
    assert_success
    rows warning reason | grep -F "$(place CAP_SYS_ADMN)" |
        grep -F 'process.capabilities.bounding[0]: "CAP_SYS_ADMN" is unknown and left out'
    rows warning reason | grep -E "/config.json:[0-9]+:[0-9]+: mounts\[[0-9]\]\.options: .*'nosiud'" |
        grep -F "(did you mean 'nosuid'?)"
    rows warning field | grep -Fx ociVersion
    assert_equal "$(rows warning status | sort -u)" degraded
    run --separate-stderr apart "$TARE" --log-level warn --root "$state" check "$bundle"
    assert_success
    assert_output --regexp $'\n  degraded +warning +.*CAP_SYS_ADMN'
    assert_equal "$stderr" ""
}

@test "a config without a slip has no such row; nor has a host alone" {
    needs mounts pidfd_open
    rm "$bundle/config.json"
    "$TARE" spec --bundle "$bundle"
    checks -- "$bundle"
    assert_equal "$(rows 'unknown member' field)" ''
    checks --
    assert_equal "$(rows 'unknown member' field)/$(rows warning field)" /
}

@test "of slips without an end only so many are told" {
    needs mounts pidfd_open
    config '.linux += ([range(100) | { key: "a\(.)", value: 1 }] | from_entries) |
        .process.capabilities.bounding = [range(100) | "CAP_\(.)"]'
    checks -- "$bundle"
    assert_success
    assert_equal "$(rows 'unknown member' field | wc -l)/$(rows warning field | wc -l)" 33/33
    rows 'unknown member' reason | tail -n 1 | grep -F 'there are more than these 32'
    rows warning reason | tail -n 1 | grep -E 'a start warns of [0-9]+ things more'
}
