#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# .github/SECURITY.md says nothing that is no longer there.  In backquotes it names
#
#     FILE.c: FUNCTION, FUNCTION      functions, which that file defines, and a test also runs
#     FILE.bats: WORDS                words of the name of a test there
#     FILE.sh: WORDS                  words that stand there
#
# and files alone; nor does tests/README.md.  The page has a row for every rule and every attack of
# tests/README.md; each of these, and of the CVEs that could be ours, names a test.  A test of the
# program whose name has an attack is named in the row of that attack, by its file at least.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

page=.github/SECURITY.md
none='### What tare has no part of'

# list_named PAGE: prints "FILE|WORDS" for each of them, one for each function.
list_named() {
    awk '
        {
            while (match($0, /`(src|tests|libocispec|contrib)\/[^`]*`/)) {
                said = substr($0, RSTART + 1, RLENGTH - 2)
                $0 = substr($0, RSTART + RLENGTH)
                file = said
                sub(/[: ].*/, "", file)
                words = substr(said, length(file) + 1)
                sub(/^: /, "", words)
                sub(/^ .*/, "", words)
                count = file ~ /\.[ch]$/ ? split(words, names, /, /) : 0
                for (i = 1; i <= count; i++)
                    print file "|" names[i]
                if (count == 0)
                    print file "|" words
            }
        }' "$1" | sort -u
}

# is_there FILE WORDS
is_there() {
    case $1 in
    tests/*.c)
        # Its head, and the row of the group of tests.
        grep -qE "^static void $2\(" "$1" && [ "$(grep -cw "$2" "$1")" -ge 2 ]
        ;;
    *.c) grep -E "^[a-z].*[ *]$2\(" "$1" | grep -qv ';$' ;;
    *.bats) grep '^@test ' "$1" | grep -qF -- "$2" ;;
    *) grep -qF -- "$2" "$1" ;;
    esac
}

for named in "$page" tests/README.md; do
    list_named "$named" >"$scratch/named"
    while IFS='|' read -r file words; do
        if [ ! -e "$file" ]; then
            echo "$file is not there"
        elif [ -n "$words" ] && ! is_there "$file" "$words"; then
            echo "$file has no: $words"
        fi
    done <"$scratch/named" | report "what $named names is there"
done

awk -v none="$none" '
    $0 == none { exit }
    /^\| CVE-/ && !/`tests\// { print }' "$page" | report "every CVE that could be ours has a test"

awk -F '|' '/^\| CVE-/ { print $2 }' "$page" | grep -oE 'CVE-[0-9]+-[0-9]+' | sort | uniq -d |
    report "no CVE has two rows"

# list_ids LETTER FILE: the first column of the tables there, "R4 R5" as two.
list_ids() {
    sed -nE "s/^\| ($1[0-9]+( $1[0-9]+)*) \|.*/\1/p" "$2" | tr ' ' '\n' | sort
}
for letter in R T; do
    list_ids "$letter" tests/README.md >"$scratch/told"
    list_ids "$letter" "$page" >"$scratch/kept"
    { diff "$scratch/told" "$scratch/kept" | grep '^[<>]'; uniq -d "$scratch/kept"; } |
        report "$page and tests/README.md have the same ids with $letter, once"
done

grep -E '^\| [RT][0-9]' "$page" | grep -v '`\(tests\|contrib\)/[^`]*` |$' |
    report "every rule and every attack names a test in its last column"

# "FILE ATTACK" for each attack in the name of a test: of the lines that it is given, each behind
# its file.
list_attacks() {
    awk '{
        file = $0
        sub(/:.*/, "", file)
        while (match($0, /\(([RT][0-9]+,? )*T[0-9]+(,? [RT][0-9]+)*\)/)) {
            count = split(substr($0, RSTART + 1, RLENGTH - 2), ids, /,? /)
            $0 = substr($0, RSTART + RLENGTH)
            for (i = 1; i <= count; i++)
                if (ids[i] ~ /^T/)
                    print file, ids[i]
        }
    }' | sort -u
}

grep -rE '^(@test|claim) ' tests --include='*.bats' --include='*.sh' --exclude-dir=lint |
    list_attacks >"$scratch/tried"

# Unit tests only look at parts of an attack; they are named in the rows of their groups.
grep -rE '^ +(\{ |[A-Z_]*TEST\()"' tests --include='*.c' | list_attacks >"$scratch/tried-in-parts"

sed -nE 's/^\| (T[0-9]+( T[0-9]+)*) \|.*/\1/p' tests/README.md | tr ' ' '\n' |
    while read -r attack; do
        grep -q " $attack\$" "$scratch/tried" "$scratch/tried-in-parts" || echo "$attack"
    done | report "every attack of tests/README.md is in the name of a test"

while read -r file attack; do
    grep -E "^\| (T[0-9]+ )*$attack( T[0-9]+)* \|" "$page" | grep -qF "\`$file" ||
        echo "$file tries $attack"
done <"$scratch/tried" | report "what tries an attack is named in its row"

finish
