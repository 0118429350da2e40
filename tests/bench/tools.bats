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

@test "both: one command or two at once; one that fails is seen" {
    local both=$build/tests/bench/both
    "$both" sh -c 'echo one >one'
    assert_equal "$(<one)" one
    mkfifo meeting # neither ends without the other
    timeout 20 "$both" sh -c 'echo met >meeting' ++ sh -c 'cat meeting >two'
    assert_equal "$(<two)" met
    run "$both" false ++ true
    assert_failure 1
    run "$both" true ++ false
    assert_failure 1
    run "$both" true ++ ./gone
    assert_failure 1
    assert_output 'both: ./gone: No such file or directory'
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

# What bench might have printed, with round numbers.
print_result() {
    cat <<'RESULT'
== run, minimal
                        p10_us x_first median_us    cpu_us   faults  rss_KiB    calls
floor                     2000    1.00      2270      1974       10        0      125
tare                      2500    1.25      3628      3351       73      908      281
crun                      6000    3.00      6886      6639      318     3432      737
runc                     25000   12.50     29967     30288     1600    12284     2789

== run, podman
                        p10_us x_first median_us    cpu_us   faults  rss_KiB    calls
floor                     3000    1.00      3630      3355       12        0      149
floor-tree                2000    0.67      2444      2103       11        0      149
tare                      3300    1.10      4715      4274      117      908      553

== life, minimal
p10_us                 create    start     exec    state     kill   delete
tare                     2000     1000     2000      819      725        -
crun                     5000     2000     4000     2399     2087        -
tare/best peer           0.40     0.50     0.50     0.34     0.35        -

== life, podman
p10_us                 create    start     exec    state     kill   delete
tare/best peer           0.39     0.30     0.60     0.34     0.35        -

== launchers, minimal
                        one_us    two_us     ratio
floor                     2000     2500      1.60
tare                      3000     3750      1.56

== idle, minimal
idle                      p10_us   x_first
0         floor             2000      1.00
0         tare              3000      1.00
0         list               800      1.00
1000      floor             2400      1.20
1000      tare              3780      1.26
1000      list             90000    112.50
RESULT
}

@test "targets: each is met, missed or not measured, by the tables" {
    print_result >result
    run awk -f "$here/targets.awk" result
    assert_success
    assert_line --regexp '^run minimal, to the floor +1\.25 <= 1\.30 +met$'
    assert_line --regexp '^run podman, to the floor +1\.10 <= 1\.00 +MISSED$'
    assert_line --regexp '^run podman, to the floor with the better filter +1\.65 <= 1\.30 +MISSED$'
    assert_line --regexp '^run minimal, system calls +281 <= 300 +met$'
    assert_line --regexp '^create, .* 0\.40 <= 0\.40 +met$'
    assert_line --regexp '^start, .* 0\.50 <= 0\.40 +MISSED$'
    assert_line --regexp '^exec, .* 0\.60 <= 0\.40 +MISSED$'
    assert_line --regexp '^delete, .* <= 0\.40 +not measured$'
    assert_line --regexp '^waiting init, RSS in KiB +<= 300 +not measured$'
    assert_line --regexp '^run beside 1000 containers, growth +1\.26 <= 1\.25 +MISSED$'
    assert_line --regexp '^list of 1000 containers, us +90000 <= 100000 +met$'
    assert_line --regexp '^two launchers, .* 0\.9[78] >= 0\.95 +met$'
}

@test "plot: a bar for each program, with its ratio, and no longer than the picture" {
    print_result >result
    awk -f "$here/plot.awk" result >result.svg
    python3 -c 'import sys, xml.dom.minidom as dom; dom.parse(sys.argv[1])' result.svg
    assert_equal "$(grep -c '<rect' result.svg)" 6
    assert_equal "$(grep -c 'class="tare"/>' result.svg)" 2
    assert_equal "$(grep -c 'class="cut"' result.svg)" 1
    run cat result.svg
    assert_line --partial '>bundle podman<'
    assert_line --partial '>2.0 ms<'
    assert_line --partial '>2.5 ms, 1.25 x the floor<'
    assert_line --partial '>25.0 ms, 12.50 x the floor<'
    refute_line --partial 'floor-tree'
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
    assert_line --regexp '^its init program +[0-9]+$'
    assert_line --regexp '^peer( +[0-9]+){2} +[0-9]+\.[0-9]+$'
    assert_line --regexp '^init: mount +[0-9]+$'
    assert_line --regexp '^run minimal, to the floor +[0-9.]+ <= 1\.30 +(met|MISSED)$'
    assert_line --regexp '^the program, bytes +[0-9]+ <= 1572864 +(met|MISSED)$'
}
