#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2034 # variables of tare.bash, read and set
#
# Races for what the runtime goes to of itself (race.bash): /proc, /dev, /etc/passwd and the program,
# which the image exchanges with a link to the host.

load ../helpers/tare
load attack
load race

setup() {
    setup_race
}

@test "(T05) /proc of the image" {
    name_a=$rootfs/proc name_b=$rootfs/race/proc place=/proc
    attack /proc "$canary" "../$up${canary#/}"
}

@test "(T05) /sys of the image" {
    config '.mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] }]'
    name_a=$rootfs/sys name_b=$rootfs/race/sys place=/sys
    attack /sys "$canary" "../$up${canary#/}"
}

# What lies below these two cannot be renamed, but they themselves can: whoever sees them in another
# mount namespace takes along what is mounted there in ours.
setup_kernel() {
    decoys=$BATS_TEST_TMPDIR/decoys forbidden=$1 then=()
    mkdir -p "$decoys/$(dirname "$2")"
}

# attack_kernel PATH WORD [TEXT]: while the image exchanges /proc or /sys with a directory in which
# there is nothing, a directory by that path, or the same things ($decoys), the container goes to PATH
# with that word.
attack_kernel() {
    local with name
    place=${1%"/${1#/*/}"}
    name=${place#/}
    name_a=$rootfs/$name name_b=$rootfs/race/$name
    for with in nothing directory decoys; do
        mkdir -p "$name_b"
        witness_runs chain cwd ';' "$2" "$1" "${@:3}" "${then[@]}"
        [ "$with" != directory ] || mkdir -p "$rootfs/race$1"
        [ "$with" != decoys ] || {
            rm -r "${name_b:?}"/*
            cp -r "$decoys/." "$name_b"
            witness_runs chain cwd ';' "$2" "$1" "${@:3}" ';' "$2" "/race$1" "${@:3}" "${then[@]}"
        }
        begin_sums
        quickly step_through
        sum_up "$1, $with"
    done
    nothing_left
}

@test "(R5) (T05) what is hidden in /proc, which the image exchanges" {
    setup_kernel 'Linux version' version
    echo other >"$decoys/version"
    config '.linux.maskedPaths = ["/proc/version"]'
    attack_kernel /proc/version cat
}

@test "(R5) (T05) what a link in /proc leads to is hidden, while the image exchanges that" {
    setup_kernel ' /proc proc ' mounts
    echo other >"$decoys/mounts"
    config '.linux.maskedPaths = ["/proc/mounts"]'
    attack_kernel /proc/mounts cat
}

@test "(R5) (T05) what is hidden in /sys, which the image exchanges" {
    setup_kernel uevent_seqnum kernel/here
    config '.linux.maskedPaths = ["/sys/kernel"]
        | .mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] }]'
    attack_kernel /sys/kernel ls
}

@test "(R5) (T05) what is read-only in /proc, which the image exchanges" {
    setup_kernel pwned sys/kernel/domainname
    touch "$decoys/sys/kernel/domainname"
    then=(';' domainname)
    config '.linux.readonlyPaths = ["/proc/sys"]
        | .linux.namespaces = ([.linux.namespaces[] | select(.type != "uts")] + [{ type: "uts" }])'
    attack_kernel /proc/sys/kernel/domainname write pwned
}

@test "(T05) /dev of the image, where devices and links are made" {
    config 'del(.mounts[] | select(.destination == "/dev"))'
    name_a=$rootfs/dev name_b=$rootfs/race/dev place=/dev
    made=(null zero full random urandom tty fd stdin stdout stderr core ptmx pts shm mqueue)
    attack /dev "$canary" "../$up${canary#/}"
}

@test "(T05) (T40) /etc/passwd of the image while it is read" {
    echo "root:x:0:0::/$secret:/" >"$canary/secret"
    echo 'root:x:0:0::/decoy:/' >"$rootfs$canary/secret"
    echo 'root:x:0:0::/right:/' >"$rootfs/etc/passwd"
    look_again
    witness_runs chain cwd ';' mounts ';' env
    name_a=$rootfs/etc/passwd name_b=$rootfs/etc/other place=/etc/passwd
    attack /etc/passwd "$canary/secret" "../$up${canary#/}/secret"
}

# make_programs: one that says where it is in the place that is raced, one in the decoy that says
# decoy, and one on the host that says the secret.
make_programs() {
    cp "$witness" "$rootfs/race/a/program"
    printf '#!/witness say %s\n' "$secret" >"$canary/program"
    printf '#!/witness say decoy\n' >"$rootfs$canary/program"
    chmod 755 "$canary/program" "$rootfs$canary/program"
    look_again
}

@test "(T05) the program" {
    make_programs
    config '.process.args = ["/race/a/program", "chain", "cwd", ";", "mounts"]'
    attack program "$canary" "../$up${canary#/}"
}

@test "(T05) the program of exec, in a container that exchanges it" {
    make_programs
    entering=("$id" /race/a/program chain cwd)
    attack_exec 'program of exec'
}
