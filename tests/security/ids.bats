#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare
load attack

setup() {
    setup_bundle
}

# uid_is TEXT: the config with this as the uid; as text, since jq would change numbers.
uid_is() {
    local config
    config=$(print_config |
        jq '.process.args[1:] = ["ids"] | .process.user = { uid: "HERE", gid: 0 }')
    printf '%s\n' "${config/\"HERE\"/$1}" >"$bundle/config.json"
}

# Those that take an id.
commands='create run state start kill delete exec ps pause resume wait'

# asks COMMAND WORD: the command for the container called WORD.
asks() {
    case $1 in
    exec) run --separate-stderr tare exec -- "$2" /witness say ran ;;
    force) run --separate-stderr tare delete --force -- "$2" ;;
    *) run --separate-stderr tare "$1" -- "$2" ;;
    esac
}

@test "(T30) what is no id is refused by every command, and nothing is made" {
    ! is_other_runtime || skip "what is an id is tare's own rule"
    local word command
    for word in '' . .. ../x a/b /a a/ ' ' 'a b' $'a\nb' $'a\e[2J' -- -x +x _x .x 'a*' ä $'a\xff' \
        'a:b' 'a\b' "$(printf 'x%.0s' {1..129})" "$(printf 'x%.0s' {1..5000})"; do
        for command in $commands force; do
            asks "$command" "$word"
            [ "$status" = 1 ] || [ "$status" = 64 ] || fail "$command '$word' ended with $status"
            assert_output ''
            [ -n "$stderr" ] || fail "$command '$word' says nothing"
            assert_equal "$(tr -d '[:print:]\n\200-\377' <<<"$stderr")" ''
            [[ $stderr == *'is not a container id'* ]] || fail "$command '$word': $stderr"
        done
    done
    cd "$bundle"
    for word in .. a/b 'a b' ''; do
        run_tare create -- "$word"
        assert_failure
    done
    [ ! -e "$state" ] || [ -z "$(ls -A "$state")" ]
    nothing_left
}

# What is there beside the state directory, which an id could lead to; bats' own file is not judged.
look_beside() {
    find "$BATS_TEST_TMPDIR" -path "$state" -prune -o -name 'separate-stderr-*' \
        -o -path "$BATS_TEST_TMPDIR" -o -printf '%p %y %m %s %T@\n'
}

@test "(T30) no command finds, makes or removes by an id what is beside the state directory" {
    local word command before # no word leads further than to the test's own folder
    mkdir -p "$state" "$BATS_TEST_TMPDIR/x/folder" "$BATS_TEST_TMPDIR/a"
    echo '{}' | tee "$BATS_TEST_TMPDIR/x/status" >"$BATS_TEST_TMPDIR/x/state.json"
    cd "$bundle"
    before=$(look_beside)
    for word in '' . .. ../x ../a ../new ../x/folder ./../x "$BATS_TEST_TMPDIR/x"; do
        for command in $commands force; do
            asks "$command" "$word"
            [ "$command" = force ] || [ "$status" != 0 ] || fail "$command '$word' ended with 0"
            assert_equal "$(look_beside)" "$before"
        done
    done
    nothing_left
}

@test "(T30) ids at the edges of what is allowed" {
    ! is_other_runtime || skip "what is an id is tare's own rule"
    local word
    for word in a 0 A_+.- 1..2 "$(printf 'x%.0s' {1..128})"; do
        run_tare run --bundle "$bundle" "$word"
        assert_success
        assert_output hello
    done
    nothing_left
}

@test "(T30) an id is not taken for a name of a file in the state directory" {
    mkdir -p "$state"
    echo text >"$state/file"
    ln -s "$bundle" "$state/link"
    run_tare state file
    assert_refused
    run_tare delete --force link
    assert_equal "$(cat "$state/file")" text
    [ -e "$bundle/config.json" ]
    run_tare create --bundle "$bundle" file
    assert_refused
    assert_equal "$(cat "$state/file")" text
}

# runs_exactly [NUMBER]: another runtime may take what tare refuses, if it takes it for what it is.
runs_exactly() {
    [ "$status" != 0 ] || assert_line --regexp "^uid=${1:-none}:"
}

@test "(T41) numbers of the config: exact or refused, never another one" {
    local row number exact
    while IFS='|' read -r number row exact; do
        uid_is "$number"
        run_container
        if is_other_runtime; then
            [ "$row" = refused ] || exact=$row
            runs_exactly "$exact"
            continue
        fi
        case $row in
        refused)
            assert_failure 1
            assert_output ''
            assert_stderr_has 'process.user.uid: '
            ;;
        *)
            assert_success
            assert_line "uid=$row:$row:$row"
            ;;
        esac
    done <<'ROWS'
0|0
-0|0
1000|1000
4294967294|4294967294
4294967295|refused
4294967296|refused
-1|refused
18446744073709551616|refused
184467440737095516161844674407370955161618446744073709551616|refused
1e3|refused|1000
1000.0|refused|1000
"0"|refused|0
true|refused
[]|refused
ROWS
    nothing_left
}

@test "(T41) numbers that JSON does not know" {
    local number exact
    while read -r number exact; do
        uid_is "$number"
        run_container
        if is_other_runtime; then
            runs_exactly "$exact"
            continue
        fi
        assert_failure 1
        assert_output ''
        assert_stderr_has 'config.json:17:'
    done <<'ROWS'
0x1 1
+1 1
01 1
.5
1. 1
Infinity
NaN
1_000 1000
ROWS
    nothing_left
}

@test "(T43) other numbers of the config: what is none of them is refused, by its name" {
    ! is_other_runtime || skip "what the others would make of them is not seen"
    local field text every_number config
    witness_runs say ran
    every_number=$(jq '.process.user.additionalGids = [5] | .process.oomScoreAdj = 1
        | .process.rlimits = [{ type: "RLIMIT_CORE", soft: 0, hard: 0 }]
        | .linux.devices = [{ type: "c", path: "/dev/m", major: 1, minor: 3, fileMode: 438,
            uid: 0, gid: 0 }]
        | .linux.resources.pids.limit = 100 | .linux.resources.memory.limit = 100000000
        | .linux.resources.cpu.shares = 100 | .hooks.poststop = [{ path: "/bin/true", timeout: 5 }]
        | .process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 1 }' \
        "$bundle/config.json")
    while read -r field; do
        config=$(jq --arg field "$field" \
            'setpath($field | split(".") | map(tonumber? // .); "HERE")' <<<"$every_number")
        for text in 1e1 1.5 18446744073709551616 '"1"' '{}'; do
            printf '%s\n' "${config/\"HERE\"/$text}" >"$bundle/config.json"
            run_tare create --bundle "$bundle" "$id"
            [ "$status" = 1 ] || fail "$field: $text: $status"
            assert_stderr_has "${field##*[0-9.]}"
        done
    done <<'FIELDS'
process.user.uid
process.user.gid
process.user.umask
process.user.additionalGids.0
process.oomScoreAdj
process.rlimits.0.soft
process.rlimits.0.hard
process.ioPriority.priority
linux.devices.0.major
linux.devices.0.minor
linux.devices.0.fileMode
linux.devices.0.uid
linux.devices.0.gid
linux.resources.pids.limit
linux.resources.memory.limit
linux.resources.cpu.shares
hooks.poststop.0.timeout
FIELDS
    nothing_left
}

@test "(T43) control: those numbers as they are" {
    witness_runs ids
    config '.process.user.additionalGids = [5] | .process.user.umask = 7'
    run_container
    assert_success
    assert_line groups=5
    assert_line umask=0007
}
