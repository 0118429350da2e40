#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# The mount option tmpcopyup: a tmpfs is filled with what it hides.

load ../helpers/tare

setup() {
    setup_bundle
    mkdir -p "$rootfs/data/sub"
    echo kept >"$rootfs/data/file"
    echo deep >"$rootfs/data/sub/file"
    ln -s /etc/passwd "$rootfs/data/link"
    chmod 640 "$rootfs/data/file"
    chmod 1770 "$rootfs/data/sub"
}

# copied_up DESTINATION [OPTION...]: one more tmpfs.
copied_up() {
    local destination=$1
    shift
    config --arg at "$destination" '.mounts += [{ destination: $at, type: "tmpfs",
        source: "tmpfs", options: (["tmpcopyup"] + $ARGS.positional) }]' --args "$@"
}

@test "[MO47] what the image has there is there, and can be changed without changing the image" {
    copied_up /data
    run_container chain cat /data/file ';' cat /data/sub/file ';' readlink /data/link \
        ';' write /data/file new ';' mkdir /data/made ';' statfs /data
    assert_success
    assert_line kept
    assert_line deep
    assert_line /etc/passwd
    assert_line ok
    assert_line type=0x1021994
    assert_equal "$(cat "$rootfs/data/file")" kept
    assert_equal "$(ls "$rootfs/data")" "file
link
sub"
    nothing_left
}

@test "[MO47] modes and owners, of the place itself too" {
    chown 7:8 "$rootfs/data/file"
    chown 9:10 "$rootfs/data"
    chmod 751 "$rootfs/data"
    copied_up /data
    run_container stat /data /data/file /data/sub
    assert_line --partial '/data: directory mode=0751 uid=9 gid=10'
    assert_line --partial '/data/file: file mode=0640 uid=7 gid=8'
    assert_line --partial '/data/sub: directory mode=1770 uid=0 gid=0'
    config '.mounts[-1].options += ["mode=711", "uid=5", "gid=6"]'
    run_container stat /data /data/file
    assert_line --partial '/data: directory mode=0711 uid=5 gid=6'
    assert_line --partial '/data/file: file mode=0640 uid=7 gid=8'
}

@test "[MO47] a read-only one is filled too" {
    copied_up /data ro nosuid size=1m
    run_container chain cat /data/file ';' write /data/file new ';' mounts
    assert_line kept
    assert_line EROFS
    assert_line --regexp ' /data ro,nosuid.* tmpfs tmpfs rw,size=1024k'
}

@test "[MO47] a place that is not there yet, and a link to one" {
    ln -s data "$rootfs/other"
    copied_up /new/place
    copied_up /other
    run_container chain ls /new/place ';' cat /data/file
    assert_success
    assert_output kept
}

@test "[MO47] one on top of another" {
    copied_up /data
    copied_up /data/sub
    copied_up /data
    run_container chain cat /data/file ';' ls /data
    assert_success
    assert_output "kept
file
link"
}

@test "[MO47] more than it can hold is an error that says so" {
    head -c 100000 /dev/zero >"$rootfs/data/large"
    copied_up /data size=8k
    run_tare run --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr_has 'mounts[2]: tmpfs on /data: tmpcopyup: large: copy the contents'
    assert_stderr_has 'no space left (ENOSPC)'
    assert_stderr_has 'another size='
    nothing_left
}

@test "[MO47] in a user namespace" {
    in_user_namespace
    chown -R 100000:100000 "$rootfs"
    chown 100007:100008 "$rootfs/data/file"
    chown 3:3 "$rootfs/data/sub/file" # who has no id there
    copied_up /data
    run_container chain stat /data/file ';' cat /data/sub/file
    assert_success
    assert_line --partial 'mode=0640 uid=7 gid=8'
    assert_line deep
    nothing_left
}

@test "[MO47] only for a new tmpfs" {
    copied_up /data
    config '.mounts[-1].type = "proc"'
    bad_config . "mounts[2].options: 'tmpcopyup' is for a new mount of type 'tmpfs'"
    config '.mounts[-1] |= (.type = "tmpfs" | .source = "rootfs/etc" | .options += ["bind"])'
    bad_config . "mounts[2].options: 'tmpcopyup'"
    config '.mounts[-1].options = ["tmpcopyup", "remount"]'
    bad_config . "mounts[2].options: 'tmpcopyup'"
}

# runs_as_stranger SIZE: with so many ids from 100000 on, what modes the copies have.
runs_as_stranger() {
    in_user_namespace
    config --argjson size "$1" '.linux.uidMappings[0].size = $size
        | .linux.gidMappings[0].size = $size'
    run_container chain stat /data/user ';' stat /data/group ';' stat /data/both ';' stat /data/own
    assert_success
}

@test "(T42) a program of whom the user namespace does not know gives no rights, nor does its copy" {
    local name
    chmod -R o+rX "$rootfs/data"
    for name in user group both own; do
        echo program >"$rootfs/data/$name"
    done
    chown 4242:100007 "$rootfs/data/user"
    chown 100007:4242 "$rootfs/data/group"
    chown 4242:4242 "$rootfs/data/both"
    chown 100007:100008 "$rootfs/data/own"
    chmod 6755 "$rootfs/data"/{user,group,both,own}
    copied_up /data
    cp "$bundle/config.json" "$BATS_TEST_TMPDIR/config.json"
    runs_as_stranger 1000
    assert_line --partial '/data/user: file mode=2755 uid=0 gid=7'
    assert_line --partial '/data/group: file mode=4755 uid=7 gid=0'
    assert_line --partial '/data/both: file mode=0755 uid=0 gid=0'
    assert_line --partial '/data/own: file mode=6755 uid=7 gid=8'
    # Now the id that Linux shows in the place of the unknown ones is one of the container's.
    cp "$BATS_TEST_TMPDIR/config.json" "$bundle/config.json"
    runs_as_stranger 65536
    assert_line --partial '/data/user: file mode=2755 uid=65534 gid=7'
    assert_line --partial '/data/group: file mode=4755 uid=7 gid=65534'
    assert_line --partial '/data/both: file mode=0755 uid=65534 gid=65534'
    assert_line --partial '/data/own: file mode=6755 uid=7 gid=8'
    nothing_left
}
