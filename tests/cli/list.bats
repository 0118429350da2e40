#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare
load ../helpers/terminal

setup() {
    setup_bundle
}

# Two containers, made in the other order than that of their names.
make_two() {
    tare create --bundle "$bundle" b-two </dev/null >/dev/null 2>&1
    witness_runs sleep 100
    tare run --detach --bundle "$bundle" a-one </dev/null >/dev/null 2>&1
}

@test "list without a container" {
    run_tare list --quiet
    assert_success
    assert_output ''
    run_tare list --format json
    assert_success
    assert_equal "$(jq -c 'length' <<<"$output")" 0
    run_tare list
    assert_success
    assert_equal "${#lines[@]}" 1
    [ ! -e "$state" ]
}

@test "list shows a table, sorted by id" {
    make_two
    run_tare list
    assert_success
    assert_stderr ''
    assert_equal "${#lines[@]}" 3
    assert_equal "$(awk 'NR == 1 { print $1, $2, $3, $4, $5, $6 }' <<<"$output")" \
        'ID PID STATUS BUNDLE CREATED OWNER'
    local pid
    pid=$(tare state a-one | jq .pid)
    assert_equal "$(awk 'NR == 2 { print $1, $2, $3, $4, $6 }' <<<"$output")" \
        "a-one $pid running $bundle root"
    assert_equal "$(awk 'NR == 3 { print $1, $3 }' <<<"$output")" 'b-two created'
    # The columns stand below their titles.
    local column
    column=$(awk 'NR == 1 { print index($0, "STATUS") }' <<<"$output")
    assert_equal "$(cut -c "$column-" <<<"$output" | awk '{ print $1 }' | xargs)" \
        'STATUS running created'
}

@test "[E1.list.1] list --format json has the members that engines read" {
    make_two
    run_tare list --format json
    assert_success
    assert_equal "$(jq -r '.[].id' <<<"$output" | xargs)" 'a-one b-two'
    assert_equal "$(jq -r '.[].status' <<<"$output" | xargs)" 'running created'
    assert_equal "$(jq -r '.[0].bundle' <<<"$output")" "$bundle"
    assert_equal "$(jq -c '.[0]' <<<"$output")" "$(tare state a-one | jq -c .)"
}

@test "[E1.list.1] list --quiet shows ids alone" {
    make_two
    run_tare list --quiet
    assert_success
    assert_output $'a-one\nb-two'
    run_tare list -q
    assert_output $'a-one\nb-two'
}

@test "list shows a stopped container, and a damaged one does not hide the others" {
    start_container exit 0
    wait_until 5 has_status "$id" stopped
    make_two
    echo broken >"$state/b-two/state.json"
    run_tare list --format json
    assert_equal "$(jq -r '.[] | select(.id == "a-one") | .status' <<<"$output")" running
    assert_equal "$(jq -r --arg id "$id" '.[] | select(.id == $id) | .status' <<<"$output")" stopped
    tare delete --force b-two # which list --quiet, and so the teardown, passes over
}

@test "a container whose process cannot be looked at does not hide the others" {
    command -v strace >/dev/null || skip "needs strace"
    make_two
    run --separate-stderr strace -qqo /dev/null -e trace=pidfd_open \
        -e inject=pidfd_open:error=EPERM:when=1 \
        "$TARE" --log-level warn --root "$state" list --quiet
    assert_success
    assert_output b-two
    assert_stderr_has "list 'a-one': "
    assert_stderr_has EPERM
}

@test "list shows each container on a line of its own, whatever its bundle is called" {
    local name=$'name\e[2J\nof two lines'
    mv "$bundle" "$BATS_TEST_TMPDIR/$name"
    tare create --bundle "$BATS_TEST_TMPDIR/$name" "$id" </dev/null >/dev/null 2>&1
    run_tare list
    assert_success
    assert_equal "$(tr -d '[:print:]\n' <<<"$output")" ''
    assert_equal "${#lines[@]}" 2
    assert_equal "$(tare list -f json | jq -r '.[0].bundle')" "$BATS_TEST_TMPDIR/$name"
}

@test "list does not mind what else lies in the state directory" {
    create_container
    touch "$state/file" "$state/.hidden"
    mkdir "$state/.folder" "$state/no record" "$state/empty"
    run_tare list --quiet
    assert_success
    assert_output "$id"
}

