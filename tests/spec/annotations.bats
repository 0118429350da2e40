#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

annotations() {
    tare state "$id" | jq -c .annotations
}

@test "[A1] [ST6] state returns the annotations" {
    config '.annotations = { "b": "2", "a": "1", "org.example/x.y": "\u00e4 \"\\ \n" }'
    create_container
    assert_equal "$(annotations)" '{"b":"2","a":"1","org.example/x.y":"ä \"\\ \n"}'
}

@test "[A6] a value may be empty" {
    config '.annotations = { "key": "" }'
    create_container
    assert_equal "$(annotations)" '{"key":""}'
}

@test "[A4] [A5] [F6] reserved and unknown keys are kept, and mean nothing" {
    local groups
    assert_equal "$(tare features | jq -c .potentiallyUnsafeConfigAnnotations)" '[]'
    config '.annotations = { "org.opencontainers.image.stopSignal": "SIGKILL",
        "org.opencontainers.new": "x", "run.oci.keep_original_groups": "1",
        "run.oci.mount_context_type": "x", "org.systemd.property.CPUWeight": "1" }'
    start_container trap 15
    assert_equal "$(annotations | jq length)" 5
    groups=$(awk '$1 == "Groups:" { $1 = ""; print }' "/proc/$(tare state "$id" | jq .pid)/status")
    assert_equal "${groups# }" ''
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/output"
    tare kill "$id" # SIGTERM as ever
    wait_until 5 has_status "$id" stopped
    assert_equal "$(tail -n 1 "$BATS_TEST_TMPDIR/output")" 'got 15'
}

@test "annotations may be absent, empty or null" {
    local word
    for word in 'del(.annotations)' '.annotations = {}' '.annotations = null'; do
        config "$word"
        run_container
        assert_success
        assert_output hello
    done
}

@test "many and large annotations are kept" {
    config '.annotations = ([range(300) | { key: "key\(.)", value: ("x" * 200) }] | from_entries)'
    create_container
    assert_equal "$(annotations | jq 'length, ([.[] | length] | add)' | xargs)" '300 60000'
    assert_equal "$(tare list --format json | jq '.[0].annotations | length')" 300
}
