#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    file=$BATS_TEST_TMPDIR/pid
}

@test "[E1.pidfile.1] --pid-file holds the digits of the pid and nothing else" {
    tare create --pid-file "$file" --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    assert_equal "$(od -An -c "$file" | tr -d ' \n')" "$(tare state "$id" | jq .pid)"
}

# seen_in DIRECTORY COMMAND...: what befalls the files in it meanwhile (inotify(7)), in order.
seen_in() {
    python3 - "$@" 3>&- <<'SCRIPT'
import ctypes, os, struct, subprocess, sys
kinds = {0x2: "modify", 0x40: "moved-from", 0x80: "moved-to", 0x100: "create", 0x200: "delete"}
libc = ctypes.CDLL(None)
watch = libc.inotify_init1(os.O_NONBLOCK)
assert libc.inotify_add_watch(watch, sys.argv[1].encode(), sum(kinds)) > 0
subprocess.run(sys.argv[2:], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
               stderr=subprocess.DEVNULL)
events, at = os.read(watch, 65536), 0
while at < len(events):
    _, kind, _, length = struct.unpack_from("iIII", events, at)
    at += 16 + length
    print(kinds[kind], events[at - length:at].rstrip(b"\0").decode())
SCRIPT
}

# What is moved there has been written by then.
replaced_at_once='modify unnamed
create pid.new
moved-from pid.new
moved-to pid'

@test "[E1.pidfile.2] --pid-file replaces what was there, also an empty file, and is never seen empty" {
    local kept folder=$BATS_TEST_TMPDIR/folder
    mkdir "$folder"
    file=$folder/pid
    for kept in '' 'something longer than a number'; do
        printf %s "$kept" >"$file"
        ln -f "$file" "$BATS_TEST_TMPDIR/kept"
        run seen_in "$folder" "$TARE" --root "$state" create --pid-file "$file" \
            --bundle "$bundle" "$id"
        assert_equal "$(sed -E 's/pid\.[0-9]+/pid.new/; s/#[0-9]+/unnamed/' <<<"$output")" "$replaced_at_once"
        assert_equal "$(<"$file")" "$(tare state "$id" | jq .pid)"
        assert_equal "$(<"$BATS_TEST_TMPDIR/kept")" "$kept"
        tare delete --force "$id"
    done
    nothing_left
}

@test "[E1.pidfile.2] so does that of exec" {
    local folder=$BATS_TEST_TMPDIR/folder
    mkdir "$folder"
    file=$folder/pid
    start_container sleep 100
    : >"$file"
    run seen_in "$folder" "$TARE" --root "$state" exec --detach --pid-file "$file" "$id" \
        /witness sleep 100
    assert_equal "$(sed -E 's/pid\.[0-9]+/pid.new/; s/#[0-9]+/unnamed/' <<<"$output")" "$replaced_at_once"
    assert_equal "$(tr -d '\0' <"/proc/$(<"$file")/cmdline")" /witnesssleep100
    tare delete --force "$id"
    nothing_left
}

@test "--pid-file is relative to the current directory" {
    cd "$BATS_TEST_TMPDIR"
    tare create --pid-file=pid --bundle bundle "$id" </dev/null >/dev/null 2>&1
    [ -s pid ]
}

@test "[E1.pidfile.3] a start that fails writes no pid file" {
    config '.process.args = ["/missing"]'
    expected_status=127 run_tare run --pid-file "$file" --bundle "$bundle" "$id"
    assert_failure 127
    [ ! -e "$file" ]
    nothing_left
}

@test "a pid file that cannot be written fails the command, and nothing is left" {
    run_tare run --pid-file "$BATS_TEST_TMPDIR/no/pid" --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "$BATS_TEST_TMPDIR/no/pid"
    nothing_left
    mkdir "$file"
    run_tare create --pid-file "$file" --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "$file"
    assert_equal "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'pid*')" "$file"
    nothing_left
}

@test "a tare that is killed leaves no file beside the pid file" {
    local create
    config --arg witness "$witness" '.hooks.prestart = [{ path: $witness,
        args: ["witness", "sleep", "1000"] }]'
    mkdir "$BATS_TEST_TMPDIR/engine"
    "$TARE" --root "$state" create --pid-file "$BATS_TEST_TMPDIR/engine/pid" --bundle "$bundle" \
        "$id" </dev/null >/dev/null 2>&1 3>&- &
    create=$!
    wait_until 20 pgrep -fx 'witness sleep 1000' >/dev/null
    kill -KILL "$create"
    wait "$create" || :
    tare gc
    assert_equal "$(ls "$BATS_TEST_TMPDIR/engine")" ''
    nothing_left
}

@test "a pid file on a filesystem that has no files without a name" {
    local folder=$BATS_TEST_TMPDIR/folder
    mkdir "$folder"
    strace -o "$BATS_TEST_TMPDIR/calls" -P "$folder/" -e trace=open,openat \
        -e inject=open,openat:error=EOPNOTSUPP \
        "$TARE" --root "$state" create --pid-file "$folder/pid" --bundle "$bundle" "$id" \
        </dev/null >/dev/null 2>&1
    grep -q INJECTED "$BATS_TEST_TMPDIR/calls"
    assert_equal "$(ls "$folder")" pid
    assert_equal "$(<"$folder/pid")" "$(tare state "$id" | jq .pid)"
    tare delete --force "$id"
    nothing_left
}
