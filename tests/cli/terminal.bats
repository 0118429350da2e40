#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# `run` in the foreground with a terminal: tare itself sits between the container's terminal and the
# user's, or whatever the standard streams are.

load ../helpers/tare
load ../helpers/terminal

setup() {
    setup_bundle
    running=("$TARE" --root "$state" run --bundle "$bundle" "$id")
}

@test "run shows what the container says, and types what the user types" {
    with_terminal chain say ready ';' line ';' exit 3
    at_terminal expect ready modes wait-raw send 'typed\r' -- "${running[@]}"
    assert_success
    assert_line line=typed
    assert_line '# left=cooked'
    assert_line '# status=3'
    nothing_left
}

@test "^C goes to the container as what it is there" {
    with_terminal trap 2
    at_terminal expect ready wait-raw send '\003' -- "${running[@]}"
    assert_success
    assert_output --partial 'got 2'
    assert_line '# left=cooked'
    assert_line '# status=0'
    nothing_left
}

@test "the user's terminal is raw meanwhile, and passes every byte" {
    with_terminal chain trap 3 ';' exit 4
    at_terminal wait-raw expect ready modes send '\001\021\023\034' -- "${running[@]}"
    assert_success
    assert_line '# modes=raw'
    assert_output --partial 'got 3'
    assert_line '# left=cooked'
    nothing_left
}

@test "[P3] the terminal has the size of the user's, and follows it" {
    with_terminal chain size ';' trap 28 ';' size
    at_terminal expect ready resize 50 132 -- "${running[@]}"
    assert_success
    assert_line 'size=24 80'
    assert_line 'got 28'
    assert_line 'size=50 132'
}

@test "[P3] consoleSize comes first, then the user's size counts" {
    with_terminal chain size ';' trap 28 ';' size
    config '.process.consoleSize = { height: 5, width: 6 }'
    at_terminal expect ready resize 50 132 -- "${running[@]}"
    assert_success
    assert_line 'size=5 6'
    assert_line 'size=50 132'
}

@test "signals that run gets are passed on, and the user's terminal is restored" {
    local number
    with_terminal
    for number in 1 2 3 10 15; do
        witness_runs chain trap "$number" ';' exit 4
        at_terminal expect ready wait-raw signal "$number" -- "${running[@]}"
        assert_success
        assert_line "got $number"
        assert_line '# left=cooked'
        assert_line '# status=4'
    done
    nothing_left
}

@test "the user's terminal is restored when the container is killed" {
    with_terminal chain say ready ';' sleep 100
    at_terminal expect ready wait-raw shell "'$TARE' --root '$state' kill $id KILL" -- \
        "${running[@]}"
    assert_success
    assert_line '# left=cooked'
    assert_line '# status=137'
    nothing_left
}

@test "a start that fails leaves the user's terminal as it is, and says why" {
    with_terminal
    config '.process.args = ["/missing"]'
    at_terminal -- "${running[@]}"
    assert_success
    assert_line --partial 'stat /missing: no such file or directory'
    assert_line '# left=cooked'
    assert_line '# status=127'
    nothing_left
}

@test "a hang-up is passed on, and what is said behind it stops nobody" {
    with_terminal chain trap 1 ';' numbers 20000 ';' write /tmp/end reached ';' exit 4
    at_terminal expect ready wait-raw hang-up -- "${running[@]}"
    assert_success
    assert_line '# status=4'
    assert_equal "$(cat "$rootfs/tmp/end")" reached
    nothing_left
}

# ticks PROCESS: of the processor, that it has used.
ticks() {
    awk '{ print $14 + $15 }' "/proc/$1/stat"
}

# stays_quiet PROCESS: it uses next to nothing of the processor.
stays_quiet() {
    local before
    before=$(ticks "$1")
    sleep 0.5
    [ "$(($(ticks "$1") - before))" -le 5 ] || fail "it has used $(ticks "$1") - $before ticks"
}

@test "a user who is gone, or a terminal that nobody has open, costs no time" {
    with_terminal chain trap 1 ';' write /tmp/hung-up yes ';' reopen /dev/console /tmp/go-on
    "$console" pty 24 80 expect ready wait-raw hang-up -- "${running[@]}" </dev/null \
        >"$BATS_TEST_TMPDIR/shown" 3>&- &
    local user=$!
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/shown"
    wait_until 5 test -s "$rootfs/tmp/hung-up"
    stays_quiet "$(pgrep -x tare)"
    : >"$rootfs/tmp/go-on"
    wait "$user"
    grep -qx '# status=0' "$BATS_TEST_TMPDIR/shown"
    nothing_left
}

@test "a terminal that nobody had open for a while goes on" {
    with_terminal chain say first ';' reopen /dev/console /tmp/go-on ';' say second ';' \
        line
    at_terminal expect first shell "sleep 0.3; : >'$rootfs/tmp/go-on'" expect second send 'x\r' -- "${running[@]}"
    assert_success
    assert_line first
    assert_line second
    assert_line line=x
    assert_line '# status=0'
}

