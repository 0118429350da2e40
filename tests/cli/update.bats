#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# The command, and what is said before anything is written.  What new limits do is tested where all
# controllers are of version 2 (tests/vm/update.bats); here stand for them those files that every
# cgroup has.

load ../helpers/tare

setup() {
    setup_bundle
    cgroup=$TARE_TEST_CGROUP/tare/$id
}

# updated JSON: the container, by a document on standard input.
updated() {
    tare update --resources - "$id" <<<"$1"
}

# refuses_update WORDS...: update with these words fails; its text is in $stderr.
refuses_update() {
    run_tare update "$@" "$id"
    assert_failure
    assert_output ''
}

depths() {
    echo "$(cat "$cgroup/cgroup.max.depth") $(cat "$cgroup/cgroup.max.descendants")"
}

@test "[E1.update.1] a document changes the limits of a created, a running and a paused container" {
    create_container sleep 100
    updated '{ "unified": { "cgroup.max.depth": "3" } }'
    assert_equal "$(depths)" '3 max'
    tare start "$id"
    updated '{ "unified": { "cgroup.max.descendants": "5" } }'
    assert_equal "$(depths)" '3 5'
    tare pause "$id"
    echo '{ "unified": { "cgroup.max.depth": "4" } }' >"$BATS_TEST_TMPDIR/new.json"
    run_tare update -r "$BATS_TEST_TMPDIR/new.json" "$id"
    assert_success
    assert_output ''
    assert_stderr ''
    assert_equal "$(depths)" '4 5'
    has_status "$id" paused
    tare delete --force "$id"
    nothing_left
}

@test "[E1.update.1] what asks for nothing changes nothing, and needs no controller" {
    create_container
    tare update "$id" --resources=- <<<'{ "memory": {}, "cpu": { "shares": 0, "cpus": "" },
        "blockIO": { "weight": 0 }, "pids": { "limit": 0 }, "unknown": 1 }'
    tare update --memory 0 --memory-swap -1 --cpu-quota -1 --pids-limit -1 --kernel-memory -1 \
        --cpu-rt-period 0 "$id"
    assert_equal "$(cat "$cgroup/cgroup.subtree_control")" ''
    tare delete --force "$id"
    nothing_left
}

@test "an option that asks for what will not be, or not so, is warned of" {
    local options warning
    create_container
    while IFS='|' read -r options warning; do
        # shellcheck disable=SC2086 # several words
        run_tare --log-level warn update $options "$id"
        assert_success
        assert_stderr "${warning:+tare: warning: $warning}"
    done <<'END'
--pids-limit 0|--pids-limit 0 changes nothing: 0 means unset
--memory 0|--memory 0 changes nothing: 0 means unset
--memory 0.0001K|--memory 0.0001K changes nothing: 0 means unset
--memory-swap 0|--memory-swap 0 changes nothing: 0 means unset
--memory-reservation 0M|--memory-reservation 0M changes nothing: 0 means unset
--cpu-share 00|--cpu-share 00 changes nothing: 0 means unset
--cpu-quota 0|--cpu-quota 0 changes nothing: 0 means unset
--cpu-period 0|--cpu-period 0 changes nothing: 0 means unset
--blkio-weight 0|--blkio-weight 0 changes nothing: 0 means unset
--pids-limit -1|
--memory -1 --memory-swap -1 --kernel-memory -1|
--cpu-burst 0|
END
    run_tare --log-level warn update --resources - "$id" <<<'{ "pids": { "limit": 0 } }'
    assert_stderr ''
    tare delete --force "$id"
    nothing_left
}

@test "what a later write fails at is taken back, all of it" {
    create_container
    updated '{ "unified": { "cgroup.max.depth": "3" } }'
    run_tare update --resources - "$id" <<<'{
  "unified": { "cgroup.max.depth": "7",
    "cgroup.max.descendants": "9",
    "cgroup.nosuch": "1" } }'
    assert_failure 1
    assert_output ''
    assert_stderr "tare: update '$id': standard input:4:22: linux.resources.unified.cgroup.nosuch: \
write '1' to cgroup.nosuch: not found (ENOENT)
hint: this kernel's cgroups have no such file"
    assert_equal "$(depths)" '3 max'
    tare delete --force "$id"
    nothing_left
}

