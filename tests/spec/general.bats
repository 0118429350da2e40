#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# is_refused EXPECTED: what stands in config.json is refused with exactly this, behind the command
# and the file; nothing is left.
is_refused() {
    cd "$BATS_TEST_TMPDIR" || return
    run_tare run --bundle bundle bad </dev/null
    assert_stderr "tare: run 'bad': bundle/config.json$1"
    assert_failure 1
    assert_output ''
    nothing_left
}

# text WORDS: the config with these for the value of an annotation.
text() {
    local config
    config=$(print_config | jq '.annotations = { "key": "HERE" }')
    printf '%s\n' "${config/\"HERE\"/$1}" >"$bundle/config.json"
}

@test "[G1] bytes that are no UTF-8" {
    text $'"\377"'
    is_refused ':69:13: not UTF-8: byte 0xff'
    text $'"\355\240\200"'
    is_refused ':69:13: not UTF-8: byte 0xed'
}

@test "[G1] another encoding, or a byte order mark" {
    print_config | iconv -t UTF-16LE >"$bundle/config.json"
    run_container
    assert_failure 1
    assert_stderr_has 'config.json:1:'
    { printf '\357\273\277' && print_config; } >"$bundle/config.json"
    run_container
    assert_failure 1
    assert_stderr_has 'config.json:1:1: '
    nothing_left
}

@test "[G1] half of a surrogate pair, and NUL, in a string" {
    text '"\ud800"'
    is_refused ':69:12: annotations.key: string contains half of a surrogate pair'
    text '"a\u0000"'
    is_refused ':69:12: annotations.key: string contains NUL'
}

@test "[G2] a member twice, at any level" {
    text '"", "key": "2"'
    is_refused ':69:16: annotations.key: duplicate key'
    print_config | sed 's/"hostname"/"hostname": "a", "hostname"/' >"$bundle/config.json"
    is_refused ':4:22: hostname: duplicate key'
    print_config | sed 's/"hostname"/"unknown": { "x": 1, "x": 1 },&/' >"$bundle/config.json"
    is_refused ':4:26: unknown.x: duplicate key'
}

@test "[G3] the order of members does not matter" {
    jq --sort-keys . <<<"$(print_config)" >"$bundle/config.json"
    run_container
    assert_success
    jq 'to_entries | reverse | from_entries' <<<"$(print_config)" >"$bundle/config.json"
    run_container
    assert_success
}

@test "[G4] unknown members are ignored, at every level" {
    config 'walk(if type == "object" then . + { "x-new": { y: [1.5, {}, null, true] } } else . end)'
    [ "$(grep -c x-new "$bundle/config.json")" -ge 12 ]
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_output hello
}

@test "[G7] sections of other platforms are ignored" {
    config '.windows = { layerFolders: 1 } | .solaris = [] | .freebsd = "x" | .zos = null
        | .process.commandLine = "dir"'
    run_container
    assert_success
    assert_output hello
}

@test "[G5] null means absent, and is wrong for what is required" {
    config '.annotations = null | .process.env = null | .linux.devices = null | .domainname = null'
    run_container
    assert_success
    config '.ociVersion = null'
    is_refused ':2:17: ociVersion: expected string, got null'
}

@test "text that is no JSON" {
    : >"$bundle/config.json"
    run_container
    assert_failure 1
    assert_stderr_has 'config.json:1:1: '
    local row
    while IFS='|' read -r place row; do
        printf '%s\n' "$row" >"$bundle/config.json"
        run_container
        assert_failure 1
        assert_stderr_has "config.json:$place: "
        [[ $row = [\[\"]* ]] || assert_stderr_has 'hint: there, or just before it, a comma, a quote'
    done <<'ROWS'
2:1|{
1:1|nonsense
1:1|[]
1:1|"text"
1:24|{"ociVersion":"1.0.0"} {}
1:3|{ // comment
1:3|{ 'ociVersion': "1.0.0" }
1:24|{"ociVersion": "1.0.0",}
ROWS
    nothing_left
}

@test "a document that is nested too deep" {
    printf '{"ociVersion":"1.0.0","x":%s' "$(printf '[%.0s' {1..100000})" >"$bundle/config.json"
    run_container
    assert_failure 1
    assert_stderr_has 'nested deeper than 128 levels'
    nothing_left
}

@test "[OP9] a config is judged as a whole before anything of it is made" {
    local before after
    before=$(stat --format='%Y %i %h' "$rootfs" "$rootfs"/* "$bundle")
    config '.mounts += [{ destination: "/made/by/create", type: "tmpfs" }]
        | .linux.cgroupsPath = "/judged" | .linux.personality = { domain: "LINUX", flags: ["x"] }
        | .hooks.prestart = [{ path: "/bin/touch", args: ["touch", "/run/hook-ran"] }]
        | .hooks.poststop = .hooks.prestart'
    run_tare --log-level warn create --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'linux.personality.flags'
    after=$(stat --format='%Y %i %h' "$rootfs" "$rootfs"/* "$bundle")
    assert_equal "$after" "$before"
    [ ! -e /run/hook-ran ]
    [ ! -e "$state/$id" ]
    nothing_left
}

@test "[B1] config.json that is missing, a directory or a fifo" {
    rm "$bundle/config.json"
    cd "$BATS_TEST_TMPDIR"
    run_tare run --bundle bundle bad
    assert_failure 1
    assert_stderr "tare: run 'bad': open bundle/config.json: not found (ENOENT)"
    mkdir "$bundle/config.json"
    run_tare run --bundle bundle bad
    assert_failure 1
    assert_stderr "tare: run 'bad': bundle/config.json is not a regular file"
    rmdir "$bundle/config.json"
    mkfifo "$bundle/config.json"
    run_tare run --bundle bundle bad
    assert_failure 1
    assert_stderr "tare: run 'bad': bundle/config.json is not a regular file"
    nothing_left
}

@test "[B1] a config.json that is too large" {
    truncate -s 17M "$bundle/config.json"
    cd "$BATS_TEST_TMPDIR"
    run_tare run --bundle bundle bad
    assert_failure 1
    assert_stderr "tare: run 'bad': bundle/config.json is larger than 16777216 bytes"
}

@test "[V1] versions that are taken" {
    local word
    for word in 1.0.0 1.0.2-dev 1.3.0+dev 1.0.0-rc.1+build.5 1.2.1; do
        config --arg word "$word" '.ociVersion = $word'
        run_container
        assert_success
        assert_stderr ''
    done
}

@test "[V2] a newer minor version and an older major one run, with a warning" {
    local word
    for word in 1.4.0 1.99999999999999999999.0 0.9.0; do
        config --arg word "$word" '.ociVersion = $word'
        run_tare --log-level warn run --bundle "$bundle" "$id"
        assert_success
        assert_output hello
        assert_stderr_has "ociVersion: \"$word\" is"
    done
}

@test "[V1] [V2] versions that are refused" {
    local word
    for word in 1.0 v1.0.0 '' 01.0.0 1.0.0- 1.0.0+ 1.0.0-01 ' 1.0.0' '1.0.0 ' 1.0.0.0 2.0.0 x; do
        config --arg word "$word" '.ociVersion = $word'
        run_container
        assert_failure 1
        assert_stderr_has 'config.json:2:17: ociVersion: "'"$word"'" is not '
    done
    nothing_left
}