@test "as a background job, run waits until it has the terminal" {
    with_terminal line
    # shellcheck disable=SC2016 # for the inner shell
    at_terminal expect 'in the background' expect cooked expect foreground wait-raw send 'x\r' -- \
        bash -c 'set -m
            "$@" & pid=$!
            until grep -q "^State:.T" "/proc/$pid/status"; do sleep 0.02; done
            echo in the background
            stty -a | grep -q " icanon" && echo cooked
            echo to the foreground
            fg' _ "${running[@]}"
    assert_success
    assert_line line=x
    assert_line '# left=cooked'
    assert_line '# status=0'
    nothing_left
}

# piped COMMAND...: the bundle, with its input from this function's, through a command.
piped() {
    "${running[@]}" | "$@"
    echo "status=${PIPESTATUS[0]}"
}

@test "from a pipe, its end is typed as the end of input" {
    with_terminal chain line ';' line ';' exit 3
    run piped tr -d '\r' < <(printf 'one\n')
    assert_output --partial line=one
    assert_line 'end behind line='
    assert_line status=3
    # Within a line it takes two.
    run piped tr -d '\r' < <(printf 'one\ntwo')
    # The terminal may show what is typed before or behind what the program says.
    assert_output --partial line=one
    assert_line --regexp '^(two)?end behind line=two$'
    witness_runs line
    run piped tr -d '\r' </dev/null
    assert_line 'end behind line='
    assert_line status=0
    nothing_left
}

@test "into a pipe, everything is written, however slow its reader" {
    with_terminal numbers 20000
    run piped bash -c 'sleep 0.5; tr -d "\r" | tail -n 1; sleep 0.1' </dev/null
    assert_line 'number 20000'
    run piped wc -l </dev/null
    assert_line 20000
    nothing_left
}

@test "a reader who has seen enough does not stop the container" {
    with_terminal chain numbers 20000 ';' write /tmp/end reached ';' exit 3
    run piped head -n 1 </dev/null
    assert_line status=3
    assert_equal "$(cat "$rootfs/tmp/end")" reached
    nothing_left
}

@test "what standard output does not take is an error, and the container runs on" {
    with_terminal chain say words ';' mkdir /ran
    run --separate-stderr bash -c '"$@" </dev/null >/dev/full' _ "${running[@]}"
    assert_failure 1
    assert_equal "$stderr" "tare: run '$id': standard output: what the container said is lost: \
no space left (ENOSPC)"
    [ -d "$rootfs/ran" ]
    nothing_left
}

@test "the status of a process that has failed is not lost with its words" {
    with_terminal chain say words ';' exit 3
    run --separate-stderr bash -c '"$@" </dev/null >/dev/full' _ "${running[@]}"
    assert_failure 3
    [[ $stderr == *'what the container said is lost'* ]]
    nothing_left
}

@test "exec into a full standard output fails like exec" {
    with_terminal
    config '.process.terminal = false'
    start_container sleep 100
    run --separate-stderr bash -c '"$@" </dev/null >/dev/full' _ \
        "$TARE" --root "$state" exec --tty "$id" /witness say words
    assert_failure 255
    [[ $stderr == *'what the container said is lost'* ]]
    tare delete --force "$id"
    nothing_left
}

# has_said BYTES: whether the container's process has written more than that, see proc(5).
has_said() {
    local pid said
    pid=$(tare state "$id" | jq .pid)
    said=$(sed -n 's/^wchar: //p' "/proc/$pid/io")
    [ "$said" -gt "$1" ]
}

@test "who does not read what a dead container has said can be given up" {
    with_terminal chain numbers 20000 ';' say end
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    exec 7<>"$BATS_TEST_TMPDIR/pipe" # nobody reads it
    "${running[@]}" </dev/null >"$BATS_TEST_TMPDIR/pipe" 3>&- &
    local runner=$!
    # More than the pipe holds: killed, the container has said what nobody reads.
    wait_until 5 has_status "$id" running
    wait_until 5 has_said 65536
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    kill -0 "$runner"
    kill -TERM "$runner"
    wait "$runner" || [ $? = 137 ]
    exec 7<&-
    nothing_left
}

# unread COMMAND [ARGUMENT...]: at a terminal that nobody reads; it gets SIGTERM when that is full,
# and once more a second later.  One that ends before it writes, as a start that is refused, failed.
unread() {
    python3 -c 'import os, pty, select, subprocess, sys, time
ours, its = pty.openpty()
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=its)
while not select.select([ours], [], [], 0.1)[0]:
    if process.poll() is not None:
        sys.exit(1)
for _ in range(2):
    time.sleep(1)
    process.terminate()
process.wait(timeout=10)' "$@"
}

# What is written to a terminal that is full waits in the kernel.
@test "a terminal that nobody reads does not keep tare from its signals" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))' # the first process dies by SIGTERM
    with_terminal chain numbers 200000 ';' sleep 100
    run unread "${running[@]}"
    assert_success
    nothing_left
}

@test "a run that is killed leaves a container whose terminal has hung up" {
    with_terminal line
    at_terminal wait-raw shell "kill -KILL \$(pgrep -x tare)" -- "${running[@]}"
    assert_success
    assert_line '# killed=9'
    wait_until 5 has_status "$id" stopped
    tare delete "$id"
    nothing_left
}
