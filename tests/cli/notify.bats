#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

# NOTIFY_SOCKET: who starts tare, say systemd for a unit with Type=notify, is told that the container
# is ready.

load ../helpers/tare

setup() {
    setup_bundle
    mkdir -p "$rootfs/run"
    heard=$BATS_TEST_TMPDIR/heard
    host=$BATS_TEST_TMPDIR/notify.sock
    listen "$host"
}

teardown() {
    [ -z "${listener:-}" ] || kill "$listener" 2>/dev/null || :
    teardown_bundle
}

# listen ADDRESS: writes what comes there to $heard, a message a line, its lines joined by "|".
listen() {
    : >"$heard" # else the one before it would seem to be this one, in the background, already listening
    python3 -c 'import socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
address = sys.argv[1]
server.bind("\0" + address[1:] if address[0] == "@" else address)
print("listening", flush=True)
while True:
    print(server.recv(8192).decode().strip("\n").replace("\n", "|"), flush=True)' \
        "$1" >"$heard" 3>&- &
    listener=$!
    wait_until 20 grep -q listening "$heard"
}

notified() {
    NOTIFY_SOCKET=$host tare "$@"
}

# runs_by_now: it may not be there yet.
runs_by_now() {
    tare state "$id" 2>/dev/null | grep -q running
}

hears() {
    wait_until 20 grep -qxF "$1" "$heard"
}

@test "[E2.notify.1] run in the foreground passes on that the container is ready" {
    witness_runs notify $'STATUS=all is well\nREADY=1'
    run --separate-stderr notified run --bundle "$bundle" "$id"
    assert_success
    assert_output ''
    assert_stderr ''
    hears 'STATUS=all is well|READY=1'
    nothing_left
}

@test "[E2.notify.2] what a container must not say for others is dropped, line by line" {
    witness_runs chain notify $'MAINPID=1\nFDSTORE=1\nREADY=0\nREADY=11\nSTATUS=a\e[1mb\nERRNO=x' \
        ';' notify $'MAINPID=7\nRELOADING=1\nMONOTONIC_USEC=12\nBARRIER=1\nSTOPPING=1\nWATCHDOG=1' \
        ';' notify "STATUS=$(printf '%5000s' x)" \
        ';' notify $'EXTEND_TIMEOUT_USEC=5\nERRNO=2\nX=1\nREADY=1'
    notified run --bundle "$bundle" "$id"
    hears 'EXTEND_TIMEOUT_USEC=5|ERRNO=2|READY=1'
    assert_equal "$(sed 1d "$heard")" \
        $'RELOADING=1|MONOTONIC_USEC=12|STOPPING=1|WATCHDOG=1\nEXTEND_TIMEOUT_USEC=5|ERRNO=2|READY=1'
}

@test "[E2.notify.3] start returns when the container is ready, and says who is the main process" {
    witness_runs chain notify STATUS=begins ';' cat /gate ';' notify READY=1 ';' sleep 100
    mkfifo "$rootfs/gate"
    notified create --bundle "$bundle" "$id" >/dev/null 2>&1 </dev/null
    notified start "$id" 3>&- &
    local starter=$!
    hears STATUS=begins
    kill -0 "$starter"
    # Meanwhile nobody is kept out.
    assert_equal "$(tare state "$id" | jq -r .status)" running
    echo >"$rootfs/gate"
    wait "$starter"
    hears "READY=1|MAINPID=$(tare state "$id" | jq .pid)"
    tare delete --force "$id"
    nothing_left
}

@test "[E2.notify.3] so does run --detach, and who waits is confined (R24)" {
    witness_runs chain notify STATUS=begins ';' cat /gate ';' notify READY=1 ';' sleep 100
    mkfifo "$rootfs/gate"
    NOTIFY_SOCKET=$host "$TARE" --root "$state" run --detach --bundle "$bundle" "$id" \
        >/dev/null 2>&1 </dev/null 3>&- &
    local starter=$!
    hears STATUS=begins
    wait_until 20 is_confined "$starter"
    echo >"$rootfs/gate"
    wait "$starter"
    hears "READY=1|MAINPID=$(tare state "$id" | jq .pid)"
    tare delete --force "$id"
    nothing_left
}

@test "[E2.notify.4] a container that ends before it is ready is no longer waited for" {
    witness_runs exit 3
    run --separate-stderr notified --log-level warn run --detach --bundle "$bundle" "$id"
    assert_success
    assert_stderr_has 'the container has ended, and not said that it is ready'
    tare delete "$id"
    assert_equal "$(sed 1d "$heard")" ''
    nothing_left
}

@test "[E2.notify.5] another user says so in the same way, and cannot put anything in its place" {
    config '.process.user = { uid: 1000, gid: 1000, umask: 18 }'
    witness_runs chain notify READY=1 ';' write /run/notify/x 1 ';' unlink /run/notify/notify.sock
    run --separate-stderr notified run --bundle "$bundle" "$id"
    assert_output $'EROFS\nEROFS'
    hears READY=1
}

@test "[E2.notify.6] with root in a user namespace of the container as well" {
    in_user_namespace
    chown 100000:100000 "$rootfs/run"
    witness_runs notify READY=1
    run --separate-stderr notified run --bundle "$bundle" "$id"
    assert_stderr ''
    assert_success
    hears READY=1
    nothing_left
}

