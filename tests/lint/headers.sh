#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone, with each compiler that is here: it includes what it needs.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

folder=$scratch/headers
mkdir "$folder"
find src libocispec -name '*.h' | sort | while read -r header; do
    echo "#include \"${header#src/}\"" >"$folder/$(echo "$header" | tr '/' '-').c"
done

for compiler in gcc clang; do
    name="every header compiles alone with $compiler"
    if ! command -v "$compiler" >/dev/null; then
        report_skip "$name" "$compiler is not installed"
        continue
    fi
    "$compiler" -std=gnu17 -D_GNU_SOURCE -I. -Isrc -Wall -Wextra -Wshadow -Wstrict-prototypes \
        -Wmissing-prototypes -Werror -fsyntax-only "$folder"/*.c 2>&1 | report "$name"
done

finish
