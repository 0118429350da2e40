#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    witness_runs chain fds ';' ls /proc/self/fd
}

# with_many COMMAND...: runs it with 3 to 100 open: folders, files, fifos; and no other above.
with_many() {
    [ -p "$BATS_TEST_TMPDIR/fifo" ] || mkfifo "$BATS_TEST_TMPDIR/fifo"
    run --separate-stderr bash -c 'for ((fd = 3; fd <= 100; fd++)); do
            case $((fd % 3)) in
            0) eval "exec $fd</" ;;
            1) eval "exec $fd<>\"$0/file\"" ;;
            2) eval "exec $fd<>\"$0/fifo\"" ;;
            esac
        done; exec 250>&- 251>&- 252>&-; exec "$@"' "$BATS_TEST_TMPDIR" "$@" </dev/null
    echo "standard error: $stderr"
}

# numbers: the descriptors that the process has.
numbers() {
    awk -F= '/=/ { print $1 }' <<<"$output" | xargs
}

@test "(T24) of descriptors 3 to 100 none arrives" {
    with_many "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(numbers)" '0 1 2'
}

@test "(T24) --preserve-fds lets exactly its own arrive" {
    local count
    for count in 1 5 98 120; do
        with_many "$TARE" --root "$state" run --preserve-fds "$count" --bundle "$bundle" "$id"
        assert_success
        assert_equal "$(numbers)" \
            "$(seq 0 $((count + 2 < 100 ? count + 2 : 100)) | xargs)"
    done
    nothing_left
}

@test "(T24) a waiting container holds no descriptor of the host but its standard ones" {
    with_many bash -c '"$@" >/dev/null 2>&1' _ \
        "$TARE" --root "$state" create --bundle "$bundle" "$id"
    assert_success
    local pid link mount
    pid=$(tare state "$id" | jq .pid)
    for link in "/proc/$pid/fd/"*; do
        case "${link##*/} $(readlink "$link")" in
        [012]\ *) ;;
        *\ socket:* | *\ anon_inode:*) ;;
        *)
            # A directory of the container's own mounts is not one of the host.
            mount=$(awk '$1 == "mnt_id:" { print $2 }' "/proc/$pid/fdinfo/${link##*/}")
            [ -d "$link" ] && grep -q "^$mount " "/proc/$pid/mountinfo" ||
                fail "$link is $(readlink "$link")"
            ;;
        esac
    done
    [ "$(find "/proc/$pid/fd" -mindepth 1 | wc -l)" -le 6 ]
}

@test "(T24) (R5) a waiting container holds nothing of what it has covered, but its root" {
    local pid link hooks
    # One that cannot unmount what a descriptor holds fails, and so does create.
    for hooks in '{}' "{ createContainer: [{ path: \"$(command -v umount)\",
            args: [\"umount\", \"$bundle/rootfs/scratch\"] }] }"; do
        config ".hooks = $hooks"'
            | .mounts += [{ destination: "/sys", type: "sysfs", options: ["ro"] },
                { destination: "/scratch", type: "tmpfs" }]
            | .linux.maskedPaths = ["/proc/version", "/proc/tty", "/proc/keys", "/etc"]
            | .linux.readonlyPaths = ["/proc/sys", "/tmp"]'
        create_container
        pid=$(tare state "$id" | jq .pid)
        for link in "/proc/$pid/fd/"*; do
            case "${link##*/} $(readlink "$link")" in
            [012]\ * | *\ socket:* | *\ /) ;;
            *) fail "$(ls -l "/proc/$pid/fd")" ;;
            esac
        done
        tare delete --force "$id"
    done
    nothing_left
}

@test "(T24) what of a waiting container is called / is its own root" {
    create_container
    local pid link
    pid=$(tare state "$id" | jq .pid)
    for link in "/proc/$pid/fd/"*; do
        [ "$(readlink "$link")" = / ] || continue
        assert_equal "$(stat -Lc %d:%i "$link")" "$(stat -c %d:%i "$rootfs")"
    done
    assert_equal "$(stat -Lc %d:%i "/proc/$pid/root")" "$(stat -c %d:%i "$rootfs")"
}

@test "(T24) no memory of a waiting container is a file of the host, nor its config" {
    config '.annotations.secret = "of-the-host-alone"'
    create_container
    local pid
    pid=$(tare state "$id" | jq .pid)
    run awk '$6 ~ /^\// && $6 !~ /^\/memfd:/ { print $6 }' "/proc/$pid/maps"
    assert_output ''
}

@test "a waiting container weighs less than 400 kB" {
    # The limits on the init program hold when it is built with musl.
    [ "$(stat -c %s "$build/src/tare-init")" -le 102400 ] ||
        skip "the init program is not built with musl"
    create_container
    run awk '$1 == "VmRSS:" { print ($2 < 400) }' "/proc/$(tare state "$id" | jq .pid)/status"
    assert_output 1
}

@test "the environment of tare does not reach the waiting process" {
    export TARE_TEST_SECRET=of-the-caller
    create_container
    local pid
    pid=$(tare state "$id" | jq .pid)
    run grep -c SECRET "/proc/$pid/environ"
    assert_output 0
}
