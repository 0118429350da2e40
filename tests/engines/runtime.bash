# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables for the engines and of tare.bash
#
# The runtime that an engine's tests are about, for every engine:
#
#     load ../helpers/tare            # or tests/accept/tap.bash
#     load ../engines/runtime
#
# RUNTIME chooses it: unset or `tare` is the one that was built, else a name (crun, runc) or a path.
# Set here are
#
#   runtime_name   the last part of that: what a table calls it, and most engines too
#   runtime_path   the program, empty if there is none of that name
#
# What every runtime must do is asserted without asking for it; what is tare's own (its words, what
# its version says) only `if is_tare`.  A scenario that no runtime passes is not written as a test
# but as a line of left-out, and tests/engines/table makes the table engine x scenario.  So a test
# is called `ENGINE WHAT: the scenario`, and the first word of it is the engine.

runtime_choose() {
    local given=${RUNTIME:-tare}
    runtime_name=${given##*/}
    case $given in
    */*) runtime_path=$given ;;
    tare) runtime_path=${TARE:-$build/tare} ;;
    *) runtime_path=$(PATH=$PATH:/usr/sbin:/sbin command -v "$given") || runtime_path='' ;;
    esac
}
runtime_choose

# runtime_lacks: says what is missing; is silent if there is such a runtime.
runtime_lacks() {
    [ -x "$runtime_path" ] || echo "needs the runtime ${RUNTIME:-tare}"
}

is_tare() {
    [ "$runtime_name" = tare ]
}

# runtime_retries, in setup_file: each test that fails is tried once more, since engines have races
# of their own: Podman 4.3.1 loses the output of one run in 600 on a busy machine, whatever the
# runtime.  runtime_attempt, in setup, says so in the log.  What must never fail is counted where
# nothing is tried again, in tests/accept.
runtime_retries() {
    export BATS_TEST_RETRIES=1
}

runtime_attempt() {
    [ "${BATS_TEST_TRY_NUMBER:-1}" = 1 ] ||
        echo "# attempt $BATS_TEST_TRY_NUMBER of: $BATS_TEST_DESCRIPTION" >&3
}

# runtime_unmount, in teardown: lets bats remove the folder of a test that failed between a mount
# and its end; bats would not count that test at all otherwise.  One that passed has to leave none.
runtime_unmount() {
    local mount
    [ -z "${BATS_TEST_COMPLETED:-}" ] || return 0
    awk -v folder="$BATS_TEST_TMPDIR/" 'index($5 "/", folder) == 1 { print $5 }' \
        /proc/self/mountinfo | sort -r | while read -r mount; do umount --lazy "$mount"; done
}

# runtime_words [OPTION...] [-- COMMAND...]: the options, and the command as words, which is by
# default one that goes on.
runtime_words() {
    options=()
    while [ $# != 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    words=("${@:2}")
    [ ${#words[@]} != 0 ] || words=(sleep 1000)
}

# comes_back_to SNAPSHOT COMMAND: what COMMAND prints is SNAPSHOT again; engines take their time.
comes_back_to() {
    local now attempt
    for attempt in {1..400}; do
        now=$("$2")
        [ "$now" != "$1" ] || return 0
        sleep 0.1
    done
    echo "after $attempt looks there is still:" >&2
    diff <(printf '%s\n' "$1") <(printf '%s\n' "$now") >&2
    return 1
}
