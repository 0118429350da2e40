#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The attacks of tests/security/attack on the program as it was built: every kind of them is there,
# and none succeeds.  Races see few starts here, and still so many that each of them hits: one that
# never does is a fault.  `contrib/check attacks` has more.
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
trap 'rm -f "$report"' EXIT

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

# The tests of the program that the table of CVEs names: "CVE FILE WORDS", one a line.
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

# The names, those that were skipped with their reasons.
list_passed() {
    sed -nE 's/^ok [0-9]+ //p' "$report"
}

# is_shown FILE WORDS: there are such tests, and all that are attacks have been run here and have
# passed: one of them at least, and the others where the machine could.
is_shown() {
    local name names passed='' skipped=''
    names=$(sed -n 's/^@test "\(.*\)" {$/\1/p' "$top/$1" | grep -F -- "$2") || return
    while read -r name; do
        if grep -qxF -- "$name" <(list_passed); then
            passed=1
        elif grep -qF -- "$name # skip" <(list_passed); then
            skipped=1
        else
            return 1
        fi
    done < <(grep -E '\(T[0-9]{2}\)' <<<"$names")
    [ -n "$passed" ] || [ -z "$skipped" ]
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
claim "(T90) what shows each CVE is there and has passed" every_cve_is_shown
finish
