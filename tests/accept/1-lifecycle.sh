#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The life of a container (runtime.md#lifecycle), five hundred times in a row and fifty side by
# side, and what is left afterwards: nothing.
set -eu
# shellcheck source=tests/accept/tap.bash
. "$(dirname "$0")/tap.bash"

[ "$(id -u)" = 0 ] || skip_all "needs root"
if [ -z "${TARE_TEST_ISOLATED:-}" ]; then
    exec "$top/tests/run-isolated" bash "$0"
fi
[ -n "${TARE_TEST_ISOLATED:-}" ] || skip_all "needs namespaces of its own"
[ -n "${TARE_TEST_CGROUP:-}" ] || skip_all "needs a cgroup2 in which a cgroup can be made"

IN_A_ROW=${TARE_ACCEPT_IN_A_ROW:-500}
SIDE_BY_SIDE=${TARE_ACCEPT_SIDE_BY_SIDE:-50}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bundle=$work/bundle
mkdir -p "$bundle/rootfs"/{proc,dev,sys,tmp}
cp "$build/tests/helpers/witness" "$bundle/rootfs/witness"
"$tare" spec --bundle "$bundle"
jq '.process.terminal = false | .process.args = ["/witness", "sleep", "1000"]' \
    "$bundle/config.json" >"$work/config.json"
mv "$work/config.json" "$bundle/config.json"

run_tare() {
    "$tare" --root "$work/state" "$@"
}

status_is() {
    [ "$(run_tare state "$1" | jq -r .status)" = "$2" ]
}

# A killed process takes a moment to die.
comes_to_stop() {
    local attempt
    for attempt in $(seq 200); do
        if status_is "$1" stopped; then
            return 0
        fi
        sleep 0.01
    done
    echo "still not stopped after $attempt attempts: $1"
    return 1
}

live() {
    run_tare create --bundle "$bundle" "$1" </dev/null &&
        status_is "$1" created &&
        run_tare start "$1" &&
        status_is "$1" running &&
        run_tare kill "$1" KILL &&
        comes_to_stop "$1" &&
        run_tare delete "$1"
}

# What a container could leave, but for the processes that come and go.
snapshot() {
    find "$work/state" -mindepth 1 2>/dev/null
    find /sys/fs/cgroup -mindepth 1 -type d
    cut -d ' ' -f 4,5 /proc/self/mountinfo
    grep -l -E '^(tare|witness)' /proc/[0-9]*/comm 2>/dev/null
    find /dev/shm -mindepth 1
    true
}

obeys_the_lifecycle() {
    run_tare create --bundle "$bundle" one </dev/null && status_is one created || return
    ! run_tare delete one 2>/dev/null || return # created is not stopped
    ! run_tare create --bundle "$bundle" one 2>/dev/null </dev/null || return
    run_tare start one && status_is one running || return
    ! run_tare start one 2>/dev/null || return
    ! run_tare delete one 2>/dev/null || return
    run_tare kill one KILL && comes_to_stop one || return
    ! run_tare kill one KILL 2>/dev/null || return
    ! run_tare start one 2>/dev/null || return
    run_tare delete one || return
    ! run_tare state one 2>/dev/null
}

many_in_a_row() {
    local n
    for n in $(seq "$IN_A_ROW"); do
        live "row-$n" || { echo "life $n failed" && return 1; }
    done
}

many_side_by_side() {
    local n pid pids=() status=0
    for n in $(seq "$SIDE_BY_SIDE"); do
        live "side-$n" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || status=1
    done
    return $status
}

many_alive_at_once() {
    local n
    for n in $(seq "$SIDE_BY_SIDE"); do
        run_tare run --detach --bundle "$bundle" "alive-$n" </dev/null || return
    done
    [ "$(run_tare list --quiet | wc -l)" = "$SIDE_BY_SIDE" ] || return
    for n in $(seq "$SIDE_BY_SIDE"); do
        run_tare delete --force "alive-$n" || return
    done
}

nothing_is_left() {
    local now attempt
    for attempt in $(seq 20); do
        now=$(snapshot)
        if [ "$now" = "$before" ]; then
            return 0
        fi
        sleep 0.05
    done
    echo "after $attempt looks there is still:"
    diff <(echo "$before") <(echo "$now")
}

before=$(snapshot)
claim "create, state, start, kill, delete do as the lifecycle says" obeys_the_lifecycle
claim "$IN_A_ROW lives in a row" many_in_a_row
claim "$SIDE_BY_SIDE lives side by side" many_side_by_side
claim "$SIDE_BY_SIDE containers alive at once" many_alive_at_once
claim "nothing is left" nothing_is_left
finish
