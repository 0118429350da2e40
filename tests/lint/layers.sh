#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each folder may include its own headers and those of the folders below it, never those above or
# beside it.  libocispec is visible to all and includes nothing of src.  The list is the
# architecture: top first, siblings joined by a colon.
set -eu
layers="cli container launch rootfs:namespace:process:security:cgroup state os base"

# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

list_sources | xargs awk -v layers="$layers" '
    BEGIN {
        depth = split(layers, row, " ")
        for (level = 1; level <= depth; level++)
            for (i = split(row[level], folder, ":"); i > 0; i--)
                level_of[folder[i]] = level
    }
    function complain(why) {
        printf "%s:%d: %s\n", FILENAME, FNR, why
    }
    FNR == 1 {
        parts = split(FILENAME, from, "/")
        is_main = parts == 2 && from[1] == "src"
        folder_of_file = from[1] == "libocispec" ? from[1] : from[2]
        if (from[1] == "src" && !is_main && !(folder_of_file in level_of))
            complain("src/" folder_of_file " is no layer")
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        name = $0
        sub(/^[^"]*"/, "", name)
        sub(/".*/, "", name)
        target = name
        sub(/\/.*/, "", target)
        if (target == "libocispec" || (target == folder_of_file && !is_main))
            next
        if (folder_of_file == "libocispec")
            complain("libocispec may not include " name)
        else if (!(target in level_of))
            complain(name " is not written from the root of the tree")
        else if (!is_main && level_of[target] <= level_of[folder_of_file])
            complain(folder_of_file " may not include " name)
    }
' | report "includes point downwards"

finish
