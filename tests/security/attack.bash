# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# What attacks share, besides tare.bash:
#
#     load ../helpers/tare
#     load attack
#
# They know the runtime by its path alone ($TARE), and judge by what they see, not by what it says.
# A canary is a folder of the host with a secret, to which all that the attacker writes leads.

swap=$build/tests/helpers/swap
spy=$build/tests/helpers/spy

# How often a container is started for each raced place.
starts=${TARE_ATTACK_STARTS:-24}

# The canary -------------------------------------------------------------------------------------

# Makes $canary, and where the container has the same path, a decoy of it.
setup_canary() {
    canary=$BATS_TEST_TMPDIR/canary
    secret=4a1f6d23
    up=$(printf '../%.0s' {1..40})
    mkdir -p "$canary/folder" "$rootfs$canary/folder"
    echo "$secret" | tee "$canary/secret" >"$canary/folder/secret"
    echo decoy | tee "$rootfs$canary/secret" >"$rootfs$canary/folder/secret"
    look_again
}

# Everything about the canary (names, kinds, modes, owners, sizes, targets, times of the content and
# of all else), and the mounts of the host, in $looked.
look() {
    local mounts
    find "$canary" -printf '%p %y %m %U %G %s %T@ %C@ %l\n' >"$BATS_TEST_TMPDIR/looked"
    read_all looked "$BATS_TEST_TMPDIR/looked"
    read_all mounts /proc/self/mountinfo
    looked+=$'\n'$mounts
}

# look_again: what is there now is what has to stay.
look_again() {
    look
    look_before=$looked
}

host_is_untouched() {
    look
    [ "$looked" = "$look_before" ] || {
        diff <(echo "$look_before") <(echo "$looked") >&2 || :
        return 1
    }
}

# What is done at each start ---------------------------------------------------------------------
#
# A fork of bats costs as much as the start of a container, and so does the trap by which it knows
# the line of each command: races do without them where they can.

# quickly FUNCTION...: without that trap in what the function calls.  The time is for count.
quickly() {
    local began=${EPOCHREALTIME/[^0-9]/}
    set +o functrace
    "$@"
    set -o functrace
    spent=$((${spent:-0} + ${EPOCHREALTIME/[^0-9]/} - began))
}

# read_all VARIABLE FILE: as $(<FILE) would, but without a fork; bytes of 0 are left out.
read_all() {
    local read_part read_text=
    while IFS= read -r -d '' read_part; do
        read_text+=$read_part
    done <"$2"
    read_text+=$read_part
    while [[ $read_text == *$'\n' ]]; do
        read_text=${read_text%$'\n'}
    done
    printf -v "$1" %s "$read_text"
}

# The runtime ------------------------------------------------------------------------------------

# start_once [COMMAND...]: runs the container, behind COMMAND; sets $status and $output.
start_once() {
    local heard=$BATS_TEST_TMPDIR/heard
    status=0
    "$@" "$TARE" --root "$state" run --bundle "$bundle" "$id" </dev/null >"$heard" 2>&1 ||
        status=$?
    read_all output "$heard"
    if is_other_runtime && [ "$status" != 0 ]; then
        tare delete --force "$id" >/dev/null 2>&1 || :
    fi
}

# says_ran WORD...: the runtime is called so, and its process says that it ran, and nothing else, to
# a pipe: a file would be one of the host's that it has open.
says_ran() {
    local result=0 said=
    if [ ! -p "$BATS_TEST_TMPDIR/said" ]; then
        mkfifo "$BATS_TEST_TMPDIR/said"
        exec 8<>"$BATS_TEST_TMPDIR/said"
    fi
    "$TARE" --root "$state" "$@" </dev/null >&8 2>&1 3>&- 8>&- || result=$?
    read -r -t 1 said <&8 || :
    if [ "$result" != 0 ] || [ "$said" != ran ] || read -r -t 0 <&8; then
        fail "$1: status $result: $said"
    fi
}

# assert_refused: it ended as an error does; which status that has is tare's own.
assert_refused() {
    if is_other_runtime; then
        assert_failure
    else
        assert_failure 1
    fi
}

# need_exec: skips where the runtime has no `exec`.
need_exec() {
    "$TARE" exec --help >/dev/null 2>&1 || skip "the runtime has no exec"
}

# Sums -------------------------------------------------------------------------------------------

# count NAME STARTS HITS BAD: what came of a race, for who runs the test and for attack.
count() {
    echo "# $1: starts $2, hits $3, bad $4, each $((${spent:-0} / 1000 / $2)) ms" >&3
    spent=0
    [ -z "${TARE_ATTACK_SUMS:-}" ] || echo "$2 $3 $4" >>"$TARE_ATTACK_SUMS"
    [ "$4" = 0 ]
}
