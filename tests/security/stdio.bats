#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Standard descriptors: those of the caller are the caller's, those of nobody are the real null
# device, whatever the image has in its place.

load ../helpers/tare
load attack

setup() {
    setup_bundle
    setup_canary
    config '.process.user = { uid: 7, gid: 7 }'
    witness_runs chain descriptor 0 ';' descriptor 1 ';' descriptor 2
}

# null_device: what is known of the host's.
null_device() {
    stat -c '%U %G %a %t:%T %h' /dev/null
}

# is_null: what the process has as 0 and 2, as it wrote it to what it had in place of 1.
is_null() {
    [ "$(grep -c 'char .*rdev=1:3$' <<<"$output")" = 2 ]
}

# run_on_nothing: without any standard descriptor; what it sees goes to a file of the container.
run_on_nothing() {
    : >"$rootfs/tmp/seen"
    chmod 666 "$rootfs/tmp/seen"
    config '.process.args = ["/witness", "into", "/tmp/seen", "chain", "descriptor", "0",
        ";", "descriptor", "2"]'
    status=0
    "$TARE" --root "$state" run --bundle "$bundle" "$id" <&- >&- 2>&- || status=$?
    output=$(<"$rootfs/tmp/seen")
}

@test "[E2.6] (T16) the host's null device stays root's, also where the process is not" {
    local before
    before=$(null_device)
    : >"$rootfs/tmp/seen"
    chmod 666 "$rootfs/tmp/seen"
    config '.process.args = ["/witness", "into", "/tmp/seen"] + .process.args[1:]'
    "$TARE" --root "$state" run --bundle "$bundle" "$id" </dev/null >/dev/null 2>/dev/null
    assert_equal "$(null_device)" "$before"
    nothing_left
}

@test "[E2.6] (T16) files, directories and devices of the caller stay as they are" {
    local file=$BATS_TEST_TMPDIR/file before
    echo text >"$file"
    mkdir "$BATS_TEST_TMPDIR/folder"
    before=$(stat -c '%U %G %a' "$file" "$BATS_TEST_TMPDIR/folder" /dev/zero /dev/full)
    for output in "$file" /dev/zero /dev/full; do
        "$TARE" --root "$state" run --bundle "$bundle" "$id" <"$file" >>"$output" 2>>"$output" || :
        "$TARE" --root "$state" run --bundle "$bundle" "$id" \
            <"$BATS_TEST_TMPDIR/folder" >>"$output" 2>/dev/zero || :
    done
    assert_equal "$(stat -c '%U %G %a' "$file" "$BATS_TEST_TMPDIR/folder" /dev/zero /dev/full)" \
        "$before"
    nothing_left
}

@test "[E2.5] (T16) without standard descriptors the process has the real null device, or does not run" {
    local kind before
    before=$(null_device)
    run_on_nothing
    [ "$status" = 0 ] && is_null
    config '.mounts |= map(select(.destination != "/dev"))'
    for kind in none link out dangling file fifo folder zero; do
        rm -rf "${rootfs:?}/dev"
        mkdir "$rootfs/dev"
        case $kind in
        link) ln -s /etc/file "$rootfs/dev/null" && echo text >"$rootfs/etc/file" ;;
        out) ln -s "$canary/secret" "$rootfs/dev/null" ;;
        dangling) ln -s "$canary/new" "$rootfs/dev/null" ;;
        file) echo text >"$rootfs/dev/null" ;;
        fifo) mkfifo "$rootfs/dev/null" ;;
        folder) mkdir "$rootfs/dev/null" ;;
        zero) mknod "$rootfs/dev/null" c 1 5 ;;
        esac
        run_on_nothing
        echo "$kind: $status, $output"
        [ "$status" != 0 ] || is_null
        host_is_untouched
        assert_equal "$(null_device)" "$before"
        [ "$kind" != link ] || assert_equal "$(stat -c '%u' "$rootfs/etc/file")" 0
    done
    nothing_left
}

@test "(T16) exec: the caller's files stay as they are, and nothing of the image stands in" {
    need_exec
    local file=$BATS_TEST_TMPDIR/file before
    echo text | tee "$file" >"$BATS_TEST_TMPDIR/said"
    before=$(
        null_device
        stat -c '%U %G %a' "$file" "$BATS_TEST_TMPDIR/said"
    )
    start_container sleep 100
    ln -sf "$canary/secret" "$rootfs/dev/null" 2>/dev/null || :
    "$TARE" --root "$state" exec --user 7:7 "$id" /witness say ran \
        <"$file" >>"$BATS_TEST_TMPDIR/said" 2>&1
    : >"$rootfs/tmp/seen"
    chmod 666 "$rootfs/tmp/seen"
    "$TARE" --root "$state" exec --user 7:7 "$id" /witness into /tmp/seen chain \
        descriptor 0 ';' descriptor 2 <&- >&- 2>&-
    output=$(<"$rootfs/tmp/seen")
    is_null
    tare delete --force "$id"
    assert_equal "$(
        null_device
        stat -c '%U %G %a' "$file" "$BATS_TEST_TMPDIR/said"
    )" "$before"
    host_is_untouched
}
