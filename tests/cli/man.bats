#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare
load ../helpers/terminal

page=$build/contrib/man/tare.1

# The page, as lines without their indentation; of one section alone, if it is named.
show() {
    awk -v section="$1" '
        section != "" && /^ ? ? ?[^ ]/ { is_in = $0 == "   " section || $0 == section; next }
        section == "" || is_in { sub(/^ +/, ""); print }' "$BATS_FILE_TMPDIR/page"
}

need_mandoc() {
    command -v mandoc >/dev/null || skip "mandoc is not installed"
    [ -s "$BATS_FILE_TMPDIR/page" ] ||
        mandoc -T ascii -O width=1000 "$page" | sed 's/.\x08//g' >"$BATS_FILE_TMPDIR/page"
}

commands() {
    "$TARE" help | sed -nE '/^Commands:/,/^$/s/^ +([a-z]+) +.*/\1/p'
}

# options_in PAGE-OF-HELP: "-b, --bundle DIR", as help has it to the left.
options_in() {
    sed -nE 's/^ +((-., )?--[^ ]+( [^ ]+)?)  .*/\1/p' <<<"$1"
}

@test "mandoc finds nothing wrong with the manual page" {
    need_mandoc
    run mandoc -T lint "$page"
    # Not everything that it refers to is installed here.
    assert_equal "$(grep -v -e 'referenced manual not found' -e 'outdated mandoc.db' <<<"$output")" ''
}

@test "the manual page has each command with its words and options, as help has them" {
    need_mandoc
    local command help usage
    for command in $(commands); do
        help=$("$TARE" help "$command")
        usage=$(sed -n '1s/^usage: //p' <<<"$help" | tr -d '<>' | sed -e 's/OPTIONS/options/' \
            -e 's/add|remove/add | remove/' -e 's/\.\.\./ .../')
        run show SYNOPSIS
        assert_line "$usage"
        run show "$command"
        assert_line "$usage"
        assert_equal "$(grep -E '^(-., )?--[a-z]' <<<"$output" | sed 's,  .*,,')" \
            "$(options_in "$help" | grep -v -e --help)"
    done
}

@test "the manual page has the options that stand before the command" {
    need_mandoc
    run show ''
    local option
    while read -r option; do
        assert_line -- "$option"
    done < <(options_in "$("$TARE" help)")
}

# The lines of the examples: what a user types, without "# ".
examples() {
    awk '/^\.Sh/ { is_in = $2 == "EXAMPLES"; next }
        is_in && /^\.Bd/ { is_example = 1; next }
        /^\.Ed/ { is_example = 0 }
        is_in && is_example { sub(/^# /, ""); sub(/\\e$/, "\\"); print }' "$page"
}

@test "the examples of the manual page do what they say" {
    [ -x /bin/busybox ] || skip "busybox is not installed"
    setup_bundle
    mkdir "$BATS_TEST_TMPDIR/here" "$BATS_TEST_TMPDIR/bin"
    ln -s "$TARE" "$BATS_TEST_TMPDIR/bin/tare"
    cd "$BATS_TEST_TMPDIR/here"
    examples >../script
    assert_equal "$(grep -c '^tare ' ../script)" "$(grep -c '^# tare ' "$page")"
    # Only the first one has a shell for the user.
    PATH=$BATS_TEST_TMPDIR/bin:$PATH at_terminal expect '/ # ' send 'hostname; exit\n' -- \
        bash -ex ../script
    assert_success
    assert_line --partial 'give birth to init' # a step of --dry-run
    assert_file_exist start.json
    nothing_left
}
