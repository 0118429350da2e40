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
    start_counting_inside
    survives
    assert_equal "$(settings net.ipv4.ip_unprivileged_port_start kernel.msgmax \
        user.max_inotify_watches)" $'80\n8193\n99'
    gone
}

# without_rights: of a root that is no more than the owner of what is his.
without_rights() {
    config '.process.user.additionalGids = [7] | .process.capabilities = { bounding: [] }'
}

# keep_images: of a container that runs.
keep_images() {
    checkpoint
    assert_success
    saved=$BATS_TEST_TMPDIR/saved
    mv "$images" "$saved"
}

# edited IMAGE STATEMENT: restores, from images that somebody has changed (helpers/edit_image).
edited() {
    rm -rf "$images"
    cp -r "$saved" "$images"
    # shellcheck disable=SC2086 # a pattern
    /usr/bin/python3 "$helpers/edit_image" "$images/"$1.img "$2"
    restore
}

refused() {
    assert_failure 1
    assert_stderr_has "$1"
    assert_equal "$(head -n 1 "$count")" "$before"
    assert_equal "$(find "$images" -name '.*' -mindepth 1)" ''
    nothing_left
}

accepted() {
    assert_success
    goes_on
    gone
}

# opened PATH FLAGS [FIELD=VALUE...]: the statement that has /tmp/open as another file.
opened() {
    local name=$1 flags=$2
    shift 2
    echo "for f in e:
    if f.get('reg', {}).get('name') == '/tmp/open':
        f['reg'].pop('mode', None)
        f['reg'].pop('size', None)
        f['reg'].update(name='$name', flags='$flags'${*:+, $*})"
}

@test "open files: for no more than the user of the config could open them (R21)" {
    local other=$rootfs/tmp/private name
    without_rights
    mkdir "$other"
    for name in open mine listed shut private/open; do
        echo x >"$rootfs/tmp/$name"
    done
    chmod 400 "$rootfs/tmp/mine" "$rootfs/tmp/shut"
    chmod 060 "$rootfs/tmp/listed"
    chmod 700 "$other"
    chown 1000:7 "$rootfs/tmp/listed"
    chown 1000 "$rootfs/tmp/shut" "$other"
    start_counting hold /tmp/open
    keep_images

    edited files "$(opened /tmp/open O_RDWR)"
    accepted
    # What is his own he might have opened before he took the right from himself.
    edited files "$(opened /tmp/mine O_RDWR)"
    accepted
    edited files "$(opened /tmp/listed O_RDWR)"
    accepted
    edited files "$(opened /tmp/shut 0x0)"
    refused 'has a file open that its user could not open'
    edited files "$(opened /tmp/private/open 0x0)"
    refused 'has a file open to which its user does not come'
    edited files "$(opened /tmp/private/open 0x200000)"
    refused 'has a file open to which its user does not come'

    # Its own by the mode, but procfs asks for CAP_SYS_RAWIO.
    if head -c 1 /proc/kcore >/dev/null; then
        edited files "$(opened /proc/kcore 0x0)"
        refused 'has a file open that its user could not open'
    fi

    # A server that opens its log as root, and becomes somebody else.
    config '.process.capabilities.bounding = ["CAP_SETUID"]'
    edited files "$(opened /tmp/shut O_RDWR)"
    accepted
    config '.process.capabilities.bounding = ["CAP_DAC_OVERRIDE"]'
    edited files "$(opened /tmp/private/open O_RDWR)"
    accepted
    config '.process.capabilities.bounding = ["CAP_DAC_READ_SEARCH"]'
    edited files "$(opened /tmp/shut 0x0)"
    accepted
    edited files "$(opened /tmp/shut O_RDWR)"
    refused 'has a file open that its user could not open'
}

@test "open files: one that has lost its name goes on" {
    without_rights
    echo x >"$rootfs/tmp/open"
    chmod 600 "$rootfs/tmp/open"
    start_counting hold /tmp/open
    rm "$rootfs/tmp/open"
    keep_images
    cp -r "$saved" "$images"
    restore
    accepted
}

@test "open files: signals that they send are its user's (R21)" {
    without_rights
    echo x >"$rootfs/tmp/open"
    start_counting hold /tmp/open
    keep_images
    edited files "$(opened /tmp/open O_RDWR 'fown=dict(uid=0, euid=0, signum=10, pid_type=1, pid=1)')"
    accepted
    edited files "$(opened /tmp/open O_RDWR 'fown=dict(uid=1000, euid=1000, signum=10, pid_type=1, pid=1)')"
    refused 'has a file open that sends signals of another user'
    config '.process.capabilities.bounding = ["CAP_KILL"]'
    edited files "$(opened /tmp/open O_RDWR 'fown=dict(uid=1000, euid=1000, signum=10, pid_type=1, pid=1)')"
    accepted
}

