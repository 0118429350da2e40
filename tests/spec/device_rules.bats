#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

# The char device 240:1 has no driver: a kernel that lets it be opened says ENXIO, and one that
# filters EPERM.
setup() {
    setup_bundle
    config '.process.capabilities = (["CAP_MKNOD", "CAP_DAC_OVERRIDE"]
            | { bounding: ., permitted: ., effective: . })
        | .linux.devices = [{ type: "c", path: "/dev/x", major: 240, minor: 1 }]'
}

# rules JSON: linux.resources.devices, for a device that is not one of linux.devices.
rules() {
    config --argjson rules "$1" '.linux.resources.devices = $rules | del(.linux.devices)'
}

# try: makes the device 240:1, and opens one that is there, for reading and for writing.
try() {
    mknod "$rootfs/etc/x" c 240 1
    run_container chain mknod /tmp/x c 240 1 ';' open /etc/x r ';' open /etc/x w
    rm -f "$rootfs/etc/x" "$rootfs/tmp/x"
    assert_success
}

@test "[D9] [RV1] what is not listed is denied" {
    rules '[]'
    try
    assert_output $'EPERM\nEPERM\nEPERM'
    config 'del(.linux.resources)'
    try
    assert_output $'EPERM\nEPERM\nEPERM'
}

@test "[E0.9.2] [RV1] the default devices stay allowed, whatever the rules deny" {
    rules '[{ "allow": false, "access": "rwm" }]'
    run_container chain open /dev/null rw ';' open /dev/zero r ';' open /dev/urandom r \
        ';' mknod /tmp/null c 1 3 ';' mknod /tmp/mem c 1 1
    assert_success
    assert_output $'ok\nok\nok\nok\nEPERM'
}

@test "[D9] a device of linux.devices is allowed without a rule" {
    run_container open /dev/x rw
    assert_success
    assert_output ENXIO
}

@test "[RV4] [RV5] a rule allows its letters alone" {
    rules '[{ "allow": true, "type": "c", "major": 240, "minor": 1, "access": "m" }]'
    try
    assert_output $'ok\nEPERM\nEPERM'
    rules '[{ "allow": true, "type": "c", "major": 240, "minor": 1, "access": "r" }]'
    try
    assert_output $'EPERM\nENXIO\nEPERM'
    rules '[{ "allow": true, "type": "c", "major": 240, "minor": 1, "access": "wm" }]'
    try
    assert_output $'ok\nEPERM\nENXIO'
}

@test "[RV2] [RV4] absent numbers, -1, type and access mean any" {
    local rule
    for rule in '"type": "c", "major": 240' '"type": "c", "minor": 1' '"type": "c"' '"type": "a"' \
        '"type": "c", "major": -1, "minor": -1' '"major": null'; do
        rules '[{ "allow": true, '"$rule"' }]'
        try
        assert_output $'ok\nENXIO\nENXIO'
    done
}

@test "[RV3] [RV4] other numbers or the other type do not match" {
    local rule
    for rule in '"type": "b", "major": 240, "minor": 1' '"type": "c", "major": 240, "minor": 0' \
        '"type": "c", "major": 241, "minor": 1' '"type": "c", "major": 0'; do
        rules '[{ "allow": true, '"$rule"' }]'
        try
        assert_output $'EPERM\nEPERM\nEPERM'
    done
}

@test "[RV1] of the rules that match the last one decides" {
    rules '[{ "allow": true, "access": "rwm" },
        { "allow": false, "type": "c", "major": 240, "access": "rw" },
        { "allow": true, "type": "c", "major": 240, "minor": 1, "access": "w" }]'
    try
    assert_output $'ok\nEPERM\nENXIO'
    rules '[{ "allow": true, "type": "c", "major": 240, "minor": 1 }, { "allow": false }]'
    try
    assert_output $'EPERM\nEPERM\nEPERM'
}

@test "[RV3] [RV4] numbers without the type b or c are refused" {
    local rule
    for rule in '"type": "a", "major": 1, "minor": 1' '"major": 1, "minor": 3' '"minor": 3' \
        '"type": "a", "major": 0, "minor": -1'; do
        rules '[{ "allow": false }, { "allow": true, '"$rule"', "access": "rwm" }]'
        bad_config . 'linux.resources.devices[1].type: needs to be b or c when numbers are given'
    done
}

@test "[RV1] [D9] denying a default device by its numbers is warned of" {
    rules '[{ "allow": false, "access": "rwm" }, { "allow": false, "type": "c", "major": 1 },
        { "allow": false, "type": "c", "major": 1, "minor": 3 },
        { "allow": false, "type": "b", "major": 1, "minor": 3 },
        { "allow": false, "type": "c", "major": 136, "minor": 7 }]'
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(grep devices <<<"$stderr")" \
        'tare: warning: linux.resources.devices[2]: a default device stays allowed
tare: warning: linux.resources.devices[4]: a default device stays allowed'
}

@test "[RV1] a long list is taken" {
    rules "$(jq -n '[range(1000)
        | { allow: (. % 2 == 0), type: "c", major: 240, minor: (. % 3), access: "rwm" }]')"
    try
    # 997 is the last of those for minor 1, and odd.
    assert_output $'EPERM\nEPERM\nEPERM'
}

# run_with_bpf INJECTION: tries to open the device, with calls of bpf(2) that are late, or fail.
run_with_bpf() {
    command -v strace >/dev/null || skip "needs strace"
    rules '[]'
    [ -e "$rootfs/etc/x" ] || mknod "$rootfs/etc/x" c 240 1
    witness_runs open /etc/x r
    run strace -q -o "$BATS_TEST_TMPDIR/calls" -e trace=bpf -e "inject=bpf:$1" \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
}

@test "[RV1] nothing runs before the kernel has taken the program, however long it takes" {
    run_with_bpf delay_enter=500000
    assert_success
    assert_output EPERM
    nothing_left
}

@test "[RV1] a program whose load a signal has interrupted is loaded again" {
    run_with_bpf error=EAGAIN:when=1..3
    assert_success
    assert_output EPERM
    nothing_left
    run_with_bpf error=EAGAIN
    assert_failure 1
    assert_output --partial 'filter devices: load a device program'
    nothing_left
}
