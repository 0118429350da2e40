#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What the options of checkpoint and restore do, and what a container may have of its host; by criu.

load ../helpers/tare
load vm
load checkpoint

teardown() {
    ! mountpoint -q "$bundle/volume/below" || umount "$bundle/volume/below"
    teardown_checkpoint
}

# Kernels that have no bit for it cannot tell what was written to.
tracks_memory() {
    criu check --feature mem_dirty_track >/dev/null 2>&1
}

# They changed what the socket of a connection may be asked.
knows_sockets() {
    ! kernel_since 6.16
}

@test "--tcp-established: a connection is kept, and nobody is cut off unasked" {
    knows_sockets || skip "needs a kernel before 6.16"
    start_container count-by-tcp /tmp/count
    wait_until 20 has_counted 5
    checkpoint
    assert_failure 1
    assert_stderr_has '--tcp-established'
    checkpoint --tcp-established
    assert_success
    restore --tcp-established
    assert_success
    goes_on
    gone
}

@test "--tcp-close: a connection is closed by restore" {
    knows_sockets || skip "needs a kernel before 6.16"
    start_container count-by-tcp /tmp/count
    wait_until 20 has_counted 5
    checkpoint --tcp-established
    assert_success
    restore --tcp-close
    assert_success
    wait_until 20 grep -q closed "$count"
    gone
}

@test "--ext-unix-sk: somebody outside has the other end" {
    local heard=$BATS_TEST_TMPDIR/heard volume=$BATS_TEST_TMPDIR/volume
    mkdir "$volume"
    background /usr/bin/python3 -c 'import socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
while True:
    number = server.recv(100)
    with open(sys.argv[2], "wb") as file:
        file.write(number)' "$volume/socket" "$heard"
    wait_until 20 [ -S "$volume/socket" ]
    # Sockets are known by their network, and by one name.
    config '.linux.namespaces |= map(select(.type != "network")) |
        .mounts += [{ destination: $path, source: $path, options: ["bind"] }]' --arg path "$volume"
    start_container count-to /tmp/count "$volume/socket"
    wait_until 20 has_counted 5
    checkpoint
    assert_failure 1
    assert_stderr_has 'unix: '
    checkpoint --ext-unix-sk
    assert_success
    : >"$heard"
    restore --ext-unix-sk
    assert_success
    goes_on
    wait_until 20 has_heard $((before + 3))
    gone
}

has_heard() {
    local number
    number=$(<"$heard")
    [ "${number:-0}" -ge "$1" ]
}

@test "--shell-job: the terminal is the caller's" {
    witness_runs chain count /tmp/count
    # Somebody has to hold its other end: a container that is hung up on is another matter.
    background script --quiet --command 'exec sleep 1000' "$BATS_TEST_TMPDIR/typescript" </dev/null
    wait_until 20 found_terminal
    # shellcheck disable=SC2094 # a terminal is no file
    tare create --bundle "$bundle" "$id" <"$terminal" >"$terminal" 2>&1
    tare start "$id"
    wait_until 20 has_counted 5
    checkpoint
    assert_failure 64
    assert_stderr_has 'descriptor 0 is a terminal that is not the container'
    checkpoint --shell-job
    assert_success
    before=$(head -n 1 "$count")
    # shellcheck disable=SC2094
    tare restore --image-path "$images" --bundle "$bundle" --detach --shell-job "$id" \
        <"$terminal" >"$terminal" 2>&1 || { tail -n 30 "$images/restore.log"; false; }
    goes_on
    assert_equal "$(readlink "/proc/$(tare state "$id" | jq .pid)/fd/0")" "$terminal"
    gone
}

