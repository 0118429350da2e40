#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Mounts are added to a container that runs, and fights back: it exchanges a directory on the way to
# the destination with a link to the host, or has one there from the beginning.

load ../helpers/tare
load attack

setup() {
    setup_bundle
    setup_canary
    mkdir -p "$rootfs/race/a" "$BATS_TEST_TMPDIR/given"
    echo given >"$BATS_TEST_TMPDIR/given/file"
    list=$BATS_TEST_TMPDIR/list.json
    name_a=$rootfs/race/a name_b=$rootfs/race/b
    tally=$BATS_TEST_TMPDIR/tally
    jq -n --arg given "$BATS_TEST_TMPDIR/given/file" '[
        { destination: "/first", type: "tmpfs", source: "tmpfs" },
        { destination: "/race/a/new", type: "tmpfs", source: "tmpfs" },
        { destination: "/race/a/file", source: $given, options: ["bind"] }]' >"$list"
}

# keep_going: it runs; what it has and the host has is noted.
keep_going() {
    start_container "$@"
    pid=$(tare state "$id" | jq .pid)
    read_mounts
    mounts_before=("${mounts[@]}")
    look_again
}

# Of the container's mounts: $mounts are their numbers, $places where they are, which change with
# names.
read_mounts() {
    local number place
    mounts=() places=()
    while read -r number _ _ _ place _; do
        mounts+=("$number") places+=("$place")
    done <"/proc/$pid/mountinfo"
}

# count_new: how many mounts the container has that it had not before, in $new.
count_new() {
    local number
    read_mounts
    new=0
    for number in "${mounts[@]}"; do
        [[ " ${mounts_before[*]} " == *" $number "* ]] || new=$((new + 1))
    done
}

# judge_change BEFORE AFTER: an add or a remove is over, which gave $status: all of the new mounts
# are there, or none, as before; the host is as it was.
judge_change() {
    count_new
    host_is_untouched || bad=$((bad + 1))
    [ "$new" = "$((status ? $1 : $2))" ] || bad=$((bad + 1))
}

# change VERB [COMMAND...]: behind COMMAND.
change() {
    status=0
    "${@:2}" "$TARE" --root "$state" mounts "$1" "$id" "$list" 2>"$BATS_TEST_TMPDIR/heard" ||
        status=$?
}

# met_link: the change was refused for the place, or was made where the link leads inside.
met_link() {
    local heard
    read_all heard "$BATS_TEST_TMPDIR/heard"
    [[ $heard == *'/race/a'* ]] || [[ " ${places[*]} " == *" $canary/"* ]]
}

# sum_up SITE STARTS: at least one has met the attack, or it is none.
sum_up() {
    count "$1" "$2" "$hits" "$bad"
    [ "$hits" -gt 0 ] || fail "the attack has never hit, and shows nothing"
}

forget_places() {
    rm -rf "$rootfs/race/a/"* "$rootfs$canary/new" "$rootfs$canary/file"
}

step_through() {
    local calls exchanges number each=$((starts / 2))
    keep_going sleep 1000
    change add "$swap" at 0 0 "$name_a" "$name_b" "$tally" --
    judge_change 0 3
    [ "$status" = 0 ] || fail "not attacked, it ends with $status"
    read -r calls _ <"$tally"
    [ "$calls" -gt 20 ] || fail "it has made $calls calls"
    tare delete --force "$id"
    for ((number = 0; number < each; number++)); do
        forget_places
        keep_going sleep 1000
        change add "$swap" at $((number * calls / each + 1)) $((number % 2)) \
            "$name_a" "$name_b" "$tally" --
        judge_change 0 3
        read -r _ exchanges <"$tally"
        [ "$exchanges" = 0 ] || hits=$((hits + 1))
        tare delete --force "$id"
    done
    sum_up 'mounts add, step by step' "$each"
}

@test "(T05) a directory on the way to a new mount is exchanged with a link, call by call" {
    local hits=0 bad=0
    ln -s "$canary" "$name_b"
    quickly step_through
    nothing_left
}

# again: the container that exchanges names, as new.
again() {
    tare delete --force "$id"
    forget_places
    rm -f "$rootfs/race/tally"
    begin
}

begin() {
    keep_going
    wait_until 20 [ -s "$rootfs/race/tally" ]
}

race() {
    local number=0 removed=0 missed=0
    begin
    while [ "$number" -lt "$starts" ] ||
        { [ "$hits" = 0 ] || [ "$missed" = 0 ]; } && [ "$number" -lt $((starts + 300)) ]; do
        number=$((number + 1))
        change add
        judge_change 0 3
        ! met_link || hits=$((hits + 1))
        [ "$status" = 0 ] || continue
        change remove
        judge_change 3 0
        removed=$((removed + 1))
        [ "$status" = 0 ] || {
            ! met_link || missed=$((missed + 1))
            again
        }
    done
    sum_up 'mounts add, against a container' "$number"
    hits=$missed sum_up 'mounts remove, against a container' "$removed"
}

@test "(T06) a container exchanges names while mounts are added to it, and removed" {
    local hits=0 bad=0
    ln -s "$canary" "$name_b"
    cp "$swap" "$rootfs/swap"
    config '.process.args = ["/swap", "loop", "/race/a", "/race/b", "/race/tally"]'
    quickly race
    tare delete --force "$id"
    nothing_left
}

@test "(T04) links on the way lead inside, or are refused where a file is mounted" {
    ln -sfn "$canary" "$rootfs/race/a/new"
    ln -sfn "../$up${canary#/}/secret" "$rootfs/race/a/file"
    keep_going sleep 1000
    run_tare mounts add "$id" "$list"
    assert_failure 1
    assert_stderr_has '/race/a/file: file is a symbolic link'
    count_new
    assert_equal "$new" 0
    jq '.[:2]' "$list" >"$list.links"
    tare mounts add "$id" "$list.links"
    host_is_untouched
    read_mounts
    [[ " ${places[*]} " == *" $canary "* ]]
    tare mounts remove "$id" "$list.links"
    count_new
    assert_equal "$new" 0
    host_is_untouched
    tare delete --force "$id"
    nothing_left
}
