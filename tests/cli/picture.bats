#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# The pictures of the README are made by a script of what tare says and does.

load ../helpers/tare

picture=${helpers%/tests/helpers}/contrib/picture

setup() {
    command -v python3 >/dev/null || skip "python3 is not installed"
    setup_bundle
}

# words_of PICTURE: its texts, one a line, without times; PICTURE has to be XML.
words_of() {
    python3 - "$1" <<'PYTHON' | sed -E 's/[0-9.]+ (us|ms)/TIME/g; /^TIME$/d'
import sys
import xml.etree.ElementTree
for element in xml.etree.ElementTree.parse(sys.argv[1]).iter():
    if element.tag.endswith("}text"):
        print(element.text)
PYTHON
}

@test "a trace is drawn with each step, and each wait, once" {
    tare run --trace "$BATS_TEST_TMPDIR/trace" --bundle "$bundle" "$id" >/dev/null
    "$picture/render" trace "$BATS_TEST_TMPDIR/trace" >"$BATS_TEST_TMPDIR/svg"
    assert_equal "$(words_of "$BATS_TEST_TMPDIR/svg")" "$(jq -r '.traceEvents as $all |
        "tare run: TIME from the first step to the last", (1, 2 | . as $actor |
            ($all[] | select(.ph == "M" and .tid == $actor).args.name),
            ($all[] | select(.ph == "X" and .tid == $actor) |
                if .cat == "meeting" then "waits: " + .name else .name end))' \
        "$BATS_TEST_TMPDIR/trace")"
    # A bar for each, besides the background; a line where the two meet.
    assert_equal "$(grep -c '<rect' "$BATS_TEST_TMPDIR/svg")" \
        "$(jq '[.traceEvents[] | select(.ph == "X")] | length + 1' "$BATS_TEST_TMPDIR/trace")"
    assert_equal "$(grep -c '<line' "$BATS_TEST_TMPDIR/svg")" 1
}

@test "a trace can be looked at on a terminal" {
    tare run --trace "$BATS_TEST_TMPDIR/trace" --bundle "$bundle" "$id" >/dev/null
    run "$picture/render" text "$BATS_TEST_TMPDIR/trace"
    assert_success
    assert_line --index 0 host
    assert_line init
    assert_line --regexp '^    give birth to init +[0-9.]+ (us|ms)  +#+$'
    assert_equal "$(grep -cE '^  = the container is built +[0-9.]+ (us|ms)  +-+$' <<<"$output")" 2
    assert_equal "$(wc -L <<<"$output" | awk '{ print $1 <= 101 }')" 1
    run "$picture/render" text "$bundle/config.json"
    assert_failure
}

@test "a session is drawn as it was, whatever is in it" {
    # shellcheck disable=SC2016 # what is typed
    printf '%s\n' '$ echo "<&>"' '<&>' "$(printf 'word %.0s' {1..30})" >"$BATS_TEST_TMPDIR/session"
    "$picture/render" session "$BATS_TEST_TMPDIR/session" >"$BATS_TEST_TMPDIR/svg"
    run words_of "$BATS_TEST_TMPDIR/svg"
    assert_line --index 0 '$ echo "<&>"'
    assert_line --index 1 '<&>'
    assert_equal "$(sed -n '3,$p' <<<"$output" | wc -w)" 30
    assert_equal "$(wc -L <<<"$output" | awk '{ print $1 <= 100 }')" 1
}

@test "the pictures of the README can be made again" {
    [ -x /bin/busybox ] || skip "busybox is not installed"
    command -v jq >/dev/null || skip "jq is not installed"
    [ -z "${TARE_REFUSED:-}" ] || skip "other kernels start in other steps"
    needs_seccomp
    local name
    mkdir "$BATS_TEST_TMPDIR/made"
    TARE_BUILD=$build "$picture/record" "$BATS_TEST_TMPDIR/made"
    # What depends on the machine: numbers of the table.
    for name in start session; do
        assert_equal "$(words_of "$BATS_TEST_TMPDIR/made/$name.svg" | grep -v '^web  .*running')" \
            "$(words_of "$picture/$name.svg" | grep -v '^web  .*running')"
    done
    nothing_left
}
