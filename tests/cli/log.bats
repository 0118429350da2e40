#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    log=$BATS_TEST_TMPDIR/log
}

# Runs a container that must be refused.
run_refused() {
    config '.hostname = "'"$(printf 'x%.0s' {1..65})"'"'
    run_tare "$@" run --bundle "$bundle" "$id"
    assert_failure 1
}

@test "[E0.8.1 E0.6.1 ER1] a failing run leaves one JSON record of level error, and says the same on standard error" {
    run_refused --log "$log" --log-format json
    assert_equal "$(wc -l <"$log")" 1
    assert_equal "$(jq -r .level "$log")" error
    assert_equal "$stderr" "tare: $(jq -r .msg "$log")"
    assert_equal "$(jq -r .code "$log")" E-CONFIG
    assert_equal "$(jq -r .field "$log")" hostname
    jq -r .time "$log" | grep -qE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]+Z$'
    date -d "$(jq -r .time "$log")" >/dev/null
}

@test "the hint is a key of its own in the record, and a line of its own on standard error" {
    config '.ociVersion = "1"'
    run_tare --log "$log" --log-format=json run --bundle "$bundle" "$id"
    assert_failure 1
    assert_equal "$(wc -l <"$log")" 1
    assert_equal "$stderr" "tare: $(jq -r .msg "$log")
hint: $(jq -r .hint "$log")"
    assert_equal "$(jq -r '.msg | test("hint")' "$log")" false
}

@test "the record has field, line and column apart, and of a refused call its name, object and errno" {
    run_refused --log "$log" --log-format json
    jq -e '. as $all | .msg | contains("config.json:\($all.line):\($all.column): hostname")' "$log"
    jq -e 'has("syscall") or has("object") or has("errno") | not' "$log"
    rm "$log"
    config '.hostname = "x" | .mounts += [{ destination: "/mnt", source: "/nowhere/at/all",
        type: "bind", options: ["bind"] }]'
    run_tare --log "$log" --log-format json run --bundle "$bundle" "$id"
    assert_failure 1
    assert_equal "$(jq -r '.code, .field, .syscall, .object, .errno' "$log" | xargs)" \
        'E-MOUNT mounts[2].source open_tree /nowhere/at/all ENOENT'
    jq -e '. as $all | .msg | contains("config.json:\($all.line):\($all.column): mounts[2]")' "$log"
}

@test "[E0.8.2] a run that succeeds writes nothing to the log" {
    run_tare --log "$log" --log-format json run --bundle "$bundle" "$id"
    assert_success
    assert_output hello
    assert_stderr ''
    [ ! -s "$log" ]
}

@test "[E0.8.3] the log file is appended to" {
    echo before >"$log"
    run_refused --log "$log" --log-format json
    assert_equal "$(head -n 1 "$log")" before
    assert_equal "$(wc -l <"$log")" 2
}

@test "the text format has time, level and msg" {
    run_refused --log "file:$log"
    assert_equal "$(wc -l <"$log")" 1
    grep -qE '^time="[0-9T:.Z-]+" level=error msg="run .*hostname.*"$' "$log"
}

# received_at SOCKET COMMAND...: what the command sends to a daemon there, as it is.
received_at() {
    mkdir -p "$(dirname "$1")"
    python3 - "$@" 3>&- <<'SCRIPT'
import os, socket, subprocess, sys
daemon = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
daemon.bind(sys.argv[1])
subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
daemon.setblocking(False)
try:
    while True:
        print(daemon.recv(65536).decode())
except BlockingIOError:
    pass
os.unlink(sys.argv[1])
SCRIPT
}

@test "[E0.8.7] --log journald:NAME says to the journal what it says on standard error" {
    run --separate-stderr received_at /run/systemd/journal/socket "$TARE" --root "$state" \
        --log journald:web --log-format json state nobody
    assert_equal "$stderr" 'tare: state '\''nobody'\'': container "nobody" does not exist'
    assert_output "PRIORITY=3
SYSLOG_IDENTIFIER=web
MESSAGE=${stderr#tare: }
TARE_CODE=E-UNKNOWN"
    run --separate-stderr received_at /run/systemd/journal/socket "$TARE" --root "$state" \
        --log journald: run --bundle "$bundle" "$id"
    assert_output ''
    assert_stderr ''
    nothing_left
}

@test "[E0.8.4] [ER3] warnings come with --log-level warn, and are no error" {
    config 'del(.process.user.umask)'
    umask 0
    run_tare --log "$log" --log-format json --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_output hello
    assert_stderr ''
    jq -e -s 'map(.level) | unique == ["warning"]' "$log"
    jq -e -s 'map(.msg) | any(test("umask"))' "$log"
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_stderr_has 'tare: warning: process.user.umask is absent'
}

@test "[E0.8.4] --debug shows at least the warnings" {
    config 'del(.process.user.umask)'
    umask 0
    run_tare --debug run --bundle "$bundle" "$id"
    assert_success
    assert_stderr_has 'tare: warning: process.user.umask is absent'
}

@test "a wrong level or format is a usage error, a file that cannot be opened an error" {
    run_tare --log-level loud run --bundle "$bundle" "$id"
    assert_failure 64
    assert_stderr_has loud
    run_tare --log-format xml run --bundle "$bundle" "$id"
    assert_failure 64
    assert_stderr_has xml
    run_tare --log "$BATS_TEST_TMPDIR/no/log" run --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "$BATS_TEST_TMPDIR/no/log"
    nothing_left
}

@test "what the config says cannot break out of its line" {
    config '.annotations = { "": "x\n\u001b[2J\"\\" }'
    run_tare --log "$log" --log-format json run --bundle "$bundle" "$id"
    assert_failure 1
    assert_equal "$(wc -l <"$log")" 1
    jq -e .msg "$log"
    assert_equal "$(tr -d '[:print:]\n' <<<"$stderr")" ''
    assert_equal "$(wc -l <<<"$stderr")" 1
}

@test "a log that is a fifo needs a reader, and none is waited for" {
    mkfifo "$log"
    run_tare_briefly() { timeout 60 "$TARE" --root "$state" --log "$log" "$@"; }
    run --separate-stderr run_tare_briefly list
    assert_failure 1
    assert_stderr "tare: list: open the log file $log: no device behind it (ENXIO)
hint: a fifo needs somebody who reads it"
    exec {reader}<>"$log"
    run --separate-stderr run_tare_briefly state nobody
    assert_failure 1
    assert_stderr_has 'does not exist'
    read -r -t 60 line <&"$reader"
    [[ $line == *'does not exist'* ]] || fail "the log says: $line"
    exec {reader}<&-
}
