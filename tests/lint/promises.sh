#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# .github/SECURITY.md says nothing that is no longer there.  In backquotes it names
#
#     FILE.c: FUNCTION, FUNCTION      functions, which that file defines, and a test also runs
#     FILE.bats: WORDS                words of the name of a test there
#     FILE.sh: WORDS                  words that stand there
#
# and files alone.  It has a row for every rule of tests/README.md, and every row of a CVE that
# could be ours names a test.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

page=.github/SECURITY.md
none='### What tare has no part of'

# Prints "FILE|WORDS" for each of them, one for each function.
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
        }' "$page" | sort -u
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

list_named >"$scratch/named"
while IFS='|' read -r file words; do
    if [ ! -e "$file" ]; then
        echo "$file is not there"
    elif [ -n "$words" ] && ! is_there "$file" "$words"; then
        echo "$file has no: $words"
    fi
done <"$scratch/named" | report "what $page names is there"

awk -v none="$none" '
    $0 == none { exit }
    /^\| CVE-/ && !/`tests\// { print }' "$page" | report "every CVE that could be ours has a test"

awk -F '|' '/^\| CVE-/ { print $2 }' "$page" | grep -oE 'CVE-[0-9]+-[0-9]+' | sort | uniq -d |
    report "no CVE has two rows"

# The first column of the table of rules, here and there.
list_rules() {
    sed -nE 's/^\| (R[0-9]+( R[0-9]+)*) \|.*/\1/p' "$1" | tr ' ' '\n' | sort
}
list_rules tests/README.md >"$scratch/told"
list_rules "$page" >"$scratch/kept"
diff "$scratch/told" "$scratch/kept" | grep '^[<>]' |
    report "$page and tests/README.md have the same rules"

sed -nE 's/^\| (T[0-9]+( T[0-9]+)*) \|.*/\1/p' tests/README.md | tr ' ' '\n' |
    while read -r attack; do
        grep -rqE "\(([RT][0-9]+,? )*$attack(,? [RT][0-9]+)*\)" tests --include='*.bats' \
            --include='*.c' --include='*.sh' --exclude-dir=lint || echo "$attack"
    done | report "every attack of tests/README.md has a test"

finish
