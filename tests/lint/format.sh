#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The C files are as clang-format leaves them.  Other versions than 14 format differently.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

name="the C files are formatted"
for format in clang-format-14 clang-format ''; do
    if "${format:-:}" --version 2>/dev/null | grep -q 'version 14\.'; then
        break
    fi
done
if [ -n "$format" ]; then
    list_c | xargs "$format" --dry-run --Werror 2>&1 | grep -E 'error:' | report "$name"
else
    report_skip "$name" "clang-format 14 is not installed"
fi

finish
