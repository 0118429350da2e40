#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    witness_runs cat /proc/self/cgroup
}

cgroups_path() {
    config --arg path "$1" '.linux.cgroupsPath = $path'
}

@test "[CG3] without cgroupsPath it is /tare/ID" {
    run_container
    assert_success
    assert_line "0::/tare/$id"
    nothing_left
}

@test "[CG2] [CG6] an absolute path counts from the mount point, and is made" {
    cgroups_path "/deep/er/$id"
    run_container
    assert_success
    assert_line "0::/deep/er/$id"
    nothing_left
}

@test "[OP17] of the path to a cgroup, what was there before stays" {
    mkdir "$TARE_TEST_CGROUP/mine-$id"
    cgroups_path "/mine-$id/deep/$id"
    run_container
    assert_success
    assert_equal "$(find "$TARE_TEST_CGROUP/mine-$id" -type d)" "$TARE_TEST_CGROUP/mine-$id"
    rmdir "$TARE_TEST_CGROUP/mine-$id"
    nothing_left
}

@test "[CG3] a relative path counts from the root of the mount" {
    cgroups_path "relative-$id"
    run_container
    assert_success
    assert_line "0::/relative-$id"
    nothing_left
}

@test "[CG4] the same value leads to the same place" {
    cgroups_path "/same-$id"
    run_container
    assert_line "0::/same-$id"
    cd /
    run_container
    assert_line "0::/same-$id"
}

@test "[CG7] a cgroup that holds a process is refused, and stays as it is" {
    local cgroup=$TARE_TEST_CGROUP/busy-$id holder
    mkdir "$cgroup"
    sleep 100 3>&- &
    holder=$!
    echo "$holder" >"$cgroup/cgroup.procs"
    cgroups_path "/busy-$id"
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has "busy-$id"
    assert_equal "$(cat "$cgroup/cgroup.procs")" "$holder"
    kill "$holder"
    wait_until 5 rmdir "$cgroup"
    nothing_left
}

@test "[CG7] a frozen cgroup is refused, and stays frozen" {
    local cgroup=$TARE_TEST_CGROUP/frozen-$id
    mkdir "$cgroup"
    echo 1 >"$cgroup/cgroup.freeze"
    cgroups_path "/frozen-$id"
    run_container
    assert_failure 1
    assert_stderr_has frozen
    assert_equal "$(cat "$cgroup/cgroup.freeze")" 1
    rmdir "$cgroup"
    nothing_left
}

@test "[OP17] a cgroup that was there before, empty, is used, and is there afterwards" {
    local cgroup=$TARE_TEST_CGROUP/mine-$id
    mkdir "$cgroup"
    cgroups_path "/mine-$id"
    run_container
    assert_success
    assert_line "0::/mine-$id"
    [ -d "$cgroup" ]
    rmdir "$cgroup"
}

@test "[OP17] delete empties a cgroup that was there before, and it can be used again" {
    local cgroup=$TARE_TEST_CGROUP/mine-$id round process
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    mkdir "$cgroup"
    cgroups_path "/mine-$id"
    for round in 1 2; do
        start_container chain spawn sleep 100 ';' exit "$round"
        wait_until 5 has_status "$id" stopped
        mkdir "$cgroup/below"
        read -r process <"$cgroup/cgroup.procs"
        echo "$process" >"$cgroup/below/cgroup.procs"
        tare delete "$id"
        [ ! -d "$cgroup/below" ]
        assert_equal "$(cat "$cgroup/cgroup.events")" $'populated 0\nfrozen 0'
    done
    rmdir "$cgroup"
    nothing_left
}

@test "[OP17] a cgroup that was there before has no device rules afterwards" {
    local cgroup=$TARE_TEST_CGROUP/mine-$id
    mkdir "$cgroup"
    cgroups_path "/mine-$id"
    run_container
    assert_success
    (echo "$BASHPID" >"$cgroup/cgroup.procs" && mknod "$BATS_TEST_TMPDIR/loop" b 7 0)
    wait_until 5 rmdir "$cgroup"
}

