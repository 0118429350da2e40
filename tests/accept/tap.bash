# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the acceptance scripts share: each claim is one line of TAP.  A script begins with
#
#     . "$(dirname "$0")/tap.bash"
#
# and ends with `finish`.  TARE_BUILD is the build directory; by default the top of the tree.

accept=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # for the scripts
top=${accept%/tests/accept}
build=${TARE_BUILD:-$top}
# shellcheck disable=SC2034
tare=$build/tare
claims=0
failures=0

# claim TEXT COMMAND...: the command succeeds.
claim() {
    local text=$1
    shift
    claims=$((claims + 1))
    if "$@" >&2; then
        echo "ok $claims $text"
    else
        failures=$((failures + 1))
        echo "not ok $claims $text"
    fi
}

# skip_all REASON: for a machine on which nothing of the script can be shown.
skip_all() {
    echo "1..0 # SKIP $1"
    exit 0
}

# isolate: goes on in tests/run-isolated, which runs the script as it is where it can isolate
# nothing.
isolate() {
    [ "$(id -u)" = 0 ] || skip_all "needs root"
    if [ -z "${TARE_TEST_ISOLATED:-}${TARE_ACCEPT_ISOLATING:-}" ]; then
        TARE_ACCEPT_ISOLATING=1 exec "$top/tests/run-isolated" bash "$0"
    fi
    unset TARE_ACCEPT_ISOLATING
    [ -n "${TARE_TEST_ISOLATED:-}" ] || skip_all "needs namespaces of its own"
}

need_cgroup() {
    [ -n "${TARE_TEST_CGROUP:-}" ] || skip_all "needs a cgroup2 in which a cgroup can be made"
}

finish() {
    echo "1..$claims"
    [ "$failures" = 0 ]
}
