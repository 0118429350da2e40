#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What is joined or mapped: networks and published ports, pods, user namespaces.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman

# fetches ADDRESS PORT: the page comes from there.
fetches() {
    podman_fetch "$1" "$2" 2>/dev/null | grep -qx 'the page'
}

# fetches_inside ADDRESS [OPTION...]: the same from a new container.
fetches_inside() {
    local address=$1
    shift
    # shellcheck disable=SC2016 # the words are the inner shell's
    podman run --rm "$@" box sh -c 'printf "$1" | nc -w 5 "$2" 80' - \
        "$podman_request" "$address" | grep -qx 'the page'
}

# resolves NETWORK NAME: whoever is in it gets an address for that.
resolves() {
    podman run --rm --network "$1" box nslookup "$2" | grep -q 'Address: 10\.89\.'
}

@test "podman run --publish: a client outside reaches the container" {
    start_box --publish 8080:80 -- httpd -f -p 80 -h /www
    wait_until 20 fetches 127.0.0.1 8080
    run podman port "$name"
    assert_line '80/tcp -> 0.0.0.0:8080'
    podman rm --force --time 0 "$name" >/dev/null
    run podman_fetch 127.0.0.1 8080
    assert_failure
}

@test "podman run: on the bridge it has an address, and reaches a neighbour" {
    local address
    start_box -- httpd -f -p 80 -h /www
    address=$(podman inspect --format '{{.NetworkSettings.IPAddress}}' "$name")
    run podman run --rm box ip addr show dev eth0
    assert_success
    assert_output --partial 'inet 10.88.0.'
    wait_until 20 fetches_inside "$address"
}

@test "podman run: a port below 1024 without a capability, a ping with one alone" {
    local address
    start_box --cap-drop all --user user --sysctl net.ipv4.ip_unprivileged_port_start=0 -- \
        httpd -f -p 80 -h /www
    address=$(podman inspect --format '{{.NetworkSettings.IPAddress}}' "$name")
    wait_until 20 fetches "$address" 80
    run podman run --rm --cap-drop all --cap-add net_raw box \
        ping -c 1 -W 5 "$address"
    assert_success
}

@test "podman network: one of its own, with names" {
    [ -x /usr/lib/podman/aardvark-dns ] || skip "needs aardvark-dns"
    podman network create "$name" >/dev/null
    start_box --network "$name"
    wait_until 20 resolves "$name" "$name"
    podman rm --force --time 0 "$name" >/dev/null
    podman network rm "$name" >/dev/null
}

@test "podman network connect: a second device in a container that runs" {
    podman network create "$name" >/dev/null
    start_box -- sh -c 'until ip link show dev eth1 2>/dev/null; do sleep 0.1; done; echo there
        exec sleep 1000'
    podman network connect "$name" "$name"
    podman_says "$name" there
    podman rm --force --time 0 "$name" >/dev/null
    podman network rm "$name" >/dev/null
}

@test "podman run --network none: the loopback alone, and it is up" {
    run podman run --rm --network none box sh -c 'ls /sys/class/net; ip addr show dev lo'
    assert_success
    assert_line --index 0 lo
    assert_output --partial 'inet 127.0.0.1/8'
}

@test "podman pod: containers share a network and a name" {
    [ -x /usr/libexec/podman/catatonit ] || skip "needs catatonit"
    podman pod create --name "$name-pod" --share-parent=false --publish 8081:80 >/dev/null
    start_box --pod "$name-pod" -- httpd -f -p 80 -h /www
    wait_until 20 fetches 127.0.0.1 8081
    run podman run --rm --pod "$name-pod" box hostname
    assert_output "$name-pod"
    wait_until 20 fetches_inside 127.0.0.1 --pod "$name-pod"
    podman pod stop --time 0 "$name-pod" >/dev/null
    podman pod start "$name-pod" >/dev/null
    wait_until 20 fetches 127.0.0.1 8081
    podman pod rm --force --time 0 "$name-pod" >/dev/null
    podman rmi --all --filter 'reference=*podman-pause*' --force >/dev/null 2>&1 || :
    podman_left_nothing "$podman_before"
}

@test "podman run --uidmap: a published port of a container with ids of its own" {
    start_box --uidmap 0:200000:65536 --publish 8082:80 -- httpd -f -p 80 -h /www
    wait_until 20 fetches 127.0.0.1 8082
    run cat "/proc/$(seen Pid)/uid_map"
    assert_output --regexp '^ *0 +200000 +65536$'
}

@test "podman run --uidmap: root owns its files, writes them, and is nobody outside" {
    local folder=$BATS_TEST_TMPDIR/folder
    mkdir "$folder" && chown 200000:200000 "$folder"
    chmod go+x "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
    run podman run --rm --uidmap 0:200000:65536 --volume "$folder:/data" box \
        sh -c 'id -u; stat -c %u /www /data /proc/self/; echo x >/data/x; echo x >/www/x'
    assert_success
    assert_output "0
0
0
0"
    assert_equal "$(stat -c %u "$folder/x")" 200000
}

@test "podman run --userns=auto: ids that nobody else has" {
    [ -e /etc/subuid ] || skip "needs /etc/subuid"
    run podman run --rm --userns=auto:size=4096 box cat /proc/self/uid_map
    assert_success
    assert_output --regexp '^ *0 +10[0-9]+ +4096$'
}

@test "podman run --userns=auto: a command that is not there is 127 too" {
    run -127 podman run --rm --uidmap 0:200000:65536 box no-such-command
    assert_output --regexp 'executable file .*not found in \$PATH'
}

@test "podman run --uidmap --volume :idmap: files have the owner that they have outside" {
    local folder=$BATS_TEST_TMPDIR/folder
    mkdir "$folder"
    mount -t tmpfs tmpfs "$folder"
    touch "$folder/file"
    chown 7:7 "$folder/file"
    run podman run --rm --uidmap 0:200000:65536 --volume "$folder:/data:idmap" box \
        sh -c 'stat -c %u /data /data/file; echo x >/data/x'
    assert_success
    assert_output $'0\n7'
    assert_equal "$(stat -c %u "$folder/x")" 0
    run podman run --rm --uidmap 0:200000:65536 \
        --volume "$folder:/data:idmap=uids=@7-1000-1;gids=@7-1000-1" box stat -c %u /data/file
    umount "$folder"
    assert_success
    assert_output 1000
}
