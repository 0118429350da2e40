#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The budgets.  The format makes them easy to measure: the body of a function, and nothing else,
# stands between a "{" and a "}" alone in column 1, and each level of nesting is four spaces.
# Tables, which end with "};" in column 1, are data and do not count.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

list_sources | xargs awk '
    function judge() {
        if (lines > 400)
            printf "%s: %d lines besides tables\n", file, lines
    }
    FNR == 1 { judge(); file = FILENAME; lines = 0; in_table = 0 }
    /^[^ \t#\/].*= \{$/ { in_table = 1 }
    !in_table { lines++ }
    /^};/ { in_table = 0 }
    END { judge() }
' | report "no file has more than 400 lines"

# One line a function: FILE:LINE: LENGTH PARAMETERS NAME.
functions=$(list_sources | xargs awk '
    # Commas at the first level of the parentheses that follow the name; "..." does not count.
    function count_parameters(text,    depth, count, i, c) {
        sub(/^[^(]*\(/, "", text)
        if (text ~ /^(void)?\)/)
            return 0
        depth = 1
        count = 1
        for (i = 1; depth > 0 && i <= length(text); i++) {
            c = substr(text, i, 1)
            if (c == "(") depth++
            if (c == ")") depth--
            if (c == "," && depth == 1) count++
        }
        return count - (text ~ /\.\.\./)
    }
    FNR == 1 { signature = ""; start = 0 }
    /^\{$/ { start = FNR }
    /^}$/ && start {
        gsub(/__attribute__ *\(\(.*\)\) /, "", signature)
        name = signature
        sub(/\(.*/, "", name)
        sub(/.*[ *]/, "", name)
        print FILENAME ":" start ": " FNR - start - 1 " " count_parameters(signature) " " name
        start = 0
        signature = ""
    }
    /^[A-Za-z_]/ { signature = "" }
    !start && !/^[#{}]/ { signature = signature $0 }
' /dev/null)

echo "$functions" | awk '$2 > 60 { print $1, $4, "has", $2, "lines" }' |
    report "no function has more than 60 lines"
echo "$functions" | awk '
    $2 >= 35 { long++ }
    END { if (NR && long > NR / 10) print long " of " NR " functions have 35 lines or more" }
' | report "nine functions in ten have less than 35 lines"
echo "$functions" | awk '$3 > 5 { print $1, $4, "has", $3, "parameters" }' |
    report "no function has more than 5 parameters"

# Three levels deep, the keyword stands behind 12 spaces; a fourth would stand behind 16.
list_sources | xargs awk '
    /^                 *(} else )?(if|for|while|switch) \(/ || /^                 *do \{$/ {
        print FILENAME ":" FNR ": nested more than three deep"
    }
' | report "no statement is nested more than three deep"

# The rows of a test in bats are data as well.
{ list_c; list_python; list_scripts | grep -v '\.bats$'; } | xargs awk '
    FNR == 1 { in_table = 0 }
    /^[^ \t#\/].*= \{$/ { in_table = 1 }
    /^};/ { in_table = 0 }
    !in_table && length($0) > 100 { print FILENAME ":" FNR ": " length($0) " columns" }
' | report "no line has more than 100 columns, but tables may"

finish
