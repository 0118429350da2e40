#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# --console-socket, as engines rely on it: one message with a payload of 1 to 4095 bytes and one
# descriptor, then the end of the connection; no answer is waited for.

load ../helpers/tare
load ../helpers/terminal

setup() {
    setup_bundle
    with_terminal say hello
}

create_with_socket() {
    run_tare create --console-socket "$socket" --bundle "$bundle" "$id" </dev/null
}

# refused_socket PATH MESSAGE: create fails with that, and leaves nothing.
refused_socket() {
    run_tare create --console-socket "$1" --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr "tare: create '$id': connect to the console socket: $2"
    nothing_left
}

@test "[E0.5.6] [E1.console.1] --console-socket gets one message: the terminal's name, and one descriptor" {
    listen
    create_with_socket
    assert_success
    assert_output ''
    assert_stderr ''
    tare start "$id"
    run_listener
    assert_success
    assert_output '# length=10
# payload=/dev/pts/0
# control=one
# truncated=no
# descriptors=1
# behind=0
hello'
    tare delete "$id"
    nothing_left
}

@test "[E1.console.2] create does not wait until the connection is accepted" {
    listen await "$BATS_TEST_TMPDIR/go"
    create_with_socket
    assert_success
    has_status "$id" created
    touch "$BATS_TEST_TMPDIR/go"
    tare start "$id"
    run_listener
    assert_success
    assert_line hello
}

@test "what is typed before start is there when the process reads" {
    witness_runs line
    listen send 'first\n' expect line=first
    create_with_socket
    wait_until 5 grep -q first "$BATS_TEST_TMPDIR/heard"
    tare start "$id"
    run_listener
    assert_success
    assert_line line=first
}

@test "the terminal follows what its holder says" {
    witness_runs chain trap 28 ';' size ';' line
    listen expect ready resize 12 34 expect 'size=12 34' send 'x\n'
    create_with_socket
    tare start "$id"
    run_listener
    assert_success
    assert_line 'got 28'
    assert_line line=x
}

@test "[E1.console.4] consoleSize holds with --console-socket as well" {
    witness_runs size
    config '.process.consoleSize = { height: 50, width: 132 }'
    listen
    create_with_socket
    tare start "$id"
    run_listener
    assert_line 'size=50 132'
}

@test "[E1.console.7] newlines are the kernel's, or as the engine has asked before start" {
    witness_runs say hello
    listen
    create_with_socket
    tare start "$id"
    run_listener
    assert_equal "$(tail -n 1 "$BATS_TEST_TMPDIR/heard" | tr '\r\n' RN)" helloRN
    tare delete "$id"
    listen bare-newlines shell "touch $BATS_TEST_TMPDIR/asked" expect hello
    create_with_socket
    wait_until 5 [ -e "$BATS_TEST_TMPDIR/asked" ]
    tare start "$id"
    run_listener
    assert_equal "$(tail -n 1 "$BATS_TEST_TMPDIR/heard" | tr '\r\n' RN)" helloN
    tare delete "$id"
    nothing_left
}

@test "run --detach and run send the terminal to --console-socket too" {
    listen
    run_tare run --detach --console-socket "$socket" --bundle "$bundle" "$id"
    assert_success
    run_listener
    assert_line hello
    tare delete "$id"
    witness_runs chain say hello ';' exit 3
    listen
    run_tare run --console-socket "$socket" --bundle "$bundle" "$id"
    assert_failure 3
    assert_output ''
    run_listener
    assert_line hello
    nothing_left
}

@test "a container whose terminal is let go of hears of it" {
    witness_runs chain trap 1 ';' write /tmp/heard 'a hang-up'
    listen expect ready hang-up
    run_tare run --detach --console-socket "$socket" --bundle "$bundle" "$id"
    assert_success
    wait_until 5 has_status "$id" stopped
    assert_equal "$(cat "$rootfs/tmp/heard")" 'a hang-up'
}

@test "the path of the socket may be relative" {
    cd "$BATS_TEST_TMPDIR"
    listen
    run_tare create --console-socket console.sock --bundle "$bundle" "$id"
    assert_success
    tare delete --force "$id"
    run_listener
    nothing_left
}

