#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each row of tests/spec/rows is quoted by a test, "[HN1]", or stands with its reason in the table
# of src/README.md, and not in both.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

rows=tests/spec/rows
reasons='## Requirements that no test can show'

# The ids that tests quote, each behind its file: of "[M2 M3]" both, of "[P28-P32]" all five.
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
            if (split(word, part, "-") == 1)
                print FILENAME, word
            for (number = number_of(part[1]); number <= number_of(part[2]); number++)
                print FILENAME, letters_of(part[1]) number
        }
        /^[ \t]*(#|\/\*|\*|\/\/)/ { next }
        {
            line = $0
            while (match(line, /\[[A-Z]+[0-9]+([ ,]+[A-Z]+[0-9]+|-[A-Z]*[0-9]+)*\]/)) {
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
        inside && /^\| [A-Z]+[0-9]+ \|/ { print $2 }' src/README.md
}

sed -n 's/^\([A-Z]*[0-9]*\) .*/\1/p' "$rows" >"$scratch/rows"
list_quoted >"$scratch/places"
sed 's/.* //' "$scratch/places" | sort -u >"$scratch/quoted"
list_excused >"$scratch/excused"

{ sort "$scratch/rows" | uniq -d && sort "$scratch/excused" | uniq -d; } |
    report "no row stands twice in $rows or in the table"

grep -vxF -f "$scratch/quoted" "$scratch/rows" | grep -vxF -f "$scratch/excused" |
    while read -r id; do
        grep "^$id " "$rows"
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

finish