@test "[ER2] a start that fails keeps a cgroup that was there before" {
    local cgroup=$TARE_TEST_CGROUP/mine-$id
    mkdir "$cgroup"
    cgroups_path "/mine-$id"
    config '.process.args = ["/missing"]'
    expected_status=127 run_container
    assert_failure 127
    [ -d "$cgroup" ]
    rmdir "$cgroup"
}

@test "[OP17] delete of a stopped container leaves alone another one in the same cgroup" {
    cgroups_path "/shared-$id"
    start_container exit 0
    wait_until 5 has_status "$id" stopped
    witness_runs sleep 100
    tare run --detach --bundle "$bundle" "other-$id" </dev/null >/dev/null 2>&1
    run_tare delete "$id"
    has_status "other-$id" running
    tare delete --force "other-$id"
    [ "$status" = 0 ] || tare delete "$id"
    nothing_left
}

@test "[OP17] a parent that others use stays" {
    cgroups_path "/deep/$id"
    create_container
    mkdir "$TARE_TEST_CGROUP/deep/other"
    tare delete --force "$id"
    [ ! -d "$TARE_TEST_CGROUP/deep/$id" ]
    rmdir "$TARE_TEST_CGROUP/deep/other" "$TARE_TEST_CGROUP/deep"
    nothing_left
}

has_two() {
    [ "$(wc -l <"$TARE_TEST_CGROUP/before-$id/cgroup.procs")" = 2 ]
}

@test "whoever hides deep in a cgroup that was there before is found, and killed" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    cgroups_path "/before-$id"
    local at=$TARE_TEST_CGROUP/before-$id
    mkdir "$at"
    start_container chain spawn sleep 100 ';' sleep 100
    wait_until 5 has_two
    at+=$(printf '/d%.0s' {1..150})
    mkdir -p "$at"
    grep -vx "$(tare state "$id" | jq .pid)" "$TARE_TEST_CGROUP/before-$id/cgroup.procs" \
        >"$at/cgroup.procs"
    run_tare ps --format json "$id"
    assert_success
    assert_equal "$(jq length <<<"$output")" 2
    run_tare delete --force "$id"
    assert_success
    assert_equal "$(cat "$TARE_TEST_CGROUP/before-$id/cgroup.events")" $'populated 0\nfrozen 0'
    rmdir "$TARE_TEST_CGROUP/before-$id"
    nothing_left
}

@test "two containers share the parent, and the last one removes it" {
    create_container
    tare create --bundle "$bundle" "other-$id" </dev/null >/dev/null 2>&1
    tare delete --force "$id"
    [ -d "$TARE_TEST_CGROUP/tare/other-$id" ]
    tare delete --force "other-$id"
    [ ! -e "$TARE_TEST_CGROUP/tare" ]
    nothing_left
}

@test "the ids of containers and their cgroups are told apart by more than a prefix" {
    local short=x$id long=x${id}0
    tare create --bundle "$bundle" "$short" </dev/null >/dev/null 2>&1
    tare create --bundle "$bundle" "$long" </dev/null >/dev/null 2>&1
    tare kill --all "$short" KILL
    wait_until 5 has_status "$short" stopped
    has_status "$long" created
}

@test "tare itself stays in the cgroup of its caller" {
    create_container
    assert_equal "$(grep '^0::' /proc/self/cgroup)" 0::/tests
    tare start "$id"
    assert_equal "$(grep '^0::' /proc/self/cgroup)" 0::/tests
}

@test "the controllers of the parents are handed on as they were" {
    local before
    before=$(cat "$TARE_TEST_CGROUP/cgroup.subtree_control")
    run_container
    assert_success
    assert_equal "$(cat "$TARE_TEST_CGROUP/cgroup.subtree_control")" "$before"
}

# Linux then kills what is born into another cgroup; see src/launch/launch.c.
@test "a start works from a cgroup on which cgroup.kill was used" {
    needs_cgroup_file cgroup.kill
    local spoilt=$TARE_TEST_CGROUP/spoilt-$$
    mkdir "$spoilt"
    echo 1 >"$spoilt/cgroup.kill"
    witness_runs cat /proc/self/cgroup
    run --separate-stderr bash -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' bash "$spoilt" \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line "0::/tare/$id"
    rmdir "$spoilt"
    nothing_left
}

