#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# process.execCPUAffinity: of two CPUs that we may use, $first and $second.

load ../helpers/tare

setup() {
    local all
    all=$(taskset --cpu-list --pid $$ | sed 's/.*: //')
    read -r first second < <(list_numbers "$all" | paste -sd' ') || :
    [ -n "$second" ] || skip "needs two CPUs"
    setup_bundle
}

# list_numbers LIST: "0-2,5" as lines.
list_numbers() {
    local range
    for range in ${1//,/ }; do
        seq "${range%-*}" "${range#*-}"
    done | head -n 2
}

# affinity JSON: of exec in the container's own config.
affinity() {
    config ".process.execCPUAffinity = $1"
}

# cpus_of_exec OPTION...: those of a process that exec starts.
cpus_of_exec() {
    run_tare exec "$@"
    assert_success
    grep Cpus_allowed_list <<<"$output" | cut -f 2
}

remove_container() {
    tare delete --force "$id"
    nothing_left
}

@test "[P28] [P29] [P30] the runtime has the initial CPUs, the process the final ones, init neither" {
    local outside
    affinity "{ initial: \"$first\", final: \"$second\" }"
    start_container chain into /init cat /proc/self/status ';' sleep 100
    outside=$(grep Cpus_allowed_list /proc/self/status)
    wait_until 5 grep -q Cpus_allowed_list "$rootfs/init"
    assert_equal "$(grep Cpus_allowed_list "$rootfs/init")" "$outside"

    "$TARE" --root "$state" exec "$id" /witness chain into /inside cat /proc/self/status ';' sleep 100 &
    wait_until 5 grep -q Cpus_allowed_list "$rootfs/inside"
    assert_equal "$(grep Cpus_allowed_list "$rootfs/inside" | cut -f 2)" "$second"
    assert_equal "$(grep Cpus_allowed_list "/proc/$!/status" | cut -f 2)" "$first"
    remove_container
    wait $! || :
}

@test "[P29] the initial ones are set before the process is there, and so before the cgroup is entered" {
    command -v strace >/dev/null || skip "needs strace"
    local calls=$BATS_TEST_TMPDIR/calls
    affinity "{ initial: \"$first\" }"
    start_container sleep 100
    strace -f -q -o "$calls" -e trace=sched_setaffinity,clone3,clone "$TARE" --root "$state" exec \
        "$id" /witness say hello
    run awk '{ sub(/\(.*/, "", $2); print $2; if (/clone/) exit }' "$calls"
    assert_output $'sched_setaffinity\nclone3'
    remove_container
}

@test "[P31] without final ones they are what the kernel makes of the initial ones" {
    affinity "{ initial: \"$second\", final: \"\" }"
    start_container sleep 100
    assert_equal "$(cpus_of_exec "$id" /witness cat /proc/self/status)" "$second"
    remove_container
}

@test "[P31] without any they are the caller's" {
    start_container sleep 100
    tare() {
        taskset --cpu-list "$second" "$TARE" --root "$state" "$@"
    }
    assert_equal "$(cpus_of_exec "$id" /witness cat /proc/self/status)" "$second"
    remove_container
}

@test "[P28] [P30] [P32] a process document has its own; spaces may stand in lists" {
    affinity "{ initial: \"$first\", final: \"$first\" }"
    start_container sleep 100
    jq '.process | .args = ["/witness", "cat", "/proc/self/status"] |
        .execCPUAffinity = { final: $list }' --arg list " $second , $second - $second" \
        <"$bundle/config.json" >"$BATS_TEST_TMPDIR/process.json"
    assert_equal "$(cpus_of_exec --process "$BATS_TEST_TMPDIR/process.json" "$id")" "$second"
    remove_container
}

@test "[P32] what is no list is refused before anything is made" {
    local list
    for list in 3-1 a 1- '0,,1' '0 1'; do
        bad_config ".process.execCPUAffinity.initial = \"$list\"" \
            "process.execCPUAffinity.initial: \"$list\" is not a list of CPUs"
        bad_config ".process.execCPUAffinity.final = \"$list\"" \
            "process.execCPUAffinity.final: \"$list\" is not a list of CPUs"
    done
    assert_stderr_has 'hint: numbers up to 8191 and ranges, with commas between, as in "0-3,8"'
}

@test "[P29] [P30] CPUs that are not there are an error, also beside others" {
    affinity '{ initial: "8000-8191" }'
    start_container sleep 100
    run_tare exec "$id" /witness say hello
    assert_failure 255
    assert_output ''
    assert_stderr_has 'run on the initial CPUs: CPUs 8000-8191: invalid argument (EINVAL)'
    assert_stderr_has 'hint: a CPU has to be online, and in the cpuset of the cgroup'

    jq '.process | .execCPUAffinity = { final: $list }' --arg list "$first,8000" \
        <"$bundle/config.json" >"$BATS_TEST_TMPDIR/process.json"
    run_tare exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    assert_failure 255
    assert_output ''
    assert_stderr_has "run on the final CPUs: CPUs $first,8000: the kernel does not give CPU 8000"
    remove_container
}
