# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# The commands that are struck, whoever makes the cgroup.  To be loaded behind fault.bash, which
# says what the functions are for.

# run ----------------------------------------------------------------------------------------------

before_run() {
    :
}

ask_run() {
    words=(--log-level warn run --bundle "$bundle" "$id")
}

worked_run() {
    observed_all
}

# The container has run to its end, but could not be deleted.
may_leave_run() {
    "$is_killed" || grep -q '^# end' "$heard.out"
}

# create and start ---------------------------------------------------------------------------------

# What init does behind create may fail as well.
before_create() {
    :
}

ask_create() {
    words=(create --bundle "$bundle" "$id" -- "$TARE" --root "$state" start "$id")
}

worked_create() {
    wait_until 5 is_there stopped
    observed_all
    tare delete "$id"
}

may_leave_create() {
    "$is_killed" || grep -q '^tare: start' "$heard.err"
}

# exec ---------------------------------------------------------------------------------------------

before_exec() {
    run_on
}

ask_exec() {
    words=(exec "$id" "${observing[@]}")
}

worked_exec() {
    observed
}

may_leave_exec() {
    false
}

# update -------------------------------------------------------------------------------------------

# What an update that was killed has left half-way, one that works makes whole.
before_update() {
    run_on
    ! "${is_killed:-false}" || {
        ask_update
        tare "${words[@]}"
    }
    limits_before=$(limits)
}

# Where that container is.
own_cgroup() {
    echo "$TARE_TEST_CGROUP/libpod_parent/libpod-$id"
}

# What is limited, a word each.
limits() {
    local name cgroup
    cgroup=$(own_cgroup)
    for name in cgroup.max.depth cgroup.max.descendants pids.max cpu.weight; do
        [ ! -e "$cgroup/$name" ] || echo "$name=$(<"$cgroup/$name")"
    done
    echo "tun=$(tare exec "$id" /witness open /tun r)"
}

# Each time others, between two.
ask_update() {
    local controllers='{}'
    ! grep -qw 'cpu.*pids' "$TARE_TEST_CGROUP/cgroup.subtree_control" ||
        controllers='{ pids: { limit: $limit }, cpu: { shares: $limit } }'
    limit=$((${limit:-1000} == 1000 ? 2000 : 1000))
    jq -n --argjson limit "$limit" "$controllers"' + {
        devices: [{ allow: false }, { allow: ($limit == 2000), type: "c", major: 10, minor: 200 }],
        unified: ({ "cgroup.max.depth": $limit, "cgroup.max.descendants": $limit } |
            map_values(tostring)) }' >"$heard.limits"
    words=(update --resources "$heard.limits" "$id")
}

worked_update() {
    local word words
    words=$(limits)
    for word in $words; do
        case $word in
        cpu.weight=*) [[ $limits_before != *"$word"* ]] ;;
        tun=EPERM) [ "$limit" = 1000 ] ;;
        tun=*) [ "$limit" = 2000 ] ;;
        *) assert_equal "${word#*=}" "$limit" ;;
        esac
    done
}

# All is taken back.
failed_update() {
    assert_equal "$(limits)" "$limits_before"
}

may_leave_update() {
    false
}

# delete and gc ------------------------------------------------------------------------------------

before_delete() {
    run_on
}

ask_delete() {
    words=(delete --force "$id")
}

worked_delete() {
    ! tare state "$id"
}

may_leave_delete() {
    true
}

# A create that was killed has not said to others that it has ended.
before_gc() {
    is_there creating || {
        tare create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
        mv "$state/$id/start" "$state/$id/start.new"
    }
}

ask_gc() {
    words=(gc)
}

worked_gc() {
    assert_equal "$(<"$heard.out")" "$id"
    ! tare state "$id"
}

may_leave_gc() {
    true
}