@test "a controller that version 2 has not is named by option and field, and nothing changes" {
    [ -z "$(cat "$TARE_TEST_CGROUP/cgroup.controllers")" ] || skip "there are controllers here"
    create_container
    refuses_update --memory 64M --pids-limit 10
    assert_stderr_has "tare: update '$id': --memory: linux.resources.memory.limit: "
    assert_stderr_has 'the controller memory '
    refuses_update --cpuset-cpus 0
    assert_stderr_has "tare: update '$id': --cpuset-cpus: linux.resources.cpu.cpus: "
    run_tare update --resources - "$id" \
        <<<'{ "unified": { "cgroup.max.depth": "3", "memory.high": "1M" } }'
    assert_failure 1
    assert_stderr_has 'standard input:1:56: linux.resources.unified.memory.high: '
    assert_equal "$(depths)" 'max max'
    tare delete --force "$id"
    nothing_left
}

@test "[E1.update.3] what is wrong with a limit is said by option and field, and nothing changes" {
    local options reason
    create_container
    while IFS='|' read -r options reason; do
        # shellcheck disable=SC2086 # several words
        refuses_update $options
        assert_stderr_has "tare: update '$id': $reason"
    done <<'END'
--memory 1M --memory-swap 1K|--memory-swap: linux.resources.memory.swap: 1024 is below
--memory=-2|--memory: linux.resources.memory.limit: -2 is not a number of bytes
--memory-reservation=-2|--memory-reservation: linux.resources.memory.reservation: -2 is not
--kernel-memory 1|--kernel-memory: linux.resources.memory.kernel: cgroup v2 has no limit on
--kernel-memory-tcp 1|--kernel-memory-tcp: linux.resources.memory.kernelTCP: cgroup v2 has no
--cpu-quota 999|--cpu-quota: linux.resources.cpu.quota: 999 us are below the kernel's least
--cpu-period 999|--cpu-period: linux.resources.cpu.period: 999 us are not between
--cpu-quota 1000 --cpu-burst 1001|--cpu-burst: linux.resources.cpu.burst: 1001 is above
--cpu-rt-period 1|--cpu-rt-period: linux.resources.cpu.realtimePeriod: cgroup v2 has no budget
--cpu-rt-runtime 1|--cpu-rt-runtime: linux.resources.cpu.realtimeRuntime: cgroup v2 has no
--cpu-idle 2|--cpu-idle: linux.resources.cpu.idle: 2 is neither 0 nor 1
--cpuset-cpus 1-|--cpuset-cpus: linux.resources.cpu.cpus: '1-' is not a list of numbers
--cpuset-mems a|--cpuset-mems: linux.resources.cpu.mems: 'a' is not a list of numbers
--blkio-weight 9|--blkio-weight: linux.resources.blockIO.weight: 9 is not between 10 and 1000
--pids-limit=-2|--pids-limit: linux.resources.pids.limit: -2 is not a number of processes
--l3-cache-schema L3|--l3-cache-schema: linux.intelRdt.l3CacheSchema: 'L3' is not a line of
--mem-bw-schema L3:0=1|--mem-bw-schema: linux.intelRdt.memBwSchema: 'L3:0=1' does not begin
END
    tare delete --force "$id"
    nothing_left
}

@test "words that are no numbers, and options that do not go together, are errors of usage" {
    local options reason
    while IFS='|' read -r options reason; do
        # shellcheck disable=SC2086 # several words
        refuses_update $options
        [ "$status" = 64 ] || fail "$options: $status"
        assert_stderr_has "$reason"
    done <<'END'
--memory x|--memory 'x' is not a number of bytes
--memory 1.5.5G|--memory '1.5.5G' is not a number of bytes
--memory 9E|--memory '9E' is not a number of bytes
--memory-swap max|--memory-swap 'max' is not a number of bytes
--cpu-quota 1M|--cpu-quota '1M' is not a whole number, or out of range
--cpu-share=-1|--cpu-share '-1' is not a whole number, or out of range
--blkio-weight 65536|--blkio-weight '65536' is not a whole number, or out of range
--cpuset-cpus=|--cpuset-cpus must not be empty
--resources=|--resources must not be empty
-r x --memory 1|--resources and --memory exclude each other
--no-such 1|--no-such
|there is nothing to update
END
    run_tare update --memory 1M
    assert_failure 64
    assert_stderr_has '<id> is missing'
}

