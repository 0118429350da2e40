#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Documents that are nearly JSON, and nearly what they should be.  tests/fuzz/ looks at the same
# from within; here it is the program itself that is given them.

load ../helpers/tare
load attack

mutate=$build/tests/helpers/mutate
corpus=${helpers%/helpers}/fuzz/corpus
# Nobody is raced here, and more of them are read by tests/fuzz/.
number_of=$((starts < 100 ? starts : 100))

setup() {
    setup_bundle
    documents=$BATS_TEST_TMPDIR/documents
    mkdir "$documents"
    refused=0
}

# make_documents SEED: $number_of changed ones, and the seed itself as 0.
make_documents() {
    "$mutate" "$1" 1 "$number_of" "$documents"
    cp "$1" "$documents/0"
}

# judge ARGUMENT...: it ends in time, not by a signal, and says one thing if it refuses, of which a
# terminal takes no harm.
judge() {
    local status=0 said=$BATS_TEST_TMPDIR/said lines line told=0 LC_ALL=C
    timeout -k 1 60 "$TARE" --root "$state" "$@" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$said" \
        3>&- || status=$?
    case $status in
    0) return 0 ;;
    1 | 126 | 127 | 255) ;;
    *) fail "$* ended with $status: $(<"$said")" ;;
    esac
    refused=$((refused + 1))
    mapfile -t lines <"$said"
    for line in "${lines[@]}"; do
        [[ $line != 'tare: '* ]] || told=$((told + 1))
    done
    if [ "$told" != 1 ] || [ "${#lines[@]}" -gt 2 ] || [[ ${lines[*]} == *[[:cntrl:]]* ]]; then
        fail "$* says: $(cat -v "$said")"
    fi
}

# Neither all nor none of them are refused.
sum_up() {
    [ "$refused" -gt 0 ]
    [ "$refused" -lt "$1" ]
    count "$2" "$1" "$refused" 0
    nothing_left
}

@test "(T50) config.json" {
    ! is_other_runtime || skip "only tare has --dry-run"
    local seed number
    for seed in "$corpus"/config/{mounts,linux,resources,hooks,seccomp,numbers}.json; do
        make_documents "$seed"
        for ((number = 0; number <= number_of; number++)); do
            judge create --dry-run --bundle "$bundle" --config "$documents/$number" "$id"
        done
    done
    sum_up $((number_of * 6 + 6)) 'documents of config.json'
}

@test "(T50) the process of exec" {
    need_exec
    local number
    witness_runs sleep 100
    "$TARE" --root "$state" run --detach --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&-
    jq '.process | .args = ["/witness", "say", "ran"] | .rlimits = [{ type: "RLIMIT_CORE",
        soft: 0, hard: 0 }] | .capabilities = { bounding: ["CAP_KILL"], permitted: [] }
        | .scheduler = { policy: "SCHED_BATCH", nice: 1 } | .user.additionalGids = [5, 6]' \
        "$bundle/config.json" >"$BATS_TEST_TMPDIR/seed"
    make_documents "$BATS_TEST_TMPDIR/seed"
    for ((number = 0; number <= number_of; number++)); do
        judge exec --process "$documents/$number" "$id"
    done
    [ "$(tare state "$id" | jq -r .status)" = running ]
    tare delete --force "$id"
    sum_up $((number_of + 1)) 'documents of a process'
}

@test "(T50) state.json" {
    ! is_other_runtime || skip "it is tare's own file"
    local number
    create_container
    make_documents "$state/$id/state.json"
    for ((number = 0; number <= number_of; number++)); do
        cp "$documents/$number" "$state/$id/state.json"
        chmod 600 "$state/$id/state.json"
        judge state "$id"
        judge list
    done
    cp "$documents/0" "$state/$id/state.json"
    has_status "$id" created
    tare delete --force "$id"
    sum_up $((number_of * 2 + 2)) 'documents of state.json'
}
