#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Where the prose of the specification, its schema and its Go types disagree: what each of them
# lets pass is read, and what the prose requires is then asked for by name.

load ../helpers/tare

setup() {
    setup_bundle
}

# taken JQ-PROGRAM: the edited config would be started.
taken() {
    local kept
    kept=$(cat "$bundle/config.json")
    config "$1"
    run_tare create --dry-run --bundle "$bundle" "$id"
    printf '%s\n' "$kept" >"$bundle/config.json"
    assert_success
    assert_stderr ''
}

@test "[ROOT1] [P9] [P27] [PE2] [U2] [U3] [D5] [IO14] what only the prose requires is missed by name" {
    local field program
    while IFS='|' read -r field program; do
        bad_config "$program" "config.json:"
        assert_stderr_has " $field"
        [[ $stderr != *'required member'* ]] || fail "it is the parser that says so"
    done <<'ROWS'
root: it is missing|del(.root)
process.args: there is no program|del(.process.args)
process.user.uid: is required|.process.user = { gid: 1 }
process.user.gid: is required|.process.user = { uid: 1 }
process.ioPriority.priority: is required|.process.ioPriority = { class: "IOPRIO_CLASS_BE" }
linux.personality.domain: is required|.linux.personality = {}
linux.devices[0].major: a device needs it|.linux.devices = [{ type: "b", path: "/dev/a" }]
linux.devices[0].minor: a device needs it|.linux.devices = [{ type: "c", path: "/dev/a", major: 1 }]
linux.resources.blockIO.throttleWriteIOPSDevice[0]: has no rate|.linux.resources.blockIO.throttleWriteIOPSDevice = [{ major: 8, minor: 0 }]
ROWS
    taken '.linux.devices = [{ type: "p", path: "/dev/a" }]'
}

@test "[U1] the schema goes without a user, and so do we" {
    taken 'del(.process.user)'
}

@test "[PI2] the schema requires a limit of processes, the prose does not" {
    taken '.linux.resources.pids = {}'
}

@test "[D6] a mode is any number in the prose, and at most 511 in the schema" {
    taken '.linux.devices = [{ type: "c", path: "/dev/a", major: 1, minor: 3, fileMode: 511 }]'
    bad_config '.linux.devices = [{ type: "c", path: "/dev/a", major: 1, minor: 3, fileMode: 512 }]' \
        'linux.devices[0].fileMode: 512 (octal 1000) has bits besides permissions'
    bad_config '.linux.devices = [{ type: "p", path: "/dev/a", fileMode: 4294967296 }]' \
        'linux.devices[0].fileMode: number out of range for uint32'
}

@test "[P4] [P5] a size is any number in the schema, and 16 bits in the kernel" {
    taken '.process.consoleSize = { height: 9000000000000, width: 0 }'
    bad_config '.process.consoleSize = { height: -1, width: 0 }' \
        'process.consoleSize.height: number out of range for uint64'
}

@test "[A2] the schema does not look at the empty key, the prose forbids it" {
    bad_config '.annotations = { "": "x" }' 'annotations: the key ""'
}

@test "the slips in the table of mount options" {
    taken '.mounts += [{ destination: "/x", source: "/tmp",
        options: ["bind", "rnodev", "rdev", "rexec", "rnoexec", "rrelatime"] }]'
}

@test "[TO1] the prose has any clock, the schema lets others pass, and the kernel has two" {
    config '.linux.namespaces += [{ type: "time" }]'
    taken '.linux.timeOffsets = { boottime: {}, monotonic: { secs: 1, nanosecs: 999999999 } }'
    bad_config '.linux.timeOffsets = { realtime: { secs: 1 } }' \
        'linux.timeOffsets.realtime: "realtime" is no clock that has an offset'
}

@test "numbers of the example in the prose" {
    taken '.linux.devices = [{ type: "c", path: "/dev/a", major: 1, minor: 3, fileMode: 438 }]'
    bad_config '.linux.resources.hugepageLimits = [{ pageSize: "3MB", limit: 9223372036854772000 }]' \
        'linux.resources.hugepageLimits[0].pageSize: this kernel has no huge pages of 3MB'
}

@test "[H8] [OP16] a container that hooks of create see, and that waits, is created and not stopped" {
    config --arg file "$BATS_TEST_TMPDIR/status" '.hooks.createRuntime = [{ path: "/bin/sh",
        args: ["sh", "-c", "cat >\($file)"] }]'
    create_container
    assert_equal "$(jq -r .status "$BATS_TEST_TMPDIR/status")" created
    run_tare delete "$id"
    assert_failure 1
    assert_stderr_has 'cannot delete a container that is not stopped: it is created'
    has_status "$id" created
    tare delete --force "$id"
    nothing_left
}
