#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2034 # variables of tare.bash, read and set
#
# The races of races.bats where the runtime goes another way to the same place: the root is entered
# later, or by chroot(2), or paths are walked name by name.

load ../helpers/tare
load attack
load race
load sites

setup() {
    setup_race
}

# attack_way WAY SITE
attack_way() {
    aim_at "$2"
    attack "$2, $1" "$canary" "../$up${canary#/}"
}

# Until the hooks have run, the root stands where the host has it, and mounts are made there.
@test "(T05) a bind where a hook has the root entered behind it" {
    config '.hooks.createRuntime = [{ path: "/bin/true" }]'
    attack_way 'behind a hook' bind
}

@test "(T05) a device where a hook has the root entered behind it" {
    config '.hooks.createRuntime = [{ path: "/bin/true" }]'
    attack_way 'behind a hook' device
}

@test "(T05) a tmpfs without a mount namespace" {
    kernel_since 6.15 || skip "needs Linux 6.15"
    needs mount_setattr
    config 'del(.linux.namespaces[] | select(.type == "mount"))'
    attack_way 'without a mount namespace' tmpfs
}

# They are bound from the host, over files that the container's root makes.
@test "(T05) /dev of the image in a user namespace, where devices are bound" {
    in_user_namespace
    chmod -R a+rwX "$rootfs"
    config 'del(.mounts[] | select(.destination == "/dev"))'
    name_a=$rootfs/dev name_b=$rootfs/race/dev place=/dev
    made=(null zero full random urandom tty fd stdin stdout stderr core)
    attack '/dev in a user namespace' "$canary" "../$up${canary#/}"
}

without_openat2() {
    through=("$build/tests/helpers/refuse" openat2 --)
    attack_way 'without openat2' "$1"
}

@test "(T05) the destination of a tmpfs, without openat2" {
    without_openat2 tmpfs
}

@test "(T05) masked paths, without openat2" {
    without_openat2 masked
}

@test "(T05) (T40) /etc/passwd while exec reads it, in a container that exchanges it" {
    echo "root:x:0:0::/$secret:/" >"$canary/secret"
    echo 'root:x:0:0::/decoy:/' >"$rootfs$canary/secret"
    echo 'root:x:0:0::/right:/' >"$rootfs/etc/passwd"
    look_again
    name_a=$rootfs/etc/passwd name_b=$rootfs/etc/other place=/etc/passwd
    entering=("$id" /witness chain cwd ';' env)
    attack_exec '/etc/passwd of exec' "$canary/secret"
}

@test "(T05) (T15) the terminal of exec, in a container that exchanges /dev" {
    config '.mounts |= map(select(.destination != "/dev")) | .mounts += [{
        destination: "/dev/pts", type: "devpts", source: "devpts",
        options: ["newinstance", "ptmxmode=0666"] }]'
    mkdir -p "$rootfs/dev/pts"
    name_a=$rootfs/dev name_b=$rootfs/race/dev place=/dev
    entering=(--tty "$id" /witness chain cwd ';' size)
    attack_exec 'terminal of exec'
}
