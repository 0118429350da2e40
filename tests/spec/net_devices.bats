#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# linux.netDevices.  The host's network is one made for the test, in which tare runs: a process,
# $host, keeps it, and whatever is left in it goes with it.

load ../helpers/tare

setup() {
    need_root
    command -v ip >/dev/null || skip "needs ip (iproute2)"
    host=$(new_network)
    outside link add v0 type veth peer name v1 || skip "needs veth"
    setup_bundle
}

teardown() {
    teardown_bundle
    [ -z "${host:-}" ] || kill "$host"
    [ -z "${pod:-}" ] || kill "$pod"
}

# new_network: makes one, prints the process that keeps it.
new_network() {
    local keeper
    unshare --net sleep 1000 >/dev/null 3>&- &
    keeper=$!
    until [ "$(readlink "/proc/$keeper/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do
        sleep 0.01
    done
    echo "$keeper"
}

# ip(8) in the host's network, in that of process PID.
outside() {
    in_network "$host" "$@"
}

in_network() {
    local process=$1
    shift
    nsenter --net="/proc/$process/ns/net" ip "$@"
}

inside() {
    in_network "$(tare state "$id" | jq .pid)" "$@"
}

tare() {
    nsenter --net="/proc/$host/ns/net" "$TARE" --root "$state" "$@"
}

devices() {
    config ".linux.netDevices = $1"
}

# join_pod: the container gets a network that is there already, of process $pod.
join_pod() {
    pod=$(new_network)
    config "(.linux.namespaces[] | select(.type == \"network\")).path = \"/proc/$pod/ns/net\""
}

# addresses_of DEVICE, read by `... -json address`: those that are to be kept, as the kernel has
# them, but for the names of devices.
kept_addresses() {
    jq -c --arg name "$1" '.[] | select(.ifname == $name).addr_info[] |
        select(.scope == "global" and .dynamic == null) | del(.tentative) |
        if .label then .label |= sub("^" + $name; "") else . end'
}

# give_addresses: v0 gets one of each kind.
give_addresses() {
    outside address add 192.0.2.1/24 broadcast 192.0.2.99 dev v0 label v0:a
    outside address add 192.0.2.2/24 dev v0
    outside address add 198.51.100.1 peer 198.51.100.2/32 metric 5 dev v0
    outside address add 203.0.113.1/24 dev v0 noprefixroute preferred_lft 0
    outside address add 203.0.113.7/24 dev v0 valid_lft 1000 preferred_lft 1000
    outside address add 169.254.7.7/16 scope link dev v0
    [ -e /proc/net/if_inet6 ] || return 0
    outside address add 2001:db8::1/64 nodad dev v0
    outside address add 2001:db8::2/48 nodad noprefixroute preferred_lft 0 dev v0
    outside address add 2001:db8::7 peer 2001:db8::8/128 nodad dev v0
    outside address add 2001:db8::9/64 nodad valid_lft 1000 preferred_lft 1000 dev v0
}

# shape: what belongs to a device itself, in `... -json link`.
shape() {
    jq -c --arg name "$1" '.[] | select(.ifname == $name) |
        [.mtu, .address, .ifalias, .txqlen]'
}

# no_harm COMMAND...: the host's devices are the same behind it, with addresses, masters and routes,
# but for numbers.
no_harm() {
    local before
    before=$(list_outside)
    "$@"
    assert_equal "$(list_outside)" "$before"
}

list_outside() {
    # Those of the kernel's own follow from addresses, of which not all are kept.
    { outside -4 route show table all && outside -6 route show table all; } |
        sed '/ proto kernel /d; s/ linkdown//' | sort
    outside -json address show | jq -c 'sort_by(.ifname)[] | [.ifname, .master, .mtu, .address,
        (.flags | map(select(. == "UP"))),
        (.addr_info | map(select(.scope == "global" and .dynamic == null) | del(.tentative)))]'
}

gone() {
    tare delete --force "$id"
    nothing_left
}

