# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# What races share, besides tare.bash and attack.bash: somebody exchanges a name of the image with a
# link to the host while the runtime is on its way there.  Two ways: between two of its calls that
# take a path, one pair of calls after the other, where every start is a hit; and all the time,
# which is what an attacker can do.

# setup_race: two names, of which the second will be the link; what the container does shows where
# it has got to.
setup_race() {
    setup_bundle
    setup_canary
    mkdir -p "$rootfs/race/a/folder" "$BATS_TEST_TMPDIR/given"
    echo inside | tee "$rootfs/race/a/secret" >"$rootfs/race/a/folder/secret"
    echo given >"$BATS_TEST_TMPDIR/given/file"
    echo inside >"$rootfs/secret"
    witness_runs chain cwd ';' mounts ';' cat secret
    name_a=$rootfs/race/a name_b=$rootfs/race/b
    place=/race # what the container calls it
    made=(new)  # what a start makes there
    decoy=decoy # by which the output tells that the link was met, or nothing
    forbidden=$secret
    tally=$BATS_TEST_TMPDIR/tally
    through=() # what the runtime is run by
    begin_sums
}

teardown() {
    [ -z "${racer:-}" ] || kill "$racer" 2>/dev/null || :
    teardown_bundle
}

begin_sums() {
    sum_starts=0 sum_hits=0 sum_bad=0 sum_failed=0
}

# starts_unattacked COMMAND...: what is attacked next ends well while nobody attacks; of a start
# that fails anyhow, or finds the link anyhow, nobody could say what an attack has done to it.
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

# Whether the container has a part of the canary among its mounts, lines of proc(5) mountinfo.
shows_canary() {
    [[ $'\n'$output =~ $'\n'[0-9]+' '[0-9]+' '[0-9]+:[0-9]+' '"$canary" ]]
}

has_run() {
    [[ $output == *cwd=* ]]
}

# The link was met if anything is where it leads to inside, if the decoy there or the link itself
# was taken, or if the runtime would not go on, and that because of the place.
met_link() {
    local name
    for name in "${made[@]}"; do
        [ ! -e "$rootfs$canary/$name" ] || return 0
    done
    [[ $output == *"$canary"* ]] || { [ -n "$decoy" ] && [[ $output == *"$decoy"* ]]; } ||
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
    local place name there=()
    for place in "$rootfs$canary" "/proc/$$/fd/9"; do
        for name in "${made[@]}"; do
            if [ -e "$place/$name" ] || [ -L "$place/$name" ]; then
                there+=("$place/$name")
            fi
        done
    done
    [ "${#there[@]}" = 0 ] || rm -rf "${there[@]}"
}

# count_calls: sets $calls, which take a path in a start that nobody attacks.
count_calls() {
    starts_unattacked start_once "$swap" at 0 0 "$name_a" "$name_b" "$tally" -- "${through[@]}"
    read -r calls _ <"$tally"
    [ "$calls" -gt 20 ] || fail "it has made $calls calls"
}

# step_at NUMBER LENGTH: a start with an exchange before its call NUMBER, for LENGTH calls.
step_at() {
    start_once "$swap" at "$1" "$2" "$name_a" "$name_b" "$tally" -- "${through[@]}"
    judge
}

# step_through [STARTS]: exchanges before each call of the start, or before some, evenly chosen if
# there are more of them than starts; for one call, and for all that follow.
step_through() {
    local number calls exchanges length each
    exec 9<"$name_a"
    count_calls
    forget_start
    each=$(((${1:-2 * calls} + 1) / 2))
    for length in 0 1; do
        for ((number = 0; number < each; number++)); do
            step_at $((number * calls / each + 1)) "$length"
            read -r _ exchanges <"$tally"
            [ "$exchanges" = 0 ] || sum_hits=$((sum_hits + 1))
            forget_start
        done
    done
    exec 9<&-
}

# step_through_each COMMAND...: exchanges for one call, before each of them; it is also bad if
# COMMAND succeeds after a start.
step_through_each() {
    local number calls
    exec 9<"$name_a"
    count_calls
    ! "$@" || fail "not attacked, it comes to this: $output"
    for ((number = 1; number <= calls; number++)); do
        step_at "$number" 1
        if "$@"; then
            echo "call $number: $output"
            sum_bad=$((sum_bad + 1))
        fi
        count_race
        forget_start
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
    [ "$(od -An -td8 "$tally" | xargs)" -gt "$1" ] || fail "the names were not exchanged"
}

# attack SITE [TARGET...]: both ways, with a link to each target.
attack() {
    local way target
    for way in step_through race; do
        begin_sums
        for target in "${@:2}"; do
            ln -sfn "$target" "$name_b"
            quickly "$way" $((starts / 4))
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

# exec_once [COMMAND...]: the same as start_once, for a process that comes into the container, by
# the words of $entering.
exec_once() {
    status=0
    "$@" "$TARE" --root "$state" exec "${entering[@]}" </dev/null \
        >"$BATS_TEST_TMPDIR/heard" 2>&1 || status=$?
    read_all output "$BATS_TEST_TMPDIR/heard"
}

# step_through_exec STARTS: as step_through; the container only waits.
step_through_exec() {
    local number calls exchanges
    start_container sleep 1000
    look_again
    starts_unattacked exec_once "$swap" at 0 0 "$name_a" "$name_b" "$tally" --
    read -r calls exchanges <"$tally"
    [ "$calls" -gt 20 ] || fail "it has made $calls calls"
    for ((number = 0; number < $1; number++)); do
        exec_once "$swap" at $((number * calls / $1 + 1)) 1 "$name_a" "$name_b" "$tally" --
        judge
        read -r _ exchanges <"$tally"
        [ "$exchanges" = 0 ] || sum_hits=$((sum_hits + 1))
    done
    tare delete --force "$id"
}

# race_exec STARTS: as race; it is the container that exchanges the names.
race_exec() {
    local number=0
    config --arg a "${name_a#"$rootfs"}" --arg b "${name_b#"$rootfs"}" '
        .process.args = ["/swap", "loop", $a, $b, "/race/tally"]'
    start_container
    wait_until 10 [ -s "$rootfs/race/tally" ]
    while goes_on "$((number++))" "$1"; do
        exec_once
        judge
        count_race
    done
    tare delete --force "$id"
}

# attack_exec SITE [TARGET]: both ways, with a link to the target, the canary by default.
attack_exec() {
    local way
    need_exec
    ln -sfn "${2:-$canary}" "$name_b"
    cp "$swap" "$rootfs/swap"
    for way in step_through_exec race_exec; do
        begin_sums
        quickly "$way" $((starts / 2))
        sum_up "$1, ${way%_exec}"
    done
    nothing_left
}
