#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# --systemd-cgroup where there is no systemd: another program stands in the place of `scope`, beside a
# copy of tare.  What systemd itself does of it is the matter of tests/vm/scope.bats.

load ../helpers/tare

setup() {
    [ "$TARE" = "$build/tare" ] || skip "what stands in the place of tare has no program beside it"
    setup_bundle
    fake=$BATS_TEST_TMPDIR/program/src
    unit=tare-$id.scope
    mkdir -p "$fake"
    cp "$TARE" "$fake/../tare"
    cp "$BATS_TEST_DIRNAME/../helpers/fake_scope" "$fake/scope"
    TARE=$BATS_TEST_TMPDIR/program/tare
}

# The copy is no other runtime.
is_other_runtime() {
    false
}

tare() {
    "$TARE" --root "$state" --log-level warn --systemd-cgroup "$@"
}

# log [PATTERN]: what the program was asked, as far as it matches.
log() {
    grep -E "${1:-}" "$fake/log"
}

@test "the scope is made around a process, and the container lives in a cgroup below" {
    config '.annotations = { "org.systemd.property.KillSignal": "15" }'
    start_container sleep 100
    assert_equal "$(sed -n 's/^0:://p' "/proc/$(tare state "$id" | jq .pid)/cgroup")" \
        "/fake.slice/$unit/container"
    assert_equal "$(cat "$TARE_TEST_CGROUP/fake.slice/$unit/cgroup.procs")" ''
    run log '^(verb|property|=s (strict|system.slice))'
    for line in 'verb start' 'property KillSignal i' 'property PIDs au' 'property Delegate b' \
        '=s system.slice' '=s strict'; do
        assert_line "$line"
    done
    run tare exec "$id" /witness say inside
    assert_output inside
    tare delete --force "$id"
    assert_equal "$(log ^verb | tail -1)" 'verb stop'
    assert_equal "$(log '^description' | tail -1)" "$(log '^=s container' | sed 's/=s/description/')"
    nothing_left
}

@test "[E0.1.5] what comes behind create finds the cgroup without --systemd-cgroup" {
    local above=$TARE_TEST_CGROUP/fake.slice/$unit
    without() { "$TARE" --root "$state" "$@"; }
    create_container sleep 100
    without start "$id"
    run without exec "$id" /witness cat /proc/self/cgroup
    assert_line 0::/
    assert_equal "$(without ps --format json "$id" | jq length)" 1
    without pause "$id"
    assert_equal "$(grep frozen "$above/container/cgroup.events")" 'frozen 1'
    without resume "$id"
    without update --resources - "$id" <<<'{ "unified": { "cgroup.max.depth": "3" } }'
    assert_equal "$(<"$above/container/cgroup.max.depth")" 3
    assert_equal "$(log ^verb | tail -1)" 'verb set'
    without kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    without delete "$id"
    [ ! -e "$above" ]
    assert_equal "$(log ^verb | tail -1)" 'verb stop'
    nothing_left
}

@test "[E3.systemd.3] [E3.systemd.4] the units, slices and properties of engines" {
    local asked slice
    while read -r asked slice unit; do
        config --arg path "$asked" '.linux.cgroupsPath = $path | .annotations = {
            "org.systemd.property.KillSignal": "37",
            "org.systemd.property.TimeoutStopUSec": "uint64 10000000" }'
        : >"$fake/log"
        run_container
        assert_success
        assert_output hello
        run cat "$fake/log"
        for line in "unit $unit" "=s $slice" 'property KillSignal i' '=i 37' \
            'property TimeoutStopUSec t' '=t 10000000'; do
            assert_line "$line"
        done
    done <<ROWS
machine.slice:libpod:$id machine.slice libpod-$id.scope
user.slice:libpod:$id user.slice libpod-$id.scope
system.slice:docker:$id system.slice docker-$id.scope
kubepods-burstable-pod1.slice:cri-containerd:$id kubepods-burstable-pod1.slice cri-containerd-$id.scope
kubepods-pod1.slice:crio:$id kubepods-pod1.slice crio-$id.scope
:tare:$id system.slice tare-$id.scope
ROWS
    nothing_left
}

