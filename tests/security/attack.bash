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
# of all else), and the mounts of the host.
look() {
    find "$canary" -printf '%p %y %m %U %G %s %T@ %C@ %l\n'
    echo "$(</proc/self/mountinfo)"
}

# look_again: what is there now is what has to stay.
look_again() {
    look_before=$(look)
}

host_is_untouched() {
    local after
    after=$(look)
    [ "$after" = "$look_before" ] || {
        diff <(echo "$look_before") <(echo "$after") >&2 || :
        return 1
    }
}

# The runtime ------------------------------------------------------------------------------------

# start_once [COMMAND...]: runs the container, behind COMMAND; sets $status and $output.
start_once() {
    local heard=$BATS_TEST_TMPDIR/heard
    status=0
    "$@" "$TARE" --root "$state" run --bundle "$bundle" "$id" </dev/null >"$heard" 2>&1 ||
        status=$?
    output=$(tr -d '\0' <"$heard")
    if is_other_runtime && [ "$status" != 0 ]; then
        tare delete --force "$id" >/dev/null 2>&1 || :
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
    echo "# $1: starts $2, hits $3, bad $4" >&3
    [ -z "${TARE_ATTACK_SUMS:-}" ] || echo "$2 $3 $4" >>"$TARE_ATTACK_SUMS"
    [ "$4" = 0 ]
}