@test "[ND1] [ND3] [ND6] [ND7] [F17] a device is moved and renamed, with all that is its own" {
    local addresses shape
    outside link set v0 mtu 1400 txqueuelen 77 address 02:00:00:00:00:07 alias "of mine" up
    outside link set v1 up
    give_addresses
    addresses=$(outside -json address | kept_addresses v0)
    shape=$(outside -json link | shape v0)
    [ "$(wc -l <<<"$addresses")" -ge 4 ]
    devices '{ v0: { name: "net0" } }'
    create_container sleep 100
    run ! outside link show v0
    assert_equal "$(inside -json address | kept_addresses net0)" "$addresses"
    assert_equal "$(inside -json link | shape net0)" "$shape"
    assert_equal "$(inside -json link show net0 | jq -c '.[].flags | contains(["UP"])')" true
    assert_equal "$(inside -json -4 address show net0 | jq -r '.[].addr_info[0].label')" net0:a
    run inside address
    refute_output --partial 203.0.113.7
    refute_output --partial 169.254.7.7
    refute_output --partial 2001:db8::9
    gone
    run ! outside link show v0
}

@test "[ND1] without a name it keeps the host's; sysctls of it can be written; a dry run shows it" {
    devices '{ v0: {} }'
    config '.linux.sysctl = { "net.ipv4.conf.v0.forwarding": "1" }'
    run_container cat /proc/sys/net/ipv4/conf/v0/forwarding
    assert_success
    assert_output 1
    run_tare run --dry-run --bundle "$bundle" "$id"
    assert_success
    assert_output --regexp 'move network devices +\{"v0":\{\}\}'
}

@test "[ND1] [ND6] [ND7] a container in a user namespace gets it as well" {
    local addresses
    give_addresses
    addresses=$(outside -json address | kept_addresses v0)
    in_user_namespace
    devices '{ v0: { name: "net0" } }'
    create_container sleep 100
    assert_equal "$(inside -json address | kept_addresses net0)" "$addresses"
    gone
}

@test "[ND1] [ND8] a network that is joined keeps what came into it" {
    join_pod
    give_addresses
    devices '{ v0: { name: "net0" } }'
    run_container say hello
    assert_success
    assert_equal "$(in_network "$pod" -json link show net0 | jq -c '.[].flags | contains(["UP"])')" \
        true
    nothing_left
    run ! outside link show v0

    # The network is the host's, the container's user namespace is not.
    outside link add w0 type veth peer name w1
    in_user_namespace
    devices '{ w0: { name: "net1" } }'
    run_container say hello
    assert_success
    in_network "$pod" link show net1
    nothing_left
}

@test "[ND4] %d is a number that the kernel finds, and the device is found again by its index" {
    local index
    index=$(outside -json link show v0 | jq '.[].ifindex')
    join_pod
    in_network "$pod" link add eth0 index "$index" type veth peer name other
    outside address add 192.0.2.1/24 dev v0
    devices '{ v0: { name: "eth%d" } }'
    run_container say hello
    assert_success
    assert_equal "$(in_network "$pod" -json address | kept_addresses eth1 | jq -r .local)" 192.0.2.1
    assert_equal "$(in_network "$pod" -json link show eth1 | jq -c '.[].flags | contains(["UP"])')" \
        true

    # Also where the name of the host's is taken inside.
    outside link add eth0 type veth peer name w1
    devices '{ eth0: { name: "eth%d" } }'
    run_container say hello
    assert_success
    assert_equal "$(in_network "$pod" -json link | jq -c 'map(select((.ifname | test("^eth[0-9]$"))
        and (.flags | contains(["UP"])))) | length')" 2
    nothing_left
}

@test "[ND4] a name that is taken inside is an error, and what had been moved comes back" {
    outside link add w0 type veth peer name w1
    outside link set w0 up
    give_addresses
    join_pod
    in_network "$pod" link add eth0 type veth peer name other
    devices '{ w0: {}, v0: { name: "eth0" } }'
    no_harm run_container say hello
    assert_failure 1
    assert_output ''
    assert_stderr_has "linux.netDevices.v0: move network devices: 'v0': "
    assert_stderr_has "the container's network namespace has a 'eth0' already"
    run ! in_network "$pod" link show w0
    nothing_left
}

@test "[ND8] a start that fails gives the devices back, with their addresses and up" {
    outside link set v1 up
    outside link set v0 up mtu 1400 alias mine
    give_addresses
    outside route add 198.51.100.0/24 via 192.0.2.9
    outside route add 10.1.0.0/16 dev v0 metric 7
    outside route add 10.2.0.0/16 via 10.1.0.1 dev v0 table 77 proto static
    outside route add default via 192.0.2.8 dev v0 src 192.0.2.2
    [ ! -e /proc/net/if_inet6 ] || outside route add 2001:db8:1::/48 via 2001:db8::99 dev v0
    if outside link add br0 type bridge; then
        outside link set br0 up
        outside link add w0 type veth peer name w1
        outside link set w0 up master br0
        config '.linux.netDevices.w0 = { name: "net1" }'
    fi
    config '.linux.netDevices.v0 = { name: "net0" }'
    expected_status=127 no_harm run_container_missing
    in_user_namespace
    expected_status=127 no_harm run_container_missing
    nothing_left
}

