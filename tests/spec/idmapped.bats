#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Idmapped mounts: who owns a file inside, and who owns outside what is made inside.

load ../helpers/tare

# A filesystem whose ids can be mapped: of the files that setup makes, one is root's and one 5:6's.
setup() {
    setup_bundle
    needs mount_setattr
    volume=$bundle/volume
    mkdir "$volume"
    mount_volume || skip "needs tmpfs of Linux 6.3, or ext4 in a file"
    mkdir "$volume/sub" "$rootfs"/{mapped,plain,same,own,other,one,all,bare}
    touch "$rootfs/file"
    touch "$volume/roots" "$volume/others" "$volume/strangers"
    chown 5:6 "$volume/others"
    chown 5000:6000 "$volume/strangers"
    chmod 777 "$volume"
    # shellcheck disable=SC2034 # nothing_left's
    snapshot_before=$(snapshot)
}

mount_volume() {
    if kernel_since 6.3; then
        mount -t tmpfs tmpfs "$volume"
    else
        truncate -s 8M "$BATS_TEST_TMPDIR/disk"
        mkfs.ext4 -q "$BATS_TEST_TMPDIR/disk"
        mount -o loop "$BATS_TEST_TMPDIR/disk" "$volume"
    fi
}

teardown() {
    [ -z "${other:-}" ] || kill -KILL "$other"
    [ -z "${keeper:-}" ] || kill -KILL "$keeper" 2>/dev/null || :
    teardown_bundle
    ! mountpoint -q "$bundle/volume/sub" 2>/dev/null || umount "$bundle/volume/sub"
    ! mountpoint -q "$bundle/volume" 2>/dev/null || umount "$bundle/volume"
}

# bind_mapped DESTINATION OPTION...: one more bind of the volume, by its path in the bundle.
bind_mapped() {
    local destination=$1
    shift
    config --arg at "$destination" '.mounts += [{ destination: $at, source: "volume",
        options: $ARGS.positional }]' --args "$@"
}

# with_mappings UID GID: the last mount has them: so many ids from 0 on are those from UID on.
with_mappings() {
    config --argjson uid "$1" --argjson gid "$2" '.mounts[-1] += {
        uidMappings: [{ containerID: 0, hostID: $uid, size: 100 }],
        gidMappings: [{ containerID: 0, hostID: $gid, size: 100 }] }'
}

# owner_of PATH: as the container saw it in the answer of `witness stat`.
owner_of() {
    sed -n "s|^$1: .* uid=\([0-9]*\) gid=\([0-9]*\) .*|\1:\2|p" <<<"$output"
}

# is_idmapped DESTINATION: as mountinfo says it.
is_idmapped() {
    awk -v at="$1" '$5 == at { print "," $6 "," }' <<<"$output" | grep -q ,idmapped,
}

@test "[M10] [M11] [M4] [F16] own mappings, without a user namespace, of a relative source" {
    bind_mapped /mapped bind idmap
    with_mappings 1000 3000
    bind_mapped /plain bind
    config '.process.user = { uid: 1005, gid: 3006, umask: 18 }'
    run_container chain stat /mapped/roots /mapped/others /mapped/strangers /plain/others ';' \
        mounts ';' write /mapped/new text
    assert_success
    assert_equal "$(owner_of /mapped/roots)" 1000:3000
    assert_equal "$(owner_of /mapped/others)" 1005:3006
    assert_equal "$(owner_of /mapped/strangers)" 65534:65534
    assert_equal "$(owner_of /plain/others)" 5:6
    is_idmapped /mapped || fail 'it is not idmapped'
    ! is_idmapped /plain || fail 'both are idmapped'
    assert_line ok
    assert_equal "$(stat -c %u:%g "$volume/new" "$volume/others")" $'5:6\n5:6'
    nothing_left
}

@test "[M13] [MO48] [MO49] idmap is for one mount, ridmap for all below, no word as idmap" {
    mount --bind "$volume" "$volume/sub"
    bind_mapped /one rbind idmap
    with_mappings 1000 3000
    bind_mapped /all rbind ridmap
    with_mappings 1000 3000
    bind_mapped /bare rbind
    with_mappings 2000 4000
    witness_runs stat /one/roots /one/sub/roots /all/roots /all/sub/roots /bare/roots /bare/sub/roots
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(owner_of /one/roots)" 1000:3000
    assert_equal "$(owner_of /one/sub/roots)" 0:0
    assert_equal "$(owner_of /all/roots)" 1000:3000
    assert_equal "$(owner_of /all/sub/roots)" 1000:3000
    assert_equal "$(owner_of /bare/roots)" 2000:4000
    assert_equal "$(owner_of /bare/sub/roots)" 0:0
    assert_stderr_has 'mounts[4]: its mappings count for the mount alone'
    assert_equal "$(grep -c 'its mappings' <<<"$stderr")" 1
}

