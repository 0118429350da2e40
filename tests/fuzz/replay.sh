#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each fuzz target goes through its corpus, and through the configs of the engines; what would not
# be run is seen before.

set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
build=${TARE_BUILD:-${tests%/tests}}
# shellcheck source=tests/fuzz/targets.sh
. "$tests/fuzz/targets.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

number=0
failures=0
# claim TEXT: what is wrong is in the file `said`; if it is empty, nothing is.
claim() {
    number=$((number + 1))
    if [ ! -s "$scratch/said" ]; then
        echo "ok $number - $1"
    else
        failures=1
        echo "not ok $number - $1"
        tail -n 30 "$scratch/said" | sed 's/^/# /'
    fi
    : >"$scratch/said"
}

# judge_planted LIBRARY: the verdicts on one target that can be run, one of each fault, and the one
# that is not built without this library.
judge_planted() {
    planted=$scratch/planted
    mkdir -p "$planted/corpus" "$planted/tests/fuzz"
    for target in empty lost seccomp whole; do
        mkdir "$planted/corpus/$target"
        touch "$planted/fuzz_$target.c" "$planted/corpus/$target/input" \
            "$planted/tests/fuzz/fuzz_$target"
        chmod +x "$planted/tests/fuzz/fuzz_$target"
    done
    mkdir "$planted/corpus/alone"
    touch "$planted/fuzz_bare.c"
    rm "$planted/corpus/empty/input" "$planted/tests/fuzz/fuzz_lost" \
        "$planted/tests/fuzz/fuzz_seccomp"
    echo "SECCOMP_LIBS = $1" >"$planted/Makefile"
    list_targets "$planted" "$planted" | cut -d ' ' -f -2 | xargs
    rm -r "$planted"
}

faults='alone fail bare fail empty fail lost fail'
printf '%s\n' "$faults seccomp fail whole run" "$faults seccomp skip whole run" >"$scratch/verdicts"
{ judge_planted -lseccomp && judge_planted ''; } |
    diff "$scratch/verdicts" - >"$scratch/said" || :
claim "a target that is not run would be seen"

list_targets "$tests/fuzz" "$build" >"$scratch/targets"
grep -q ' run$' "$scratch/targets" || echo "there is none" >"$scratch/said"
claim "there are targets to run"
while read -r target verdict why; do
    case $verdict in
    fail)
        echo "$why" >"$scratch/said"
        claim "fuzz_$target replays its inputs"
        ;;
    skip) claim "fuzz_$target replays its inputs # SKIP $why" ;;
    run)
        set -- "$tests/fuzz/corpus/$target"/*
        [ "$target" != config ] || set -- "$@" "$tests/engines/data"/*.json
        if "$build/tests/fuzz/fuzz_$target" "$@" >"$scratch/said" 2>&1; then
            : >"$scratch/said"
        else
            echo "it ended with $?" >>"$scratch/said"
        fi
        claim "fuzz_$target replays $# inputs"
        ;;
    esac
done <"$scratch/targets"
echo "1..$number"
exit $failures
