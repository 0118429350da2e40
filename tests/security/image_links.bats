#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What an image can do with links: none of it may reach the canary, a folder of the host.

load ../helpers/tare

setup() {
    setup_bundle
    canary=$BATS_TEST_TMPDIR/canary
    mkdir -p "$canary/folder"
    secret=4a1f6d23
    echo "$secret" >"$canary/secret"
    canary_before=$(look)
    up=$(printf '../%.0s' {1..40})
}

teardown() {
    umount "$rootfs/proc" "$rootfs/sys" 2>/dev/null || :
    teardown_bundle
}

# Everything about the canary: names, kinds, modes, owners, sizes, times (of the content and of all
# else), targets.
look() {
    find "$canary" -printf '%p %y %m %u %g %s %T@ %C@ %l\n'
}

canary_is_untouched() {
    assert_equal "$(look)" "$canary_before"
}

# may_fail: it ran, or was refused with a message; in neither case has it seen the canary.
may_fail() {
    if [ "$status" != 0 ]; then
        assert_failure 1
        assert_output ''
        [ -n "$stderr" ] || fail "it failed without a word"
    fi
    refute_output --partial "$secret"
}

@test "(T01) /dev as a link to the host: no device and no link is made there" {
    rmdir "$rootfs/dev"
    local target
    for target in "$canary" "$up${canary#/}" "/proc/self/root$canary" "/proc/1/root$canary"; do
        ln -sfn "$target" "$rootfs/dev"
        print_config >"$bundle/config.json"
        run_container ls "$canary"
        may_fail
        config '.mounts |= map(select(.destination != "/dev"))'
        run_container ls "$canary"
        may_fail
        canary_is_untouched
        rm -rf "${rootfs:?}/${BATS_TEST_TMPDIR#/}"
        nothing_left
    done
}

@test "(T01) /dev/pts, /dev/shm and /dev/mqueue as links to the host" {
    local name
    config '.mounts |= map(select(.destination != "/dev")) | .mounts += [
        { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance"] },
        { destination: "/dev/shm", type: "tmpfs", source: "shm" },
        { destination: "/dev/mqueue", type: "mqueue", source: "mqueue" },
        { destination: "/dev/shm/file", source: "config.json", options: ["bind"] }]'
    for name in pts shm mqueue; do
        ln -s "$canary/folder" "$rootfs/dev/$name"
    done
    run_container ls "$canary"
    may_fail
    canary_is_untouched
    nothing_left
}

@test "(T01) each default device and link of /dev as a link to the host" {
    local name
    config '.mounts |= map(select(.destination != "/dev"))'
    for name in null zero full random urandom tty fd stdin stdout stderr core ptmx console; do
        ln -s "$canary/secret" "$rootfs/dev/$name"
        run_container ls /
        may_fail
        canary_is_untouched
        rm -f "$rootfs/dev/"*
    done
    ln -s "$canary/new" "$rootfs/dev/null"
    run_container ls /
    may_fail
    canary_is_untouched
}

@test "(T02) (T03) /proc as a link is refused, whatever it leads to" {
    rmdir "$rootfs/proc"
    local target
    for target in "$canary" /etc "$up${canary#/}" nowhere proc /proc/self/root /; do
        ln -sfn "$target" "$rootfs/proc"
        run_container
        assert_failure 1
        assert_output ''
        assert_stderr_has '/proc is a symbolic link in the root filesystem'
        canary_is_untouched
    done
    nothing_left
}

@test "(T03) /sys as a link is refused, whatever it leads to" {
    rmdir "$rootfs/sys"
    config '.mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] }]'
    local target
    for target in "$canary" /etc "$up${canary#/}" nowhere sys; do
        ln -sfn "$target" "$rootfs/sys"
        run_container
        assert_failure 1
        assert_stderr_has '/sys is a symbolic link in the root filesystem'
        canary_is_untouched
    done
    nothing_left
}

@test "(T02) (T03) /proc or /sys as a file, a fifo or a device is refused" {
    config '.mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs" }]'
    local name
    for name in proc sys; do
        rmdir "$rootfs/$name"
        echo text >"$rootfs/$name"
        run_container
        assert_failure 1
        assert_stderr_has "/$name"
        rm "$rootfs/$name"
        mkfifo "$rootfs/$name"
        run_container
        assert_failure 1
        assert_stderr_has "/$name"
        rm "$rootfs/$name"
        mknod "$rootfs/$name" c 1 3
        run_container
        assert_failure 1
        assert_stderr_has "/$name"
        rm "$rootfs/$name"
        mkdir "$rootfs/$name"
    done
    run_container
    assert_success
    nothing_left
}

