#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# All scripts are free of what shellcheck knows to be wrong.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

if command -v shellcheck >/dev/null; then
    # Tests in bats stop at the first failure, use the variables of tare.bash, and run in subshells.
    {
        list_scripts | grep -v '\.bats$' | xargs shellcheck --external-sources --format=gcc
        list_scripts | grep '\.bats$' | xargs -r shellcheck --external-sources --format=gcc \
            --exclude=SC2030,SC2031,SC2154,SC2164
    } | report "no script has a fault that shellcheck knows"
else
    report_skip "no script has a fault that shellcheck knows" "shellcheck is not installed"
fi

list_scripts | grep -v '\.bats$' | xargs grep -LE '^set -eu|shellcheck shell=' |
    report "every script stops at the first failure (set -eu)"

finish
