#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of tare.bash and fault.bash
#
# (T51) As in faults.bats, and the container gets a device of the host's network: whatever fails, the
# host has it back, as it was.  The host's network is that of a process of the test.

load ../helpers/tare
load ../helpers/terminal
load ../engines/engines
load fault

setup() {
    setup_faults
    command -v ip >/dev/null || skip "needs ip (iproute2)"
    unshare --net sleep 1000 >/dev/null 3>&- &
    host=$!
    wait_until 5 has_network
    within=(nsenter --net="/proc/$host/ns/net")
    "${within[@]}" ip link add probe type veth peer name peer || skip "needs veth"
}

teardown() {
    teardown_faults
    [ -z "${host:-}" ] || kill "$host"
}

has_network() {
    [ "$(readlink "/proc/$host/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# What the device is there: its name, whether it is up, and its addresses; nothing if it is not.
device() {
    "${within[@]}" ip -json address show dev lent 2>/dev/null |
        jq -c '.[] | [.ifname, (.flags | index("UP") != null),
            (.addr_info[] | select(.family == "inet") | .local, .prefixlen)]'
}

# It goes with the network of a container that has run, as what is only virtual does, and its peer
# with it.
before_device() {
    [ -z "$(device)" ] || return 0
    wait_until 10 is_gone
    "${within[@]}" ip link add lent type veth peer name lent-peer
    "${within[@]}" ip address add 10.9.8.7/24 dev lent
    "${within[@]}" ip link set lent up
}

is_gone() {
    ! "${within[@]}" ip link show dev lent-peer >/dev/null 2>&1
}

ask_device() {
    words=(--log-level warn run --bundle "$bundle" "$id")
}

worked_device() {
    observed_all
    [ -z "$(device)" ]
}

# Once the container runs it is the container's.
failed_device() {
    grep -q '^# end' "$heard.out" || grep -q ": wait for the container's process: " "$heard.err" ||
        assert_equal "$(device)" '["lent",true,"10.9.8.7",24]'
}

# The container has run to its end, but could not be deleted.
may_leave_device() {
    "$is_killed" || grep -q '^# end' "$heard.out"
}

@test "run_device: (T51) the same with a device of the network, which the host has back" {
    config '.linux.netDevices = { lent: { name: "net0" } }'
    strike_all device setns
}
