# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # variables of bench
#
# The tables that tests/bench/bench prints.

# The table `run` ----------------------------------------------------------------------------------

# count_calls NAME COMMAND...: all system calls of all its processes, or "-" without strace.
count_calls() {
    shift
    if command -v strace >/dev/null; then
        strace -f -c -o "$work/calls" "$@" </dev/null >/dev/null 2>&1
        awk '$NF == "total" { print $4 }' "$work/calls"
    else
        echo -
    fi
}

# add_contender NAME COMMAND...: for interleave, whose percent sign becomes the round.
add_contender() {
    contenders+=(:: "$@")
    calls[$1]=$(count_calls "${@//%/calls}")
}

# set_floors KIND: the floor, and with a filter the one with the better filter.
set_floors() {
    local rules=$work/$1/rules shape
    local command=("$floor" "$1" "$work/$1" "$cgroups/floor%")
    if [ "$1" = minimal ]; then
        add_contender floor "${command[@]}"
        return
    fi
    jq -rf "$here/filter_rules.jq" "$work/$1/true/config.json" >"$rules"
    for shape in linear tree; do
        "$build/tests/bench/filter" $shape "$work/$1/$shape" <"$rules"
    done
    add_contender floor "${command[@]}" "$work/$1/linear"
    add_contender floor-tree "${command[@]}" "$work/$1/tree"
}

table_run() {
    local kind name line contenders able command
    for kind in $bundles; do
        local -A calls=()
        contenders=()
        printf '\n== run, %s\n' "$kind"
        set_able "$work/$kind/true"
        set_floors "$kind"
        for name in "${able[@]}"; do
            set_command "$name"
            add_contender "$name" "${command[@]}" run --bundle "$work/$kind/true" run%
        done
        "$build/tests/bench/interleave" "$rounds" "${contenders[@]}" >"$work/table"
        while IFS= read -r line; do
            name=${line%% *}
            printf '%s %8s\n' "$line" "${calls[${name:-none}]:-calls}"
        done <"$work/table"
    done
}

# The table `life` ---------------------------------------------------------------------------------

# add_life NAME BUNDLE: a whole life, whose steps have names as crun/start.
add_life() {
    local name=$1 step words
    set_command "$name"
    for step in create start exec state kill wait delete; do
        words=("$step" life%)
        case $step in
        create) words=(create --bundle "$2" life%) ;;
        exec)
            can_exec "${paths[$name]}" || continue
            words+=(/payload true)
            ;;
        kill) words+=(KILL) ;;
        wait)
            contenders+=(:: - "$here/await" stopped "${command[@]}" state life%)
            continue
            ;;
        esac
        contenders+=(:: "$name/$step" "${command[@]}" "${words[@]}")
    done
}

# Turns rows NAME/STEP P10 ... into one row for each name, and one for the first name's ratio to the
# best of the others.
show_lives() {
    awk '
        function ratio(a, b) { return sprintf("%.2f", a / b) }
        BEGIN { step_count = split("create start exec state kill delete", steps) }
        NR == 1 { next }
        {
            at = match($1, "/[a-z]*$")
            name = substr($1, 1, at - 1)
            step = substr($1, at + 1)
            if (!(name in known)) { known[name] = 1; names[++count] = name }
            p10[name, step] = $2
            if (count > 1 && (!(step in best) || $2 < best[step])) best[step] = $2
        }
        END {
            printf "%-20s", "p10_us"
            for (s = 1; s <= step_count; s++) printf "%9s", steps[s]
            for (n = 1; n <= count; n++) {
                printf "\n%-20s", names[n]
                for (s = 1; s <= step_count; s++)
                    printf "%9s", (names[n], steps[s]) in p10 ? p10[names[n], steps[s]] : "-"
            }
            printf "\n%-20s", names[1] "/best peer"
            for (s = 1; s <= step_count; s++) {
                has_both = (names[1], steps[s]) in p10 && steps[s] in best
                printf "%9s", has_both ? ratio(p10[names[1], steps[s]], best[steps[s]]) : "-"
            }
            print ""
        }' "$1"
}

