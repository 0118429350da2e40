# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Lives of containers by the hundred, and what is left afterwards.  Sourced behind tap.bash; makes
# $bundle, whose program sleeps.  The script then edits its config, and takes `before=$(snapshot)`.

isolate
need_cgroup

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
bundle=$work/bundle
mkdir -p "$bundle/rootfs"/{proc,dev,sys,tmp}
# shellcheck disable=SC2154 # of tap.bash
cp "$build/tests/helpers/witness" "$bundle/rootfs/witness"
# shellcheck disable=SC2154
"$tare" spec --bundle "$bundle"

# config PROGRAM: edits the bundle's config.json by jq.
config() {
    jq "$1" "$bundle/config.json" >"$work/config.json"
    mv "$work/config.json" "$bundle/config.json"
}
config '.process.args = ["/witness", "sleep", "1000"] | .process.terminal = false'

run_tare() {
    "$tare" --root "$work/state" "$@"
}

status_is() {
    [ "$(run_tare state "$1" | jq -r .status)" = "$2" ]
}

# A killed process takes a moment to die.
comes_to_stop() {
    local attempt
    for attempt in $(seq 3000); do
        if status_is "$1" stopped; then
            return 0
        fi
        sleep 0.02
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

# live_in_a_row COUNT, live_side_by_side COUNT
live_in_a_row() {
    local n
    for n in $(seq "$1"); do
        live "row-$n" || { echo "life $n failed" && return 1; }
    done
}

live_side_by_side() {
    local n pid pids=() status=0
    for n in $(seq "$1"); do
        live "side-$n" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || status=1
    done
    return $status
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

# nothing_is_left: the same as when $before was taken.
nothing_is_left() {
    local now pause
    for pause in 0.0{1..9} 0.{1..9} 1{,,,,}{,,,,,,,,,,}; do # 60 s at most
        now=$(snapshot)
        # shellcheck disable=SC2154 # of the script
        if [ "$now" = "$before" ]; then
            return 0
        fi
        sleep "$pause"
    done
    echo "there is still:"
    diff <(echo "$before") <(echo "$now")
}
