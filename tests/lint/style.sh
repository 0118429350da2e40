#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rules on the form of a file, which no compiler checks.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

{ list_code; find . -name '*.mk' -o -name Makefile.am -o -name configure.ac; } |
    sed 's,^\./,,' | while read -r file; do
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$file"
done | report "every file names its licence in its first lines"

find src libocispec -name '*.h' | sort | while read -r file; do
    [ "$(sed -n '/^#/{p;q;}' "$file")" = '#pragma once' ] || echo "$file"
done | report "every header begins with #pragma once"

list_sources | xargs awk '
    FNR == 1 { inside = 0 }
    /^\{$/ { inside = 1 }
    /^}/ { inside = 0 }
    inside && /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else)/ { print FILENAME ":" FNR ": " $0 }
' | report "no function is cut by #if"

list_sources | code |
    grep -E '^[^:]*:[0-9]+:.*\<typedef\>' | report "no typedef"

find src libocispec tests contrib -type f | sort |
    grep -E '/[^/]*(util|misc|common|helper|_internal)[^/]*$' |
    report "no file is named after nothing"

# Spelt so that the pattern does not find itself.
list_code |
    xargs grep -nE '\<(TO[D]O|FIX[M]E|XX[X]|HAC[K])\>' | report "nothing is left for later"

list_code | xargs grep -nE '[[:space:]]+$' | report "no line ends with spaces"

finish
