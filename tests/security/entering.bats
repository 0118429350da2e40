#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What comes into a container from outside, for a program of the container that lies in wait for it.

load ../helpers/tare
load attack

setup() {
    setup_bundle
    setup_canary
    rm -r "${rootfs:?}/${BATS_TEST_TMPDIR#/}" # the path is of the host alone
    cp "$spy" "$rootfs/spy"
    heard=$BATS_TEST_TMPDIR/heard
}

teardown() {
    [ -z "${watched:-}" ] || tare kill "$watched" KILL 2>/dev/null || :
    teardown_bundle
    [ -z "${volume:-}" ] || umount "$volume"
}

# spy_on all|host [NAME...]: the spy runs in the container $id, and does not mind those NAMEd.
spy_on() {
    config --arg how "$1" --arg secret "$canary/secret" \
        '.process.args = ["/spy", "watch", $how, $secret] + $ARGS.positional' --args -- "${@:2}"
    watched=$id
    tare create --bundle "$bundle" "$id" </dev/null >"$heard" 2>&1 3>&- ||
        { cat "$heard" && return 1; }
    tare start "$id"
    pid=$(tare state "$id" | jq .pid)
    wait_until 5 grep -q watching "$heard"
}

# What it has seen, as bats' output.
spy_ends() {
    tare kill "$id" TERM
    wait_until 10 has_status "$id" stopped
    watched=
    run cat "$heard"
    assert_line --regexp '^processes [0-9]+, attempts [0-9]+, reached [0-9]+$'
    processes=$(awk -F '[ ,]+' '/^processes/ { print $2 }' "$heard")
}

# sum_up NAME: the hits are the processes that the spy has met.
sum_up() {
    local bad
    sed -n 's/^found \(.*\) of [0-9]* (\([^)]*\)): .*/\1 of \2/p' "$heard" |
        grep -vE "^(${granted:-nothing}) of " >"$BATS_TEST_TMPDIR/found" || :
    bad=$(wc -l <"$BATS_TEST_TMPDIR/found")
    sort "$BATS_TEST_TMPDIR/found" | uniq -c
    count "$1" "$starts" "$processes" "$bad"
    [ "$processes" -gt 0 ] || fail "the spy has met nobody, and shows nothing"
}

# capable CAPABILITY...: what the container's root may.
capable() {
    config '.process.capabilities = ($ARGS.positional
        | { bounding: ., permitted: ., effective: . })' --args -- "$@"
}

ordinary=(CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_SETUID CAP_SETGID CAP_SYS_CHROOT)

@test "(T20) control: a program that enters like any other is found out" {
    spy_on all
    local number what
    for number in {1..30}; do # on a busy machine the spy misses many
        "$spy" enter "$pid"
    done
    spy_ends
    for what in root cwd 'fd/[0-9]+' exe memory trace 'the secret'; do
        assert_line --regexp "^found $what of [0-9]+ \(spy\)"
    done
    assert_line --regexp '^found write to the program of '
    assert_line --regexp '^met [0-9]+ \(spy\): '
}

# start_all FUNCTION [WORD...]: once for each start, whose number is in $number.
start_all() {
    local number
    for ((number = 0; number < starts; number++)); do
        "$@"
    done
}

# entering NAME [OPTION...]: programs are started in the spy's container.
entering() {
    quickly start_all says_ran exec "${@:2}" "$id" /witness say ran
    spy_ends
    sum_up "$1"
    tare delete "$id"
    nothing_left
}

@test "(T20) exec gives a container's root nothing of the host" {
    need_exec
    capable "${ordinary[@]}"
    spy_on all
    entering exec
}

@test "(T20) exec as another user gives a container's root nothing of the host" {
    need_exec
    capable "${ordinary[@]}"
    spy_on all
    entering 'exec as another user' --user 1000:1000
}

# Linux lets it trace whomever it sees, whatever that one does against it.
@test "(T21) exec gives nothing of the host to one with CAP_SYS_PTRACE" {
    need_exec
    granted='memory|trace'
    capable "${ordinary[@]}" CAP_SYS_PTRACE
    spy_on all
    entering 'exec, with CAP_SYS_PTRACE'
}

@test "(T21) exec gives nothing of the host to one with CAP_SYS_PTRACE in its user namespace" {
    need_exec
    in_user_namespace
    capable "${ordinary[@]}" CAP_SYS_PTRACE
    spy_on all
    entering 'exec in a user namespace, with CAP_SYS_PTRACE'
}

add_and_remove() {
    tare mounts add "$id" "$1"
    tare mounts remove "$id" "$1"
}