@test "[MO50] [MO51] [M15] with a user namespace: its mappings, or the mount's own" {
    in_user_namespace
    bind_mapped /plain bind
    bind_mapped /mapped bind idmap
    bind_mapped /same bind idmap
    config '.mounts[-1] += { uidMappings: .linux.uidMappings, gidMappings: .linux.gidMappings }'
    bind_mapped /own bind idmap
    with_mappings 101000 103000
    bind_mapped /file bind idmap
    config '.mounts[-1].source = "volume/others"'
    run_container chain stat /plain/roots /mapped/roots /mapped/others /same/others /own/roots \
        /own/others /file ';' write /mapped/new text ';' mounts
    assert_success
    assert_equal "$(owner_of /plain/roots)" 65534:65534
    assert_equal "$(owner_of /mapped/roots)" 0:0
    assert_equal "$(owner_of /mapped/others)" 5:6
    assert_equal "$(owner_of /same/others)" 5:6
    assert_equal "$(owner_of /own/roots)" 1000:3000
    assert_equal "$(owner_of /own/others)" 1005:3006
    assert_equal "$(owner_of /file)" 5:6
    is_idmapped /same || fail 'it is not idmapped'
    assert_line ok
    assert_equal "$(stat -c %u:%g "$volume/new")" 0:0
    nothing_left
}

@test "[M15] equal mappings make no other user namespace" {
    local calls=$BATS_TEST_TMPDIR/calls
    command -v strace >/dev/null || skip "needs strace"
    in_user_namespace
    bind_mapped /same bind idmap
    config '.mounts[-1] += { uidMappings: .linux.uidMappings, gidMappings: .linux.gidMappings }'
    run tare run --dry-run --bundle "$bundle" "$id"
    assert_success
    assert_line --regexp \
        "map the ids of init's mounts .*\[\{\"mount\":2,\"userNamespace\":\"container\",\"isRecursive\":false\}\]"
    strace -f -q -o "$calls" -e trace=clone,clone3 "$TARE" --root "$state" run --bundle "$bundle" \
        "$id" >/dev/null
    assert_equal "$(grep CLONE_NEWUSER "$calls" | grep -vc ENOSYS)" 1
    config '.mounts[-1].uidMappings[0].size = 100'
    strace -f -q -o "$calls" -e trace=clone,clone3 "$TARE" --root "$state" run --bundle "$bundle" \
        "$id" >/dev/null
    assert_equal "$(grep CLONE_NEWUSER "$calls" | grep -vc ENOSYS)" 2
    nothing_left
}

@test "[MO51] with a user namespace that is joined" {
    in_user_namespace
    unshare --user --fork sleep 1000 3>&- &
    keeper=$!
    wait_until 5 pgrep -P "$keeper" >"$BATS_TEST_TMPDIR/other"
    other=$(tail -n 1 "$BATS_TEST_TMPDIR/other")
    echo '0 100000 65536' >"/proc/$other/uid_map"
    echo '0 100000 65536' >"/proc/$other/gid_map"
    config --arg path "/proc/$other/ns/user" '.linux.namespaces[-1].path = $path'
    bind_mapped /mapped bind idmap
    bind_mapped /same bind idmap
    config '.mounts[-1] += { uidMappings: .linux.uidMappings, gidMappings: .linux.gidMappings }'
    bind_mapped /own bind idmap
    with_mappings 101000 103000
    run_container stat /mapped/others /same/others /own/others
    assert_success
    assert_equal "$(owner_of /mapped/others)" 5:6
    assert_equal "$(owner_of /same/others)" 5:6
    assert_equal "$(owner_of /own/others)" 1005:3006
    config 'del(.linux.uidMappings, .linux.gidMappings)'
    run_container stat /mapped/others /same/others /own/others
    assert_success
    assert_equal "$(owner_of /mapped/others)" 5:6
    assert_equal "$(owner_of /same/others)" 5:6
    assert_equal "$(owner_of /own/others)" 1005:3006
    nothing_left
}

@test "an idmapped mount has what other mounts have: flags, propagation, and hooks see it" {
    in_user_namespace
    chmod 711 "$BATS_RUN_TMPDIR"
    bind_mapped /mapped rbind idmap ro nosuid rshared
    config --arg out "$BATS_TEST_TMPDIR/seen" '.hooks = { createContainer: [{ path: "/bin/sh",
        args: ["sh", "-c", "stat -c %u:%g rootfs/mapped/others >\($out)"] }] }'
    touch "$BATS_TEST_TMPDIR/seen"
    chmod 666 "$BATS_TEST_TMPDIR/seen"
    run_container chain write /mapped/new text ';' stat /mapped/others ';' mounts
    assert_success
    assert_line --index 0 EROFS
    assert_equal "$(cat "$BATS_TEST_TMPDIR/seen")" 5:6
    assert_equal "$(owner_of /mapped/others)" 5:6
    assert_line --regexp ' /mapped ro,nosuid,.*idmapped shared:'
}

