#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each fuzz target goes through its corpus, and through the configs of the engines.

set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
build=${TARE_BUILD:-${tests%/tests}}

number=0
failures=0
for corpus in "$tests/fuzz/corpus"/*; do
    target=${corpus##*/}
    [ -x "$build/tests/fuzz/fuzz_$target" ] || continue # built without libseccomp
    number=$((number + 1))
    set -- "$corpus"/*
    [ "$target" != config ] || set -- "$@" "$tests/engines/data"/*.json
    if said=$("$build/tests/fuzz/fuzz_$target" "$@" 2>&1); then
        echo "ok $number - fuzz_$target replays $# inputs"
    else
        failures=1
        echo "not ok $number - fuzz_$target replays $# inputs"
        echo "$said" | tail -n 30 | sed 's/^/# /'
    fi
done
echo "1..$number"
exit $failures
