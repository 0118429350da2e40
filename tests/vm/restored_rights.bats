#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What a container may do that goes on from images: what its config gives it, and no less.

load ../helpers/tare
load vm
load checkpoint

is_apart() {
    [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# in_new_network: the config names it by its path, as engines do.
in_new_network() {
    local other
    background unshare --net sleep 1000
    other=${helpers_started[-1]}
    wait_until 20 is_apart "$other"
    config '.linux.namespaces |= map(if .type == "network" then .path = $net else . end)' \
        --arg net "/proc/$other/ns/net"
}

# settings NAME...: as a process in the container sees them, one a line.
settings() {
    local name
    for name in "$@"; do
        tare exec "$id" /witness sysctl "$name" | tr '\t' ' '
    done
}

@test "[SY1] sysctls are those of the config, in whatever namespace it goes on" {
    local names=(net.ipv4.ip_unprivileged_port_start kernel.msgmax kernel.sem) own
    own=$(</proc/sys/net/ipv4/ip_unprivileged_port_start)
    in_new_network
    config '.linux.sysctl = { "net.ipv4.ip_unprivileged_port_start": "80",
        "kernel.msgmax": "8193", "kernel.sem": "100 32000 100 128" }'
    start_counting
    checkpoint
    assert_success

    # The network is another, and of the rest the images say something else.
    in_new_network
    /usr/bin/python3 "$helpers/edit_image" "$(echo "$images"/ipcns-var-*.img)" \
        'e[0]["msg_ctlmax"] = 1234'
    restore
    assert_success
    goes_on
    assert_equal "$(settings "${names[@]}")" $'80\n8193\n100 32000 100 128'
    assert_equal "$(</proc/sys/net/ipv4/ip_unprivileged_port_start)" "$own"
    gone

    config '.linux.sysctl["kernel.msgmax"] = "many"'
    restore
    assert_failure 1
    assert_stderr_has 'sysctl kernel.msgmax = "many": '
    nothing_left
}

@test "sysctls in a user namespace" {
    in_user_namespace
    config '.linux.sysctl = { "net.ipv4.ip_unprivileged_port_start": "80",
        "kernel.msgmax": "8193", "user.max_inotify_watches": "99" }'
    chmod 777 "$rootfs/tmp"
    start_counting
    chmod 666 "$BATS_TEST_TMPDIR/output"
    checkpoint
    assert_success
    restore
    assert_success
    goes_on
    assert_equal "$(settings net.ipv4.ip_unprivileged_port_start kernel.msgmax \
        user.max_inotify_watches)" $'80\n8193\n99'
    gone
}
