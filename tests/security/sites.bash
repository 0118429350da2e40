# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# Where the config sends the runtime to, for races (race.bash): each site is something in /race/a,
# a directory of the image, or of a volume in which another container exchanges it.

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

# Whether the container has got at what the config hides from it (masked) or protects.  The
# descriptor is the directory itself: what goes through its name while that is the link does not
# count.
has_got_at() {
    [ -e "/proc/$$/fd/9/folder/new" ] || { [ "$1" = masked ] && [[ $output == *inside* ]]; }
}

# attack_protection SITE: for one call the path leads elsewhere.  If that is the one that finds what
# to hide or to protect, it is done in the wrong place, and the start must fail.
attack_protection() {
    aim_at "$1"
    witness_runs chain cwd ';' cat /race/a/secret ';' write /race/a/folder/new x
    made=(folder/new)
    ln -sfn "$canary" "$name_b"
    begin_sums
    quickly step_through_each has_got_at "$1"
    sum_up "$1, each call"
    nothing_left
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

race_volume() {
    local number=0
    while goes_on "$((number++))" "$starts"; do
        start_once
        judge
        count_race
        forget_start
    done
}

# attack_volume SITE: the mounts below the volume come after it.
attack_volume() {
    local other=$id-racer
    share_volume
    aim_at "$1"
    exec 9<"$name_a"
    ln -sfn "$canary" "$name_b"
    starts_unattacked start_once
    forget_start
    "$TARE" --root "$state" run --bundle "$BATS_TEST_TMPDIR/other" "$other" \
        >&2 </dev/null 3>&- 9<&- &
    racer=$!
    wait_until 10 [ -s "$tally" ]
    look_again
    quickly race_volume
    exec 9<&-
    tare kill "$other" TERM
    wait "$racer"
    racer=
    assert_equal "$(tare list --quiet)" ''
    sum_up "$1 in a shared volume"
    nothing_left
}
