# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of tare.bash
#
# What the tests of causes share (src/cli/causes.c); needs rootless.bash beside it.

# fails STATUS CODE HINT [COMMAND...]: `run` of the bundle, by the command, ends with that status,
# and says the hint (or so it begins), with the cause's code in the log and behind the hint.
fails() {
    local status=$1 code=$2 hint=$3 log=$BATS_TEST_TMPDIR/log
    shift 3
    rm -f "$log"
    run "-$status" --separate-stderr apart "$@" "$TARE" --root "$state" --log "$log" \
        --log-format json run --bundle "$bundle" "$id"
    echo "standard error: $stderr" # shown if the test fails
    assert_stderr_has "hint: $hint"
    case ${stderr##*$'\n'} in
    "hint: "*" [$code]") ;;
    *) fail "the last line does not end with [$code]" ;;
    esac
    assert_equal "$(jq -r .cause "$log")" "$code"
}