@test "what the host has mounted read-only stays so for root of a user namespace" {
    mount -o remount,bind,ro "$volume"
    in_user_namespace
    chmod 711 "$BATS_RUN_TMPDIR"
    config '.process.capabilities = { bounding: ["CAP_SYS_ADMIN"], permitted: ["CAP_SYS_ADMIN"],
        effective: ["CAP_SYS_ADMIN"] }'
    bind_mapped /mapped bind idmap
    run_container chain stat /mapped/others ';' clear-flags /mapped ro
    assert_success
    assert_equal "$(owner_of /mapped/others)" 5:6
    assert_line EPERM
    bad_config '.mounts[-1].options += ["rw"]' 'mounts[2]'
}

@test "[MO48] [MO51] new filesystems are idmapped too" {
    kernel_since 6.3 || skip "needs tmpfs of Linux 6.3"
    mkdir -m 711 "$rootfs/hidden"
    touch "$rootfs/hidden/file"
    chown 7:8 "$rootfs/hidden/file"
    config '.mounts += [
        { destination: "/hidden", type: "tmpfs", options: ["idmap", "nosuid"] },
        { destination: "/other", type: "tmpfs", options: ["ridmap", "uid=5", "gid=6", "mode=777"] }]'
    with_mappings 1000 3000
    config '.mounts[-2] += { uidMappings: [{ containerID: 0, hostID: 9, size: 10 }],
        gidMappings: [{ containerID: 0, hostID: 9, size: 10 }] }
        | .process.user = { uid: 1001, gid: 3001 }'
    run_container chain stat /hidden /other ';' write /other/new text ';' stat /other/new ';' mounts
    assert_success
    assert_line --partial '/hidden: directory mode=0711 uid=9 gid=9'
    assert_equal "$(owner_of /other)" 1005:3006
    assert_equal "$(owner_of /other/new)" 1001:3001
    is_idmapped /hidden || fail 'it is not idmapped'
    in_user_namespace
    config 'del(.mounts[-2].uidMappings, .mounts[-2].gidMappings)
        | .mounts[-1].uidMappings[0].hostID = 101000 | .mounts[-1].gidMappings[0].hostID = 103000'
    run_container chain stat /hidden /other ';' write /other/new text ';' stat /other/new ';' mounts
    assert_success
    assert_line --partial '/hidden: directory mode=0711 uid=0 gid=0'
    assert_equal "$(owner_of /other)" 1005:3006
    assert_equal "$(owner_of /other/new)" 1001:3001
    is_idmapped /hidden || fail 'it is not idmapped'
    nothing_left
}

@test "[MO47] [MO48] what a tmpfs copies up keeps its owner" {
    kernel_since 6.3 || skip "needs tmpfs of Linux 6.3"
    mkdir "$rootfs/hidden"
    echo text >"$rootfs/hidden/file"
    chown 100007:100008 "$rootfs/hidden/file"
    chown 100000:100000 "$rootfs/hidden"
    config '.mounts += [{ destination: "/hidden", type: "tmpfs", options: ["idmap", "tmpcopyup"] }]'
    in_user_namespace
    run_container chain stat /hidden /hidden/file ';' cat /hidden/file
    assert_success
    assert_equal "$(owner_of /hidden)" 0:0
    assert_equal "$(owner_of /hidden/file)" 7:8
    assert_line text
}

@test "[MO48] [MO50] mappings in the option itself, as Podman has them" {
    bind_mapped /mapped bind 'idmap=uids=0-1000-3#5-2000-1;gids=0-3000-10'
    run_container stat /mapped/roots /mapped/others
    assert_success
    assert_equal "$(owner_of /mapped/roots)" 1000:3000
    assert_equal "$(owner_of /mapped/others)" 2000:3006
    in_user_namespace
    config '.mounts[-1].options[1] = "ridmap=gids=@0-30-10;uids=@0-10-3#5-102000-1"'
    run_container stat /mapped/roots /mapped/others
    assert_success
    assert_equal "$(owner_of /mapped/roots)" 10:30
    assert_equal "$(owner_of /mapped/others)" 2000:36
    bad_config '.mounts[-1].options[1] = "idmap=uids=0-0-1"' \
        "mounts[2].options[1]: 'uids=0-0-1' is no list of mappings"
    bad_config '.mounts[-1].options[1] = "idmap=uids=0-0-0;gids=0-0-1"' \
        'mounts[2].options[1][0].size: a mapping of no ids'
    bad_config '.mounts[-1].options[1] = "idmap=uids=@65530-65530-10;gids=0-0-1"' \
        'mounts[2].options[1]: the container has no 10 ids from 65530 on, in one mapping'
    bad_config '.mounts[-1] += { uidMappings: .linux.uidMappings, gidMappings: .linux.gidMappings }' \
        'mounts[2].options[1]: there are uidMappings and gidMappings already'
    nothing_left
}