@test "a start works in a cgroup on which cgroup.kill was used" {
    needs_cgroup_file cgroup.kill
    local cgroup=$TARE_TEST_CGROUP/killed-$$
    mkdir "$cgroup"
    echo 1 >"$cgroup/cgroup.kill"
    cgroups_path "/killed-$$"
    run_container cat /proc/self/cgroup
    assert_success
    assert_line "0::/killed-$$"
    rmdir "$cgroup"
    nothing_left
}

# owned PATH [UID]: the files of the cgroup that belong to the user, 1000.
owned() {
    (cd "$TARE_TEST_CGROUP/$1" && find . -maxdepth 1 -uid "${2:-1000}" | sort | xargs)
}

# listed: what belongs to whom a cgroup is delegated, as far as it is there.
listed() {
    local name names
    names=$(cat /sys/kernel/cgroup/delegate 2>/dev/null) ||
        names='cgroup.procs cgroup.subtree_control cgroup.threads'
    {
        echo .
        for name in $names; do
            [ ! -e "$TARE_TEST_CGROUP/$1/$name" ] || echo "./$name"
        done
    } | sort | xargs
}

# delegated JQ: a user, a cgroup namespace and a mount on /sys/fs/cgroup, then an edit.
delegated() {
    config '.process.user = { uid: 1000, gid: 1000 }
        | .linux.namespaces += [{ type: "cgroup" }]
        | .mounts += [
            { destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] },
            { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: [] }]'
    config "$1"
    create_container
}

@test "[CG8] [CG10] [CG11] a cgroup that the user can write to becomes the user's" {
    delegated .
    assert_equal "$(owned "tare/$id")" "$(listed "tare/$id")"
    tare delete --force "$id"
    nothing_left
}

@test "[CG8] and can be used by the user, from inside" {
    config '.process.user = { uid: 1000, gid: 1000 }
        | .linux.namespaces += [{ type: "cgroup" }]
        | .mounts += [
            { destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] },
            { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: [] }]'
    run_container chain mkdir /sys/fs/cgroup/mine ';' write /sys/fs/cgroup/mine/cgroup.procs 1 \
        ';' write /sys/fs/cgroup/cgroup.max.depth 1
    assert_success
    assert_line --index 0 ok
    assert_line --index 1 ok
    assert_line --index 2 EACCES
    nothing_left
}

@test "[CG9] nothing is given away that cannot be written, or not in a view of its own" {
    delegated '.mounts[-1].options = ["ro"]'
    assert_equal "$(owned "tare/$id")" ''
    tare delete --force "$id"
    delegated '.linux.namespaces |= map(select(.type != "cgroup"))'
    assert_equal "$(owned "tare/$id")" ''
    tare delete --force "$id"
    nothing_left
}

@test "[CG8] [OP17] a cgroup that was there goes back to its owner" {
    local cgroup=$TARE_TEST_CGROUP/owned-$id
    mkdir "$cgroup"
    chown 77 "$cgroup/cgroup.procs" "$cgroup/cgroup.freeze"
    chown 88 "$cgroup/cgroup.threads"
    cgroups_path "/owned-$id"
    delegated .
    assert_equal "$(owned "owned-$id")" "$(listed "owned-$id")"
    assert_equal "$(owned "owned-$id" 77)" './cgroup.freeze'
    tare delete --force "$id"
    assert_equal "$(owned "owned-$id")" ''
    assert_equal "$(owned "owned-$id" 77)" './cgroup.freeze ./cgroup.procs'
    assert_equal "$(owned "owned-$id" 88)" './cgroup.threads'
    rmdir "$cgroup"
    nothing_left
}

@test "[CG8] in a user namespace it becomes that of the user as the host knows him" {
    local user
    [ -e /proc/self/ns/user ] || skip "the kernel has no user namespaces"
    chmod 755 "$BATS_TEST_TMPDIR" "$bundle"
    for user in 0 7; do
        delegated ".process.user = { uid: $user, gid: 0 } | .linux.namespaces += [{ type: \"user\" }]
            | .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
            | .linux.gidMappings = .linux.uidMappings
            | .linux.namespaces |= unique_by(.type) | .mounts |= unique_by(.destination)"
        assert_equal "$(owned "tare/$id" $((100000 + user)))" "$(listed "tare/$id")"
        tare delete --force "$id"
        nothing_left
    done
}