table_life() {
    local kind name contenders able command
    for kind in $bundles; do
        contenders=()
        printf '\n== life, %s\n' "$kind"
        set_able "$work/$kind/true"
        for name in "${able[@]}"; do
            add_life "$name" "$work/$kind/wait"
        done
        "$build/tests/bench/interleave" "$rounds" "${contenders[@]}" >"$work/table"
        show_lives "$work/table"
    done
}

# The table `init` ---------------------------------------------------------------------------------

# Memory of the process that waits for `start`.
table_init() {
    local kind=${bundles%% *} name able command rollup
    printf '\n== init, %s\n' "$kind"
    set_able "$work/$kind/true"
    printf '%-20s %9s %9s\n' '' rss_KiB pss_KiB
    for name in "${able[@]}"; do
        set_command "$name"
        "${command[@]}" create --bundle "$work/$kind/wait" init </dev/null >/dev/null 2>&1
        rollup=/proc/$("${command[@]}" state init | jq .pid)/smaps_rollup
        printf '%-20s %9d %9d\n' "$name" "$(awk '/^Rss/ { print $2 }' "$rollup")" \
            "$(awk '/^Pss:/ { print $2 }' "$rollup")"
        "${command[@]}" delete --force init
    done
}

# The table `idle` ---------------------------------------------------------------------------------

# How `run` and the floor grow with the number of containers that do nothing.
table_idle() {
    local kind=${bundles%% *} made=0 wanted contenders command
    local -A calls=()
    printf '\n== idle, %s\n' "$kind"
    contenders=()
    set_floors "$kind"
    set_command tare
    contenders+=(:: tare "${command[@]}" run --bundle "$work/$kind/true" run%
        :: list "${command[@]}" list)
    printf '%-9s %-12s %9s %9s\n' idle '' p10_us x_first
    for wanted in $idle; do
        for (( ; made < wanted; made++)); do
            "${command[@]}" create --bundle "$work/$kind/wait" "idle$made" \
                </dev/null >"$work/output" 2>&1
            "${command[@]}" start "idle$made"
        done
        "$build/tests/bench/interleave" "$rounds" "${contenders[@]}" | sed "s/^/$made /"
    done | awk '
        $2 == "p10_us" { next }
        !($2 in first) { first[$2] = $3 }
        { printf "%-9d %-12s %9d %9.2f\n", $1, $2, $3, $3 / first[$2] }'
}

# The table `size` ---------------------------------------------------------------------------------

table_size() {
    printf '\n== size\n%-20s %9s\n' '' bytes
    strip -o "$work/stripped" "$build/tare"
    printf '%-20s %9d\n' tare "$(stat -c %s "$work/stripped")" \
        'its init program' "$(stat -c %s "$build/src/tare-init")"
}

# The table `launchers` ----------------------------------------------------------------------------

# add_launchers NAME COMMAND...: the command alone, and two of it at once, each of its own name.
add_launchers() {
    local name=$1 both=$build/tests/bench/both
    shift
    contenders+=(:: "$name/one" "$both" "${@//%/one%}"
        :: "$name/two" "$both" "${@//%/a%}" ++ "${@//%/b%}")
}

# Two launchers at once: how many containers more they run in the same time than one alone does.
table_launchers() {
    local kind=${bundles%% *} name contenders=() able command filter
    local -A calls=()
    printf '\n== launchers, %s\n' "$kind"
    set_able "$work/$kind/true"
    set_floors "$kind" # for its filters
    contenders=()
    filter=$work/$kind/linear
    [ -e "$filter" ] || filter=''
    add_launchers floor "$floor" "$kind" "$work/$kind" "$cgroups/floor%" ${filter:+"$filter"}
    for name in "${able[@]}"; do
        set_command "$name"
        add_launchers "$name" "${command[@]}" run --bundle "$work/$kind/true" run%
    done
    printf '%-20s %9s %9s %9s\n' '' one_us two_us ratio
    "$build/tests/bench/interleave" "$rounds" "${contenders[@]}" | awk '
        sub(/\/one$/, "", $1) { one = $2 }
        sub(/\/two$/, "", $1) { printf "%-20s %9d %9d %9.2f\n", $1, one, $2, 2 * one / $2 }'
}