@test "[E5.10] run.oci.systemd.subgroup is the name of the cgroup below, or none" {
    local above=$TARE_TEST_CGROUP/fake.slice/$unit
    config '.annotations = { "run.oci.systemd.subgroup": "payload" }'
    create_container
    assert_equal "$(find "$above" -mindepth 1 -type d)" "$above/payload"
    tare delete --force "$id"
    config '.annotations = { "run.oci.systemd.subgroup": "" }'
    create_container
    assert_equal "$(find "$above" -mindepth 1 -type d)" ''
    assert_equal "$(<"$above/cgroup.procs")" "$(tare state "$id" | jq .pid)"
    tare delete --force "$id"
    nothing_left
}

@test "[E0.7.6] a start that systemd refuses leaves nothing, and stops no unit of somebody else" {
    echo "error exists there is such a unit" >"$fake/fail-start"
    run_container say hello
    assert_failure 1
    assert_stderr_has "$unit: the name is taken: there is such a unit"
    assert_stderr_has 'hint: another container may have the same linux.cgroupsPath'
    assert_equal "$(log ^verb)" 'verb start'
    nothing_left

    echo "error job failed" >"$fake/fail-start"
    run_container say hello
    assert_failure 1
    assert_stderr_has "systemd's job ended without success: failed"
    assert_equal "$(log ^verb | tail -1)" 'verb stop'
    nothing_left

    # What engines would take for the failure of the command.
    echo "error refused No such file or directory: Permission denied" >"$fake/fail-start"
    run_container say hello
    assert_failure 1
    assert_stderr_has "$unit: systemd refuses: not found (ENOENT): access refused (EACCES)"
    nothing_left

    echo "nonsense" >"$fake/fail-start"
    run_container say hello
    assert_failure 1
    assert_stderr_has "says 'nonsense'"
    nothing_left
}

@test "exec that may not move its process, nor systemd for it, says both" {
    start_container sleep 100
    chown 65534 "$TARE_TEST_CGROUP/fake.slice/$unit/container/cgroup.procs"
    echo 'error refused no such unit' >"$fake/fail-attach"
    run --separate-stderr setpriv --bounding-set -dac_override,-dac_read_search \
        "$TARE" --root "$state" exec "$id" /witness say inside </dev/null 3>&-
    assert_failure 255
    assert_stderr_has "cgroup.procs: access refused (EACCES); so systemd was asked: $unit: systemd refuses: no such unit"
    tare delete --force "$id"
    nothing_left
}

@test "a scope that got another process than ours is refused, and not stopped" {
    mkdir -p "$TARE_TEST_CGROUP/fake.slice/other"
    echo "ok /fake.slice/other" >"$fake/fail-start"
    run_container say hello
    assert_failure 1
    assert_stderr_has 'has got another process than ours'
    assert_equal "$(log ^verb)" 'verb start'
    rmdir "$TARE_TEST_CGROUP/fake.slice/other" "$TARE_TEST_CGROUP/fake.slice"
    nothing_left
}

# devices_of N: the device properties of the Nth change that was asked for.
devices_of() {
    awk -v wanted="$1" '/^verb/ { count += $2 == "set"; shown = 0 }
        count == wanted && /^property Device/ { shown = 1 }
        /^property/ && !/Device/ { shown = 0 }
        count == wanted && shown && /^=s/ { print $2 }' "$fake/log" | xargs
}

# fill_up DIRECTORY: it has no room for a record any more.
fill_up() {
    ! dd if=/dev/zero of="$1/full" bs=4096 2>/dev/null
}