@test "(T02) (T03) /proc and /sys as mount points: what the host has there is not seen" {
    local name
    config '.mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs" }]'
    for name in proc sys; do
        mount --bind "$canary" "$rootfs/$name"
    done
    # shellcheck disable=SC2034 # nothing_left's
    snapshot_before=$(snapshot)
    run_container chain stat /proc/secret ';' stat /sys/secret ';' cat /proc/self/comm
    assert_success
    assert_output $'/proc/secret: ENOENT\n/sys/secret: ENOENT\nwitness'
    canary_is_untouched
    nothing_left
}

@test "(T04) destinations that lead out: as the last name, before it, and two before it" {
    local target destination number
    make_templates
    ln -s loop "$rootfs/loop"
    ln -s "$canary" "$rootfs/chain39"
    for number in {0..38}; do
        ln -s "chain$((number + 1))" "$rootfs/chain$number"
    done
    for target in "$canary" "$up${canary#/}" "/proc/self/root$canary" "/proc/1/root$canary" \
        "/proc/self/cwd/$up${canary#/}" "/proc/thread-self/root$canary" /proc/self/fd/3 \
        "$canary/nowhere" loop chain0 "/$up$up${canary#/}" /..; do
        ln -sfn "$target" "$rootfs/x"
        for destination in /x /x/ /x/new /x/new/ /x/folder/new //x//folder/ /x/../x/new x/./new; do
            attack "$destination"
        done
    done
    nothing_left
}

# The configs of the attacks: a file is mounted, and a tmpfs.
make_templates() {
    witness_runs chain stat /x /x/secret /x/folder ';' say end
    file_template=$(jq '.mounts += [{ destination: "HERE", source: "config.json",
        options: ["bind"] }]' "$bundle/config.json")
    tmpfs_template=$(jq '.mounts += [{ destination: "HERE", type: "tmpfs" }]' \
        "$bundle/config.json")
}

# attack DESTINATION: mounts a tmpfs there if it ends with a slash, else a file.
attack() {
    local config=$file_template
    [[ $1 != */ ]] || config=$tmpfs_template
    printf '%s\n' "${config/HERE/$1}" >"$bundle/config.json"
    run_container
    may_fail
    canary_is_untouched || fail "$(readlink "$rootfs/x") $1"
}

# random_path: up to four parts, each of which may be a link, lead up, or be very long.
random_path() {
    local parts=(x y z . .. '' folder secret proc/self/root proc/1/root loop "$long" "$up"
        "${canary#/}") path='' count
    ((RANDOM % 2)) || path=/
    for ((count = RANDOM % 4; count >= 0; count--)); do
        path+=${parts[RANDOM % ${#parts[@]}]}/
    done
    ((RANDOM % 2)) || path=${path%/}
    echo "${path:-.}"
}

@test "(T04) destinations made at random of links, names that lead up, and long ones" {
    local number name long longest
    make_templates
    ln -s loop "$rootfs/loop"
    long=$(printf 'n%.0s' {1..255})
    longest=$(printf './%.0s' {1..2048})
    ln -s "${longest:0:4094 - ${#canary}}$canary" "$rootfs/longest" # PATH_MAX of the kernel
    for number in /longest /longest/ /longest/new /longest/new/; do
        attack "$number"
    done
    for ((number = 0; number < ${TARE_ATTACK_STARTS:-24}; number++)); do
        RANDOM=$number # so that a failure can be had again
        for name in x y z; do
            ln -sfn "$(random_path)" "$rootfs/$name"
        done
        attack "/$(random_path)"
    done
    nothing_left
}

@test "(T04) devices, masked paths and the cwd behind links that lead out" {
    local target
    for target in "$canary" "$up${canary#/}" "/proc/self/root$canary" "/proc/1/root$canary"; do
        ln -sfn "$target" "$rootfs/x"
        print_config >"$bundle/config.json"
        config '.linux.devices = [{ type: "c", path: "/x/null", major: 1, minor: 3 },
            { type: "p", path: "/x/folder/fifo", uid: 5 }]'
        run_container ls /
        may_fail
        print_config >"$bundle/config.json"
        config '.process.cwd = "/x/new/cwd"'
        run_container cwd
        may_fail
        print_config >"$bundle/config.json"
        config '.linux.maskedPaths = ["/x/secret"] | .linux.readonlyPaths = ["/x/folder"]'
        run_container ls /
        may_fail
        canary_is_untouched
    done
    nothing_left
}

@test "(T04) /etc/passwd as a link that leads out, or without an end" {
    echo "root:x:0:0::/secret-of-the-host:/" >"$canary/secret"
    canary_before=$(look)
    local target
    for target in "$canary/secret" "$up${canary#/}/secret" "/proc/self/root$canary/secret" \
        /dev/zero; do
        ln -sf "$target" "$rootfs/etc/passwd"
        run_container env
        assert_success
        assert_line HOME=/
    done
    rm "$rootfs/etc/passwd"
    mkfifo "$rootfs/etc/passwd"
    run_container env
    assert_success
    assert_line HOME=/
    canary_is_untouched
}
