#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2034 # variables of tare.bash, read and set
#
# Races for what the config sends the runtime to (race.bash): a directory on the way there is
# exchanged with a link to the host.

load ../helpers/tare
load attack
load race
load ../helpers/terminal

setup() {
    setup_race
}

# copied_up DESTINATION: a tmpfs that is filled with what is there.
copied_up() {
    config --arg at "$1" '.mounts += [{ destination: $at, type: "tmpfs", source: "tmpfs",
        options: ["tmpcopyup"] }]'
}

# aim_at SITE [NAME [SHOWN]]: the config that makes the runtime go to something in /race/a.
aim_at() {
    local given=$BATS_TEST_TMPDIR/given
    case $1 in
    tmpfs) config '.mounts += [{ destination: "/race/a/new", type: "tmpfs", source: "tmpfs" }]' ;;
    bind)
        config --arg given "$given" '.mounts += [{ destination: "/race/a/new", type: "bind",
            source: $given, options: ["bind"] }]'
        ;;
    idmapped)
        config '.mounts += [{ destination: "/race/a/new", type: "tmpfs", source: "tmpfs",
            uidMappings: [{ containerID: 0, hostID: 0, size: 9 }],
            gidMappings: [{ containerID: 0, hostID: 0, size: 9 }] }]'
        ;;
    file)
        config --arg given "$given/file" '.mounts += [{ destination: "/race/a/new", type: "bind",
            source: $given, options: ["bind"] }]'
        ;;
    device)
        config '.linux.devices += [{ path: "/race/a/new", type: "c", major: 1, minor: 3,
            fileMode: 438, uid: 7, gid: 7 }]'
        ;;
    tmpcopyup)
        copied_up /race/a/folder
        decoy= # the container looks behind both names
        witness_runs chain cwd ';' mounts ';' cat /race/a/folder/secret ';' \
            cat /race/b/folder/secret
        ;;
    copied)
        copied_up /race/a
        witness_runs chain cwd ';' mounts ';' stat "/race/a/$2" ';' cat "/race/a/${3:-$2}"
        ;;
    masked) config '.linux.maskedPaths = ["/race/a/secret", "/race/a/folder"]' ;;
    readonly) config '.linux.readonlyPaths = ["/race/a/folder", "/race/a/secret"]' ;;
    cwd)
        config '.process.cwd = "/race/a/new"'
        witness_runs chain cwd ';' mounts ';' cat ../secret
        ;;
    esac
}

# attack_directory SITE
attack_directory() {
    aim_at "$1"
    attack "$1" "$canary" "../$up${canary#/}"
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

@test "(T05) the working directory" {
    attack_directory cwd
}

# share_volume: the place is in a volume, in which another container exchanges the names.
share_volume() {
    local volume=$BATS_TEST_TMPDIR/volume other=$BATS_TEST_TMPDIR/other
    mv "$rootfs/race" "$volume"
    mkdir -p "$rootfs/race" "$other/rootfs"/{race,proc,dev}
    name_a=$volume/a name_b=$volume/b tally=$volume/tally
    config --arg volume "$volume" '.mounts += [{ destination: "/race", type: "bind",
        source: $volume, options: ["bind"] }]'
    cp "$swap" "$other/rootfs/swap"
    jq '.process.args = ["/swap", "loop", "/race/a", "/race/b", "/race/tally"]
        | .mounts |= map(select(.destination != "/dev"))' "$bundle/config.json" \
        >"$other/config.json"
}

# attack_volume SITE: the mounts below the volume come after it.
attack_volume() {
    local number other=$id-racer
    share_volume
    aim_at "$1"
    exec 9<"$name_a"
    ln -sfn "$canary" "$name_b"
    starts_unattacked start_once
    forget_start
    "$TARE" --root "$state" run --bundle "$BATS_TEST_TMPDIR/other" "$other" >&2 </dev/null 3>&- 9<&- &
    racer=$!
    wait_until 10 [ -s "$tally" ]
    look_again
    number=0
    while goes_on "$((number++))" "$starts"; do
        start_once
        judge
        count_race
        forget_start
    done
    exec 9<&-
    tare kill "$other" TERM
    wait "$racer"
    racer=
    assert_equal "$(tare list --quiet)" ''
    sum_up "$1 in a shared volume"
    nothing_left
}

@test "(T06) a container exchanges names where another one has a tmpfs" {
    attack_volume tmpfs
}

@test "(T06) a container exchanges names where another one has a tmpfs with tmpcopyup" {
    attack_volume tmpcopyup
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
