#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[OP1] [LC1] [LC6] [LC8] [LC10] [LC11] [LC12] [OP19] a life: created, running, stopped, gone" {
    create_container trap 15
    has_status "$id" created
    tare start "$id"
    has_status "$id" running
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/output"
    tare kill "$id"
    wait_until 5 has_status "$id" stopped
    tare delete "$id"
    run_tare state "$id"
    assert_failure 1
    nothing_left
}

@test "[LC2] what create applied does not change with the bundle" {
    create_container chain hostname ';' cat /etc/file
    config '.hostname = "other"'
    echo later >"$rootfs/etc/file"
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(cat "$BATS_TEST_TMPDIR/output")" $'hostname=container\nlater'
}

@test "[OP8] [ER2] whatever fails, nothing is left" {
    local row expected_status
    echo text >"$rootfs/etc/file"
    while IFS='|' read -r expected_status row; do
        config "$row"
        run_tare create --bundle "$bundle" "$id" </dev/null
        assert_failure "$expected_status"
        assert_output ''
        [ -n "$stderr" ] || fail "no message: $row"
        print_config >"$bundle/config.json"
        nothing_left
    done <<'ROWS'
1|.root.path = "nowhere"
1|.mounts += [{ destination: "/a", source: "nowhere", options: ["bind"] }]
1|.mounts += [{ destination: "/a", type: "nosuchfs" }]
1|.mounts += [{ destination: "/etc/file", type: "tmpfs" }]
1|.mounts += [{ destination: "/etc/file/x", type: "tmpfs" }]
1|.mounts += [{ destination: "/a", type: "tmpfs", options: ["size=lots"] }]
1|.linux.devices = [{ type: "c", path: "/etc/file", major: 1, minor: 3 }]
1|.linux.sysctl = { "kernel.msgmax": "x" }
1|.linux.cgroupsPath = "/tests"
1|.process.cwd = "/etc/file"
127|.process.args = ["nowhere"]
126|.process.args = ["/etc/file"]
1|.linux.cgroupsPath = "/x\u0001"
1|.process.rlimits = [{ type: "RLIMIT_NICE", soft: 1, hard: 0 }]
ROWS
}

@test "[E0.6.2] [ER2] a create that fails leaves no process with its pipes" {
    config '.process.args = ["/missing"]'
    # cat ends when nobody holds the pipe any more.
    run timeout 60 bash -c '"$@" 2>&1 | cat' _ \
        "$TARE" --root "$state" create --bundle "$bundle" "$id"
    assert_success
    assert_output --partial /missing
}

@test "[OP6] [OP18] an id is free after a create that failed" {
    config '.process.args = ["/missing"]'
    expected_status=127 run_container
    assert_failure 127
    config '.process.args = ["/witness", "say", "hello"]'
    run_container
    assert_success
}

@test "[OP19] two state directories know nothing of each other" {
    local other=$BATS_TEST_TMPDIR/other
    config --arg path "/other-$id" '.linux.cgroupsPath = $path'
    create_container
    config 'del(.linux.cgroupsPath)'
    "$TARE" --root "$other" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    "$TARE" --root "$other" delete --force "$id"
    has_status "$id" created
    tare delete --force "$id"
    rmdir "$other"
    nothing_left
}

@test "several containers of one bundle run side by side" {
    local number pids=()
    for number in 1 2 3 4 5 6; do
        "$TARE" --root "$state" run --bundle "$bundle" "$id-$number" </dev/null \
            >"$BATS_TEST_TMPDIR/out$number" 3>&- &
        pids+=($!)
    done
    for number in "${pids[@]}"; do
        wait "$number"
    done
    assert_equal "$(cat "$BATS_TEST_TMPDIR"/out? | sort | uniq -c | xargs)" '6 hello'
    nothing_left
}

@test "commands on one container at once do not break it" {
    create_container sleep 100
    local number pids=() started=0
    for number in 1 2 3 4; do
        "$TARE" --root "$state" start "$id" >/dev/null 2>&1 3>&- &
        pids+=($!)
    done
    for number in "${pids[@]}"; do
        if wait "$number"; then started=$((started + 1)); fi
    done
    assert_equal "$started" 1
    has_status "$id" running
    pids=()
    for number in 1 2 3 4; do
        "$TARE" --root "$state" delete --force "$id" 3>&- &
        pids+=($!)
    done
    for number in "${pids[@]}"; do
        wait "$number"
    done
    nothing_left
}

@test "[ER2] [ST3] (T62) a create that is killed at some point can be deleted with --force" {
    ! is_other_runtime || skip "what another runtime leaves is not judged"
    local moment
    for moment in 0.001 0.002 0.003 0.004 0.006 0.008 0.01 0.02; do
        kill_at "$moment" create --bundle "$bundle" "$id"
        run_tare delete --force "$id"
        assert_success
        nothing_left
    done
}

@test "[ER2] (T62) after an exec, a start or a delete that is killed at some point, delete removes all" {
    ! is_other_runtime || skip "what another runtime leaves is not judged"
    local moment
    for moment in 0.001 0.002 0.003 0.004 0.006 0.008 0.01 0.02; do
        create_container sleep 100
        kill_at "$moment" start "$id"
        kill_at "$moment" exec "$id" /witness sleep 100
        kill_at "$moment" delete --force "$id"
        run_tare delete --force "$id"
        assert_success
        nothing_left
    done
}

@test "[ER2] [LC12] without a cgroup, nothing is left either" {
    run_tare --cgroup-manager disabled create --pid-file /nowhere/pid --bundle "$bundle" "$id"
    assert_failure 1
    nothing_left
    tare --cgroup-manager disabled create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    tare delete "$id"
    nothing_left
    tare --cgroup-manager disabled create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    tare kill --all "$id" KILL
    wait_until 5 has_status "$id" stopped
    tare delete --force "$id"
    nothing_left
    tare --cgroup-manager disabled create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    tare delete --force "$id"
    nothing_left
}

@test "state and list do not wait for a command that holds the lock" {
    create_container
    exec {held}<"$state/$id"
    flock "$held"
    assert_equal "$(timeout 60 "$TARE" --root "$state" state "$id" | jq -r .status)" created
    assert_equal "$(timeout 60 "$TARE" --root "$state" list --quiet)" "$id"
    exec {held}<&-
}

@test "[ST3] a create that was killed before its end shows creating, then stopped" {
    create_container
    mv "$state/$id/start" "$state/$id/start.new"
    has_status "$id" creating
    run_tare start "$id"
    assert_failure 1
    assert_stderr_has 'was not created completely'
    run_tare delete "$id"
    assert_failure 1
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    tare delete "$id"
    nothing_left
}