# socket FIELD=VALUE...: the statement that has the container's sockets with other options.
socket() {
    echo "for f in e:
    for s in f.get('usk', {}), f.get('isk', {}):
        s.get('opts', {}).update($*)"
}

@test "sockets: marks and priorities take a capability (R21)" {
    without_rights
    start_counting call socket 1 2 0
    keep_images
    edited files "$(socket so_priority=6)"
    accepted
    edited files "$(socket so_priority=7)"
    refused 'has a socket with a mark or a priority, and no CAP_NET_ADMIN'
    edited files "$(socket so_mark=1)"
    refused 'has a socket with a mark or a priority, and no CAP_NET_ADMIN'
    config '.process.capabilities.bounding = ["CAP_NET_ADMIN"]'
    edited files "$(socket so_mark=1)"
    accepted
}

@test "sockets: low ports take a capability, as the network has it (R21)" {
    ! kernel_since 6.16 || skip "criu cannot write down sockets of this kernel"
    without_rights
    start_counting call socket 2 2 0
    keep_images
    edited files "$(socket)"
    accepted
    edited files "$(on_port 1024)"
    accepted
    edited files "$(on_port 1023)"
    refused 'has a socket on a port that needs CAP_NET_BIND_SERVICE'
    config '.linux.sysctl = { "net.ipv4.ip_unprivileged_port_start": "53" }'
    edited files "$(on_port 53)"
    accepted
    edited files "$(on_port 52)"
    refused 'has a socket on a port that needs CAP_NET_BIND_SERVICE'
    config '.process.capabilities.bounding = ["CAP_NET_BIND_SERVICE"]'
    edited files "$(on_port 52)"
    accepted
}

# on_port NUMBER: likewise, that has them bound.
on_port() {
    echo "for f in e:
    if 'isk' in f: f['isk']['src_port'] = $1"
}

nice_of() {
    awk '{ print $19 }' "/proc/$(tare state "$id" | jq .pid)/stat"
}

@test "nobody is nicer than the caller, unless the config says so" {
    without_rights
    start_counting
    keep_images
    edited core-1 'e[0]["thread_core"]["sched_nice"] = -10'
    assert_success
    goes_on
    assert_equal "$(nice_of)" 0
    gone
    edited core-1 'e[0]["thread_core"]["sched_nice"] = 5'
    assert_success
    assert_equal "$(nice_of)" 5
    gone
    config '.process.scheduler = { policy: "SCHED_OTHER", nice: -5 }'
    edited core-1 'e[0]["thread_core"]["sched_nice"] = -5'
    accepted
    edited core-1 'e[0]["thread_core"]["sched_nice"] = -10'
    refused 'comes before others'
}

@test "a process comes before others as far as RLIMIT_RTPRIO of the config lets it" {
    without_rights
    start_counting
    chrt --fifo --pid 10 "$(tare state "$id" | jq .pid)" || skip "nobody may do so here"
    keep_images
    config '.process.rlimits = [{ type: "RLIMIT_RTPRIO", soft: 10, hard: 10 }]'
    edited files ''
    accepted
    config '.process.rlimits[0] |= (.soft = 9 | .hard = 9)'
    edited files ''
    refused 'comes before others'
}

@test "a program that is set-user-ID makes another user, without a capability" {
    ((0x$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status) >> 24 & 1)) ||
        skip "criu needs CAP_SYS_RESOURCE for that"
    without_rights
    cp "$rootfs/witness" "$rootfs/tmp/program"
    chown 1000:1000 "$rootfs/tmp/program"
    chmod 6755 "$rootfs/tmp/program"
    chmod 777 "$rootfs/tmp"
    start_counting exec /tmp/program count /tmp/count
    keep_images
    edited core-1 ''
    accepted
    edited core-1 'e[0]["thread_core"]["creds"]["euid"] = 1001'
    refused 'is another user'
    config '.process.noNewPrivileges = true'
    edited core-1 ''
    # A newer one gives the process what the images say of that, too, which is looked at first.
    ! criu_since 3.19 || refused 'may gain privileges'
    criu_since 3.19 || refused 'is another user'
}