@test "[ND8] [ER2] they are taken back from a container that has ended" {
    command -v strace >/dev/null || skip "needs strace"
    local calls=$BATS_TEST_TMPDIR/calls full=$BATS_TEST_TMPDIR/full
    mkdir "$full"
    mount -t tmpfs -o size=4k full "$full"
    head -c 4096 /dev/zero >"$full/file"
    devices '{ v0: {} }'
    # shellcheck disable=SC2317 # called by run_tare
    tare() {
        nsenter --net="/proc/$host/ns/net" strace -q -o "$calls" \
            -e trace=pidfd_send_signal,sendto "$TARE" --root "$state" "$@"
    }
    no_harm create_with_pid_file "$full/pid"
    umount "$full"
    # What is said to the network last moves the device back.
    run awk '/SIGKILL/ && !killed { killed = NR } /nlmsg_len/ { moved = NR }
        END { print (killed && killed < moved) ? "killed before" : "alive" }' "$calls"
    assert_output 'killed before'
    nothing_left
}

create_with_pid_file() {
    witness_runs sleep 100
    run_tare create --bundle "$bundle" --pid-file "$1" "$id"
    assert_failure 1
    assert_stderr_has '(ENOSPC)'
}

run_container_missing() {
    config '.process.args = ["/missing"]'
    expected_status=127 run_tare run --bundle "$bundle" "$id"
    assert_failure 127
}

@test "[ND2] [ND5] a device that is not there, or cannot leave, is an error" {
    devices '{ v0: {}, none: {} }'
    no_harm run_container say hello
    assert_failure 1
    assert_stderr_has "linux.netDevices.none: find network devices: 'none': "
    assert_stderr_has '(ENODEV)'
    # Newer kernels say so when they are asked, older ones when it is moved.
    local device row=find
    kernel_since 6.15 || row=move
    outside link add br0 type bridge || skip "needs bridges"
    for device in lo br0; do
        devices "{ v0: {}, $device: { name: \"x1\" } }"
        no_harm run_container say hello
        assert_failure 1
        assert_stderr_has "linux.netDevices.$device: $row network devices: '$device': "
    done
    outside link property add dev v0 altname another
    devices '{ v0: {}, another: { name: "b" } }'
    no_harm run_container say hello
    assert_failure 1
    assert_stderr_has "'another': it is the same device as 'v0'"
    nothing_left
}

@test "[ND2] [ND3] [ND4] names that are none, or are there twice, are refused" {
    local name
    for name in '' . .. 'a/b' a:b 'a b' sixteen-bytes-xx; do
        bad_config ".linux.netDevices = { \"$name\": {} }" \
            "linux.netDevices.$name: \"$name\" is not the name of a network device"
        bad_config ".linux.netDevices = { v0: { name: \"$name\" } }" \
            "linux.netDevices.v0.name: \"$name\" is not the name of a network device"
    done
    for name in 'a%' 'a%s' '%d%d'; do
        bad_config ".linux.netDevices = { v0: { name: \"$name\" } }" \
            "linux.netDevices.v0.name: \"$name\" is not the name of a network device"
    done
    bad_config '.linux.netDevices = { v0: {}, v1: { name: "v0" } }' \
        'linux.netDevices.v1.name: "v0" is the name of linux.netDevices.v0 as well'
}

@test "[ND1] a container in the host's network, and a caller without the right, are errors" {
    devices '{ v0: {} }'
    bad_config 'del(.linux.namespaces[] | select(.type == "network"))' \
        "linux.netDevices: the container shares the host's network"
    join_pod # without a loopback device to be set up
    tare() {
        nsenter --net="/proc/$host/ns/net" setpriv --bounding-set=-net_admin --inh-caps=-net_admin \
            "$TARE" --root "$state" "$@"
    }
    no_harm run_container say hello
    assert_failure 1
    assert_stderr_has "move network devices: 'v0': "
    assert_stderr_has 'hint: it takes CAP_NET_ADMIN over the network namespaces'
    nothing_left
}
