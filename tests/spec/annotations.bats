#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

annotations() {
    tare state "$id" | jq -c .annotations
}

@test "[A1] [ST6] state returns the annotations" {
    config '.annotations = { "b": "2", "a": "1", "org.example/x.y": "\u00e4 \"\\ \n" }'
    create_container
    assert_equal "$(annotations)" '{"b":"2","a":"1","org.example/x.y":"ä \"\\ \n"}'
}

@test "[A6] a value may be empty" {
    config '.annotations = { "key": "" }'
    create_container
    assert_equal "$(annotations)" '{"key":""}'
}

@test "[E5.11] [A4] [A5] reserved and unknown keys are kept, and mean nothing" {
    local groups
    config '.annotations = { "org.opencontainers.image.stopSignal": "SIGKILL",
        "org.opencontainers.new": "x", "io.podman.annotations.init": "FALSE",
        "io.kubernetes.cri.container-type": "container", "io.kubernetes.cri-o.x": "1" }'
    start_container trap 15
    assert_equal "$(annotations | jq length)" 5
    groups=$(awk '$1 == "Groups:" { $1 = ""; print }' "/proc/$(tare state "$id" | jq .pid)/status")
    assert_equal "${groups# }" ''
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/output"
    tare kill "$id" # SIGTERM as ever
    wait_until 5 has_status "$id" stopped
    assert_equal "$(tail -n 1 "$BATS_TEST_TMPDIR/output")" 'got 15'
}

@test "annotations may be absent, empty or null" {
    local word
    for word in 'del(.annotations)' '.annotations = {}' '.annotations = null'; do
        config "$word"
        run_container
        assert_success
        assert_output hello
    done
}

@test "many and large annotations are kept" {
    config '.annotations = ([range(300) | { key: "key\(.)", value: ("x" * 200) }] | from_entries)'
    create_container
    assert_equal "$(annotations | jq 'length, ([.[] | length] | add)' | xargs)" '300 60000'
    assert_equal "$(tare list --format json | jq '.[0].annotations | length')" 300
}

@test "[E5.1] [F6] features names what an image's author must not set" {
    assert_equal "$(tare features | jq -r '.potentiallyUnsafeConfigAnnotations | sort[]' | xargs)" \
        "$(echo org.criu.config org.systemd.property. \
            run.oci.{delegate-cgroup,hooks.{stderr,stdout},keep_original_groups} \
            run.oci.{mount_context_type,pidfd_receiver,seccomp.receiver,systemd.subgroup})"
}

# with_groups COMMAND...: as a user who has these supplementary groups.
with_groups() {
    setpriv --groups 4242,4343 "$@"
}

@test "[E5.2] run.oci.keep_original_groups: the groups of the caller stay, and no others come" {
    config '.annotations = { "run.oci.keep_original_groups": "1" }
        | .process.user.additionalGids = [7]'
    witness_runs ids
    run --separate-stderr with_groups "$TARE" --root "$state" --log-level warn run \
        --bundle "$bundle" "$id"
    assert_success
    assert_line groups=4242,4343
    assert_stderr_has 'process.user.additionalGids: left out'
    witness_runs sleep 60
    with_groups "$TARE" --root "$state" run --detach --bundle "$bundle" "$id" </dev/null \
        >/dev/null 2>&1
    run with_groups "$TARE" --root "$state" exec "$id" /witness ids
    assert_line groups=4242,4343
    tare delete --force "$id"
    config 'del(.annotations)'
    witness_runs ids
    run with_groups "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_line groups=7
    nothing_left
}

@test "[E5.3] run.oci.pidfd_receiver gets a pidfd of the container's process" {
    local heard=$BATS_TEST_TMPDIR/heard socket=$BATS_TEST_TMPDIR/receiver
    config '.annotations = { "run.oci.pidfd_receiver": $path }' --arg path "$socket"
    bad_config . 'connect to the pidfd socket'
    python3 -c 'import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
text, fds, flags, address = socket.recv_fds(server.accept()[0], 4096, 4)
info = open("/proc/self/fdinfo/%d" % fds[0]).read().split()
print(len(fds), info[info.index("Pid:") + 1])' "$socket" >"$heard" 2>&1 3>&- &
    wait_until 20 [ -S "$socket" ]
    create_container sleep 60
    wait_until 20 [ -s "$heard" ]
    assert_equal "$(cat "$heard")" "1 $(tare state "$id" | jq .pid)"
    run_tare create --bundle "$bundle" --pidfd-socket /elsewhere another
    assert_failure 1
    assert_stderr_has 'run.oci.pidfd_receiver: "'"$socket"'" is not what --pidfd-socket says'
    tare delete --force "$id"
    nothing_left
}

@test "[E5.4] run.oci.seccomp_fail_unknown_syscall: an unknown name is refused" {
    needs_seccomp
    config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["getppid", "nonsense"], action: "SCMP_ACT_ERRNO" }] }'
    run_container
    assert_success
    config '.annotations = { "run.oci.seccomp_fail_unknown_syscall": "1" }'
    bad_config . 'linux.seccomp.syscalls[0].names[1]: "nonsense" is unknown'
}

