#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Somebody exchanges a directory with a link to the host while the runtime is on its way there.  Two
# ways: between two of its calls that take a path, one pair of calls after the other, where every
# start is a hit; and all the time, which is what an attacker can do.

load ../helpers/tare
load attack
load ../helpers/terminal

setup() {
    setup_bundle
    setup_canary
    mkdir -p "$rootfs/race/a/folder" "$BATS_TEST_TMPDIR/given"
    echo inside | tee "$rootfs/race/a/secret" >"$rootfs/race/a/folder/secret"
    echo given >"$BATS_TEST_TMPDIR/given/file"
    echo inside >"$rootfs/secret"
    witness_runs chain cwd ';' mounts ';' cat secret
    name_a=$rootfs/race/a name_b=$rootfs/race/b
    place=/race # what the container calls it
    forbidden=$secret
    tally=$BATS_TEST_TMPDIR/tally
    through=() # what the runtime is run by
    begin_sums
}

begin_sums() {
    sum_starts=0 sum_hits=0 sum_bad=0 sum_failed=0
}

teardown() {
    [ -z "${racer:-}" ] || kill "$racer" 2>/dev/null || :
    teardown_bundle
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

# starts_unattacked COMMAND...: what is attacked next ends well while nobody attacks; of a start that
# fails anyhow, or finds the link anyhow, nobody could say what an attack has done to it.
starts_unattacked() {
    "$@"
    if [ "$status" != 0 ] || ! has_run; then
        fail "not attacked, it ends with $status: $output"
    fi
    ! met_link || fail "not attacked, it meets the link: $output"
    host_is_untouched
}

# judge: one start is over.
judge() {
    sum_starts=$((sum_starts + 1))
    if host_is_untouched && [[ $output != *"$forbidden"* ]] && ! shows_canary; then
        return
    fi
    echo "$output" | head -n 30
    sum_bad=$((sum_bad + 1))
    look_again
}

# Whether the container has a part of the canary among its mounts.
shows_canary() {
    awk -v canary="$canary" 'index($4, canary) == 1 { found = 1 } END { exit !found }' <<<"$output"
}

has_run() {
    [[ $output == *cwd=* ]]
}

# The link was met if anything is where it leads to inside, if the link itself was copied, or if the
# runtime would not go on, and that because of the place.
met_link() {
    [[ $output == *"$canary"* ]] || [ -e "$rootfs$canary/new" ] ||
        [[ $output == *': link mode='* ]] ||
        { ! has_run && [[ $output == *"$place"* ]]; }
}

# count_race: the start that is over was a hit, or failed for another reason, which shows nothing.
count_race() {
    if met_link; then
        sum_hits=$((sum_hits + 1))
    elif ! has_run; then
        sum_failed=$((sum_failed + 1))
        echo "failed, and not because of $place: $output" | head -n 30
    fi
}

# goes_on NUMBER STARTS: whether a race has another start.  Few can all miss: then there are more,
# until the first hit.
goes_on() {
    [ "$1" -lt "$2" ] || { [ "$sum_hits" = 0 ] && [ "$1" -lt $(($2 + 100)) ]; }
}

# What the start has made goes, without a path that is being exchanged.
forget_start() {
    rm -rf "/proc/$$/fd/9/new" "$rootfs$canary/new"
}

# step_through STARTS: exchanges before calls of the start, evenly chosen if there are more of them
# than starts; for one call, and for all that follow.
step_through() {
    local number calls=0 exchanges length each=$((($1 + 1) / 2))
    exec 9<"$name_a"
    starts_unattacked start_once "$swap" at 0 0 "$name_a" "$name_b" "$tally" -- "${through[@]}"
    read -r calls exchanges <"$tally"
    [ "$calls" -gt 20 ]
    forget_start
    for length in 0 1; do
        for ((number = 0; number < each; number++)); do
            start_once "$swap" at $((number * calls / each + 1)) "$length" \
                "$name_a" "$name_b" "$tally" -- "${through[@]}"
            judge
            read -r _ exchanges <"$tally"
            [ "$exchanges" = 0 ] || sum_hits=$((sum_hits + 1))
            forget_start
        done
    done
    exec 9<&-
}

# race STARTS: exchanges all the time.
race() {
    local number
    exec 9<"$name_a"
    starts_unattacked start_once "${through[@]}"
    forget_start
    "$swap" loop "$name_a" "$name_b" "$tally" >&2 3>&- 9<&- &
    racer=$!
    number=0
    while goes_on "$((number++))" "$1"; do
        start_once "${through[@]}"
        judge
        count_race
        forget_start
    done
    kill "$racer"
    wait "$racer"
    racer=
    exec 9<&-
    [ "$(od -An -td8 "$tally" | xargs)" -gt "$1" ]
}

# attack SITE [TARGET...]: both ways, with a link to each target.
attack() {
    local way target
    for way in step_through race; do
        begin_sums
        for target in "${@:2}"; do
            ln -sfn "$target" "$name_b"
            "$way" $((starts / 4))
        done
        sum_up "$1, $way"
    done
    nothing_left
}

sum_up() {
    count "$1" "$sum_starts" "$sum_hits" "$sum_bad"
    [ "$sum_failed" = 0 ] || echo "# $1: $sum_failed failed for another reason" >&3
    [ "$sum_hits" -gt 0 ] || fail "the attack has never hit, and shows nothing"
}

# attack_directory SITE
attack_directory() {
    aim_at "$1"
    attack "$1" "$canary" "../$up${canary#/}"
}

@test "(T05) control: who looks first and makes then is found out by both ways" {
    local number calls exchanges
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

# exec_once [COMMAND...]: the same as start_once, for a process that comes into the container.
exec_once() {
    status=0
    "$@" "$TARE" --root "$state" exec --cwd /race/a/folder "$id" \
        /witness chain cwd ';' cat secret </dev/null >"$BATS_TEST_TMPDIR/heard" 2>&1 || status=$?
    output=$(<"$BATS_TEST_TMPDIR/heard")
}

@test "(T05) the working directory of exec, in a container that exchanges it" {
    need_exec
    local number calls exchanges
    ln -sfn "$canary" "$name_b"
    cp "$swap" "$rootfs/swap"
    start_container sleep 100
    look_again
    starts_unattacked exec_once "$swap" at 0 0 "$name_a" "$name_b" "$tally" --
    read -r calls exchanges <"$tally"
    [ "$calls" -gt 20 ]
    for ((number = 0; number < starts / 2; number++)); do
        exec_once "$swap" at $((number * calls / (starts / 2) + 1)) 1 "$name_a" "$name_b" \
            "$tally" --
        judge
        read -r _ exchanges <"$tally"
        [ "$exchanges" = 0 ] || sum_hits=$((sum_hits + 1))
    done
    sum_up 'cwd of exec, step_through'
    tare delete --force "$id"
    begin_sums
    config '.process.args = ["/swap", "loop", "/race/a", "/race/b", "/race/tally"]'
    start_container
    wait_until 10 [ -s "$rootfs/race/tally" ]
    number=0
    while goes_on "$((number++))" $((starts / 2)); do
        exec_once
        judge
        count_race
    done
    tare delete --force "$id"
    sum_up 'cwd of exec, race'
    nothing_left
}
