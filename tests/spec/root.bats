#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[E1.create.3] [ROOT2] root.path is relative to the bundle, or absolute" {
    mkdir -p "$bundle/a/b"
    mv "$rootfs" "$bundle/a/b/c"
    config '.root.path = "a/b/c"'
    cd /
    run_container
    assert_success
    assert_output hello
    mv "$bundle/a/b/c" "$BATS_TEST_TMPDIR/else"
    config --arg path "$BATS_TEST_TMPDIR/else" '.root.path = $path'
    run_container
    assert_success
    assert_output hello
}

@test "[ROOT2] the bundle may be a symbolic link, and so may root.path" {
    ln -s bundle "$BATS_TEST_TMPDIR/link"
    ln -s rootfs "$bundle/root"
    config '.root.path = "root"'
    cd "$BATS_TEST_TMPDIR"
    run_tare run --bundle link "$id"
    assert_success
    assert_output hello
}

@test "[ROOT3] [B1] a root that is missing or no directory is refused, by its path" {
    config '.root.path = "nowhere"'
    run_container
    assert_failure 1
    assert_stderr_has 'root.path: '
    assert_stderr_has 'nowhere'
    nothing_left
    config '.root.path = "config.json"'
    run_container
    assert_failure 1
    assert_stderr_has 'root.path: '
    nothing_left
}

@test "[ROOT4] root.readonly: nothing of the root can be written, mounts on it can" {
    config '.root.readonly = true | .mounts += [{ destination: "/tmp", type: "tmpfs" }]'
    run_container chain write /file x ';' mkdir /etc/new ';' unlink /witness ';' write /tmp/file x \
        ';' open /dev/null rw ';' write /proc/self/comm x
    assert_success
    assert_output $'EROFS\nEROFS\nEROFS\nok\nok\nok'
    config '.root.readonly = false'
    run_container write /file x
    assert_output ok
}

@test "[ROOT4] a read-only root does not make the host's files read-only" {
    config '.root.readonly = true'
    run_container
    assert_success
    echo still >"$rootfs/etc/writable"
}

@test "the container sees its root and nothing of the host's mounts" {
    run_container chain ls / ';' mounts
    assert_success
    assert_equal "$(head -n 6 <<<"$output" | xargs)" 'dev etc proc sys tmp witness'
    assert_equal "$(tail -n +7 <<<"$output" | awk '{ print $5 }' | xargs)" '/ /proc /dev'
}

@test "[RP1] rootfsPropagation of the root" {
    local word tag
    for word in {,r}{private,shared,slave,unbindable}; do
        config --arg word "$word" '.linux.rootfsPropagation = $word'
        run_container mounts
        assert_success
        tag=$(awk '$5 == "/" { for (i = 7; $i != "-"; i++) printf "%s ", $i }' <<<"$output")
        case ${word#r} in
        private) assert_equal "$tag" '' ;;
        shared) [[ $tag =~ ^shared:[0-9]+\ $ ]] || fail "shared: $tag" ;;
        slave) [[ ! $tag =~ shared|unbindable ]] || fail "slave: $tag" ;;
        unbindable) assert_equal "$tag" 'unbindable ' ;;
        esac
    done
}

@test "[RP1] a shared root is shared with nobody outside" {
    mount --bind "$rootfs" "$rootfs"
    mount --make-shared "$rootfs"
    config '.linux.rootfsPropagation = "shared"
        | .mounts += [{ destination: "/tmp/inside", type: "tmpfs" }]'
    local outside
    outside=$(awk -v at="$rootfs" '$5 == at { print $7 }' /proc/self/mountinfo)
    run_container mounts
    umount "$rootfs"
    assert_success
    run awk -v tag="$outside" '$5 == "/" && $0 ~ tag "( |$)"' <<<"$output"
    assert_output ''
    nothing_left
}

# The mounts of the tests are private as a whole, but those of most hosts are shared; so are those
# of another namespace here, which have no peers in ours.
@test "[RP1] a host whose mounts are shared sees none of a container's (R11)" {
    local word
    cat >"$BATS_TEST_TMPDIR/host" <<'END'
mount --make-rshared /
cut -d ' ' -f 5,7 /proc/self/mountinfo >"$1"
shift
"$@"
cut -d ' ' -f 5,7 /proc/self/mountinfo
END
    for word in private slave shared; do
        config --arg word "$word" '.linux.rootfsPropagation = $word
            | .mounts += [{ destination: "/tmp", type: "tmpfs" }]'
        unshare --mount --propagation private sh -e "$BATS_TEST_TMPDIR/host" \
            "$BATS_TEST_TMPDIR/before" "$TARE" --root "$state" create --bundle "$bundle" "$id" \
            </dev/null >"$BATS_TEST_TMPDIR/after" 2>"$BATS_TEST_TMPDIR/errors" ||
            fail "$(cat "$BATS_TEST_TMPDIR/errors")"
        grep -q '^/ shared:' "$BATS_TEST_TMPDIR/before"
        diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
        tare delete --force "$id"
    done
    nothing_left
}

@test "mounts below the root filesystem come with it" {
    mkdir "$rootfs/volume"
    mount -t tmpfs tmpfs "$rootfs/volume"
    echo inside >"$rootfs/volume/file"
    run_container cat /volume/file
    umount "$rootfs/volume"
    assert_success
    assert_output inside
}

@test "the root filesystem is found once: an exchanged name does not matter to the state" {
    create_container
    assert_equal "$(tare state "$id" | jq -r .rootfs)" "$rootfs"
    mv "$rootfs" "$rootfs.moved"
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(cat "$BATS_TEST_TMPDIR/output")" hello
}
