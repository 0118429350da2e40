#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# sets JSON: process.capabilities.
sets() {
    config --argjson sets "$1" '.process.capabilities = $sets'
}

@test "[C1] without capabilities there are none, for root neither" {
    run_container caps
    assert_success
    assert_output "effective=0000000000000000
permitted=0000000000000000
inheritable=0000000000000000
bounding=0000000000000000
ambient=0000000000000000"
    sets '{}'
    run_container caps
    assert_line bounding=0000000000000000
}

@test "[C2] [C3] [C4] [C5] [C6] each set is what its list says" {
    # CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, KILL 5, SETGID 6
    sets '{ "bounding": ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID"],
        "permitted": ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"],
        "inheritable": ["CAP_CHOWN", "CAP_FOWNER"],
        "ambient": ["CAP_CHOWN"], "effective": ["CAP_CHOWN", "CAP_DAC_OVERRIDE"] }'
    config '.process.user = { uid: 1000, gid: 1000 }'
    create_container caps
    local status
    status=/proc/$(tare state "$id" | jq .pid)/status
    assert_equal "$(awk '/^Cap/ { print $2 }' "$status" | xargs)" \
        '0000000000000009 000000000000000b 0000000000000003 000000000000006b 0000000000000001'
}

@test "[C3] root keeps what is permitted, over its execution" {
    sets '{ "bounding": ["CAP_CHOWN", "CAP_KILL"], "permitted": ["CAP_CHOWN", "CAP_KILL"],
        "effective": ["CAP_CHOWN", "CAP_KILL"] }'
    run_container caps
    assert_success
    assert_line effective=0000000000000021
    assert_line permitted=0000000000000021
    assert_line inheritable=0000000000000000
    assert_line bounding=0000000000000021
}

@test "[C6] ambient capabilities are what another user keeps over the execution" {
    config '.process.user = { uid: 1000, gid: 1000 }'
    sets '{ "bounding": ["CAP_CHOWN", "CAP_KILL"], "permitted": ["CAP_CHOWN", "CAP_KILL"],
        "inheritable": ["CAP_CHOWN"], "effective": ["CAP_KILL"], "ambient": ["CAP_CHOWN"] }'
    run_container caps
    assert_success
    assert_line effective=0000000000000001
    assert_line permitted=0000000000000001
    assert_line inheritable=0000000000000001
    assert_line ambient=0000000000000001
}

@test "[C7] unknown names are left out with a warning" {
    sets '{ "bounding": ["CAP_NOPE", "CAP_CHOWN", "cap_kill", "5", "KILL", ""] }'
    witness_runs caps
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_line bounding=0000000000000001
    local word
    for word in '[0]: "CAP_NOPE"' '[2]: "cap_kill"' '[3]: "5"' '[4]: "KILL"' '[5]: ""'; do
        assert_stderr_has "process.capabilities.bounding$word is unknown and left out"
    done
}

@test "[C7] what tare itself lacks is left out with a warning" {
    sets '{ "bounding": ["CAP_CHOWN", "CAP_SYS_BOOT"] }'
    witness_runs caps
    run --separate-stderr setpriv --bounding-set -sys_boot \
        "$TARE" --root "$state" --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_line bounding=0000000000000001
    assert_stderr_has 'process.capabilities.bounding: CAP_SYS_BOOT cannot be granted'
}

@test "[C6] an ambient capability that is not inheritable is left out with a warning" {
    sets '{ "bounding": ["CAP_CHOWN"], "permitted": ["CAP_CHOWN"], "ambient": ["CAP_CHOWN"] }'
    witness_runs caps
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_line ambient=0000000000000000
    assert_stderr_has \
        'process.capabilities.ambient: CAP_CHOWN is not both permitted and inheritable; left out'
}

@test "capabilities of tare's caller do not get in by inheritance" {
    witness_runs caps
    run setpriv --inh-caps +chown,+kill --ambient-caps +chown \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    refute_output --regexp '=0*[1-9a-f]'
}
