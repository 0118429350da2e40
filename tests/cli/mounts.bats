#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

# mounts add, mounts remove: what is mounted in a container that is there changes.

load ../helpers/tare
load ../helpers/rootless

setup() {
    setup_bundle
    given=$BATS_TEST_TMPDIR/given
    list=$BATS_TEST_TMPDIR/list.json
    mkdir -p "$given/below" "$rootfs/is-directory"
    echo given >"$given/file"
    echo image >"$rootfs/is-file"
}

teardown() {
    teardown_bundle
    leave_cgroup
    ! mountpoint -q "$given" || umount -R "$given"
}

# lists JSON: what is to be mounted, written as jq has it; $given is the directory of the host.
lists() {
    jq -n --arg given "$given" "$1" >"$list"
}

# in_container WORD...: what the witness says in there.
in_container() {
    run_tare exec "$id" /witness "$@"
}

# mounted: the destinations of all mounts of the container, sorted.
mounted() {
    awk '{ print $5 }' "/proc/$(tare state "$id" | jq .pid)/mountinfo" | sort
}

gone() {
    tare delete --force "$id"
    nothing_left
}

@test "mounts of all kinds come into a container that runs, and leave it" {
    start_container sleep 100
    local before after
    before=$(mounted)
    lists '[
        { destination: "/new/bind", source: $given, options: ["rbind", "ro", "nosuid"] },
        { destination: "/new/file", source: ($given + "/file"), options: ["bind"] },
        { destination: "/new/tmpfs", type: "tmpfs", source: "tmpfs", options: ["size=64k"] },
        { destination: "/new/proc", type: "proc", source: "proc" },
        { destination: "/is-directory/", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"] }]'
    run_tare mounts add "$id" "$list"
    assert_success
    assert_output ''
    assert_stderr ''
    in_container chain cat /new/bind/file ';' open /new/bind/file w ';' cat /new/file ';' \
        cat /new/proc/1/comm ';' statfs /new/tmpfs
    assert_line --index 0 given
    assert_line --index 1 EROFS
    assert_line --index 2 given
    assert_line --index 3 witness
    after=$(mounted)
    assert_equal "$(comm -13 <(echo "$before") <(echo "$after"))" '/is-directory
/new/bind
/new/file
/new/proc
/new/tmpfs'
    run_tare mounts remove "$id" "$list"
    assert_success
    assert_output ''
    assert_equal "$(mounted)" "$before"
    in_container cat /new/file
    assert_output ''
    gone
}

@test "the list may be a member of an object, and mounts come into a container that waits" {
    create_container chain cat /new/file ';' exit 7
    lists '{ mounts: [{ destination: "/new", source: $given, options: ["bind"] }] }'
    tare mounts add "$id" "$list"
    tare start "$id"
    wait_until 20 has_status "$id" stopped
    assert_equal "$(cat "$BATS_TEST_TMPDIR/output")" given
    tare delete "$id"
    nothing_left
}

@test "when one cannot be mounted those before it are taken away again" {
    start_container sleep 100
    local before
    before=$(mounted)
    lists '[
        { destination: "/new/bind", source: $given, options: ["bind"] },
        { destination: "/new/file", source: ($given + "/file"), options: ["bind"] },
        { destination: "/new/bind/below", type: "tmpfs" },
        { destination: "/is-file", source: $given, options: ["bind"] }]'
    run_tare mounts add "$id" "$list"
    assert_failure 1
    assert_stderr_has "add '$id': $list:"
    assert_stderr_has 'mounts[3].destination: a directory cannot be mounted on a file'
    assert_equal "$(mounted)" "$before"

    lists '[{ destination: "/new/x", type: "tmpfs" },
        { destination: "/new/y", type: "tmpfs", options: ["nonsense=1"] }]'
    run_tare mounts add "$id" "$list"
    assert_failure 1
    assert_stderr_has 'mounts[1]'
    assert_equal "$(mounted)" "$before"
    gone
}