@test "list does not wait for one that is being made and has no record yet" {
    make_two
    mkdir "$state/held"
    flock --no-fork "$state/held" sleep 100 3>&- &
    local holder=$!
    wait_until 5 bash -c '! flock --nonblock "$1" true' . "$state/held"
    run --separate-stderr strace -qq -e trace=/nanosleep "$TARE" --root "$state" list --quiet
    kill "$holder"
    assert_success
    assert_output $'a-one\nb-two'
    assert_stderr ''
    rmdir "$state/held"
    tare delete --force a-one
    tare delete --force b-two
}

@test "list refuses a format that it does not know" {
    run_tare list --format yaml
    assert_failure 64
    assert_output ''
    assert_stderr_has yaml
}

# column_of WORD: where it begins on each line of the output, in columns of a terminal.
column_of() {
    local line
    while read -r line; do
        LC_ALL=C.UTF-8 wc -L <<<"${line%%"$1"*}"
    done <<<"$output"
}

@test "list on a terminal is as wide as that, and aligns what is wide" {
    local name count=0
    for name in plain $'\xe5\xae\xb9\xe5\x99\xa8' $'caf\xc3\xa9' $'cafe\xcc\x81'; do
        cp -r "$bundle" "$BATS_TEST_TMPDIR/$name"
        tare create --bundle "$BATS_TEST_TMPDIR/$name" "id-$((++count))" </dev/null >/dev/null 2>&1
    done
    at_terminal -- "$TARE" --root "$state" list
    assert_success
    output=$(grep -v '^# ' <<<"$output") # what the terminal's helper says
    assert_equal "$(wc -l <<<"$output")" 5
    assert_equal "$(LC_ALL=C.UTF-8 wc -L <<<"$output" | awk '{ print $1 <= 80 }')" 1
    output=${output/OWNER/root}
    assert_equal "$(column_of root | sort -u | wc -l)" 1
    # Of a path the end is shown; ids are whole, and times without fractions.
    assert_regex "$output" $'\nid-1 +[0-9]+ +created +\xe2\x80\xa6[^ ]*/plain +[-0-9T:]+Z +root\n'
}

@test "list has colours on a terminal that knows them, unless NO_COLOR is set" {
    local green=$'\e[32mrunning\e[0m' environment
    start_container sleep 100
    at_terminal -- env TERM=xterm NO_COLOR= "$TARE" --root "$state" list
    assert_line --regexp "^$id +[0-9]+ +${green//[/\\[}  +"
    for environment in 'TERM=xterm NO_COLOR=1' 'TERM=dumb' '-u TERM'; do
        # shellcheck disable=SC2086 # words
        at_terminal -- env $environment "$TARE" --root "$state" list
        assert_line --regexp "^$id +[0-9]+ +running  +"
        refute_output --partial $'\e'
    done
    TERM=xterm NO_COLOR='' run_tare list
    refute_output --partial $'\e'
}

@test "list on a narrow terminal makes no column wider than it has to be" {
    cp -r "$bundle" "$BATS_TEST_TMPDIR/b"
    mv "$BATS_TEST_TMPDIR/b" /run/b
    tare create --bundle /run/b "$id-$(printf 'x%.0s' {1..60})" </dev/null >/dev/null 2>&1
    at_terminal -- "$TARE" --root "$state" list
    assert_line --regexp ' created +/run/b  [0-9]'
    rm -r /run/b
}

@test "list that nobody looks at is whole" {
    create_container
    run_tare list
    assert_line --regexp "^$id +[0-9]+ +created +$bundle +[-0-9T:]+\.[0-9]+Z +root\$"
}

@test "a terminal gets no control character of others' names, and programs get all" {
    config '.annotations = { "a\u009b2J": "b\u007f\u0085" }'
    create_container
    at_terminal -- "$TARE" --root "$state" state "$id"
    assert_success
    output=$(grep -v '^# ' <<<"$output")
    assert_equal "$(LC_ALL=C tr -d '[:print:]\n' <<<"$output" | wc -c)" 0
    assert_equal "$(jq -c .annotations <<<"$output")" "$(tare state "$id" | jq -c .annotations)"
    assert_equal "$(tare state "$id" | LC_ALL=C grep -c $'\xc2\x9b')" 1
}
