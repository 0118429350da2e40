# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# What the lints share.  A lint reads this file first; it then stands in the root of the tree that
# it judges (TARE_LINT_ROOT, or its own), and says what it found:
#
#     some command that prints findings, one a line | report "what should be so"
#     finish
#
set -eu

root=${TARE_LINT_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck disable=SC2034 # for those who read this file
build=${TARE_BUILD:-$root}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$root"

# Prints one TAP line; no findings is the good news.  The count is kept in a file, since a report is
# the end of a pipe.
report() {
    findings=$(cat)
    if [ -z "$findings" ]; then
        say_result "ok" "$1"
    else
        say_result "not ok" "$1"
        echo "$findings" | sed 's/^/# /'
    fi
}

# Prints one TAP line for what cannot be judged here.
report_skip() {
    say_result "ok" "$1 # SKIP $2"
}

say_result() {
    echo "$1" >>"$scratch/results"
    echo "$1 $(wc -l <"$scratch/results") - $2"
}

finish() {
    echo "1..$(wc -l <"$scratch/results")"
    ! grep -q 'not ok' "$scratch/results"
}

# The sources of the two programs, and all C files; without what a build in the tree has made.
list_sources() {
    find src libocispec -name '*.[ch]' ! -path src/security/syscall_table.c | sort
}

# The sources of the init program, in the list of src/local.mk.
list_init() {
    sed -n '/^init_sources *=/,/[^\\]$/p' src/local.mk | grep -o '%D%/[a-z0-9_/]*\.c' |
        sed 's,^%D%,src,'
}

list_c() {
    { list_sources && find tests -name '*.[ch]'; } | sort
}

list_scripts() {
    find tests contrib .ci -type f | sort | while read -r file; do
        case $file in
        *.sh | *.bash | *.bats) echo "$file" ;;
        *.*) ;;
        *) if head -n 1 "$file" | grep -q '^#!.*sh$'; then echo "$file"; fi ;;
        esac
    done
}

list_python() {
    find tests -name '*.py' | sort
    find tests -type f ! -name '*.*' -exec grep -lI '^#!.*python' {} + | sort
}

# All that is written by hand in lines.
list_code() {
    list_c
    list_scripts
    list_python
}

# Reads names of C files, prints "FILE:LINE:CODE" for every line that is not blank, without comments
# and without the insides of strings and character constants.
code() {
    xargs awk '
        FNR == 1 { in_comment = 0 }
        {
            line = $0
            out = ""
            while (line != "") {
                if (in_comment) {
                    end = index(line, "*/")
                    line = end ? substr(line, end + 2) : ""
                    in_comment = !end
                } else if (match(line, /^("([^"\\]|\\.)*"|\047([^\047\\]|\\.)*\047)/)) {
                    out = out "\"\""
                    line = substr(line, RLENGTH + 1)
                } else if (substr(line, 1, 2) == "/*") {
                    in_comment = 1
                    line = substr(line, 3)
                } else if (substr(line, 1, 2) == "//") {
                    line = ""
                } else {
                    out = out substr(line, 1, 1)
                    line = substr(line, 2)
                }
            }
            if (out !~ /^[ \t]*$/)
                print FILENAME ":" FNR ":" out
        }' /dev/null
}
