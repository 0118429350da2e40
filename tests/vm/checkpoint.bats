#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Containers are written down by criu, and go on from that.  What they count stands in their memory
# alone: who has counted on has not been started anew.

load ../helpers/tare
load ../helpers/terminal
load vm
load checkpoint

# What engines ask for: masks, read-only paths, a volume, limits, a filter.
with_everything() {
    volumes=$(mktemp -d /var/tmp/volumes.XXXXXX) # /tmp may be one without devices
    echo kept >"$volumes/file"
    mknod "$volumes/device" c 10 237
    config --arg volumes "$volumes" '.root.readonly = true
        | .process.capabilities = (["CAP_KILL"] | { bounding: ., permitted: ., effective: . })
        | .linux.maskedPaths = ["/proc/kcore", "/proc/irq", "/proc/keys"]
        | .linux.readonlyPaths = ["/proc/sys", "/proc/bus"]
        | .linux.resources = { memory: { limit: 67108864 }, pids: { limit: 20 },
            devices: [{ allow: false }] }
        | .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
            syscalls: [{ names: ["ptrace"], action: "SCMP_ACT_ERRNO" }] }
        | .mounts += [
            { destination: "/sys", type: "sysfs", source: "sysfs",
              options: ["nosuid", "noexec", "nodev", "ro"] },
            { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
              options: ["nosuid", "noexec", "nodev", "ro"] },
            { destination: "/dev/shm", type: "tmpfs", source: "shm",
              options: ["nosuid", "noexec", "nodev", "mode=1777", "size=64k"] },
            { destination: "/dev/mqueue", type: "mqueue", source: "mqueue",
              options: ["nosuid", "noexec", "nodev"] },
            { destination: "/tmp", source: $volumes, options: ["rbind", "nosuid"] },
            { destination: "/etc/file", source: "\($volumes)/file", options: ["bind", "ro"] }]'
    count=$volumes/count
}

teardown() {
    teardown_checkpoint
    [ -z "${profile:-}" ] || apparmor_parser --remove --skip-cache <<<"$profile"
    [ -z "${volumes:-}" ] || rm -r "$volumes"
}

@test "with masks, volumes, limits and a filter; in a root filesystem that lacks what is mounted on" {
    local cgroup=$TARE_TEST_CGROUP/tare/$id process
    with_everything
    start_counting write /dev/shm/note remembered
    checkpoint --file-locks
    assert_success
    nothing_left
    rm -r "${rootfs:?}"/{tmp,sys,etc}

    restore
    assert_success
    assert_stderr ''
    goes_on
    assert_equal "$(<"$cgroup/memory.max")" 67108864
    assert_equal "$(<"$cgroup/pids.max")" 20
    process=$(tare state "$id" | jq .pid)
    grep -q '^Seccomp:[[:space:]]2$' "/proc/$process/status"
    grep -q '^CapBnd:[[:space:]]0000000000000020$' "/proc/$process/status"
    run -0 tare exec "$id" /witness chain cat /dev/shm/note ';' say '' ';' cat /etc/file ';' \
        write /etc/file x ';' write /proc/sys/kernel/domainname x ';' ls /proc/irq ';' \
        open /dev/full w ';' open /tmp/device r
    assert_output 'remembered
kept
EROFS
EROFS
ok
EPERM'
    gone
}

# criu gives one of two no flags, when one is of a part of the other.
@test "[E1.restore.3] volumes within volumes have the flags that they had" {
    volumes=$(mktemp -d /var/tmp/volumes.XXXXXX)
    mkdir -p "$volumes"/{data,fixed}/below
    config --arg volumes "$volumes" '.mounts += [
        { destination: "/data", source: "\($volumes)/data", options: ["bind", "rw"] },
        { destination: "/below", source: "\($volumes)/data/below", options: ["bind", "rw"] },
        { destination: "/fixed", source: "\($volumes)/fixed", options: ["bind", "ro", "nodev"] },
        { destination: "/again", source: "\($volumes)/fixed", options: ["bind", "ro", "nodev"] },
        { destination: "/deep", source: "\($volumes)/fixed/below",
          options: ["bind", "ro", "nodev"] }]'
    start_counting
    flags_before=$(volume_flags)
    checkpoint
    assert_success
    tare delete --force "$id"
    restore
    assert_success
    goes_on
    assert_equal "$(volume_flags)" "$flags_before"
    tare exec "$id" /witness chain write /data/one 1 ';' write /below/two 2
    assert_equal "$(cat "$volumes/data/one" "$volumes/data/below/two")" 12
    run_tare exec "$id" /witness write /deep/three 3
    assert_output EROFS
    gone
}

