#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Podman, as root, with tare as its runtime: what one does with containers all day, and nothing is
# left.
set -eu
# shellcheck source=tests/accept/podman.bash
. "$(dirname "$0")/podman.bash"

# is EXPECTED COMMAND...: the command prints exactly that.
is() {
    local expected=$1 printed
    shift
    printed=$("$@" </dev/null) || { echo "status $?: $*" && return 1; }
    [ "$printed" = "$expected" ] || { echo "$*: '$printed', not '$expected'" && return 1; }
}

# is_shown EXPECTED COMMAND...: the same where the output comes through conmon: Podman 4.3.1 loses
# that of one run in 600 on a busy machine, with any runtime, and nothing at all is tried again.
is_shown() {
    local expected=$1 printed=''
    shift
    for _ in 1 2 3; do
        printed=$("$@") || { echo "status $?: $*" && return 1; }
        [ -z "$printed" ] || break
    done
    [ "$printed" = "$expected" ] || { echo "$*: '$printed', not '$expected'" && return 1; }
}

# ends STATUS COMMAND...: the command ends with that.
ends() {
    local expected=$1 status=0
    shift
    "$@" </dev/null || status=$?
    [ "$status" = "$expected" ] || { echo "$*: status $status, not $expected" && return 1; }
}

cats() {
    echo in | podman run --rm --interactive box cat
}

runs() {
    is_shown out podman run --rm box echo out </dev/null &&
        ends 7 podman run --rm box sh -c 'exit 7' &&
        ends 127 podman run --rm box no-such-command &&
        ends 126 podman run --rm box /etc/passwd &&
        is_shown in cats
}

# converses COMMAND...: at a terminal, with a shell inside, and how that ended comes out again; once
# more for the reason of is_shown.
converses() {
    converses_once "$@" || { echo "once more" && converses_once "$@"; }
}

converses_once() {
    local shown
    shown=$("$build/tests/helpers/console" pty 24 80 \
        expect ready send 'typed\r' expect 'got typed' -- \
        "$@" sh -c 'test -t 0 && echo ready && read line && echo "got $line" && exit 3') ||
        { echo "$shown" && return 1; }
    grep -qx '# status=3' <<<"$shown" || { echo "no status 3: $shown" && return 1; }
}

runs_at_a_terminal() {
    converses podman run --rm --interactive --tty box
}

executes() {
    podman run --detach --name main box sleep 1000 &&
        is_shown out podman exec main echo out </dev/null &&
        ends 7 podman exec main sh -c 'exit 7' &&
        ends 127 podman exec main no-such-command &&
        is_shown 1000 podman exec --user user main id -u </dev/null &&
        converses podman exec --interactive --tty main
}

pauses() {
    podman pause main && is paused podman inspect --format '{{.State.Status}}' main &&
        podman unpause main && is running podman inspect --format '{{.State.Status}}' main
}

# comes_to_print EXPECTED COMMAND...: it prints that, sooner or later.
comes_to_print() {
    local attempt
    for attempt in {1..600}; do
        is "$@" >/dev/null && return
        sleep 0.1
    done
    echo "after $attempt attempts:" && is "$@"
}

errors_of() {
    { "$@" >/dev/null; } 2>&1
}

logs() {
    podman run --detach --name talker box \
        sh -c 'echo one; echo two >&2; echo three; exec sleep 1000' || return
    comes_to_print $'one\nthree' podman logs talker &&
        comes_to_print two errors_of podman logs talker &&
        podman kill talker && is 137 podman wait talker &&
        is $'one\nthree' podman logs talker && podman rm talker
}

stops_and_is_removed() {
    podman run --detach --name polite box \
        sh -c 'trap "exit 6" TERM; echo ready; while :; do sleep 0.05; done' || return
    comes_to_print ready podman logs polite || return
    podman stop --time 20 polite &&
        is 'exited 6' podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' polite &&
        podman rm polite &&
        podman kill main && is 137 podman wait main && podman rm main &&
        podman run --detach --name stubborn box sleep 1000 &&
        ends 2 podman rm stubborn && podman rm --force --time 0 stubborn
}

builds() {
    printf 'FROM box\nRUN echo made >/made\nCMD ["cat", "/made"]\n' >"$work/Containerfile"
    podman build --isolation oci --file "$work/Containerfile" --tag built "$work/podman/box/www" &&
        is_shown made podman run --rm built </dev/null && podman rmi built
}

publishes() {
    local page='' attempt
    podman run --detach --name server --publish 8080:80 box httpd -f -p 80 -h /www || return
    for attempt in {1..200}; do
        page=$(podman_fetch 127.0.0.1 8080 | tail -n 1)
        [ "$page" != 'the page' ] || break
        sleep 0.1
    done
    podman rm --force --time 0 server || return
    [ "$page" = 'the page' ] || { echo "after $attempt attempts: '$page'" && return 1; }
}

before=$(podman_snapshot)
claim "run: output, input, the exit status, 127 and 126" runs
claim "run at a terminal" runs_at_a_terminal
claim "exec: output, the exit status, a user, a terminal" executes
claim "pause and unpause" pauses
claim "logs: both streams, apart, also after the end" logs
claim "stop, kill, rm" stops_and_is_removed
claim "build with a RUN line" builds
claim "a port on a bridge network" publishes
claim "nothing is left" podman_left_nothing "$before"
finish
