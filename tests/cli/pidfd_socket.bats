#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

# --pidfd-socket: who listens there gets a descriptor of the process.

load ../helpers/tare

setup() {
    setup_bundle
    socket=$BATS_TEST_TMPDIR/pidfd.sock
    heard=$BATS_TEST_TMPDIR/heard
}

teardown() {
    [ -z "${listener:-}" ] || kill "$listener" 2>/dev/null || :
    teardown_bundle
}

# listen: takes one connection and one message, and prints what it was and which process is meant.
listen() {
    rm -f "$socket" "$heard"
    python3 -c 'import array, socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
peer = server.accept()[0]
text, fds, flags, address = socket.recv_fds(peer, 4096, 4)
info = open("/proc/self/fdinfo/%d" % fds[0]).read().split()
print(text.decode(), len(fds), info[info.index("Pid:") + 1], peer.recv(1))' \
        "$socket" >"$heard" 2>&1 3>&- &
    listener=$!
    wait_until 20 [ -S "$socket" ]
}

@test "[E1.pidfdsocket.1] create sends a pidfd of the container's process" {
    listen
    witness_runs sleep 100
    tare create --bundle "$bundle" --pidfd-socket "$socket" "$id" </dev/null >/dev/null 2>&1
    wait "$listener"
    assert_equal "$(cat "$heard")" "pidfd 1 $(tare state "$id" | jq .pid) b''"
    tare delete --force "$id"
    nothing_left
}

@test "run and exec send one, too" {
    listen
    witness_runs sleep 100
    tare run --detach --bundle "$bundle" --pidfd-socket "$socket" "$id" </dev/null >/dev/null 2>&1
    wait "$listener"
    assert_equal "$(cat "$heard")" "pidfd 1 $(tare state "$id" | jq .pid) b''"
    listen
    tare exec --detach --pidfd-socket "$socket" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" \
        /witness sleep 100 </dev/null >/dev/null 2>&1
    wait "$listener"
    assert_equal "$(cat "$heard")" "pidfd 1 $(cat "$BATS_TEST_TMPDIR/pid") b''"
    tare delete --force "$id"
    nothing_left
}

@test "without a listener nothing is made" {
    run_tare create --bundle "$bundle" --pidfd-socket "$socket" "$id"
    assert_failure 1
    assert_stderr_has 'connect to the pidfd socket'
    run_tare run --bundle "$bundle" --pidfd-socket '' "$id"
    assert_failure 64
    run_tare run --dry-run --bundle "$bundle" --pidfd-socket "$socket" "$id"
    assert_success
    assert_output --partial 'send the pidfd'
    nothing_left
}
