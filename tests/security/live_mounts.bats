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

# of_container FIELD: of its mounts; 1 is their numbers, 5 their places, which change with names.
of_container() {
    awk -v field="$1" '{ print $field }' "/proc/$(tare state "$id" | jq .pid)/mountinfo"
}

# count_new: how many mounts the container has that it had not before.
count_new() {
    comm -13 <(sort <<<"$mounts_before") <(of_container 1 | sort) | wc -l
}

# judge_add: an add is over, which gave $status: all is there, or nothing; the host is as it was.
judge_add() {
    local new
    new=$(count_new)
    host_is_untouched || bad=$((bad + 1))
    if [ "$status" = 0 ]; then
        [ "$new" = 3 ] || bad=$((bad + 1))
    else
        hits=$((hits + 1))
        [ "$new" = 0 ] || bad=$((bad + 1))
    fi
}

@test "(T05) a directory on the way to a new mount is exchanged with a link, call by call" {
    local calls number exchanges each=$((starts / 2)) hits=0 bad=0
    ln -s "$canary" "$name_b"
    start_container sleep 1000
    mounts_before=$(of_container 1)
    "$swap" at 0 0 "$name_a" "$name_b" "$tally" -- \
        "$TARE" --root "$state" mounts add "$id" "$list"
    read -r calls _ <"$tally"
    [ "$calls" -gt 20 ]
    tare delete --force "$id"
    for ((number = 0; number < each; number++)); do
        start_container sleep 1000
        mounts_before=$(of_container 1)
        look_again
        status=0
        "$swap" at $((number * calls / each + 1)) $((number % 2)) "$name_a" "$name_b" "$tally" -- \
            "$TARE" --root "$state" mounts add "$id" "$list" 2>/dev/null || status=$?
        read -r _ exchanges <"$tally"
        judge_add
        hits=$((hits + exchanges))
        tare delete --force "$id"
        rm -rf "$rootfs/race/a/"* "$rootfs$canary/new" "$rootfs$canary/file"
    done
    count 'mounts add, step by step' "$each" "$hits" "$bad"
    [ "$hits" -gt 0 ]
    nothing_left
}

@test "(T06) a container exchanges names while mounts are added to it" {
    local number hits=0 bad=0
    ln -s "$canary" "$name_b"
    cp "$swap" "$rootfs/swap"
    config '.process.args = ["/swap", "loop", "/race/a", "/race/b", "/race/tally"]'
    start_container
    wait_until 20 [ -s "$rootfs/race/tally" ]
    for ((number = 0; number < starts; number++)); do
        mounts_before=$(of_container 1)
        look_again
        status=0
        tare mounts add "$id" "$list" 2>/dev/null || status=$?
        judge_add
    done
    count 'mounts add, against a container' "$starts" "$hits" "$bad"
    tare delete --force "$id"
    nothing_left
}

@test "(T04) links on the way lead inside, or are refused where a file is mounted" {
    ln -sfn "$canary" "$rootfs/race/a/new"
    ln -sfn "../$up${canary#/}/secret" "$rootfs/race/a/file"
    start_container sleep 1000
    mounts_before=$(of_container 1)
    look_again
    run_tare mounts add "$id" "$list"
    assert_failure 1
    assert_stderr_has '/race/a/file: file is a symbolic link'
    assert_equal "$(count_new)" 0
    jq '.[:2]' "$list" >"$list.links"
    tare mounts add "$id" "$list.links"
    host_is_untouched
    of_container 5 | grep -qx "$canary"
    tare mounts remove "$id" "$list.links"
    assert_equal "$(count_new)" 0
    host_is_untouched
    tare delete --force "$id"
    nothing_left
}
