# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# What the tests of terminals share, besides tare.bash:
#
#     load ../helpers/tare
#     load ../helpers/terminal

console=$build/tests/helpers/console

# with_terminal [WORD...]: gives the process a terminal; the words are for the witness.
with_terminal() {
    config '.process.terminal = true | .mounts += [{
        destination: "/dev/pts", type: "devpts", source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] }]'
    [ $# = 0 ] || witness_runs "$@"
}

# listen [ACTION...]: an engine at $socket; what it sees goes to $BATS_TEST_TMPDIR/heard.
listen() {
    socket=${socket:-$BATS_TEST_TMPDIR/console.sock}
    "$console" listen "$socket" "$@" >"$BATS_TEST_TMPDIR/heard" 2>&1 </dev/null 3>&- &
    listener=$!
    wait_until 30 [ -S "$socket" ]
}

# Waits for the engine's end; its lines are bats' output.
run_listener() {
    run listener_ends
}

listener_ends() {
    local result=0
    wait_until 70 listener_is_gone # it gives up after a minute
    tr -d '\r' <"$BATS_TEST_TMPDIR/heard"
    ! grep -q '^# gave-up' "$BATS_TEST_TMPDIR/heard"
}

listener_is_gone() {
    ! kill -0 "$listener" 2>/dev/null
}

# at_terminal [ACTION...] -- COMMAND [ARGUMENT...]: a user at a terminal of 24 rows.
at_terminal() {
    run at_terminal_apart "$@"
}

at_terminal_apart() {
    "$console" pty 24 80 "$@" >"$BATS_TEST_TMPDIR/shown" </dev/null 3>&-
    local result=$?
    tr -d '\r' <"$BATS_TEST_TMPDIR/shown"
    return "$result"
}
