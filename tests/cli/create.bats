#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[E0.5.4] create says nothing and leaves a container that waits" {
    create_container say hello
    assert_equal "$(cat "$BATS_TEST_TMPDIR/output")" ''
    has_status "$id" created
    tare delete --force "$id"
    nothing_left
}

@test "[P10] the program does not run, nor lie in the process, before start" {
    create_container write /tmp/ran yes
    local pid
    pid=$(tare state "$id" | jq .pid)
    case $(readlink "/proc/$pid/exe") in
    *witness*) fail "the process is the user's program already" ;;
    esac
    [ ! -e "$rootfs/tmp/ran" ]
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(cat "$rootfs/tmp/ran")" yes
}

# in_namespace KIND PID COMMAND...: with the container's namespace of that kind alone.
in_namespace() {
    nsenter --target "$2" "--$1" "${@:3}"
}

@test "[E0.5.2] [OP7] all but the process is in place after create" {
    local pid cgroup
    echo text >"$rootfs/etc/masked"
    echo text >"$rootfs/etc/fixed"
    config '.hostname = "waits" | .domainname = "domain"
        | .mounts += [{ destination: "/tmp/new", type: "tmpfs", options: ["size=4k", "nosuid"] }]
        | .linux.sysctl = { "kernel.msgmax": "4711" }
        | .linux.devices = [{ type: "c", path: "/dev/mine", major: 1, minor: 3, fileMode: 384 }]
        | .linux.maskedPaths = ["/etc/masked"] | .linux.readonlyPaths = ["/etc/fixed"]
        | .linux.rootfsPropagation = "private" | .annotations = { key: "value" }
        | .linux.cgroupsPath = "/waits"'
    create_container
    pid=$(tare state "$id" | jq .pid)
    assert_equal "$(in_namespace uts "$pid" hostname)" waits
    assert_equal "$(in_namespace uts "$pid" cat /proc/sys/kernel/domainname)" domain
    assert_equal "$(in_namespace ipc "$pid" cat /proc/sys/kernel/msgmax)" 4711
    grep -q ' /tmp/new rw,nosuid' "/proc/$pid/mountinfo"
    grep -q ' /etc/fixed ro,' "/proc/$pid/mountinfo"
    assert_equal "$(stat --format='%F %t:%T %a' "/proc/$pid/root/dev/mine")" \
        'character special file 1:3 600'
    assert_equal "$(cat "/proc/$pid/root/etc/masked")" ''
    cgroup=$(<"/proc/$pid/cgroup")
    [[ $cgroup == *0::/waits* ]] || fail "$cgroup"
    assert_equal "$(tare state "$id" | jq -r .annotations.key)" value
}

@test "[P11] the user, the cwd and the rights of the process are in place after create" {
    local pid
    mkdir "$rootfs/work"
    config '.process.cwd = "/work" | .process.user = { uid: 1000, gid: 1001, umask: 63 }
        | .process.oomScoreAdj = 500'
    create_container
    pid=$(tare state "$id" | jq .pid)
    grep -qx $'Uid:\t1000\t1000\t1000\t1000' "/proc/$pid/status"
    grep -qx $'Gid:\t1001\t1001\t1001\t1001' "/proc/$pid/status"
    grep -qx $'NoNewPrivs:\t1' "/proc/$pid/status"
    grep -qx $'CapBnd:\t0000000000000000' "/proc/$pid/status"
    assert_equal "$(readlink "/proc/$pid/cwd")" /work
    assert_equal "$(<"/proc/$pid/oom_score_adj")" 500
}

@test "what waits is not a file of the host" {
    create_container
    local pid
    pid=$(tare state "$id" | jq .pid)
    readlink "/proc/$pid/exe" | grep -q ' (deleted)$'
    run grep -F "$TARE" "/proc/$pid/maps"
    assert_failure
}

