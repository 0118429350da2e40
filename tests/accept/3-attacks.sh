#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The attacks of tests/security/attack on the program as it was built: every kind of them is there,
# and none succeeds; and what else the rows of CVEs in .github/SECURITY.md name passes.  Races see
# few starts here, and still so many that each of them hits: one that never does is a fault.
# `contrib/check attacks` has more.
set -eu
# shellcheck source=tests/accept/tap.bash
. "$(dirname "$0")/tap.bash"

STARTS=${TARE_ACCEPT_STARTS:-40}
ATTACKS=100 # there are more
NAMED=70    # so are tests in the table of CVEs
KINDS='T01 T02 T03 T04 T05 T06 T07 T10 T11 T13 T14 T15 T16 T20 T21 T22 T23 T24 T30 T40 T41 T42 T43'
KINDS+=' T31 T44 T50 T60 T62 T63 T64 T65 T66 T67'

isolate
need_cgroup
report=$(mktemp)
others=$(mktemp)
trap 'rm -f "$report" "$others"' EXIT

# What failed is shown; who looks for the sums below finds none if it broke off.
attack() {
    local status=0
    RUNTIME=$tare TARE_BUILD=$build "$top/tests/security/attack" --starts "$STARTS" >"$report" ||
        status=$?
    sed -n '/^not ok /,/^\(ok\|not ok\) /p;$p' "$report"
    return $status
}

# sum_of attacks|starts|hits|bad: of the last line.
sum_of() {
    tail -n 1 "$report" | tr -d ',' | tr ' ' '\n' | sed -n "/^$1\$/{n;p}"
}

# Those that were skipped have shown nothing.
every_kind_is_there() {
    local kind missing=''
    for kind in $KINDS; do
        grep -v '# skip' "$report" | grep -qE "^(not )?ok [0-9]+ .*\($kind\)" ||
            missing+=" $kind"
    done
    [ -z "$missing" ] || { echo "no attack:$missing" && return 1; }
}

# The tests of the program that the table of CVEs names: "CVE FILE WORDS", one a line.  Those of
# tests/vm have a machine of their own.
list_named() {
    awk -F '|' '/^\| CVE-/ {
        split($2, ids, /[ ,]+/)
        while (match($0, /`tests\/[^`: ]*\.bats: [^`]*`/)) {
            said = substr($0, RSTART + 1, RLENGTH - 2)
            $0 = substr($0, RSTART + RLENGTH)
            sub(/:/, "", said)
            if (said !~ /^tests\/vm\//)
                print ids[2] " " said
        }
    }' "$top/.github/SECURITY.md"
}

# names_in FILE WORDS: of the tests there whose names have these words.
names_in() {
    sed -n 's/^@test "\(.*\)" {$/\1/p' "$top/$1" | grep -F -- "$2"
}

# Those that are no attacks: "FILE NAME", one a line.
list_others() {
    local file words
    while read -r _ file words; do
        names_in "$file" "$words" | grep -vE '\(T[0-9]{2}\)' | sed "s,^,$file ,"
    done < <(list_named) | sort -u
}

run_others() {
    local files names
    mapfile -t files < <(list_others | cut -d ' ' -f 1 | sort -u)
    names=$(list_others | cut -d ' ' -f 2- | sed 's/[][(){}.*+?^$|\\]/\\&/g' | paste -sd '|')
    TARE_BUILD=$build "$top/tests/run-isolated" bats --tap --filter "^($names)\$" \
        "${files[@]/#/$top/}" | tee "$others"
    return "${PIPESTATUS[0]}"
}

# The names, those that were skipped with their reasons.
list_passed() {
    sed -nE 's/^ok [0-9]+ //p' "$report" "$others"
}

# is_shown FILE WORDS: there are such tests, and all have been run here and have passed: one of them
# at least, and the others where the machine could.
is_shown() {
    local name names passed=''
    names=$(names_in "$@") || return
    while read -r name; do
        if grep -qxF -- "$name" <(list_passed); then
            passed=1
        elif ! grep -qF -- "$name # skip" <(list_passed); then
            return 1
        fi
    done <<<"$names"
    [ -n "$passed" ]
}

every_cve_is_shown() {
    local cve file words status=0
    [ "$(list_named | wc -l)" -gt "$NAMED" ] || status=1
    while read -r cve file words; do
        is_shown "$file" "$words" || { echo "$cve: $file: $words" && status=1; }
    done < <(list_named)
    return $status
}

claim "the attacks end, and none has succeeded" attack
attacks=$(sum_of attacks)
claim "there are ${attacks:-no} attacks, more than $ATTACKS" test "${attacks:-0}" -gt "$ATTACKS"
claim "${STARTS} starts a race, $(sum_of starts) in all; bad 0" test "$(sum_of bad)" = 0
claim "(T90) every kind of attack is there" every_kind_is_there
claim "the other tests that show a CVE pass" run_others
claim "(T90) the bats tests that show each CVE, but those of vm/, have passed" every_cve_is_shown
finish
