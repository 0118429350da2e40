#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

commands="run create start exec state kill pause resume update checkpoint restore ps wait mounts
    events stats delete gc list spec features check explain version help"

# listed: the commands that `help` lists, one a line.
listed() {
    "$TARE" help | sed -nE '/^Commands:/,/^$/s/^ +([a-z]+) +.*/\1/p'
}

@test "the tests of help know every command that is listed" {
    run listed
    assert_output "$(xargs -n 1 <<<"$commands")"
}

@test "help, --help and -h list every command" {
    local word command
    for word in help --help -h; do
        run --separate-stderr "$TARE" "$word"
        assert_success
        assert_stderr ''
        for command in $commands; do
            assert_line --regexp "^ +$command +[a-z]"
        done
        for command in root log log-format log-level cgroup-manager; do
            assert_line --partial -- "--$command"
        done
    done
}

@test "help of a command shows its words and options" {
    local command text
    for command in $commands; do
        run --separate-stderr "$TARE" help "$command"
        assert_success
        assert_stderr ''
        text=$output
        assert_line --partial "tare $command"
        # Engines ask so for criu (checkpoint.bats).
        [[ $command != checkpoint && $command != restore ]] || continue
        run --separate-stderr "$TARE" "$command" --help
        assert_success
        assert_output "$text"
    done
}

@test "help run names each option of run" {
    run "$TARE" help run
    local option
    for option in --bundle --config --pid-file --preserve-fds --no-pivot --no-new-keyring --detach \
        --keep --dry-run --trace; do
        assert_line --partial -- "$option"
    done
}

@test "no command at all is a usage error" {
    run --separate-stderr "$TARE"
    assert_failure 64
    assert_output ''
    assert_stderr_has help
}

@test "an unknown command is answered with the nearest known word" {
    run --separate-stderr "$TARE" crate
    assert_failure 64
    assert_output ''
    assert_stderr "tare: unknown command 'crate'
hint: did you mean 'create'?"
    run --separate-stderr "$TARE" delte x
    assert_failure 64
    assert_stderr_has delete
    run --separate-stderr "$TARE" help nonsense
    assert_failure 64
    assert_stderr_has nonsense
}

@test "no line of help is wider than the terminal, and elsewhere they are whole" {
    local command words
    for command in '' $commands; do
        # shellcheck disable=SC2086 # no word at all for the first
        run "$TARE" help $command
        [ "$(wc -L <<<"$output")" -le 100 ] || fail "help $command: $output"
        words=$(xargs -d '\n' <<<"$output" | tr -s ' ')
        # shellcheck disable=SC2086
        run "$build/tests/helpers/console" pty 24 64 -- "$TARE" help $command
        output=$(grep -v '^# ' <<<"${output//$'\r'/}")
        [ "$(grep -v '^usage: ' <<<"$output" | wc -L)" -le 64 ] || fail "help $command: $output"
        assert_equal "$(xargs -d '\n' <<<"$output" | tr -s ' ')" "$words"
    done
}