@test "an update that fails gives the scope its device rules back, or those that nobody knows all" {
    local count changed='{ "devices": [{ "allow": false, "access": "rwm" },
        { "allow": true, "type": "b", "major": 7, "access": "r" }] }'
    config '.linux.resources.devices = [{ allow: false, access: "rwm" },
        { allow: true, type: "c", major: 10, minor: 200, access: "rw" }]'
    start_container sleep 100
    for count in 2 5; do # the first of each is a trial
        echo "error refused no" >"$fake/fail-set.$count"
        run_tare update --resources - "$id" <<<"$changed"
        assert_failure
        assert_stderr_has 'systemd refuses: no'
        [[ $(devices_of "$count") == strict*' block-7 r'* ]]
        [[ $(devices_of $((count + 1))) == strict*' /dev/char/10:200 rw'* ]]
    done

    tare update --resources - "$id" <<<"$changed"
    count=$(log ^verb | grep -c set)
    echo "error refused no" >"$fake/fail-set.$((count + 2))"
    run_tare update --resources - "$id" <<<'{ "devices": [{ "allow": false, "access": "rwm" }] }'
    assert_failure
    assert_equal "$(devices_of $((count + 3)))" 'auto char-* rwm block-* rwm'
    tare delete --force "$id"
    nothing_left
}

@test "an update that cannot be noted changes nothing" {
    mkdir -p "$state"
    mount -t tmpfs -o size=64k,mode=700 tmpfs "$state"
    start_container sleep 100
    fill_up "$state"
    run_tare update --resources - "$id" <<<'{ "devices": [{ "allow": false, "access": "rwm" }] }'
    assert_failure
    assert_stderr_has 'no space left (ENOSPC)'
    assert_equal "$(devices_of 2)" ''
    rm "$state/full"
    tare delete --force "$id"
    umount "$state"
    nothing_left
}

@test "delete goes on without D-Bus when the cgroup is gone" {
    start_container sleep 100
    echo "error bus Connection refused" >"$fake/fail-stop"
    run_tare delete --force "$id"
    assert_success
    assert_stderr_has 'Connection refused; its cgroup is gone'
    rmdir "$TARE_TEST_CGROUP/fake.slice" # systemd's own
    nothing_left
}

@test "a signal does not end the stop of a scope" {
    witness_runs sleep 100
    echo 2 >"$fake/slow-stop"
    "$TARE" --root "$state" --systemd-cgroup run --bundle "$bundle" "$id" 3>&- &
    local process=$!
    wait_until 20 has_status "$id" running
    kill -KILL "$(tare state "$id" | jq .pid)"
    wait_until 20 log '^verb stop'
    kill -TERM "$process"
    local status=0
    wait "$process" || status=$?
    assert_equal "$status" 137
    nothing_left
}

@test "one whose record is lost is found by its name, and by its state directory" {
    # Another build does not look for what it could not have made.
    "$TARE" features | jq -e .linux.cgroup.systemd >/dev/null || skip "needs libsystemd"
    start_container sleep 100
    echo '{}' >"$state/$id/state.json"
    run_tare delete --force "$id"
    assert_success
    run log '^description'
    assert_output --regexp "^description container $id of tare, state [0-9]+:[0-9]+, made $"
    nothing_left
}

@test "without the program the error says what to do" {
    rm "$fake/scope"
    run_container say hello
    assert_failure 1
    assert_stderr_has 'linux.cgroupsPath: the systemd cgroup driver is not installed'
    if "$TARE" features | jq -e .linux.cgroup.systemd >/dev/null; then
        assert_stderr_has 'hint: it is put into '
        assert_stderr_has ' by make install'
    else
        assert_stderr_has 'configure --with-systemd'
    fi
    nothing_left
}

# A shell by the name of the program: what it is told to do is a file here.
@test "state --explain takes the program that asks systemd for no hook" {
    cd "$BATS_TEST_TMPDIR"
    cp "$(type -P bash)" "$fake/scope"
    echo 'while :; do :; done' >start
    config '.hooks.createRuntime = [{ path: "/bin/true" }]'
    "$TARE" --root "$state" --systemd-cgroup create --bundle "$bundle" "$id" </dev/null \
        >/dev/null 2>&1 3>&- &
    local creator=$!
    asks() { pgrep --parent "$creator" --full "$fake/scope"; }
    wait_until 10 asks
    run tare state --explain "$id"
    kill "$creator"
    wait "$creator" || :
    assert_success
    assert_equal "$(jq -c '.waitsFor | [.what, .hook]' <<<"$output")" '["command",null]'
    assert_equal "$(jq -r .waitsFor.command <<<"$output")" "$fake/scope start"
    nothing_left
}