@test "[E5.5] annotations of crun with a value that is none, or that we do not do, are refused" {
    local key value words
    while IFS='|' read -r key value words; do
        bad_config ".annotations = { \"$key\": \"$value\" }" "annotations: $key: $words"
        assert_stderr_has 'hint: '
    done <<'ROWS'
org.criu.config|criu.conf|"criu.conf" is not absolute
run.oci.keep_original_groups|0|"0" is neither 1 nor true
run.oci.seccomp_fail_unknown_syscall||"" is neither 1 nor true
run.oci.seccomp.receiver|a/b|"a/b" is not absolute
run.oci.pidfd_receiver||"" is not absolute
run.oci.hooks.stdout|log|"log" is not absolute
run.oci.hooks.stderr|log|"log" is not absolute
run.oci.delegate-cgroup|a/b|"a/b" is no name of a cgroup
run.oci.delegate-cgroup|..|".." is no name of a cgroup
run.oci.mount_context_type|x|"x" is no such type
run.oci.handler|krun|no other handler than the kernel is supported
run.oci.handler|wasm|no other handler than the kernel is supported
run.oci.seccomp.plugins|/a.so|libraries of somebody else are not loaded
run.oci.seccomp_bpf_data|AAAA|a filter that takes the place of linux.seccomp is not supported
run.oci.systemd.force_cgroup_v1|/sys/fs/cgroup|cgroups of version 1 are not supported
run.oci.timens_offset|1 2 3|the specification has a field for it
module.wasm.image/variant|compat|programs of WebAssembly are not supported
ROWS
    config '.annotations = { "run.oci.nonsense": "x", "module.wasm.image/variant": "compat-smart" }'
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_stderr_has 'tare: warning: annotations: run.oci.nonsense is unknown, and means nothing'
    [[ $stderr != *wasm* ]] || fail "it is the image of another machine"
}

# cgroup_of PID: below that of the tests.
cgroup_of() {
    sed -n 's/^0:://p' "/proc/$1/cgroup"
}

@test "[E5.9] run.oci.delegate-cgroup: a cgroup of the process's own below that with the limits" {
    local pid below
    config '.annotations = { "run.oci.delegate-cgroup": "payload" } | .process.user.uid = 1000'
    create_container sleep 60
    pid=$(tare state "$id" | jq .pid)
    below=$(cgroup_of "$pid")
    assert_equal "${below##*/}" payload
    assert_equal "$(basename "${below%/*}")" "$id"
    below=$(find "$TARE_TEST_CGROUP" -type d -path "*/$id/payload")
    assert_equal "$(stat -c %u "$below" "$below/cgroup.procs" "${below%/*}" | xargs)" '1000 1000 0'
    assert_equal "$(cat "${below%/*}/cgroup.subtree_control")" \
        "$(cat "${below%/*}/cgroup.controllers")"
    [ ! -e "$below/pids.max" ] || assert_equal "$(cat "$below/pids.max")" max
    tare start "$id"
    run_tare exec "$id" /witness cat /proc/self/cgroup
    assert_success
    assert_line 0::/payload
    run_tare exec --cgroup / "$id" /witness say hello
    [ -n "$(<"${below%/*}/cgroup.subtree_control")" ] || assert_output hello
    tare delete --force "$id"
    nothing_left
}

@test "[E5.9] ps, pause, update, kill and delete concern all below the cgroup with the limits" {
    local above pid other
    config '.annotations = { "run.oci.delegate-cgroup": "payload" }'
    start_container sleep 60
    above=$(find "$TARE_TEST_CGROUP" -type d -name "$id")
    tare exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$id" /witness sleep 60 \
        </dev/null >/dev/null 2>&1
    pid=$(tare state "$id" | jq .pid)
    other=$(<"$BATS_TEST_TMPDIR/pid")
    mkdir "$above/payload/deep" # as the container may
    echo "$other" >"$above/payload/deep/cgroup.procs"

    assert_equal "$(tare ps --format json "$id" | jq -c sort)" \
        "$(jq -c -n --args '$ARGS.positional | map(tonumber) | sort' "$pid" "$other")"
    tare pause "$id"
    wait_until 5 has_status "$id" paused
    frozen() { cat "$above"/{,payload/,payload/deep/}cgroup.events | grep -c 'frozen 1'; }
    all_frozen() { [ "$(frozen)" = 3 ]; }
    wait_until 5 all_frozen
    assert_equal "$(cat "$above"/{,payload/,payload/deep/}cgroup.freeze | xargs)" '1 0 0'
    tare resume "$id"
    has_status "$id" running
    assert_equal "$(grep -c 'frozen 0' "$above/payload/deep/cgroup.events")" 1

    tare update --resources - "$id" <<<'{ "unified": { "cgroup.max.descendants": "17" } }'
    assert_equal "$(cat "$above"/{,payload/}cgroup.max.descendants | xargs)" '17 max'
    tare kill --all "$id" KILL
    wait_until 5 has_status "$id" stopped
    wait_until 5 grep -q 'populated 0' "$above/cgroup.events"
    tare delete "$id"
    [ ! -e "$above" ]
    nothing_left
}

@test "[E5.9] without a cgroup there is none to delegate" {
    config '.annotations = { "run.oci.delegate-cgroup": "payload" }'
    run_tare --cgroup-manager disabled run --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'run.oci.delegate-cgroup: the container has no cgroup'
    nothing_left
}