@test "[M12] [M14] [MO52] mappings that cannot be are refused" {
    local map='[{ containerID: 0, hostID: 1000, size: 10 }]'
    bind_mapped /mapped bind idmap
    bad_config '.' 'mounts[2].options[1]: there are no mappings, and no user namespace'
    bad_config '.mounts[2].options = ["bind", "ridmap"]' \
        'mounts[2].options[1]: there are no mappings, and no user namespace'
    bad_config ".mounts[2].uidMappings = $map" \
        'mounts[2].uidMappings: uidMappings and gidMappings must come together'
    bad_config ".mounts[2].gidMappings = $map" \
        'mounts[2].gidMappings: uidMappings and gidMappings must come together'
    config ".mounts[2] += { uidMappings: $map, gidMappings: $map }"
    bad_config '.mounts[2].uidMappings[0].size = 0' \
        'mounts[2].uidMappings[0].size: a mapping of no ids'
    bad_config '.mounts[2].gidMappings += [{ containerID: 5, hostID: 5000, size: 1 }]' \
        'mounts[2].gidMappings[1].containerID: an id of mounts[2].gidMappings[0] is mapped once more'
    bad_config '.mounts[2].options += ["remount"]' \
        'mounts[2].options[1]: a mount that is there already cannot be idmapped'
    bad_config ".mounts[0] += { uidMappings: $map, gidMappings: $map }" \
        "mounts[0].uidMappings: Linux has no idmapped mounts of 'proc'"
}

@test "[MO48] what the kernel does not map is an error that names the mount" {
    bind_mapped /mapped bind idmap
    with_mappings 1000 3000
    config '.mounts[-1].source = "/proc"'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'mounts[2] on /mapped: map the ids of a mount: invalid argument (EINVAL)'
    nothing_left
    in_user_namespace
    run_container
    assert_failure 1
    assert_stderr_has 'mounts[2] on /mapped: map the ids of a mount: invalid argument (EINVAL)'
    nothing_left
}

@test "[MO48] an older kernel refuses it by name" {
    bind_mapped /mapped bind idmap
    with_mappings 1000 3000
    run "$build/tests/helpers/refuse" mount_setattr -- "$TARE" --root "$state" run \
        --bundle "$bundle" "$id"
    assert_failure 1
    assert_output --partial 'mounts[2] on /mapped: map the ids of a mount'
    assert_output --partial 'this needs mount_setattr(2) of Linux 5.12'
    nothing_left
}

@test "[MO50] [MO51] idmapped mounts are added to a container that runs" {
    local list=$BATS_TEST_TMPDIR/list.json
    jq -n '[{ destination: "/mapped", source: "volume", options: ["bind"],
        uidMappings: [{ containerID: 0, hostID: 1000, size: 100 }],
        gidMappings: [{ containerID: 0, hostID: 2000, size: 100 }] }]' >"$list"
    start_container sleep 100
    run_tare mounts add "$id" "$list"
    assert_success
    run_tare exec "$id" /witness chain stat /mapped/roots ';' mounts
    assert_equal "$(owner_of /mapped/roots)" 1000:2000
    is_idmapped /mapped
    tare delete --force "$id"
    in_user_namespace
    chown -R 100000:100000 "$rootfs"
    chmod 711 "$BATS_RUN_TMPDIR"
    mount -o remount,bind,ro "$volume"
    jq '. + [{ destination: "/same", source: "volume", options: ["rbind", "ridmap"] }]
        | .[0].uidMappings[0].hostID = 101000 | .[0].gidMappings[0].hostID = 102000' \
        "$list" >"$list.more"
    start_container sleep 100
    run_tare mounts add "$id" "$list.more"
    assert_success
    run_tare exec --cap CAP_SYS_ADMIN "$id" /witness chain stat /mapped/others /same/others ';' \
        clear-flags /mapped ro ';' mounts
    assert_success
    assert_equal "$(owner_of /mapped/others)" 1005:2006
    assert_equal "$(owner_of /same/others)" 5:6
    assert_line EPERM
    is_idmapped /same
    tare delete --force "$id"
    nothing_left
}
