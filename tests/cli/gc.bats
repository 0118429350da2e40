#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# collects [ID...]: gc removes those, and says so.
collects() {
    run_tare gc
    assert_success
    assert_stderr ''
    assert_output "$(printf '%s\n' "$@")"
}

@test "gc removes the cgroup of a check that was killed, and nobody else's" {
    local place held
    place=/sys/fs/cgroup$(tare check --json | jq -r '.checks[] | select(.name == "cgroup2").found' |
        sed 's/.*containers. are \(.*\)\/ID$/\1/')
    mkdir -p "$place/check:4194303" "$place/check:$$" "$place/check:x" "$place/check-4194303"
    mkdir -p "$TARE_TEST_CGROUP/other/deep/check:4194303" # of a bundle with linux.cgroupsPath
    mkdir "$place/check:4194302" # of one whom this pid namespace does not know
    exec {held}<"$place/check:4194302"
    flock --shared "$held"
    collects
    assert_equal "$(find "$TARE_TEST_CGROUP/other" -type d | wc -l)" 2
    [ -d "$place/check:4194302" ]
    exec {held}<&-
    collects
    rmdir "$TARE_TEST_CGROUP"/other{/deep,}
    run ls -d "$place"/check[:-]*
    assert_output "$(printf '%s\n' "$place"/check-4194303 "$place/check:$$" "$place/check:x" | sort)"
    rmdir "${lines[@]}" "$place"
}

@test "a check holds its cgroup, so that gc leaves it alone" {
    command -v strace >/dev/null || skip "needs strace"
    strace -f -qq -o "$BATS_TEST_TMPDIR/calls" -e trace=flock "$TARE" check >/dev/null
    grep -q 'flock([0-9]*, LOCK_SH)' "$BATS_TEST_TMPDIR/calls"
}

@test "gc removes what a create and a run have left that were killed at some point, once" {
    local command moment
    for command in create run; do
        for moment in 0.001 0.002 0.003 0.004 0.006 0.008 0.01 0.02; do
            config '.process.args = ["/witness", "sleep", "100"]'
            kill_at "$moment" "$command" --bundle "$bundle" "$id"
            # A whole one stays: it was quicker, and is nobody's leftover.
            run_tare gc
            assert_success
            assert_stderr ''
            if [ -e "$state/$id" ]; then
                assert_output ''
                run_tare delete --force "$id"
                assert_success
            elif [ "$output" ]; then
                assert_output "$id"
            fi
            nothing_left
            collects
        done
    done
}

@test "gc removes what a create and a run have left that were killed in a hook, once" {
    local command runner
    config --arg witness "$witness" '.hooks.prestart = [{ path: $witness,
        args: ["witness", "sleep", "1001"] }]'
    for command in create run; do
        "$TARE" --root "$state" "$command" --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&- &
        runner=$!
        wait_until 20 pgrep -fx 'witness sleep 1001' >/dev/null
        kill -KILL "$runner"
        wait "$runner" && fail "$command has not been killed"
        collects "$id"
        nothing_left
        collects
    done
}

@test "gc: an init that still waits goes with what was made for it" {
    create_container sleep 100
    mv "$state/$id/start" "$state/$id/start.new"
    collects "$id"
    nothing_left
}

@test "gc leaves alone what is whole, and what somebody is at work on" {
    local status held
    create_container sleep 100
    collects
    has_status "$id" created
    tare start "$id"
    collects
    has_status "$id" running
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    collects
    has_status "$id" stopped

    # As while somebody makes it.
    mv "$state/$id/state.json" "$state/$id/gone"
    exec {held}<"$state/$id"
    flock "$held"
    collects
    [ -e "$state/$id" ]
    exec {held}<&-
    mv "$state/$id/gone" "$state/$id/state.json"
    run_tare gc --stopped
    assert_success
    assert_output "$id"
    nothing_left
}

# Its children, which die of its death a moment later, hold its lock with it.
@test "gc waits for what a command that was killed leaves behind, which is about to end" {
    local held
    create_container sleep 100
    mv "$state/$id/start" "$state/$id/start.new"
    exec {held}<"$state/$id"
    flock "$held"
    sleep 0.3 3>&- &
    exec {held}<&-
    collects "$id"
    nothing_left
}

@test "gc removes the rest of one whose record cannot be read, and goes on behind what it cannot remove" {
    local path
    create_container sleep 100
    echo '{' >"$state/$id/state.json"
    run_tare gc
    assert_success
    assert_output "$id"
    nothing_left

    create_container sleep 100
    path=$TARE_TEST_CGROUP$(jq -r .cgroupPath "$state/$id/state.json")
    mv "$state/$id/start" "$state/$id/start.new"
    mkdir "$state/0"
    chown 1:1 "$state/0"
    run_tare gc
    assert_failure 1
    assert_output "$id"
    assert_stderr_has "tare: gc: '0': "
    [ ! -e "$path" ]
    rmdir "$state/0"
    nothing_left
}

@test "gc without a state directory has nothing to do" {
    collects
    [ ! -e "$state" ]
}

# While ID's directory is made, and not yet locked: gc takes it for the leftover of a killed one.
create_and_lose_directory() {
    command -v strace >/dev/null || skip "needs strace"
    # Or that were the first to be made.
    [ -d "$state" ] || mkdir -m 700 "$state"
    strace -D -qq -o "$BATS_TEST_TMPDIR/calls" -e trace=mkdirat \
        -e inject=mkdirat:signal=STOP:when=1 "$TARE" --root "$state" create \
        --bundle "$bundle" "$id" </dev/null >"$BATS_TEST_TMPDIR/late" 2>&1 3>&- &
    creator=$!
    wait_until 20 [ -d "$state/$id" ]
    collects "$id"
}

# creator_fails_with TEXT
creator_fails_with() {
    kill -CONT "$creator"
    wait "$creator" && fail "the creator has not failed"
    run cat "$BATS_TEST_TMPDIR/late"
    assert_output --partial "$1"
}

@test "whose new directory gc has removed leaves alone who got the id since [ST2]" {
    local creator before
    create_and_lose_directory
    create_container sleep 100
    before=$(cd "$state/$id" && stat -c '%n %i %z' config.json state.json)
    creator_fails_with "container \"$id\" already exists"
    assert_equal "$(cd "$state/$id" && stat -c '%n %i %z' config.json state.json)" "$before"
    has_status "$id" created
    tare delete --force "$id"
    nothing_left
}

@test "what has no record yet is said to be just made, or a leftover" {
    [ -d "$state" ] || mkdir -m 700 "$state"
    mkdir -m 700 "$state/$id"
    run_tare state "$id"
    assert_failure 1
    assert_stderr_has "it is just being made or removed"
    collects "$id"
    nothing_left
}
