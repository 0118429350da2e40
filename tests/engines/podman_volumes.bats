#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What Podman mounts into a container: volumes of all kinds, secrets, images, devices.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman

setup() {
    setup_podman
    chmod go+x "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}"
    folder=$BATS_TEST_TMPDIR/folder
    mkdir "$folder"
    echo 'from outside' >"$folder/file"
}

@test "podman run --volume :U: the folder becomes the container's user's" {
    run podman run --rm --user user --volume "$folder:/data:U" box \
        sh -c 'echo x >/data/mine && stat -c %u /data /data/file'
    assert_success
    assert_output $'1000\n1000'
    assert_equal "$(stat -c %u "$folder/mine")" 1000
}

@test "podman run --volume :U: with ids of its own" {
    run podman run --rm --uidmap 0:200000:65536 --volume "$folder:/data:U" box \
        sh -c 'echo x >/data/mine && stat -c %u /data /data/file'
    assert_success
    assert_output $'0\n0'
    assert_equal "$(stat -c %u "$folder/mine")" 200000
}

@test "podman run --volume :O: what is written is thrown away" {
    [ "$(podman_driver)" = overlay ] || skip "needs an overlay"
    run podman run --rm --volume "$folder:/data:O" box \
        sh -c 'cat /data/file; echo changed >/data/file; cat /data/file'
    assert_success
    assert_output $'from outside\nchanged'
    assert_equal "$(cat "$folder/file")" 'from outside'
}

@test "podman run --volume: flags of the mount" {
    run podman run --rm --volume "$folder:/data:ro,noexec,nosuid,nodev" box \
        grep ' /data ' /proc/self/mountinfo
    assert_output --regexp 'ro,nosuid,nodev,noexec'
}

@test "podman run --volume :rshared: a mount of the container is seen outside" {
    mount --bind "$folder" "$folder"
    mount --make-shared "$folder"
    mkdir "$folder/deep"
    run podman run --rm --privileged --volume "$folder:/data:rshared" box \
        sh -c 'mount -t tmpfs none /data/deep && echo mounted'
    assert_output mounted
    run findmnt --noheadings --output FSTYPE "$folder/deep"
    umount --recursive "$folder"
    assert_output tmpfs
}

@test "podman run --volume: a single file, and a file of the container's that it covers" {
    run podman run --rm --volume "$folder/file:/etc/group:ro" box cat /etc/group
    assert_success
    assert_output 'from outside'
}

@test "podman volume create: a tmpfs with options" {
    podman volume create --opt type=tmpfs --opt device=tmpfs --opt o=noexec "$name" >/dev/null
    run podman run --rm --volume "$name:/data" box grep ' /data ' /proc/mounts
    podman volume rm "$name" >/dev/null
    assert_success
    assert_output --regexp '^tmpfs /data tmpfs .*noexec'
}

@test "podman run --volumes-from: the volumes of another container" {
    start_box --volume "$folder:/data"
    run podman run --rm --volumes-from "$name" box cat /data/file
    assert_success
    assert_output 'from outside'
}

@test "podman run --mount type=image: the files of an image" {
    run podman run --rm --mount type=image,source=box,destination=/image box cat \
        /image/www/index.html
    assert_success
    assert_output 'the page'
}

@test "podman run --secret: as a file with an owner and a mode, and as a variable" {
    echo -n 'not for all' | podman secret create "$name" - >/dev/null
    run podman run --rm --secret "$name,uid=1000,mode=400" \
        --secret "$name,type=env,target=TOLD" box \
        sh -c "cat /run/secrets/$name; echo; stat -c '%u %a' /run/secrets/$name; echo \$TOLD"
    podman secret rm "$name" >/dev/null
    assert_success
    assert_output $'not for all\n1000 400\nnot for all'
}

@test "podman run --device: read only, and with another name" {
    run podman run --rm --device /dev/null:/dev/other:r box sh -c \
        'stat -c %F /dev/other; cat /dev/other && echo read; echo x >/dev/other || echo unwritten'
    assert_success
    assert_line --partial 'character special file'
    assert_line read
    # The rule of /dev/null, which everyone may write, is wider.
    refute_line unwritten
}

@test "podman cp: into a container that runs, out of it, and of one that is stopped" {
    start_box --volume "$folder:/data" --tmpfs /fast
    podman cp "$folder/file" "$name:/fast/copy"
    run podman exec "$name" cat /fast/copy
    assert_output 'from outside'
    podman exec "$name" sh -c 'echo inside >/tmp/made'
    podman cp "$name:/tmp/made" "$BATS_TEST_TMPDIR/made"
    assert_equal "$(cat "$BATS_TEST_TMPDIR/made")" inside
    podman stop --time 0 "$name" >/dev/null
    podman cp "$name:/tmp/made" "$BATS_TEST_TMPDIR/again"
    assert_equal "$(cat "$BATS_TEST_TMPDIR/again")" inside
}

@test "podman run --rootfs: a folder is the root, also with an overlay on it" {
    mkdir "$folder/root"
    tar --extract --directory "$folder/root" --file "$world/box.tar"
    run podman run --rm --rootfs "$folder/root" sh -c 'echo made >/made; cat /made'
    assert_output made
    assert_file_exist "$folder/root/made"
    [ "$(podman_driver)" = overlay ] || return 0
    run podman run --rm --rootfs "$folder/root:O" sh -c 'cat /made; echo other >/made'
    assert_output made
    assert_equal "$(cat "$folder/root/made")" made
}