# that_never_stands_still: the cgroup of what is restored does not say that it is frozen, to a tare
# with mounts of its own.
that_never_stands_still() {
    cgroup=$TARE_TEST_CGROUP/tare/$id
    printf 'populated 0\nfrozen 0\n' >"$BATS_TEST_TMPDIR/events"
    config '.hooks.createRuntime = [{ path: "/bin/mount",
        args: ["mount", "--bind", $events, $cgroup + "/cgroup.events"] }]' \
        --arg events "$BATS_TEST_TMPDIR/events" --arg cgroup "$cgroup"
    printf '#!/bin/sh\nexec unshare --mount "%s" "$@"\n' "$TARE" >"$BATS_TEST_TMPDIR/tare"
    chmod +x "$BATS_TEST_TMPDIR/tare"
    TARE=$BATS_TEST_TMPDIR/tare
}

is_held() {
    [ "$(cat "$cgroup/cgroup.freeze" 2>/dev/null)" = 1 ]
}

# hold_back: $restorer waits for that; meanwhile it is not one that could be resumed.
hold_back() {
    background "$TARE" --root "$state" restore --image-path "$images" --bundle "$bundle" "$id" \
        </dev/null >>"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors"
    restorer=${helpers_started[-1]}
    wait_until 20 is_held
    has_status "$id" creating
}

@test "what does not stand still is not let go on, and who is told to give up does" {
    local restorer result=0
    start_counting
    keep_images
    before=$(head -n 1 "$count")
    that_never_stands_still

    cp -r "$saved" "$images"
    restore
    assert_stderr_has 'hold the container still: freeze the cgroup: not done after 10000 ms'
    refused 'state D in ps'

    hold_back
    kill -TERM "$restorer"
    wait "$restorer" || result=$?
    assert_equal "$result" 1
    grep -q 'freeze the cgroup: gave up, since signal 15 came' "$BATS_TEST_TMPDIR/errors"
    assert_equal "$(head -n 1 "$count")" "$before"
    nothing_left

    # Who cannot give up leaves something to be deleted, and no more.
    hold_back
    kill -KILL "$restorer"
    wait "$restorer" || :
    run_tare resume "$id"
    assert_failure 1
    assert_stderr_has 'container not paused'
    tare delete --force "$id"
    assert_equal "$(head -n 1 "$count")" "$before"
    nothing_left
}

# serve KIND: somebody outside has a socket of that kind on the volume.
serve() {
    rm -f "$volume/socket"
    background /usr/bin/python3 -c 'import socket, sys, time
server = socket.socket(socket.AF_UNIX, getattr(socket, sys.argv[1]))
server.bind(sys.argv[2])
if sys.argv[1] == "SOCK_STREAM": server.listen()
time.sleep(1000)' "$1" "$volume/socket"
    wait_until 20 [ -S "$volume/socket" ]
}

@test "sockets: nobody is connected as root to who asks whom he talks to (R21)" {
    local volume=$BATS_TEST_TMPDIR/volume
    mkdir "$volume"
    serve SOCK_DGRAM
    without_rights
    config '.linux.namespaces |= map(select(.type != "network")) |
        .mounts += [{ destination: $path, source: $path, options: ["bind"] }]' --arg path "$volume"
    start_container count-to /tmp/count "$volume/socket"
    wait_until 20 has_counted 5
    checkpoint --ext-unix-sk
    assert_success
    serve SOCK_STREAM
    before=$(head -n 1 "$count")
    /usr/bin/python3 "$helpers/edit_image" "$images/files.img" "for f in e:
    if 'usk' in f: f['usk']['type'] = 1"
    restore --ext-unix-sk
    refused 'is connected to a socket that is not the container'
}

@test "a tmpfs: as large as a new one, if the config does not say how large" {
    local room
    config '.mounts += [{ destination: "/room", type: "tmpfs", source: "tmpfs" }]'
    start_counting
    room=$(room_of "$id")
    keep_images
    edited 'mountpoints-*' 'for m in e:
    if m["mountpoint"] == "/room": m["options"] = "size=%dk" % (1 << 31)'
    assert_success
    assert_equal "$(room_of "$id")" "$room"
    accepted
    edited 'mountpoints-*' 'for m in e:
    if m["mountpoint"] == "/room": m["options"] = "size=0"'
    refused '/room has room for more'
}

room_of() {
    stat --file-system --format %b "/proc/$(tare state "$1" | jq .pid)/root/room"
}
