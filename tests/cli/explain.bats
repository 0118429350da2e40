#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# tare explain, and that its codes are those that can occur.

load ../helpers/tare
load ../helpers/terminal

teardown() {
    :
}

# codes PART: those of errors (1) or of causes (2).
codes() {
    "$TARE" explain | awk -v part="$1" '/:$/ { part--; next } !part && /^E-/ { print $1 }'
}

@test "explain lists the codes of errors and of causes, one a line" {
    run_tare explain
    assert_success
    assert_stderr ''
    assert_line --index 0 'What failed:'
    assert_line --regexp '^E-CONFIG {17}a document asks for something wrong'
    assert_line 'Why, where that could be found:'
    assert_line --regexp '^E-SOURCE-MISSING +what is to be mounted is not there$'
    assert_equal "$(codes 1 | wc -l)" 26
    assert_equal "$(printf '%s\n' "$(codes 1)" "$(codes 2)" | sort | uniq --repeated)" ''
}

@test "explain CODE tells of an error, with its causes, and of a cause, with what to try" {
    run_tare explain E-CONTROLLER
    assert_success
    assert_output 'E-CONTROLLER: a limit needs a cgroup controller that is not there
E-CGROUP-NOT-DELEGATED   we may not make a cgroup there, or hand controllers down
E-CGROUP-READ-ONLY       the cgroups are mounted read-only, as in a container
E-CGROUP-BUSY            a cgroup has processes or hands controllers down, and never does both'
    run_tare explain E-NO-FILESYSTEM
    assert_success
    assert_output 'E-NO-FILESYSTEM: the kernel does not know such a filesystem
  fsmount, ENODEV: /proc/filesystems has no ...: load its module on the host, or mend the type; '\
'a bind mount has the option bind'
}

@test "capitals and small letters of a code are alike" {
    local code
    for code in E-Config E-No-FileSystem; do
        assert_equal "$("$TARE" explain "$code")" "$("$TARE" explain "${code^^}")"
    done
}

@test "no line is wider than a terminal, and what goes on stands below what is told" {
    local code
    for code in '' E-CONFIG E-NO-FILESYSTEM; do
        # shellcheck disable=SC2086 # no word at all for the first
        at_terminal -- "$TARE" explain $code
        output=$(grep -v '^# ' <<<"$output")
        [ "$(wc -L <<<"$output")" -le 80 ] || fail "explain $code: $output"
        # shellcheck disable=SC2086
        assert_equal "$(xargs -d '\n' <<<"$output" | tr -s ' ')" \
            "$("$TARE" explain $code | xargs -d '\n' | tr -s ' ')"
    done
    at_terminal -- "$TARE" explain
    assert_line --regexp '^ {25}have: the text names line and column$'
}

@test "an unknown code is a usage error, with the nearest one" {
    run_tare explain E-CONTROLER
    assert_failure 64
    assert_stderr "tare: explain: unknown code 'E-CONTROLER'
hint: did you mean 'E-CONTROLLER'?"
    run_tare explain e-no-filesystm
    assert_failure 64
    assert_stderr_has "did you mean 'E-NO-FILESYSTEM'?"
    run_tare explain 5
    assert_failure 64
    assert_stderr "tare: explain: unknown code '5'
hint: 'tare explain' lists the codes"
}

@test "an errno is no code, and is told from one" {
    run_tare explain ENOENT
    assert_failure 64
    assert_stderr "tare: explain: 'ENOENT' is no code of tare, but an errno: not found (ENOENT)
hint: the [E-...] behind an error's hint says more; 'tare explain' lists the codes"
    run_tare explain eperm
    assert_failure 64
    assert_stderr_has "'eperm' is no code of tare, but an errno: not permitted (EPERM)"
    run_tare explain EMOUNT
    assert_failure 64
    assert_stderr_has "did you mean 'E-MOUNT'?"
}

@test "every code that is explained can occur, and none else does" {
    local source=$helpers/../../src code name
    [ -d "$source" ] || skip "needs the source"
    for code in $(codes 1); do
        name=ERROR_$(tr - _ <<<"${code#E-}")
        grep -rlw --include='*.c' "$name" "$source" |
            grep -qv 'cli/explain.c\|cli/causes.c\|base/error_names.c' || fail "$code cannot occur"
    done
}

# rows CODE: the hints of its rows, "..." for what is found.
rows() {
    "$TARE" explain "$1" | sed -nE '2,$s/^  (([a-z][a-z0-9_]*(, E[A-Z]+)?|E[A-Z]+): )?//p'
}

# own_words HINT: what a test has to quote of it.  It is the beginning of its longest piece: behind
# what is found 20 bytes of it; if the hint itself begins so a quote, and 29.
own_words() {
    awk -v hint="$1" 'BEGIN {
        count = split(hint, pieces, /\.\.\./)
        for (i = 1; i <= count; i++)
            if (length(pieces[i]) > length(longest))
                longest = pieces[where = i]
        print where == 1 ? "\047" substr(longest, 1, 29) : substr(longest, 1, 20)
    }'
}

# Strings of tests may go on in the next line, and have quotes of both kinds, or "hint: " before it.
@test "each row of a cause is made to happen by a test that quotes its code and its hint" {
    local code hint words known=$'\n' missing='' tests=$BATS_TEST_TMPDIR/tests
    find "$helpers/.." -name '*.bats' ! -name explain.bats -exec cat {} + |
        sed -e ':join' -e '/\\$/N;s/\\\n//;tjoin' |
        sed -e 's/hint: /\x27/g' -e 's/"/\x27/g' >"$tests"
    for code in $(codes 2); do
        grep -qF "[$code]" "$tests" || fail "no test makes $code happen"
        while read -r hint; do
            words=$(own_words "$hint")
            grep -qF -- "$words" "$tests" || missing+="$code: $words"$'\n'
            case $known in
            *$'\n'"$words"$'\n'*) fail "two rows begin alike, no test tells them apart: $hint" ;;
            esac
            known+=$words$'\n'
        done < <(rows "$code")
    done
    assert_equal "$missing" ''
}