# The table `memory` -------------------------------------------------------------------------------

# limited BUNDLE KIB: the bundle has that limit, and no more of swap.
limited() {
    jq --argjson bytes "$(($2 * 1024))" '
        .linux.resources.memory = { limit: $bytes, swap: $bytes }' \
        "$1/config.json" >"$1/limited.json"
    mv "$1/limited.json" "$1/config.json"
}

unlimited() {
    jq 'del(.linux.resources.memory)' "$1/config.json" >"$1/unlimited.json"
    mv "$1/unlimited.json" "$1/config.json"
}

runs_in() {
    limited "$work/$kind/true" "$1"
    for _ in 1 2 3; do
        "${command[@]}" run --bundle "$work/$kind/true" limited </dev/null >/dev/null 2>&1 || {
            "${command[@]}" delete --force limited >/dev/null 2>&1 || :
            return 1
        }
    done
}

executes_in() {
    local result=0
    limited "$work/$kind/wait" "$1"
    "${command[@]}" create --bundle "$work/$kind/wait" limited </dev/null >/dev/null 2>&1 &&
        "${command[@]}" start limited >/dev/null 2>&1 &&
        for _ in 1 2 3; do
            "${command[@]}" exec limited /payload true </dev/null >/dev/null 2>&1 || result=1
        done || result=1
    "${command[@]}" delete --force limited >/dev/null 2>&1 || :
    return $result
}

# least COMMAND...: the least number of KiB with which it succeeds, in steps of pages.
least() {
    local low=0 high=16384 middle # in pages: 64 MiB
    while [ $((high - low)) -gt 1 ]; do
        middle=$(((low + high) / 2))
        if "$@" $((middle * 4)); then high=$middle; else low=$middle; fi
    done
    echo $((high * 4))
}

# The least memory.max with which a container runs, and a process comes into one.
table_memory() {
    local kind=${bundles%% *} name able command
    printf '\n== memory, %s\n' "$kind"
    if ! grep -qw memory "$cgroups/cgroup.controllers"; then
        echo "left out: there is no memory controller in cgroup v2 here"
        return
    fi
    set_able "$work/$kind/true"
    printf '%-20s %9s %9s\n' '' run_KiB exec_KiB
    for name in "${able[@]}"; do
        set_command "$name"
        printf '%-20s %9d %9d\n' "$name" "$(least runs_in)" "$(least executes_in)"
    done
    unlimited "$work/$kind/true"
    unlimited "$work/$kind/wait"
}

# The table `where` --------------------------------------------------------------------------------

# The steps of a start that take longest: the median of each, as tare itself sees them (--trace).
table_where() {
    local kind=${bundles%% *} round command
    printf '\n== where, %s\n%-44s %9s\n' "$kind" '' median_us
    set_command tare
    for ((round = 0; round < rounds; round++)); do
        "${command[@]}" run --trace "$work/trace" --bundle "$work/$kind/true" where </dev/null
        cat "$work/trace"
    done >"$work/traces"
    jq -r --slurp '
        [.[].traceEvents | (map(select(.ph == "M")) | map({ (.tid | tostring): .args.name }) | add)
            as $who | .[] | select(.ph == "X")
            | { name: "\($who[.tid | tostring]): \(.name)", dur }]
        | group_by(.name)
        | map({ name: .[0].name, median: (map(.dur) | sort | .[length / 2 | floor]) })
        | sort_by(-.median) | .[:16][] | "\(.name)\t\(.median)"' "$work/traces" |
        awk -F '\t' '{ printf "%-44s %9.0f\n", $1, $2 }'
}
