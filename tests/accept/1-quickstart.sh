#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The first command of the README: from the sources to the output of a container.
set -eu
# shellcheck source=tests/accept/tap.bash
. "$(dirname "$0")/tap.bash"

[ "$(id -u)" = 0 ] || skip_all "needs root: it installs packages and runs a container"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As a stranger has it: the tree without what was built in it.
tar --create --directory "$top" --exclude='./build*' --exclude=./.git . |
    tar --extract --directory "$work" --no-same-owner

quickstart() {
    bash "$work/contrib/quickstart" </dev/null >"$work/output" 2>&1
}

ends_with_output() {
    tail -n 12 "$work/output"
    tail -n 12 "$work/output" | grep -q 'This is feather, I am uid=0'
}

claim "contrib/quickstart succeeds" quickstart
claim "it ends with the output of a container" ends_with_output
claim "it succeeds a second time" quickstart
claim "and ends in the same way" ends_with_output
finish