@test "[LC2] what becomes of config.json after create does not matter" {
    create_container say first
    witness_runs say second
    rm "$bundle/config.json"
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(cat "$BATS_TEST_TMPDIR/output")" first
}

@test "[E1.create.1] [OP6] an id that is taken is refused, and the other container lives on" {
    create_container
    local before
    before=$(tare state "$id")
    run_tare create --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr "tare: create '$id': claim the name: container \"$id\" already exists
hint: take another name, or end that one: tare delete --force $id"
    assert_equal "$(tare state "$id")" "$before"
}

@test "[OP6] of eight at once with the same id, one wins" {
    local number winners=0 pids=()
    for number in 1 2 3 4 5 6 7 8; do
        "$TARE" --root "$state" create --bundle "$bundle" "$id" </dev/null \
            >"$BATS_TEST_TMPDIR/out$number" 2>&1 3>&- &
        pids+=($!)
    done
    for number in "${pids[@]}"; do
        if wait "$number"; then winners=$((winners + 1)); fi
    done
    assert_equal "$winners" 1
    assert_equal "$(cat "$BATS_TEST_TMPDIR"/out? | grep -c 'already exists')" 7
    has_status "$id" created
    tare delete --force "$id"
    nothing_left
}

@test "[OP5] create without an id is a usage error" {
    run_tare create --bundle "$bundle"
    assert_failure 64
    assert_output ''
    assert_stderr_has id
    nothing_left
}

@test "create of a bundle that is not there, or is none, names it" {
    run_tare create --bundle "$BATS_TEST_TMPDIR/nowhere" "$id"
    assert_failure 1
    assert_stderr \
        "tare: create '$id': open the bundle '$BATS_TEST_TMPDIR/nowhere': not found (ENOENT)
hint: 'tare spec --bundle $BATS_TEST_TMPDIR/nowhere' makes one there, or name another"
    nothing_left
    run_tare create --bundle "$bundle/config.json" "$id"
    assert_failure 1
    assert_stderr "tare: create '$id': open the bundle '$bundle/config.json': no directory (ENOTDIR)
hint: a bundle is the directory that has the config.json; a file of another name is for --config"
}

@test "create --config takes another file, relative to the bundle or absolute" {
    jq '.process.args = ["/witness", "say", "other"]' "$bundle/config.json" >"$bundle/other.json"
    run_tare run --bundle "$bundle" --config other.json "$id"
    assert_success
    assert_output other
    mv "$bundle/other.json" "$BATS_TEST_TMPDIR/else.json"
    run_tare run --bundle "$bundle" --config "$BATS_TEST_TMPDIR/else.json" "$id"
    assert_success
    assert_output other
    echo '{' >"$BATS_TEST_TMPDIR/bad.json"
    run_tare create --bundle "$bundle" --config "$BATS_TEST_TMPDIR/bad.json" "$id"
    assert_failure 1
    assert_stderr_has "$BATS_TEST_TMPDIR/bad.json:"
    nothing_left
}

@test "[E0.5.3] [LC2] the process is born in its final cgroup and namespaces" {
    create_container
    local pid name
    pid=$(tare state "$id" | jq .pid)
    grep -qx "0::/tare/$id" "/proc/$pid/cgroup"
    for name in cgroup ipc mnt net pid uts; do
        assert_not_equal "$(readlink "/proc/$pid/ns/$name")" "$(readlink "/proc/self/ns/$name")"
    done
    for name in user time; do
        assert_equal "$(readlink "/proc/$pid/ns/$name")" "$(readlink "/proc/self/ns/$name")"
    done
}

@test "a name that could not be locked is free again" {
    command -v strace >/dev/null || skip "needs strace"
    run strace -qq -o "$BATS_TEST_TMPDIR/calls" -e inject=flock:error=ENOLCK:when=1 \
        "$TARE" --root "$state" create --bundle "$bundle" "$id"
    assert_failure 1
    assert_output --partial "lock container \"$id\": "
    nothing_left
}
