#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Completion is tried in the shells themselves: a user types a line, asks for all that could stand
# there, and the shell is to call `tare` with it.

load ../helpers/tare
load ../helpers/terminal

completion=$build/contrib/completion

setup() {
    setup_bundle
    mkdir -p "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/here/folder"
    touch "$BATS_TEST_TMPDIR/here/file"
    ln -s "$TARE" "$BATS_TEST_TMPDIR/bin/tare"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    cd "$BATS_TEST_TMPDIR/here"
}

# Two containers for the shells to find, where tare keeps them unless told otherwise, and one more.
three_containers() {
    local name
    for name in web-1 web-2; do
        "$TARE" create --bundle "$bundle" "$name" </dev/null >/dev/null 2>&1
    done
    create_container
}

teardown() {
    local name
    for name in web-1 web-2; do
        "$TARE" delete --force "$name" || :
    done
    teardown_bundle
}

# asked_at_terminal LINE... -- COMMAND...: a user of a shell types the lines; keys is what asks for
# all that is possible, and puts it into the line.  Shown is with what tare is called then.
asked_at_terminal() {
    local actions=()
    while [ "$1" != -- ]; do
        actions+=(expect 'ready> ' send "$1$keys\n")
        shift
    done
    at_terminal_apart "${actions[@]}" expect 'ready> ' send 'exit\n' "$@" | sed -n 's/^call: //p'
}

asked_of_bash() {
    local keys='\033*'
    cat >"$BATS_TEST_TMPDIR/rc" <<SH
PS1='ready> '
bind 'set bell-style none'
bind 'set enable-bracketed-paste off'
tare() { echo "call: \$*"; }
source '$completion/tare'
SH
    asked_at_terminal "$@" -- bash --noprofile --rcfile "$BATS_TEST_TMPDIR/rc" -i
}

asked_of_zsh() {
    local keys='\030a'
    mkdir -p "$BATS_TEST_TMPDIR/zsh"
    cat >"$BATS_TEST_TMPDIR/zsh/.zshrc" <<SH
PS1='ready> '
unsetopt prompt_sp beep
unset zle_bracketed_paste
fpath=('$completion' \$fpath)
autoload -U compinit && compinit -u -D
zle -C all-matches complete-word _generic
bindkey '^Xa' all-matches
zstyle ':completion:all-matches:*' completer _all_matches _complete
zstyle ':completion:all-matches:*' insert true
tare() { echo "call: \$*"; }
SH
    ZDOTDIR=$BATS_TEST_TMPDIR/zsh TERM=dumb asked_at_terminal "$@" -- zsh -o no_global_rcs -i
}

# Fish can be asked without a terminal.
asked_of_fish() {
    HOME=$BATS_TEST_TMPDIR fish --no-config -c "source '$completion/tare.fish'
        for line in \$argv
            echo (string replace -r '^tare ?' '' (string replace -r '[^ ]*\$' '' -- \$line)) \\
                (complete -C \$line | string replace -r '\t.*' '')
        end" "$@"
}

# offers LINE WORD...: a row of the test: exactly those words are offered in place of the last one
# of the line, which stays as it is where there are none.
offers() {
    lines_asked+=("$1")
    wanted+=("$(printf '%s\n' "${@:2}" | sort | xargs)")
}

# Asks the shell for all rows at once, since starting one takes longer than all of them.
judge_offers() {
    local i=0 call before offered
    while read -ra call; do
        before=$(wc -w <<<"${lines_asked[i]% *}")
        offered=$(printf '%s\n' "${call[@]:before-1}" |
            sed -e 's/^--[a-z-]*=\(.\)/\1/' -e 's/[=/]$//' | sort | xargs)
        [ -n "${wanted[i]}" ] || [ "$offered" != "${lines_asked[i]##* }" ] || offered=''
        assert_equal "${lines_asked[i]}: $offered" "${lines_asked[i]}: ${wanted[i]}"
        i=$((i + 1))
    done < <("asked_of_$shell" "${lines_asked[@]}")
    assert_equal "$i" "${#lines_asked[@]}"
}

# What stands in the records is offered by all three.
completes() {
    local shell=$1 lines_asked=() wanted=()
    command -v "$shell" >/dev/null || skip "$shell is not installed"
    three_containers
    offers 'tare sta' start state stats
    offers 'tare stats web-1 --format json ' web-1 web-2
    offers 'tare stats --no' --no-stream
    offers 'tare --sys' --systemd-cgroup
    offers 'tare --log-level ' debug error info warn
    offers 'tare --log-format=' json text
    offers 'tare --cgroup-manager dis' disabled
    offers 'tare run --con' --config --console-socket
    offers 'tare run --bundle ' folder
    offers 'tare run --config f' file folder
    offers 'tare check ' folder
    offers 'tare exec --cwd '
    offers 'tare update --cpu-idle ' 0 1
    offers 'tare checkpoint --network-lock ' iptables nftables skip
    offers 'tare mounts ' add remove
    offers 'tare mounts add ' web-1 web-2
    offers 'tare mounts add web-1 fi' file
    offers 'tare state ' web-1 web-2
    offers 'tare state -- ' web-1 web-2
    offers "tare --root $state state " "$id"
    offers 'tare delete --force web-1' web-1
    offers 'tare run web'
    offers 'tare kill web-1 US' USR1 USR2
    offers 'tare exec --pid' --pid-file --pidfd-socket
    offers 'tare exec web-1 --pid'
    offers 'tare help pau' pause
    judge_offers
}

@test "bash completes commands, options, their values, ids and signals" {
    completes bash
}

@test "zsh completes commands, options, their values, ids and signals" {
    completes zsh
}

@test "fish completes commands, options, their values, ids and signals" {
    completes fish
}

@test "every option that help tells of can be completed" {
    local command option
    for command in '' $("$TARE" help | sed -nE '/^Commands:/,/^$/s/^ +([a-z]+) +.*/\1/p'); do
        # shellcheck disable=SC2086 # no word at all for the first
        for option in $("$TARE" help $command | sed -nE 's/^ +(-., )?--([a-z0-9-]+).*/\2/p'); do
            grep -q "^    \\['$command '\\]=.*--$option\\b" "$completion/tare" ||
                fail "bash: $command --$option"
            grep -q "__tare_at ${command:-\"\"}'.* -l $option " "$completion/tare.fish" ||
                fail "fish: $command --$option"
            sed -n "/^    ${command:-_arguments -C.*}/,/result=0/p" "$completion/_tare" |
                grep -qE -- "--$option(\[|=)" || fail "zsh: $command --$option"
        done
    done
}