@test "[E2.notify.7] an abstract name" {
    kill "$listener"
    host=@tare-test-$$-$BATS_TEST_NUMBER
    listen "$host"
    witness_runs notify READY=1
    notified run --bundle "$bundle" "$id"
    hears READY=1
}

@test "[E2.notify.8] the config's own NOTIFY_SOCKET or mount is an engine's, and left alone" {
    config '.process.env += ["NOTIFY_SOCKET=/elsewhere"]'
    witness_runs env
    run --separate-stderr notified run --bundle "$bundle" "$id"
    assert_line NOTIFY_SOCKET=/elsewhere
    config 'del(.process.env[-1]) | .mounts += [{ destination: "/run/notify", type: "tmpfs" }]'
    run --separate-stderr notified run --bundle "$bundle" "$id"
    refute_line --partial NOTIFY_SOCKET
}

@test "[E2.notify.9] unset and empty are the same: there is none" {
    witness_runs env
    NOTIFY_SOCKET='' tare run --bundle "$bundle" "$id" >"$heard"
    run ! grep NOTIFY "$heard"
    [ ! -e "$rootfs/run/notify" ]
}

@test "[E2.notify.10] another address is refused before anything is made" {
    witness_runs exit 0
    local address
    for address in relative vsock:2:1234 "/$(printf '%0107d' 0)"; do
        host=$address
        run --separate-stderr notified run --bundle "$bundle" "$id"
        assert_failure 64
        assert_stderr_has "NOTIFY_SOCKET '$address' is neither an absolute path nor '@' and a name"
    done
    host=$BATS_TEST_TMPDIR/nobody
    run --separate-stderr notified run --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "reach NOTIFY_SOCKET '$host': not found (ENOENT)"
    nothing_left
}

@test "[E2.notify.9] start asks nobody where the container has no way to say it" {
    witness_runs sleep 100
    tare create --bundle "$bundle" "$id" >/dev/null 2>&1 </dev/null
    host=/nonexistent
    notified start "$id"
    notified run --dry-run --bundle "$bundle" other >/dev/null
    tare delete --force "$id"
}

@test "[E2.notify.11] run --detach, too, only warns of it" {
    witness_runs chain cat /gate ';' notify READY=1 ';' sleep 100
    mkfifo "$rootfs/gate"
    notified --log-level warn run --detach --bundle "$bundle" "$id" \
        >/dev/null 2>"$BATS_TEST_TMPDIR/warnings" </dev/null 3>&- &
    local runner=$!
    wait_until 20 runs_by_now
    kill "$listener"
    wait "$listener" || :
    echo >"$rootfs/gate"
    wait "$runner"
    grep -q 'pass on to NOTIFY_SOCKET what the container says' "$BATS_TEST_TMPDIR/warnings"
    tare delete --force "$id"
}

@test "(T62) [E2.notify.5] what a container makes in its place does not hold up delete" {
    config '.process.capabilities = { bounding: ["CAP_SYS_ADMIN"], effective: ["CAP_SYS_ADMIN"],
        permitted: ["CAP_SYS_ADMIN"] }'
    witness_runs chain clear-flags /run/notify ro ';' mkdir /run/notify/x ';' \
        mkdir /run/notify/x/y ';' write /run/notify/x/y/z 1
    run --separate-stderr notified run --bundle "$bundle" "$id"
    assert_success
    assert_output $'ok\nok\nok\nok'
    nothing_left
}

@test "[E2.notify.11] one who listens no more costs the container nothing" {
    witness_runs chain cat /gate ';' notify READY=1 ';' say 'still here'
    mkfifo "$rootfs/gate"
    notified run --bundle "$bundle" "$id" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    local runner=$!
    wait_until 20 runs_by_now
    kill "$listener"
    wait "$listener" || :
    echo >"$rootfs/gate"
    wait "$runner"
    assert_equal "$(cat "$BATS_TEST_TMPDIR/out")" $'\nstill here'
    nothing_left
}

# has_reached LINES: what was heard.
has_reached() {
    [ "$(wc -l <"$heard")" -ge "$1" ]
}

@test "a container that says much does not keep tare from its signals" {
    local runner
    config 'del(.linux.namespaces[] | select(.type == "pid"))' # the first process dies by SIGTERM
    witness_runs chain spawn notify-on STATUS=1 ';' spawn notify-on STATUS=2 ';' \
        spawn notify-on STATUS=3 ';' spawn notify-on READY=1 ';' sleep 100
    NOTIFY_SOCKET=$host "$TARE" --root "$state" run --bundle "$bundle" "$id" </dev/null 3>&- &
    runner=$!
    wait_until 20 has_reached 20
    kill -TERM "$runner"
    wait_until 8 is_gone "$runner"
    nothing_left
}

# What is given has its place in the container's directory.
@test "a container that was given a NOTIFY_SOCKET is not written down, and says why" {
    witness_runs sleep 100
    notified create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    tare start "$id" # who is not told of it
    run_tare checkpoint --image-path "$BATS_TEST_TMPDIR/images" "$id"
    assert_failure 1
    assert_stderr "tare: checkpoint '$id': cannot checkpoint a container that was given a NOTIFY_SOCKET: it could not be restored
hint: unset NOTIFY_SOCKET for run or create, or bind one in the config"
    has_status "$id" running
    tare delete --force "$id"
    nothing_left
}

is_gone() {
    ! kill -0 "$1" 2>/dev/null
}