@test "a signal finds all or nothing mounted" {
    start_container sleep 100
    local before new adder
    before=$(mounted)
    (cd "$rootfs/is-directory" && seq 8000 | xargs touch) # takes a while to copy
    lists '[
        { destination: "/new/first", type: "tmpfs", source: "tmpfs" },
        { destination: "/is-directory", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"] }]'
    "$TARE" --root "$state" mounts add "$id" "$list" 3>&- &
    adder=$!
    while ! mounted | grep -qx /new/first; do :; done
    kill -TERM "$adder" || : # it may have been faster
    wait "$adder" || :
    new=$(comm -13 <(echo "$before") <(mounted) | wc -l)
    [ "$new" = 0 ] || [ "$new" = 2 ]
    gone
}

@test "nothing is removed unless all can be" {
    config '.linux.maskedPaths = ["/proc/keys", "/proc/nothing"] |
        .linux.readonlyPaths = ["/proc/sys"]'
    start_container sleep 100
    lists '[{ destination: "/new", source: $given, options: ["bind"] }]'
    tare mounts add "$id" "$list"
    local before
    before=$(mounted)
    refuses_removal() {
        lists "[{ destination: \"/new\" }, { destination: \"$1\" }]"
        run_tare mounts remove "$id" "$list"
        assert_failure 1
        assert_stderr_has "$2"
        assert_equal "$(mounted)" "$before"
    }
    refuses_removal /is-directory \
        'mounts[1].destination: /is-directory is not where something is mounted'
    refuses_removal /nowhere 'mounts[1]'
    refuses_removal / 'mounts[1].destination: the root itself cannot be removed'
    refuses_removal /new/.. 'mounts[1].destination: /new/.. is the root itself'
    refuses_removal /new 'mounts[1].destination: /new stands there twice'
    refuses_removal /proc/keys 'mounts[1].destination: /proc/keys cannot be removed'
    refuses_removal /proc/sys 'mounts[1].destination: /proc/sys cannot be removed'
    refuses_removal /proc 'mounts[1].destination: /proc cannot be removed'
    assert_stderr_has "the container's config masks or protects /proc/keys by it"
    ln -s proc/keys "$rootfs/alias"
    refuses_removal /alias 'mounts[1].destination: /alias is reached by a symbolic link'
    gone
}

@test "a masked path that is not there keeps no mount, unless it may have been moved with it" {
    mkdir -p "$rootfs/far/way/hidden" "$rootfs/volume"
    config --arg given "$given" '.linux.maskedPaths = ["/nowhere", "/nowhere//else/at/all",
            "/far/way/hidden", "/volume/below"] |
        .mounts += [{ destination: "/volume", source: $given, options: ["rbind"] }]'
    start_container sleep 100
    lists '[{ destination: "/new", type: "tmpfs" }]'
    tare mounts add "$id" "$list"
    tare mounts remove "$id" "$list"
    local before
    before=$(mounted)
    refuses_uncovering() {
        lists "[{ destination: \"$1\" }]"
        run_tare mounts remove "$id" "$list"
        assert_failure 1
        assert_stderr_has "mounts[0].destination: $1 cannot be removed"
        assert_stderr_has "$2"
    }
    mv "$rootfs/far/way" "$rootfs/far/other"
    refuses_uncovering /far/other/hidden 'it is what hides a masked path'
    mkdir -p "$rootfs/far/way/hidden"
    refuses_uncovering /far/other/hidden 'it is what hides a masked path'
    refuses_uncovering /volume '/volume/below'
    mv "$given/below" "$given/moved"
    refuses_uncovering /volume '/volume/below'
    assert_equal "$(mounted | wc -l)" "$(wc -l <<<"$before")"
    gone
}

