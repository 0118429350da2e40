#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What tare costs stays below the ceilings of tests/bench/ceilings.table, and they stay close above
# it.  They are those of one build on one system; elsewhere nothing is judged.

load ../helpers/tare

here=${BATS_TEST_FILENAME%/*}
table=$here/ceilings.table

setup_file() {
    export elsewhere measured=$BATS_FILE_TMPDIR/measured
    elsewhere=$(why_elsewhere)
    [ -n "$elsewhere" ] || ! can_run || timeout 600 "$here/ceilings" --measure >"$measured"
}

setup() {
    [ -z "$elsewhere" ] || skip "$elsewhere"
    need_root
}

teardown() {
    :
}

can_run() {
    [ "$(id -u)" = 0 ] && [ -n "${TARE_TEST_ISOLATED:-}" ] && [ -n "${TARE_TEST_CGROUP:-}" ]
}

# Prints why this is not what the ceilings are for; nothing, if it is.
why_elsewhere() {
    local system=unknown options unwanted
    if [ -n "${TARE_REFUSED:-}" ]; then
        echo "the ceilings are for a kernel that lacks nothing"
        return
    fi
    # shellcheck disable=SC1091 # the system's
    [ ! -r /etc/os-release ] || system=$(. /etc/os-release && echo "$ID ${VERSION_ID:-}")
    if [ "$system $(uname -m)" != 'debian 12 x86_64' ]; then
        echo "the ceilings are for debian 12 x86_64, this is $system $(uname -m)"
        return
    fi
    options=" $("$build/config.status" --config)"
    options=${options//\'/} # around those words that need it; older versions quote all
    for unwanted in --disable-static --without-seccomp --with-seccomp=no --with-init-cc \
        --enable-sanitizers --enable-coverage --enable-fuzzing --enable-lto CC=clang CFLAGS= \
        CPPFLAGS= LDFLAGS=; do
        case $options in
        *" $unwanted"*) echo "the ceilings are for a build without $unwanted" && return ;;
        esac
    done
    nm "$build/src/tare-init.full" | grep -qw __init_libc ||
        echo "the ceilings are for an init program with musl"
}

# judge KIND: one line for each that is wrong.  A ceiling may be five percent above what is measured,
# and above that by what the values wobble: that much they have differed in a row of runs.  (A wait
# may be a look longer, a page of the stack more or less; a program is laid out in pages; features
# looks for criu, and tells of it.)
judge() {
    awk -v kind="$1/" '
        BEGIN {
            wobble["calls/"] = 3
            wobble["faults/"] = 4
            wobble["kib/"] = 4
            wobble["instructions/"] = 300
            wobble["instructions/features"] = 6000
            wobble["bytes/tare"] = 4096
        }
        FILENAME == ARGV[1] { value[$1] = $2; next }
        /^#/ || index($1, kind) != 1 { next }
        { known[$1] = 1 }
        !($1 in value) { print $1 ": has not been measured"; next }
        value[$1] > $2 {
            printf "%s: %d, the ceiling is %d: %d (%.1f %%) too many\n", $1, value[$1], $2,
                value[$1] - $2, (value[$1] - $2) * 100 / $2
        }
        NF > 2 && $2 > $3 { print $1 ": the ceiling is " $2 ", the design allows " $3 }
        $1 in value && (value[$1] + wobble[kind] + wobble[$1]) * 1.05 + 1 < $2 {
            printf "%s: %d, the ceiling is %d: lower it\n", $1, value[$1], $2
        }
        END {
            for (name in value)
                if (index(name, kind) == 1 && !(name in known))
                    print name ": " value[name] ", and has no ceiling"
        }' "$measured" "$table"
}

# holds KIND: as `judge` says.
holds() {
    local findings
    findings=$(judge "$1")
    [ -z "$findings" ] || fail "$findings
tests/bench/ceilings.table says how the table is made anew"
}

@test "system calls" {
    command -v strace >/dev/null || skip "needs strace"
    holds calls
}

@test "page faults" {
    holds faults
}

@test "size of the programs" {
    holds bytes
}

@test "memory of the init that waits" {
    holds kib
}

@test "instructions" {
    command -v valgrind >/dev/null || skip "needs valgrind"
    holds instructions
}

@test "a ceiling that is exceeded, too high, missing or not measured is found" {
    measured=$BATS_TEST_TMPDIR/measured
    table=$BATS_TEST_TMPDIR/table
    printf '%s\n' 'a/over 111' 'a/close 100' 'a/low 100' 'a/new 5' 'a/design 10' 'b/other 1' \
        'kib/page 116' 'kib/two 112' >"$measured"
    printf '%s\n' '# a/comment 1' 'a/over 110' 'a/close 106' 'a/low 107' 'a/gone 7' \
        'a/design 11 10' 'b/other 0' 'kib/page 126' 'kib/two 126' >"$table"
    assert_equal "$(judge kib)" "kib/two: 112, the ceiling is 126: lower it"
    assert_equal "$(judge a)" "a/over: 111, the ceiling is 110: 1 (0.9 %) too many
a/low: 100, the ceiling is 107: lower it
a/gone: has not been measured
a/design: the ceiling is 11, the design allows 10
a/new: 5, and has no ceiling"
}

@test "another build is not judged" {
    local option
    build=$BATS_TEST_TMPDIR
    for option in --enable-lto --with-init-cc=gcc CC=clang-16 CFLAGS=-O3 \
        "'CC=clang'" "'CFLAGS=-g -O3'"; do
        printf '#!/bin/sh\necho "%s"\n' "--enable-werror $option" >"$build/config.status"
        chmod +x "$build/config.status"
        run why_elsewhere
        option=${option#\'}
        assert_output --partial "the ceilings are for a build without ${option%%[!A-Za-z-]*}"
    done
}
