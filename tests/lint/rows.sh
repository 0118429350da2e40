#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each row of tests/spec/rows and of tests/engines/contract is quoted by a test, "[HN1]" or
# "[E0.6.1]", or stands with its reason in the table of src/README.md, and not in both.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

rows='tests/spec/rows tests/engines/contract'
reasons='## Requirements that no test can show'

# The ids that tests quote, each behind its file: of "[M2 M3]" both, of "[P28-P32]" all five, of
# "[E0.6.1]" that one.
# Comments quote nothing, but for those behind the head of a function that is a test.
list_quoted() {
    find tests -path tests/lint -prune -o -name '*.[ch]' -print -o -name '*.bats' -print \
        -o -name '*.sh' -print | sort | xargs awk '
        function letters_of(id) {
            sub(/[0-9]+$/, "", id)
            return id
        }
        function number_of(id) {
            sub(/^[A-Z]+/, "", id)
            return id + 0
        }
        function quote(word,    part, number) {
            if (index(word, ".") || split(word, part, "-") == 1) {
                print FILENAME, word
                return
            }
            for (number = number_of(part[1]); number <= number_of(part[2]); number++)
                print FILENAME, letters_of(part[1]) number
        }
        BEGIN {
            id = "[A-Z]+[0-9]+(\\.[a-z0-9]+)*"
            list = "\\[" id "([ ,]+" id "|-[A-Z]*[0-9]+)*\\]"
        }
        /^[ \t]*(#|\/\*|\*|\/\/)/ { next }
        {
            line = $0
            while (match(line, list)) {
                count = split(substr(line, RSTART + 1, RLENGTH - 2), words, /[ ,]+/)
                line = substr(line, RSTART + RLENGTH)
                for (i = 1; i <= count; i++)
                    quote(words[i])
            }
        }' /dev/null
}

# The first column of the table under that heading.
list_excused() {
    awk -v heading="$reasons" '
        /^## / { inside = $0 == heading }
        inside && /^\| [A-Z]+[0-9]+(\.[a-z0-9]+)* \|/ { print $2 }' src/README.md
}

# shellcheck disable=SC2086 # a list of files
cat $rows >"$scratch/lists"
sed -nE 's/^([A-Z]+[0-9]+(\.[a-z0-9]+)*) .*/\1/p' "$scratch/lists" >"$scratch/rows"
list_quoted >"$scratch/places"
sed 's/.* //' "$scratch/places" | sort -u >"$scratch/quoted"
list_excused >"$scratch/excused"

{ sort "$scratch/rows" | uniq -d && sort "$scratch/excused" | uniq -d; } |
    report "no row stands twice in $rows or in the table"

grep -vxF -f "$scratch/quoted" "$scratch/rows" | grep -vxF -f "$scratch/excused" |
    while read -r id; do
        awk -v id="$id" '$1 == id' "$scratch/lists"
    done | report "every row is quoted by a test, or has a reason in src/README.md"

grep -xF -f "$scratch/quoted" "$scratch/excused" |
    report "no row has a test and a reason why there is none"

{
    awk 'NR == FNR { is_row[$0]; next } !($2 in is_row) { print $1 ": " $2 }' \
        "$scratch/rows" "$scratch/places"
    grep -vxF -f "$scratch/rows" "$scratch/excused" | sed 's,^,src/README.md: ,'
} | report "every id is that of a row"

awk 'END { if (NR >= 25) print NR " reasons" }' "$scratch/excused" |
    report "fewer than 25 rows have a reason why there is no test"

# The first column of the tables of rules and attacks, "R4 R5".
sed -nE 's/^\| ([RT][0-9]+( [RT][0-9]+)*) \|.*/\1/p' tests/README.md | tr ' ' '\n' >"$scratch/told"
find src tests -path tests/lint -prune -o -type f -exec grep -ohE '\([RT][0-9]+( [RT][0-9]+)*\)' \
    {} + | tr -d '()' | tr ' ' '\n' | sort -u | grep -vxF -f "$scratch/told" |
    report "every rule and every attack is told in tests/README.md"

finish