@test "what is masked or protected is not mounted over" {
    config '.linux.maskedPaths = ["/proc/keys", "/nowhere/at/all"] |
        .linux.readonlyPaths = ["/proc/sys", "/is-file"]'
    start_container sleep 100
    ln -s proc "$rootfs/alias"
    local before
    before=$(mounted)
    refuses_cover() {
        jq -n --argjson mount "$2" '[{ destination: "/new", type: "tmpfs" }, $mount]' >"$list"
        run_tare mounts add "$id" "$list"
        assert_failure 1
        assert_stderr_has "mounts[1].destination: $1 cannot be mounted on"
        assert_stderr_has "the container's config masks or protects $3, and would not any more"
        assert_equal "$(mounted)" "$before"
    }
    refuses_cover /proc '{ "destination": "/proc", "type": "proc" }' /proc/keys
    refuses_cover /alias '{ "destination": "/alias", "type": "tmpfs" }' /proc/keys
    refuses_cover /alias/../proc '{ "destination": "/alias/../proc", "type": "tmpfs" }' /proc/keys
    refuses_cover /proc/sys '{ "destination": "/proc/sys", "type": "tmpfs" }' /proc/sys
    refuses_cover /nowhere '{ "destination": "/nowhere", "type": "tmpfs" }' /nowhere/at/all
    refuses_cover /is-file "{ \"destination\": \"/is-file\", \"source\": \"$given/file\",
        \"options\": [\"bind\"] }" /is-file
    [ ! -e "$rootfs/nowhere" ]
    lists '[{ destination: "/new/proc", type: "proc" },
        { destination: "/nowhereelse", type: "tmpfs" }]'
    tare mounts add "$id" "$list"
    gone
}

@test "a wrong list is refused before anything is mounted" {
    start_container sleep 100
    local before
    before=$(mounted)
    refuses_list() {
        printf '%s\n' "$1" >"$list"
        run_tare mounts "${3:-add}" "$id" "$list"
        assert_failure 1
        assert_stderr_has "$2"
        assert_equal "$(mounted)" "$before"
        [ ! -e "$rootfs/new" ]
    }
    refuses_list '[{ "destination": 7 }]' "$list:1:19: mounts[0].destination"
    refuses_list ' [
 { "destinatio": "/new" }]' "$list:2:2: mounts[0]"
    refuses_list '{}' "mounts"
    refuses_list '7' "$list:1:1"
    refuses_list '[{ "destination": "/new" }]' \
        'mounts[0].type: a mount that is no bind needs a type'
    refuses_list '[{ "destination": "/new", "type": "bind", "options": ["bind"] }]' \
        "$list:1:2: mounts[0].source: a bind mount needs a source"
    refuses_list '[{ "destination": "/new", "source": "nowhere", "options": ["bind"] }]' \
        "mounts[0] on /new: "
    refuses_list '[{ "destination": "/proc", "options": ["remount", "ro"] }]' \
        "mounts[0].options: 'remount' mounts nothing that could be added"
    refuses_list '[{ "destination": "/", "type": "tmpfs" }]' \
        "mounts[0].destination: '/' is the root itself"
    refuses_list '[]]' "$list:1:" remove
    gone
}

@test "mounts of a container that does not run is an error, and so are other words" {
    lists '[]'
    run_tare mounts add "$id" "$list"
    assert_failure 1
    assert_stderr_has "container \"$id\" does not exist"
    run_tare mounts change "$id" "$list"
    assert_failure 64
    assert_stderr_has "'change' is neither add nor remove"
    start_container sleep 100
    run_tare mounts add "$id" "$list"
    assert_success
    run_tare mounts add "$id" "$list.nowhere"
    assert_failure 1
    tare pause "$id"
    run_tare mounts add "$id" "$list"
    assert_failure 1
    assert_stderr "tare: mounts: add '$id': cannot change the mounts of a paused container"
    tare resume "$id"
    tare kill "$id" KILL
    wait_until 20 has_status "$id" stopped
    run_tare mounts remove "$id" "$list"
    assert_failure 1
    assert_stderr_has 'cannot change the mounts of a stopped container'
    gone
    config 'del(.linux.namespaces[] | select(.type == "mount")) | del(.mounts)'
    run_tare create --bundle "$bundle" "$id" </dev/null
    if [ "$status" = 0 ]; then
        run_tare mounts add "$id" "$list"
        assert_failure 1
        assert_stderr_has 'the container has no mounts of its own'
        gone
    fi
}

