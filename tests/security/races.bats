#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2034 # variables of tare.bash, read and set
#
# Races for what the config sends the runtime to (race.bash): a directory on the way there is
# exchanged with a link to the host.

load ../helpers/tare
load attack
load race
load sites
load ../helpers/terminal

setup() {
    setup_race
}

@test "(T05) control: who looks first and makes then is found out by both ways" {
    local number
    ln -s "$canary" "$name_b"
    for number in 1 2 3 4; do
        "$swap" at "$number" 1 "$name_a" "$name_b" "$tally" -- \
            "$swap" naive "$name_a/stepped" || :
    done
    [ -d "$canary/stepped" ]
    "$swap" loop "$name_a" "$name_b" "$tally" 3>&- &
    racer=$!
    for ((number = 0; number < 10000; number++)); do
        "$swap" naive "$name_a/raced$number" || :
        [ ! -d "$canary/raced$number" ] || break
    done
    [ -d "$canary/raced$number" ]
    run host_is_untouched
    assert_failure
}

@test "(T05) the destination of a tmpfs" {
    attack_directory tmpfs
}

@test "(T05) the destination of a bind" {
    attack_directory bind
}

@test "(T05) the destination of a bind of a file" {
    attack_directory file
}

@test "(T05) the destination of an idmapped mount" {
    needs mount_setattr
    kernel_since 6.3 || skip "needs tmpfs of Linux 6.3"
    attack_directory idmapped
}

@test "(T05) a device" {
    attack_directory device
}

@test "(T05) the destination of a tmpfs with tmpcopyup" {
    attack_directory tmpcopyup
}

@test "(T05) a folder in what tmpcopyup copies" {
    aim_at copied folder folder/secret
    name_a=$rootfs/race/a/folder
    attack 'copied folder' "$canary/folder" "../../$up${canary#/}/folder"
}

@test "(T05) a file in what tmpcopyup copies" {
    aim_at copied secret
    name_a=$rootfs/race/a/secret
    attack 'copied file' "$canary/secret" "../../$up${canary#/}/secret"
}

@test "(T05) masked paths" {
    attack_directory masked
}

@test "(T05) read-only paths" {
    attack_directory readonly
}

@test "(R5) (T05) what is hidden is hidden by its path, or the start fails" {
    attack_protection masked
}

@test "(R5) (T05) what is read-only is so by its path, or the start fails" {
    attack_protection readonly
}

@test "(T05) the working directory" {
    attack_directory cwd
}

@test "(T06) a container exchanges names where another one has a tmpfs" {
    attack_volume tmpfs
}

@test "(T06) a container exchanges names where another one has a tmpfs with tmpcopyup" {
    attack_volume tmpcopyup
}

@test "(T06) a container exchanges names where another one has a bind" {
    attack_volume bind
}

@test "(T06) a container exchanges names where another one has an idmapped mount" {
    needs mount_setattr
    kernel_since 6.3 || skip "needs tmpfs of Linux 6.3"
    attack_volume idmapped
}

@test "(T06) a container exchanges names where another one has a device" {
    attack_volume device
}

@test "(T06) a container exchanges names where another one has read-only paths" {
    attack_volume readonly
}

@test "(T06) a container exchanges names where another one has a file" {
    attack_volume file
}

@test "(T06) a container exchanges names where another one has masked paths" {
    attack_volume masked
}

@test "(T06) a container exchanges names where another one has its working directory" {
    attack_volume cwd
}

@test "(T14) /dev/null of the image while files are masked" {
    config '.mounts |= map(select(.destination != "/dev")) | .linux.maskedPaths = ["/etc/hidden"]'
    witness_runs chain say cwd= ';' mounts ';' cat /etc/hidden
    forbidden=do-not-show
    echo "$forbidden" | tee "$rootfs/etc/hidden" >"$rootfs/etc/other"
    mknod -m 666 "$rootfs/dev/null" c 1 3
    name_a=$rootfs/dev/null name_b=$rootfs/dev/other place=/dev/null
    attack /dev/null /etc/other "$canary/secret"
    [ "$(cat "$rootfs/etc/hidden" "$rootfs/etc/other" | uniq -c | xargs)" = "2 $forbidden" ]
}

@test "(T15) /dev/console of the image while it gets a terminal" {
    with_terminal chain say cwd= ';' mounts ';' terminal
    config '.mounts |= map(select(.destination != "/dev"))'
    mkdir -p "$rootfs/dev/pts"
    : >"$rootfs/dev/console"
    name_a=$rootfs/dev/console name_b=$rootfs/dev/other place=/dev/console
    through=("$console" pty 24 80 --)
    attack /dev/console "$canary/new" "../$up${canary#/}/secret"
}

@test "(T05) the working directory of exec, in a container that exchanges it" {
    entering=(--cwd /race/a/folder "$id" /witness chain cwd ';' cat secret)
    attack_exec 'cwd of exec'
}