@test "[E1.console.3] the path of the socket may be longer than an address, and so may its name" {
    local name directory
    printf -v name '%0200d' 0
    directory=$BATS_TEST_TMPDIR/$name/$name
    mkdir -p "$directory"
    socket=$directory/$name
    [ "${#socket}" -gt 500 ]
    listen
    create_with_socket
    assert_success
    assert_stderr ''
    tare start "$id"
    run_listener
    assert_line hello
}

@test "a socket that is not there, or is none, or has no listener, is refused" {
    refused_socket "$BATS_TEST_TMPDIR/none" "'$BATS_TEST_TMPDIR/none': not found (ENOENT)"
    refused_socket "$bundle/config.json" "'$bundle/config.json' is not a socket"
    refused_socket "$bundle" "'$bundle' is not a socket"
    listen await /nothing/at/all
    kill "$listener"
    wait "$listener" || :
    refused_socket "$socket" "'$socket': connection refused (ECONNREFUSED)"
}

@test "--console-socket must not be empty" {
    run_tare create --console-socket= --bundle "$bundle" "$id"
    assert_failure 64
    assert_stderr_has '--console-socket must not be empty'
}

@test "[P2] --console-socket for a process without a terminal is refused" {
    config '.process.terminal = false'
    listen await /nothing/at/all
    create_with_socket
    assert_failure 1
    assert_stderr "tare: create '$id': $bundle/config.json:23:17: process.terminal: is not true, so that nothing would be sent to --console-socket
hint: leave --console-socket out, or set process.terminal to true"
    config 'del(.process)'
    create_with_socket
    assert_failure 1
    assert_stderr_has 'process.terminal: is not true'
    kill "$listener"
    nothing_left
}

@test "[P2] a terminal that nobody takes is refused" {
    run_tare create --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr "tare: create '$id': $bundle/config.json:23:17: process.terminal: nobody takes the terminal
hint: give --console-socket PATH, or wait for the process (no --detach), or set it to false"
    run_tare run --detach --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'process.terminal: nobody takes the terminal'
    nothing_left
}

@test "[E1.console.5] a start that fails behind the terminal fails as without one" {
    config '.process.args = ["/missing"]'
    listen
    expected_status=127 create_with_socket
    assert_failure 127
    assert_stderr_has 'exec: "/missing": stat /missing: no such file or directory'
    run_listener
    assert_success
    assert_line '# descriptors=1'
    nothing_left
}

@test "a start that fails before the terminal ends the connection without a message" {
    config '.mounts += [{ destination: "/x", type: "nonsense" }]'
    listen
    create_with_socket
    assert_failure 1
    run_listener
    assert_success
    assert_line '# length=0'
    nothing_left
}

# Birth is tried twice then, but an engine takes one connection only.
@test "a start from a cgroup on which cgroup.kill was used sends one terminal" {
    needs_cgroup_file cgroup.kill
    local spoilt=$TARE_TEST_CGROUP/spoilt
    mkdir "$spoilt"
    echo 1 >"$spoilt/cgroup.kill"
    listen
    run bash -c 'echo 0 >"$1/cgroup.procs"; shift; exec "$@" </dev/null' _ "$spoilt" \
        "$TARE" --root "$state" create --console-socket "$socket" --bundle "$bundle" "$id"
    assert_success
    assert_output ''
    tare start "$id"
    run_listener
    assert_line hello
    tare delete "$id"
    rmdir "$spoilt"
    nothing_left
}

@test "--dry-run shows the terminal's way" {
    run_tare create --dry-run --console-socket /run/console.sock --bundle "$bundle" "$id"
    assert_success
    assert_line --regexp '^    connect to the console socket +"/run/console.sock"$'
    assert_line --regexp '^    open the terminal +true$'
    refute_line --partial 'take the terminal'
    run_tare run --dry-run --bundle "$bundle" "$id"
    assert_success
    assert_line --partial 'take the terminal'
    refute_line --partial 'connect to the console socket'
    nothing_left
}