found_terminal() {
    local process
    process=$(pgrep -P "${helpers_started[0]}" | head -n 1) && [ -n "$process" ] &&
        terminal=$(readlink "/proc/$process/fd/0") && [[ $terminal == /dev/pts/* ]]
}

@test "--link-remap: a file that has lost its name" {
    touch "$rootfs/tmp/held"
    start_container chain hold /tmp/held ';' count /tmp/count
    wait_until 20 has_counted 5
    ln "$rootfs/tmp/held" "$rootfs/tmp/other"
    rm "$rootfs/tmp/held"
    checkpoint
    assert_failure 1
    assert_stderr_has 'link-remap'
    checkpoint --link-remap
    assert_success
    restore --link-remap
    assert_success
    goes_on
    gone
}

@test "--manage-cgroups-mode: the container is in its cgroup, whatever criu does of it" {
    local mode
    for mode in soft full none ignore; do
        echo "$mode"
        # What criu ignores it makes no namespace for.
        [ "$mode" != ignore ] || config '.linux.namespaces |= map(select(.type != "cgroup"))'
        start_counting
        checkpoint --manage-cgroups-mode "$mode"
        assert_success
        restore --manage-cgroups-mode "$mode"
        assert_success
        goes_on
        grep -q "/tare/$id\$" "/proc/$(tare state "$id" | jq .pid)/cgroup"
        gone
        rm -r "$images"
    done
    run_tare restore --image-path "$images" --manage-cgroups-mode strict --bundle "$bundle" "$id"
    assert_failure 64
    assert_stderr_has '--manage-cgroups-mode strict: criu refuses cgroups that are there'
}

@test "--empty-ns network: what is in the network is left out" {
    start_counting
    checkpoint --empty-ns network
    assert_success
    [ -z "$(find "$images" -name 'netdev-*')" ]
    restore --empty-ns network
    assert_success
    goes_on
    gone
}

@test "--network-lock" {
    local method
    for method in iptables nftables skip; do
        [ "$method" != skip ] || criu_since 3.18 || skip "needs criu 3.18"
        start_counting
        checkpoint --network-lock "$method"
        assert_success
        restore --network-lock "$method"
        assert_success
        goes_on
        gone
        rm -r "$images"
    done
}

@test "--parent-path and --auto-dedup: pages that are there are not written again" {
    tracks_memory || skip "needs a kernel that tracks what is written to"
    start_container chain eat 8000000 ';' count /tmp/count
    wait_until 20 has_counted 5
    images=$BATS_TEST_TMPDIR/first
    checkpoint --pre-dump
    assert_success
    images=$BATS_TEST_TMPDIR/second
    checkpoint --parent-path ../first --auto-dedup
    assert_success
    [ "$(du -s "$BATS_TEST_TMPDIR/first" | cut -f 1)" -ge 7000 ]
    [ "$(du -s "$images" | cut -f 1)" -lt 4000 ]
    restore --parent-path ../first
    assert_success
    goes_on
    gone
}

@test "restore --auto-dedup: pages go once they are restored, also of images before" {
    local disk=$BATS_TEST_TMPDIR/disk images=$BATS_TEST_TMPDIR/disk/second
    mkdir "$disk"
    mount -t tmpfs tmpfs "$disk" # read-only to criu, as most of the host
    start_container chain eat 8000000 ';' count /tmp/count
    wait_until 20 has_counted 5
    checkpoint
    assert_success
    cp -a "$images" "$disk/first"
    ln -s ../first "$images/parent"
    [ "$(du -s "$images" | cut -f 1)" -ge 7000 ]
    restore --auto-dedup
    assert_success
    goes_on
    [ "$(du -s "$images" | cut -f 1)" -lt 4000 ]
    umount "$disk"
    gone
}

@test "--page-server: memory goes to somebody else" {
    local pages=$BATS_TEST_TMPDIR/pages
    mkdir -m 700 "$pages"
    ip link set lo up
    start_container chain eat 8000000 ';' count /tmp/count
    wait_until 20 has_counted 5
    background criu page-server --images-dir "$pages" --port 9753 --log-file server.log
    wait_until 20 listens 9753
    checkpoint --page-server 127.0.0.1:9753
    assert_success
    [ "$(du -s "$pages" | cut -f 1)" -ge 7000 ]
    [ "$(du -s "$images" | cut -f 1)" -lt 4000 ]
    cp "$pages"/*.img "$images"
    restore
    assert_success
    goes_on
    gone
}

# In /proc/net/tcp, in hexadecimal, as LISTEN.
listens() {
    grep -qE "^ *[0-9]+: [0-9A-F]+:$(printf '%04X' "$1") [0-9A-F:]+ 0A " \
        /proc/net/tcp /proc/net/tcp6
}

@test "--lazy-pages and --status-fd: memory comes when it is asked for" {
    local waiting=$BATS_TEST_TMPDIR/waiting taker
    criu check --feature uffd-noncoop >/dev/null 2>&1 || skip "needs userfaultfd(2)"
    # For pipes that hold more than a user's may.
    ((0x$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status) >> 24 & 1)) ||
        skip "needs CAP_SYS_RESOURCE"
    ip link set lo up
    start_container chain eat 8000000 ';' count /tmp/count
    wait_until 20 has_counted 5
    mkfifo "$waiting"
    "$TARE" --root "$state" checkpoint --image-path "$images" --lazy-pages \
        --page-server 127.0.0.1:9754 --status-fd 7 "$id" 7>"$waiting" 3>&- &
    taker=$!
    [ "$(head --bytes 1 "$waiting" | od -An -tx1)" = ' 00' ]
    [ "$(du -s "$images" | cut -f 1)" -lt 4000 ]
    # The first is not gone yet.
    before=$(head -n 1 "$count")
    background criu lazy-pages --page-server --address 127.0.0.1 --port 9754 \
        --images-dir "$images" --work-dir "$images" --log-file lazy.log
    wait_until 20 [ -S "$images/lazy-pages.socket" ]
    first=$id id=$id-lazy
    restore --lazy-pages
    assert_success
    goes_on
    wait "$taker"
    run_tare state "$first"
    assert_failure 1
    goes_on
    gone
}

@test "[E5.12] org.criu.config: what stands there wins" {
    knows_sockets || skip "needs a kernel before 6.16"
    echo tcp-established >"$BATS_TEST_TMPDIR/criu.conf"
    config '.annotations["org.criu.config"] = $file' --arg file "$BATS_TEST_TMPDIR/criu.conf"
    start_container count-by-tcp /tmp/count
    wait_until 20 has_counted 5
    survives
    gone
}

@test "namespaces that are somebody else's are so afterwards" {
    local other type
    background unshare --net --ipc --uts sleep 1000
    other=${helpers_started[0]}
    wait_until 20 is_apart "$other"
    config '.linux.namespaces |= map(if .type == "network" then .path = $net
            elif .type == "ipc" then .path = $ipc elif .type == "uts" then .path = $uts
            else . end) | del(.hostname)' \
        --arg net "/proc/$other/ns/net" --arg ipc "/proc/$other/ns/ipc" \
        --arg uts "/proc/$other/ns/uts"
    start_counting
    survives
    for type in net ipc uts; do
        assert_equal "$(readlink "/proc/$(tare state "$id" | jq .pid)/ns/$type")" \
            "$(readlink "/proc/$other/ns/$type")"
    done
    gone
}

is_apart() {
    [ "$(readlink "/proc/$1/ns/uts")" != "$(readlink /proc/self/ns/uts)" ]
}

@test "a user namespace, with its masks and devices" {
    in_user_namespace
    config '.linux.maskedPaths = ["/proc/kcore", "/proc/irq"]
        | .linux.readonlyPaths = ["/proc/sys"]'
    start_counting_inside
    survives
    assert_equal "$(awk '{ print $1, $2, $3 }' "/proc/$(tare state "$id" | jq .pid)/uid_map")" \
        '0 100000 65536'
    gone
}

@test "hooks that make things on the host run at restore, and at the end; those inside do not" {
    local log=$BATS_TEST_TMPDIR/hooks
    for hook in prestart createRuntime createContainer poststart poststop; do
        printf '#!/bin/sh\nread -r state\necho "%s $state" >>"%s"\n' "$hook" "$log" \
            >"$BATS_TEST_TMPDIR/$hook"
        chmod +x "$BATS_TEST_TMPDIR/$hook"
        config '.hooks[$hook] = [{ path: $path }]' --arg hook "$hook" \
            --arg path "$BATS_TEST_TMPDIR/$hook"
    done
    start_counting
    rm "$log"
    checkpoint
    assert_success
    assert_equal "$(cut -d ' ' -f 1 "$log")" poststop
    rm "$log"
    restore
    assert_success
    goes_on
    wait_until 20 grep -q poststart "$log"
    assert_equal "$(cut -d ' ' -f 1 "$log" | xargs)" 'prestart createRuntime poststart'
    assert_equal "$(sed -n 's/^createRuntime //p' "$log" | jq .pid)" "$(tare state "$id" | jq .pid)"
    gone
    assert_equal "$(cut -d ' ' -f 1 "$log" | tail -n 1)" poststop
}

# What the host has, with much that is mounted; but not what a test run covers (/proc, /run), which
# criu does not find when it looks for it by its path.
bind_host() {
    mkdir "$bundle/host"
    mount --bind / "$bundle/host"
    mount --rbind /sys "$bundle/host/sys"
    # criu leaves out a tracefs.
    ! mountpoint -q "$bundle/host/sys/kernel/tracing" || umount "$bundle/host/sys/kernel/tracing"
    mount --rbind /dev "$bundle/host/dev"
    mount --rbind "$bundle/volume" "$bundle/host/mnt"
}

@test "binds: by a link, of what the host has, of what is missing; a cgroup with a long name" {
    local number
    mkdir -p "$bundle/volume/below"
    ln -s volume/ "$bundle/link"
    mount -t tmpfs tmpfs "$bundle/volume/below"
    bind_host
    echo kept >"$bundle/volume/below/file"
    config '.mounts += [
        { destination: "/tmp", source: "link/", options: ["rbind"] },
        { destination: "/host", source: "host", options: ["rbind", "ro", "rslave"] },
        { destination: "/mnt", source: "missing", options: ["bind", "nofail"] }]
        | .linux.cgroupsPath = "/tare/" + "long" * 63'
    count=$bundle/volume/count
    start_counting
    survives
    number=$(tare state "$id" | jq .pid)
    assert_equal "$(<"/proc/$number/root/tmp/below/file")" kept
    assert_equal "$(<"/proc/$number/root/host/mnt/below/file")" kept
    [ -d "/proc/$number/root/host/sys/fs/cgroup/tests" ]
    umount --recursive --lazy "$bundle/host"
    umount "$bundle/volume/below"
    gone
}

# criu says of a debugfs that it is to be bound with all below.
@test "binds: a debugfs below, and none that is to be read-only" {
    mkdir -p "$bundle/volume/below"
    mount -t debugfs debugfs "$bundle/volume/below"
    config '.mounts += [{ destination: "/tmp", source: "volume", options: ["rbind"] }]'
    count=$bundle/volume/count
    start_counting
    survives
    tare delete --force "$id"
    config '.mounts[-1].options += ["rro"]'
    restore
    umount "$bundle/volume/below"
    assert_failure 1
    assert_stderr_has '/tmp/below would be more than a mount'
    nothing_left
}