@test "sizes may have a unit, and are read before the container is looked for" {
    local size
    for size in 1048576 1024K 1M 1m 1MB 1mb 1048576b 1.5G .5MiB '1.5 GB' -1; do
        run_tare update --memory "$size" nobody
        assert_failure 1
        assert_stderr "tare: update 'nobody': container \"nobody\" does not exist"
    done
}

@test "a document that is none is refused with line and column" {
    create_container
    run_tare update --resources - "$id" <<<$'{\n  "memory": { "limit": "x" } }'
    assert_failure 1
    assert_stderr_has "tare: update '$id': standard input:2:24: memory.limit: "
    run_tare update --resources - "$id" <<<$'{\n  "memory": { "swap": 5 } }'
    assert_failure 1
    assert_stderr_has "standard input:2:23: linux.resources.memory.swap: needs \
linux.resources.memory.limit"
    run_tare update --resources - "$id" </dev/null
    assert_failure 1
    assert_stderr_has 'standard input:1:'
    run_tare update --resources "$BATS_TEST_TMPDIR/none.json" "$id"
    assert_failure 1
    assert_stderr_has "open $BATS_TEST_TMPDIR/none.json: not found (ENOENT)"
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    run_tare update --resources "$BATS_TEST_TMPDIR/fifo" "$id"
    assert_failure 1
    assert_stderr_has 'is not a regular file'
    tare delete --force "$id"
    nothing_left
}

@test "a container that is stopped, unknown or without a cgroup has no limits to change" {
    start_container exit 0
    wait_until 5 has_status "$id" stopped
    refuses_update --memory 1M
    assert_stderr "tare: update '$id': container not running"
    tare delete "$id"
    refuses_update --memory 1M
    assert_stderr "tare: update '$id': container \"$id\" does not exist"

    witness_runs sleep 100
    tare --cgroup-manager disabled create --bundle "$bundle" "$id" </dev/null >/dev/null
    refuses_update --memory 1M
    assert_stderr "tare: update '$id': the container has no cgroup of its own
hint: what is limited is a cgroup: create the container with one"
    updated '{ "memory": {}, "cpu": { "shares": 0 } }'
    tare delete --force "$id"
    nothing_left
}

@test "[OP17] a cgroup that was there is as before, whatever update has changed" {
    cgroup=$TARE_TEST_CGROUP/kept-$id
    mkdir "$cgroup"
    echo 9 >"$cgroup/cgroup.max.depth"
    echo 99 >"$cgroup/cgroup.max.descendants"
    config --arg path "/kept-$id" '.linux.cgroupsPath = $path
        | .linux.resources.unified = { "cgroup.max.depth": "3" }'
    create_container
    updated '{ "unified": { "cgroup.max.depth": "4", "cgroup.max.descendants": "44" } }'
    updated '{ "unified": { "cgroup.max.depth": "5" } }'
    assert_equal "$(depths)" '5 44'
    tare delete --force "$id"
    assert_equal "$(depths)" '9 99'
    rmdir "$cgroup"
    nothing_left
}

# opens MODE: what a process of the container hears of the device 240:1, which has no driver.
opens() {
    tare exec "$id" /witness open /etc/x "$1"
}

@test "[D9] device rules of a document take the place of those there were, for all its processes" {
    mknod "$rootfs/etc/x" c 240 1
    config '.linux.resources.devices = [{ "allow": false, "access": "rwm" }]
        | .linux.devices = [{ type: "c", path: "/dev/y", major: 240, minor: 2 }]'
    start_container sleep 100
    assert_equal "$(opens r)" EPERM
    updated '{ "devices": [{ "allow": false, "access": "rwm" },
        { "allow": true, "type": "c", "major": 240, "minor": 1, "access": "r" }] }'
    assert_equal "$(opens r)" ENXIO
    assert_equal "$(opens w)" EPERM
    assert_equal "$(tare exec "$id" /witness open /dev/y rw)" ENXIO # as at create
    updated '{ "unified": { "cgroup.max.depth": "3" } }'
    assert_equal "$(opens r)" ENXIO
    updated '{ "devices": [{ "allow": false, "access": "rwm" }] }'
    assert_equal "$(opens r)" EPERM
    run_tare update --resources - "$id" <<<'{ "devices": [{ "allow": true, "access": "x" }] }'
    assert_failure 1
    assert_stderr_has "standard input:1:42: linux.resources.devices[0].access: 'x' has a letter"
    tare delete --force "$id"
    rm "$rootfs/etc/x"
    nothing_left
}