@test "a relative source is counted from the bundle" {
    mkdir "$bundle/beside"
    start_container sleep 100
    lists '[{ destination: "/new", source: "beside", options: ["bind"] }]'
    tare mounts add "$id" "$list"
    touch "$bundle/beside/there"
    in_container ls /new
    assert_line there
    gone
}

@test "in a user namespace the container cannot clear the flags of what it gets" {
    needs mount_setattr
    in_user_namespace
    chown -R 100000:100000 "$rootfs"
    chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" # what cannot be reached is not copied
    mount -t tmpfs -o nosuid given "$given"
    echo given >"$given/file"
    chmod 666 "$given/file"
    config '.process.capabilities = { bounding: ["CAP_SYS_ADMIN"], permitted: ["CAP_SYS_ADMIN"],
        effective: ["CAP_SYS_ADMIN"] }'
    start_container sleep 100
    lists '[{ destination: "/new/bind", source: $given, options: ["bind", "ro"] },
        { destination: "/new/proc", type: "proc", source: "proc" },
        { destination: "/new/tmpfs", type: "tmpfs", source: "tmpfs" }]'
    run_tare mounts add "$id" "$list"
    assert_success
    in_container chain cat /new/bind/file ';' open /new/bind/file w ';' cat /new/proc/1/comm ';' \
        mounts
    assert_line --index 0 given
    assert_line --index 1 EROFS
    assert_line --index 2 witness
    assert_line --regexp ' /new/bind ro,nosuid,'
    in_container chain remount /new/bind 2 ';' remount /new/bind 1
    assert_output 'ok
EPERM'
    tare mounts remove "$id" "$list"
    umount "$given"
    gone
}

@test "where the kernel holds on to a mount, it is said what is gone by then" {
    in_user_namespace
    chown -R 100000:100000 "$rootfs"
    chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
    mount --bind "$given" "$given"
    mount -t tmpfs given "$given/below"
    start_container sleep 100
    lists '[{ destination: "/new/first", type: "tmpfs", source: "tmpfs" },
        { destination: "/new/bind", source: $given, options: ["rbind"] },
        { destination: "/new/last", type: "tmpfs", source: "tmpfs" }]'
    tare mounts add "$id" "$list"
    lists '[{ destination: "/new/first" }, { destination: "/new/bind/below" },
        { destination: "/new/last" }]'
    run_tare mounts remove "$id" "$list"
    assert_failure 1
    assert_stderr_has 'mounts[2] to mounts[2] are removed, but no more: mounts[1]: /new/bind/below'
    run mounted
    assert_line /new/first
    assert_line /new/bind/below
    refute_line /new/last
    umount "$given/below" "$given"
    gone
}

@test "a plain user adds to his container" {
    need_user_namespaces
    make_users_own
    chown -R 1000:1000 "$given"
    maps_ids 1000 1
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    witness_runs sleep 100
    plain "$TARE" --root "$state" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    plain "$TARE" --root "$state" start "$id"
    lists '[{ destination: "/new/bind", source: $given, options: ["bind", "ro"] },
        { destination: "/new/proc", type: "proc", source: "proc" },
        { destination: "/new/tmpfs", type: "tmpfs", source: "tmpfs" }]'
    run plain "$TARE" --root "$state" mounts add "$id" "$list"
    assert_success
    run plain "$TARE" --root "$state" exec "$id" /witness chain cat /new/bind/file ';' \
        open /new/bind/file w ';' cat /new/proc/1/comm
    assert_line --index 0 given
    assert_line --index 1 EROFS
    assert_line --index 2 witness
    run plain "$TARE" --root "$state" mounts remove "$id" "$list"
    assert_success
    plain "$TARE" --root "$state" delete --force "$id"
    nothing_left
}