# A procfs is made by who is in the pid namespace of the container, and seen by all of it.
@test "(T21) mounts add gives nothing of the host to one with CAP_SYS_PTRACE" {
    local list=$BATS_TEST_TMPDIR/list.json
    "$TARE" mounts --help >/dev/null 2>&1 || skip "the runtime has no mounts"
    granted='memory|trace'
    capable "${ordinary[@]}" CAP_SYS_PTRACE
    spy_on all
    echo '[{ "destination": "/new", "type": "proc", "source": "proc" }]' >"$list"
    quickly start_all add_and_remove "$list"
    spy_ends
    sum_up 'mounts add, with CAP_SYS_PTRACE'
    tare delete "$id"
    nothing_left
}

start_other() {
    says_ran run --bundle "$other" "$id-other"
    if ((number % 4 == 0)); then
        tare create --bundle "$other" "$id-other" </dev/null >/dev/null 3>&- # and waits
        tare delete --force "$id-other"
    fi
}

# starting NAME [COMMAND...]: containers with a mask and the spy's rights are started, whose
# processes it sees, as it sees all of the host's.  COMMAND changes their config first.
starting() {
    local other=$BATS_TEST_TMPDIR/other
    mkdir -p "$other/rootfs"/{proc,dev,volume}
    cp "$witness" "$other/rootfs/witness"
    touch "$other/rootfs/below-the-mask" "$other/rootfs/another-mask"
    jq '.process.args = ["/witness", "say", "ran"] | .linux.namespaces += [{ type: "pid" }]
        | .linux.maskedPaths = ["/below-the-mask", "/another-mask"]' "$bundle/config.json" \
        >"$other/config.json"
    bundle=$other "${@:2}"
    quickly start_all start_other
    spy_ends
    sum_up "$1"
    tare delete "$id"
    nothing_left
}

# spy_on_host: the spy has the host's pid namespace.
spy_on_host() {
    capable "${ordinary[@]}"
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    spy_on host bash
}

@test "(T20) a container that starts gives nothing to one that sees the host's processes" {
    spy_on_host
    starting 'seen from the host'
}

@test "(T20) nor does one in a user namespace, which belongs to root" {
    spy_on_host
    starting 'seen from the host, in a user namespace' in_user_namespace
}

map_a_mount() {
    config --arg volume "$volume" '.mounts += [{ destination: "/volume", type: "bind",
        source: $volume, options: ["bind"],
        uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
        gidMappings: [{ containerID: 0, hostID: 1000, size: 10 }] }]'
}

@test "(T20) nor does one with an idmapped mount, whose user namespace belongs to root" {
    needs mount_setattr
    kernel_since 6.3 || skip "needs tmpfs of Linux 6.3"
    volume=$BATS_TEST_TMPDIR/volume
    mkdir "$volume"
    mount -t tmpfs tmpfs "$volume"
    look_again
    # shellcheck disable=SC2034 # nothing_left's
    snapshot_before=$(snapshot)
    spy_on_host
    starting 'seen from the host, with an idmapped mount' map_a_mount
}

# joining NAME: containers are started that live in the pid namespace of the spy's.
joining() {
    local other=$BATS_TEST_TMPDIR/other
    mkdir -p "$other/rootfs/proc" "$other/rootfs/dev"
    cp "$witness" "$other/rootfs/witness"
    jq --arg pid "$pid" '.process.args = ["/witness", "say", "ran"] | del(.hostname)
        | .linux.namespaces |= map(if .type == "pid" or .type == "user" then
            .path = "/proc/\($pid)/ns/\(.type)" else . end)
        | del(.linux.uidMappings, .linux.gidMappings)' "$bundle/config.json" \
        >"$other/config.json"
    quickly start_all says_ran run --bundle "$other" "$id-other"
    spy_ends
    sum_up "$1"
    tare delete "$id"
    nothing_left
}

@test "(T20) a container that joins the pid namespace of another gives it nothing of the host" {
    capable "${ordinary[@]}"
    spy_on host
    joining 'joined pid namespace'
}

# The same right over the host's users also gives it the root of who has not left the host's yet.
@test "(T21) nor a program to write to, if it has CAP_SYS_PTRACE" {
    granted='memory|trace|the secret'
    capable "${ordinary[@]}" CAP_SYS_PTRACE
    spy_on host
    joining 'joined pid namespace, with CAP_SYS_PTRACE'
}

@test "(T21) nor anything to one with CAP_SYS_PTRACE whose user namespace it joins as well" {
    in_user_namespace
    capable "${ordinary[@]}" CAP_SYS_PTRACE
    spy_on host
    joining 'joined user and pid namespace'
}
