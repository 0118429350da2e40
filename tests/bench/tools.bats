#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of tare.bash
#
# What measures works, and says so when it does not.

load ../helpers/tare

here=${BATS_TEST_FILENAME%/*}
interleave=$build/tests/bench/interleave

setup() {
    [ -z "${TARE_REFUSED:-}" ] || skip "what measures is for kernels that lack nothing"
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    :
}

# Nobody but the container's init is in these.
setup_work() {
    need_root
    work=$(mktemp -d /run/tools-XXXXXX)
    chmod 755 "$work"
}

@test "interleave: the commands take turns, each round has its number" {
    run "$interleave" 2 :: first sh -c 'echo first % >>log' :: - sh -c 'echo between >>log; exit 1' \
        :: second sh -c 'echo second %% >>log'
    assert_success
    assert_equal "${#lines[@]}" 3
    assert_regex "${lines[1]}" '^first +[0-9]+ +1.00( +[0-9]+){4}$'
    assert_regex "${lines[2]}" '^second +[0-9]+ +[0-9.]+( +[0-9]+){4}$'
    assert_equal "$(grep -c between log)" 5
    assert_equal "$(tail -n 6 log | grep -v between)" "first 0
second 00
first 1
second 11"
}

@test "interleave: a command that fails ends it" {
    run "$interleave" 2 :: good true :: bad sh -c 'exit 3' :: late touch late
    assert_failure 1
    assert_output 'interleave: bad: has failed'
    assert_file_not_exists late
    run "$interleave" 2 :: gone ./gone
    assert_failure 1
    assert_output 'interleave: ./gone: No such file or directory'
}

@test "steps: one instruction more is one more" {
    need_root
    local payload=$build/tests/bench/payload steps=$build/tests/bench/steps
    "$steps" first "$payload" true
    "$steps" again "$payload" true
    "$steps" none "$payload"
    assert_equal "$(<again)" "$(<first)"
    [ "$(<first)" -gt "$(<none)" ]
    run "$steps" file ./gone
    assert_failure 1
}

@test "the floor makes each kind of container, and leaves nothing" {
    setup_work
    snapshot_before=$(snapshot)
    local kind filter=
    for kind in minimal rootful podman; do
        "$here/bundle" "$kind" "$work/$kind"
        if [ "$kind" != minimal ]; then
            [ -x "$build/tests/bench/filter" ] || continue
            filter=$work/filter
            jq -rf "$here/filter_rules.jq" "$work/$kind/true/config.json" |
                "$build/tests/bench/filter" tree "$filter"
        fi
        "$build/tests/bench/floor" "$kind" "$work/$kind" "$TARE_TEST_CGROUP/floor" "$filter"
    done
    nothing_left
    run "$build/tests/bench/floor" minimal "$work/gone" "$TARE_TEST_CGROUP/floor"
    assert_failure 1
    assert_output --partial "$work/gone/rootfs: errno 2"
}

# The program compares them itself, and fails where they differ.
@test "the filter that searches says what libseccomp's says, for each engine's profile" {
    [ -x "$build/tests/bench/filter" ] || skip "built without libseccomp"
    local engine
    for engine in podman-plain docker-plain containerd-seccomp; do
        jq -rf "$here/filter_rules.jq" "$here/../engines/data/$engine.json" >rules
        "$build/tests/bench/filter" tree tree <rules
        "$build/tests/bench/filter" linear linear <rules
        [ "$(stat -c %s tree)" -gt 1000 ]
        ! cmp -s tree linear
    done
    run "$build/tests/bench/filter" tree tree <<<'default SCMP_ACT_TRAP 1'
    assert_failure 1
    assert_output 'filter: SCMP_ACT_TRAP: an action that is not known here'
}

@test "bench: all tables, of tare and another runtime; who cannot is named" {
    need_root
    ln -s "$TARE" peer
    TARE_BENCH_PEERS="$PWD/peer $(type -P false) $PWD/gone" run "$here/bench" --rounds 1 \
        --bundles minimal --idle '0 2'
    assert_success
    assert_line "left out: $PWD/gone: is no program"
    assert_line "left out: false: has failed without a word"
    assert_line --regexp '^floor +[0-9]+ +1.00( +[0-9]+){4} +[0-9-]+$'
    assert_line --regexp '^tare +[0-9]+ +[0-9.]+( +[0-9]+){4} +[0-9-]+$'
    assert_line --regexp '^peer +[0-9]+ +[0-9]+ +([0-9]+|-)( +[0-9]+){3}$'
    assert_line --regexp '^tare/best peer +[0-9.]+ +[0-9.]+ +([0-9.]+|-)( +[0-9.]+){3}$'
    assert_line --regexp '^peer +[0-9]+ +[0-9]+$'
    assert_line --regexp '^2 +list +[0-9]+ +[0-9.]+$'
}
