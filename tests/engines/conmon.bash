# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of tare.bash
#
# conmon alone, driven as Podman drives it: in $watch are the files that it makes.
#
#     load ../helpers/tare
#     load ../engines/conmon

# shellcheck source=tests/engines/runtime.bash
. "$(dirname "${BASH_SOURCE[0]}")/runtime.bash"

setup_conmon() {
    setup_bundle
    [ -z "$(runtime_lacks)" ] || skip "$(runtime_lacks)"
    command -v conmon >/dev/null || skip "needs conmon"
    runtime_attempt
    is_tare || config '.ociVersion = "1.0.2"'
    watch=$BATS_TEST_TMPDIR/watch
    mkdir -p "$watch"/{ends,sockets}
    # shellcheck disable=SC2034 # nothing_left() compares with it
    snapshot_before=$(snapshot)
}

# watched OPTION...: conmon makes a container and stays until it has ended; `start_watched` follows.
watched() {
    runtime_is_called "$@" --bundle "$bundle" --exit-dir "$watch/ends" --name "$id" \
        --container-pidfile "$watch/pid" --conmon-pidfile "$watch/conmon-pid" \
        --log-path "k8s-file:$watch/log" --socket-dir-path "$watch/sockets" --persist-dir "$watch"
}

# runtime_is_called OPTION...: what all calls of conmon have.
runtime_is_called() {
    _OCI_SYNCPIPE=5 conmon --api-version 1 --cid "$id" --cuuid "$id" \
        --runtime "$runtime_path" --runtime-arg --root --runtime-arg "$state" "$@" \
        5>"$watch/said" </dev/null >"$watch/conmon" 2>&1 3>&-
    wait_until 20 has_answered
}

# answer: the first number that it has said: the pid, or less than 0.
answer() {
    jq --slurp '.[0].data' "$watch/said"
}

has_answered() {
    grep -q '"data"' "$watch/said"
}

# by_hand COMMAND...: the runtime, as Podman calls it beside conmon.
by_hand() {
    "$runtime_path" --root "$state" "$@"
}

# ended: its status, when conmon has written it down.
ended() {
    wait_until 20 [ -s "$watch/ends/$id" ]
    cat "$watch/ends/$id"
}

# logged STREAM: what came out of that.
logged() {
    sed -n "s/^[^ ]* $1 [FP] //p" "$watch/log"
}

has_logged() {
    [ "$(logged "$1")" = "$2" ]
}

# A container that conmon watched is deleted by its engine.
gone() {
    by_hand delete "$id"
    nothing_left
}