@test "[E1.restore.3] a tmpfs of its own on a volume has what was written there" {
    volumes=$(mktemp -d /var/tmp/volumes.XXXXXX)
    mkdir "$volumes/own"
    config --arg volumes "$volumes" '.mounts += [
        { destination: "/data", source: $volumes, options: ["rbind", "rw"] },
        { destination: "/data/own", type: "tmpfs", source: "tmpfs" }]'
    start_counting write /data/own/note remembered
    survives
    assert_equal "$(tare exec "$id" /witness cat /data/own/note)" remembered
    [ ! -e "$volumes/own/note" ]
    gone
}

# It has the device of what is bound, and the flags of the config.
@test "[E1.restore.3] the host's sysfs, new and bound, with flags of their own" {
    config 'del(.linux.namespaces[] | select(.type == "network")) | .mounts += [
        { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid"] },
        { destination: "/host", source: "/sys", options: ["bind", "ro", "nodev"] }]'
    local flags_before # of /host it depends on the host's own
    start_counting
    flags_before=$(sysfs_flags)
    grep -q '^/sys rw,' <<<"$flags_before"
    grep -q '^/host ro,' <<<"$flags_before"
    checkpoint
    assert_success
    tare delete --force "$id"
    restore
    assert_success
    goes_on
    assert_equal "$(sysfs_flags)" "$flags_before"
    gone
}

sysfs_flags() {
    awk '$5 == "/sys" || $5 == "/host" { print $5, $6 }' \
        "/proc/$(tare state "$id" | jq .pid)/mountinfo" | sort
}

volume_flags() {
    awk '$5 ~ /^.(data|below|fixed|again|deep)$/ { print $5, $6 }' \
        "/proc/$(tare state "$id" | jq .pid)/mountinfo" | sort
}

@test "[E1.restore.4] with a terminal: its other end goes to the socket" {
    with_terminal
    listen
    config '.mounts += [{ destination: "/tmp", source: "tmp", options: ["bind"] }]'
    mkdir "$bundle/tmp"
    count=$bundle/tmp/count
    witness_runs chain count /tmp/count
    tare create --console-socket "$socket" --bundle "$bundle" "$id" </dev/null
    tare start "$id"
    wait_until 20 has_counted 5
    checkpoint
    assert_success
    rm -f "$socket"
    wait_until 20 listener_is_gone

    listen
    restore --console-socket "$socket"
    assert_success
    goes_on
    assert_equal "$(readlink "/proc/$(tare state "$id" | jq .pid)/fd/0")" /dev/pts/0
    tare kill "$id" KILL
    run_listener
    assert_line '# payload=/dev/pts/0'
    gone
}

@test "locks of files are kept, and a container that has some is not written down unasked" {
    start_counting lock /tmp/locked
    checkpoint
    assert_failure 1
    assert_stderr_has 'let criu write it down: criu: '
    assert_equal "$(status_of "$id")" running
    [ ! -e "$images/inventory.img" ]
    before=$(head -n 1 "$count")
    goes_on
    checkpoint --file-locks
    assert_success

    restore --file-locks
    assert_success
    goes_on
    run ! flock --nonblock "$rootfs/tmp/locked" true
    gone
}

@test "[E1.checkpoint.5] --leave-running: it goes on, and the images are of then" {
    start_counting
    checkpoint --leave-running
    assert_success
    [ -s "$images/inventory.img" ]
    before=$(head -n 1 "$count")
    goes_on
    gone
}

@test "--pre-dump, then the rest: the images before are the parent" {
    start_counting
    images=$BATS_TEST_TMPDIR/first
    checkpoint --pre-dump
    assert_success
    before=$(head -n 1 "$count")
    goes_on
    images=$BATS_TEST_TMPDIR/second
    checkpoint --parent-path ../first
    assert_success
    [ -L "$images/parent" ]
    restore
    assert_success
    goes_on
    gone
}

@test "one that is paused is written down, and is as it was when that goes on" {
    start_counting
    tare pause "$id"
    checkpoint --leave-running
    assert_success
    assert_equal "$(status_of "$id")" paused
    tare resume "$id"
    before=$(head -n 1 "$count")
    goes_on
    gone
}

@test "restore in the foreground waits for the end, and passes the status on" {
    local killer
    start_counting
    checkpoint
    before=$(head -n 1 "$count")
    { wait_until 20 has_counted $((before + 3)) && tare kill "$id" KILL; } 3>&- &
    killer=$!
    run_tare restore --image-path "$images" --bundle "$bundle" "$id" </dev/null
    assert_failure 137
    wait "$killer"
    nothing_left
}

@test "[E1.restore.6] pipes that were standard output are ours again" {
    config '.process.args = ["/witness", "chain", "line", ";", "line"]'
    mkfifo "$BATS_TEST_TMPDIR/in"
    sleep 100 >"$BATS_TEST_TMPDIR/in" 3>&- &
    writer=$!
    tare create --bundle "$bundle" "$id" < <(cat <"$BATS_TEST_TMPDIR/in") 2>&1 | cat >/dev/null &
    wait_until 20 has_status "$id" created
    tare start "$id"
    checkpoint
    kill "$writer"
    assert_success
    run_tare restore --image-path "$images" --bundle "$bundle" "$id" \
        < <(echo first; echo second) 2>&1
    show_log restore
    assert_success
    assert_output $'line=first\nline=second'
    nothing_left
}

