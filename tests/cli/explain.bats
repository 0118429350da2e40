#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# tare explain, and that its codes are those that can occur.

load ../helpers/tare

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

@test "an unknown code is a usage error, with the nearest one" {
    run_tare explain E-CONTROLER
    assert_failure 64
    assert_stderr "tare: explain: unknown code 'E-CONTROLER'
hint: did you mean 'E-CONTROLLER'?"
    run_tare explain 5
    assert_failure 64
    assert_stderr "tare: explain: unknown code '5'
hint: 'tare explain' lists the codes"
}

@test "every code that is explained can occur, and none else does" {
    local source=$helpers/../../src code name
    [ -d "$source" ] || skip "needs the source"
    for code in $(codes 1); do
        name=ERROR_$(tr - _ <<<"${code#E-}")
        grep -rlw --include='*.c' "$name" "$source" |
            grep -qv 'cli/explain.c\|cli/causes.c\|base/error_names.c' || fail "$code cannot occur"
    done
    # Of causes, each is made to happen by a test with its code in brackets.
    for code in $(codes 2); do
        grep -rqF "[$code]" --include='*.bats' "$helpers/.." || fail "no test makes $code happen"
    done
}
