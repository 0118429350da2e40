#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    witness_runs fds
}

# preserving COUNT: runs with 4, 5 and 7 as the only descriptors besides the standard ones.
preserving() {
    # bats and its shell have others open.
    run --separate-stderr bash -c 'for fd in /proc/$$/fd/*; do
            [ "${fd##*/}" -lt 3 ] || eval "exec ${fd##*/}>&-"
        done
        exec 4</dev/zero 5<"$2" 7>"$2/seven"
        exec "$1" --root "$3" run --preserve-fds "$4" --bundle "$5" "$6"' \
        _ "$TARE" "$BATS_TEST_TMPDIR" "$state" "$1" "$bundle" "$id" </dev/null
}

# Those above 2, as the process sees them.
others() {
    awk -F= '$1 > 2' <<<"$output" | xargs
}

@test "[E2.1] --preserve-fds passes 3 to N+2 as they are, holes allowed" {
    preserving 2
    assert_success
    assert_equal "$(others)" '4=char'
    preserving 3
    assert_equal "$(others)" '4=char 5=directory'
    preserving 5
    assert_equal "$(others)" '4=char 5=directory 7=file'
    nothing_left
}

@test "[E0.2.5] [FD1] without it nothing above 2 arrives" {
    preserving 0
    assert_success
    assert_equal "$(others)" ''
    preserving 1
    assert_equal "$(others)" ''
}

@test "more than there are is no error" {
    preserving 100
    assert_success
    assert_equal "$(others)" '4=char 5=directory 7=file'
}

@test "what is preserved is the caller's own file" {
    witness_runs cat /proc/self/fd/4
    echo content >"$BATS_TEST_TMPDIR/four"
    run bash -c 'exec "$@" 3>&- 4<"$0"' "$BATS_TEST_TMPDIR/four" \
        "$TARE" --root "$state" run --preserve-fds 2 --bundle "$bundle" "$id"
    assert_success
    assert_output content
}

@test "[E1.create.2] --preserve-fds survives create and start" {
    bash -c 'exec "$@" 3>&- 4</dev/zero' _ \
        "$TARE" --root "$state" create --preserve-fds=2 --bundle "$bundle" "$id" \
        </dev/null >"$BATS_TEST_TMPDIR/output" 2>&1
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    grep -qx '4=char' "$BATS_TEST_TMPDIR/output"
    assert_equal "$(awk -F= '$1 > 2' "$BATS_TEST_TMPDIR/output" | wc -l)" 1
}

@test "closed standard descriptors become /dev/null" {
    witness_runs chain write /proc/self/fd/1 x ';' fds
    run bash -c 'exec "$@" <&- 2>&-' _ "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line '0=char'
    assert_line '2=char'
}

@test "(T24) --preserve-fds takes plain numbers only" {
    ! is_other_runtime || skip "which words are numbers is tare's own rule"
    local word
    for word in -1 x '' 0x1 ' 1' '1 ' +1 1e3 4294967296 18446744073709551617; do
        run_tare run --preserve-fds "$word" --bundle "$bundle" "$id"
        assert_failure 64
        assert_output ''
        assert_stderr_has preserve-fds
    done
    nothing_left
}

# listening COUNT WORD...: runs it with 3 and 4 open, as somebody who has COUNT sockets for it.
listening() {
    run --separate-stderr bash -c 'for fd in /proc/$$/fd/*; do
            [ "${fd##*/}" -lt 3 ] || eval "exec ${fd##*/}>&-"
        done
        exec 3</dev/zero 4</dev/zero 5</dev/zero
        export LISTEN_PID=$$ LISTEN_FDS=$1 LISTEN_FDNAMES=web:admin
        shift
        exec "$@"' _ "$@" </dev/null
}

@test "[E2.4] [E2.2] what we are to listen on is the container's, and in front of what is preserved" {
    witness_runs chain fds ';' env
    listening 2 "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(grep '^[345]=' <<<"$output" | xargs)" '3=char 4=char'
    assert_line LISTEN_FDS=2
    assert_line LISTEN_PID=1
    assert_line LISTEN_FDNAMES=web:admin
    listening 2 "$TARE" --root "$state" run --preserve-fds 1 --bundle "$bundle" "$id"
    assert_equal "$(grep '^[345]=' <<<"$output" | xargs)" '3=char 4=char 5=char'
    assert_line LISTEN_FDS=2
    nothing_left
}

@test "[E2.2] what others are to listen on is not passed on" {
    witness_runs chain fds ';' env
    listening 2 bash -c '"$@"; exit' _ "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(grep '^[345]=' <<<"$output" | xargs)" ''
    refute_line --partial LISTEN
    nothing_left
}

@test "[E2.2] a LISTEN_FDS that is no number, and meant for us, is refused" {
    local number
    for number in x -1 '' 1025 0x1; do
        listening "$number" "$TARE" --root "$state" run --bundle "$bundle" "$id"
        assert_failure 64
        assert_stderr_has "LISTEN_FDS '$number' of the environment is not a number from 0 to 1024"
    done
    # Not for us: nobody's business.
    witness_runs env
    listening x bash -c '"$@"; exit' _ "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    nothing_left
}

@test "a process that has another number than 1 is told that one" {
    witness_runs chain readlink /proc/self ';' env
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    listening 1 "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line LISTEN_FDS=1
    assert_line "LISTEN_PID=${lines[0]}"
    nothing_left
}

@test "[E2.3] what we are to listen on comes into a container by exec, too" {
    start_container sleep 60
    listening 2 "$TARE" --root "$state" exec "$id" /witness chain readlink /proc/self ';' fds ';' env
    assert_success
    assert_equal "$(grep '^[345]=' <<<"$output" | xargs)" '3=char 4=char'
    assert_line LISTEN_FDS=2
    assert_line LISTEN_FDNAMES=web:admin
    assert_line "LISTEN_PID=${lines[0]}"
    listening 1 bash -c '"$@"; exit' _ "$TARE" --root "$state" exec "$id" /witness chain fds ';' env
    assert_equal "$(grep '^[345]=' <<<"$output" | xargs)" ''
    refute_line --partial LISTEN
    tare delete --force "$id"
    nothing_left
}