@test "what the images say beyond the config is refused (R21) (T80)" {
    start_counting
    checkpoint
    before=$(head -n 1 "$count")

    # More rights than it may have.
    config '.process.noNewPrivileges = true'
    restore
    assert_failure 1
    assert_stderr_has ' may gain privileges'
    config 'del(.process.noNewPrivileges)'
    nothing_left
    config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["ptrace"], action: "SCMP_ACT_ERRNO" }] }'
    restore
    assert_failure 1
    assert_stderr_has ' is not filtered'
    config 'del(.linux.seccomp)'
    nothing_left

    # A namespace more, and one less.
    config '.linux.namespaces |= map(select(.type != "uts"))| del(.hostname)'
    restore
    assert_failure 1
    assert_stderr_has 'check its namespaces: the images do not keep to the config: the process has its own uts namespace'
    config '.linux.namespaces += [{ type: "uts" }, { type: "user" }] | .linux.uidMappings =
        [{ containerID: 0, hostID: 100000, size: 65536 }] | .linux.gidMappings = .linux.uidMappings'
    restore
    assert_failure 1
    assert_stderr_has "the process has the host's user namespace"
    config 'del(.linux.uidMappings, .linux.gidMappings)
        | .linux.namespaces |= map(select(.type != "user"))'
    nothing_left

    # A mount less in the config, and flags that the images do not have.
    config '.mounts |= map(select(.destination != "/dev"))'
    restore
    assert_failure 1
    assert_stderr_has 'do not keep to the config: /dev is mounted, and not in the config'
    nothing_left
    print_config | jq 'del(.process.noNewPrivileges)' >"$bundle/config.json"
    config '.linux.maskedPaths = ["/proc/uptime"]'
    restore
    assert_failure 1
    assert_stderr_has 'do not keep to the config: /proc/uptime is not masked'
    nothing_left
    print_config | jq 'del(.process.noNewPrivileges)' >"$bundle/config.json"

    # criu 4.2 would make it writable.
    config '.root.readonly = true'
    restore
    assert_failure 1
    assert_stderr_has 'do not keep to the config: / can be written to'
    assert_equal "$(head -n 1 "$count")" "$before"
    nothing_left
}

@test "a directory of images that is not ours alone is not read (R21)" {
    start_counting
    checkpoint
    before=$(head -n 1 "$count")
    echo precious >"$BATS_TEST_TMPDIR/precious"

    ln -s "$BATS_TEST_TMPDIR/precious" "$images/pages-9.img"
    restore
    assert_failure 1
    assert_stderr_has "--image-path: $images/pages-9.img leads out of the images"
    rm "$images/pages-9.img"

    chmod o+w "$images"
    restore
    assert_failure 1
    assert_stderr_has "--image-path: $images can be written by others"
    chmod o-w "$images"

    # criu would follow that link, and write to where it leads.
    mkdir "$BATS_TEST_TMPDIR/criu"
    ln -s "$BATS_TEST_TMPDIR/precious" "$BATS_TEST_TMPDIR/criu/restore.log"
    restore --work-path "$BATS_TEST_TMPDIR/criu"
    assert_success
    assert_equal "$(<"$BATS_TEST_TMPDIR/precious")" precious
    goes_on
    gone
}

@test "images that are damaged: nothing is left, and criu's own words say why" {
    start_counting
    checkpoint
    before=$(head -n 1 "$count")
    : >"$images/core-1.img"
    restore
    assert_failure 1
    assert_stderr_has ': criu: '
    assert_stderr_has "hint: more stands in $images/restore.log"
    nothing_left
}

@test "noNewPrivileges and the AppArmor profile are in force again" {
    local process
    criu_since 3.19 || skip "this criu does not keep noNewPrivileges"
    config '.process.noNewPrivileges = true'
    if [ -s /sys/kernel/security/apparmor/profiles ]; then
        profile='profile tare-restored flags=(attach_disconnected,mediate_deleted) {
            file, capability, network, signal, ptrace, unix,
        }'
        apparmor_parser --replace --skip-cache <<<"$profile"
        config '.process.apparmorProfile = "tare-restored"'
    fi
    start_counting
    survives
    process=$(tare state "$id" | jq .pid)
    grep -q '^NoNewPrivs:[[:space:]]1$' "/proc/$process/status"
    [ -z "${profile:-}" ] || assert_equal "$(<"/proc/$process/attr/apparmor/current")" \
        'tare-restored (enforce)'
    gone
}
