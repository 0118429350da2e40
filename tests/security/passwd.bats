#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# The image's /etc/passwd and /etc/group: they may say where home is, and nothing else.

load ../helpers/tare
load attack

setup() {
    setup_bundle
    setup_canary
    config '.process.user = { uid: 1000, gid: 1001 }'
    witness_runs chain ids ';' env
}

# What timeout says of one that it had to end, or to kill.
does_not_hang() {
    if [ "$status" = 124 ] || [ "$status" = 137 ]; then
        fail "it hangs"
    fi
}

# runs_as_told [HOME]: in time, as the user of the config; HOME is the one given, or one of two.
runs_as_told() {
    run timeout -k 2 60 "$TARE" --root "$state" run --bundle "$bundle" "$id" </dev/null 3>&-
    if [ "$status" != 0 ]; then
        does_not_hang
        is_other_runtime || fail "$output"
        tare delete --force "$id" || :
        return 0
    fi
    assert_line uid=1000:1000:1000
    assert_line gid=1001:1001:1001
    assert_line groups=
    is_other_runtime || [ $# = 0 ] || assert_line "HOME=$1"
    refute_output --partial "$secret"
    host_is_untouched
}

# passwd TEXT: what stands in it; \n as printf has it.
passwd() {
    # shellcheck disable=SC2059 # it is a format
    printf "$1" >"$rootfs/etc/passwd"
}

@test "(T40) names that are numbers are names" {
    passwd '1000:x:0:0::/wrong:/\n1001:x:0:0::/wrong:/\nuser:x:1000:0::/right:/\n'
    printf '1001:x:0:\n0:x:1001:1000\n1000:x:0:1000,user\n' >"$rootfs/etc/group"
    runs_as_told /right
    passwd '1000:x:0:0::/wrong:/\n'
    runs_as_told /
    nothing_left
}

@test "(T40) lines that are none" {
    local text
    for text in '' '\n\n\n' ':::::::' 'user' 'user:x:1000' 'user:x:1000:0:' 'user:x:1000:0::' \
        'user:x:1000:0::relative:/\n' 'user:x:+1000:0::/plus:/\n' \
        'user:x:4294968296:0::/wrapped:/\n' 'user:x:1000x:0::/tail:/\n' 'user:x: 1000:0::/blank:/\n' \
        'user:x:18446744073709552616:0::/wrapped:/\n' '\001\002\377:x:\000:\n'; do
        echo "$text"
        passwd "$text"
        run timeout -k 2 60 "$TARE" --root "$state" run --bundle "$bundle" "$id" </dev/null 3>&-
        assert_success
        assert_line uid=1000:1000:1000
        is_other_runtime || refute_output --regexp 'HOME=/(plus|wrapped|tail|blank)'
    done
}

@test "(T40) long lines, large files, and files without an end" {
    local long
    long=$(head -c 1000000 /dev/zero | tr '\0' a)
    printf '%s:x:1000:0::/long:/\nuser:x:1000:0::/right:/\n' "$long" >"$rootfs/etc/passwd"
    runs_as_told
    printf 'user:x:1000:0::/%s:/\n' "$long" >"$rootfs/etc/passwd"
    runs_as_told
    printf '%s' "$long$long" >"$rootfs/etc/passwd"
    runs_as_told
    truncate -s 100G "$rootfs/etc/passwd"
    runs_as_told
    nothing_left
}

@test "(T40) what is no file" {
    local kind
    # /proc/self/mem cannot be read from its beginning: whoever reads it fails.
    for kind in zero kernel out fifo folder device loop; do
        rm -rf "$rootfs/etc/passwd" "$rootfs/etc/group"
        case $kind in
        zero) ln -s /dev/zero "$rootfs/etc/passwd" ;;
        kernel) ln -s /proc/self/mem "$rootfs/etc/passwd" ;;
        out) ln -s "$canary/secret" "$rootfs/etc/passwd" ;;
        fifo) mkfifo "$rootfs/etc/passwd" ;;
        folder) mkdir "$rootfs/etc/passwd" ;;
        device) mknod "$rootfs/etc/passwd" c 1 5 ;;
        loop) ln -s passwd "$rootfs/etc/passwd" ;;
        esac
        cp -a "$rootfs/etc/passwd" "$rootfs/etc/group"
        echo "$kind"
        runs_as_told /
    done
    nothing_left
}

@test "(T40) exec: the passwd that a container's root has written by then" {
    need_exec
    start_container sleep 100
    local kind
    for kind in numbers zero fifo long; do
        rm -f "$rootfs/etc/passwd"
        case $kind in
        numbers) passwd '1000:x:0:0::/wrong:/\n' ;;
        zero) ln -s /dev/zero "$rootfs/etc/passwd" ;;
        fifo) mkfifo "$rootfs/etc/passwd" ;;
        long) head -c 3000000 /dev/zero | tr '\0' : >"$rootfs/etc/passwd" ;;
        esac
        run timeout -k 2 60 "$TARE" --root "$state" exec --user 1000:1001 "$id" \
            /witness chain ids ';' env </dev/null 3>&-
        if [ "$status" != 0 ] && is_other_runtime; then
            does_not_hang
            continue
        fi
        assert_success
        assert_line uid=1000:1000:1000
        assert_line gid=1001:1001:1001
        assert_line groups=
    done
    tare delete --force "$id"
    nothing_left
}

@test "(T44) exec gives no group of the caller" {
    need_exec
    echo secret >"$rootfs/etc/secret"
    chown 0:50 "$rootfs/etc/secret"
    chmod 604 "$rootfs/etc/secret"
    start_container sleep 100
    run setpriv --groups 5,6,50 "$TARE" --root "$state" exec --user 1000:1000 "$id" \
        /witness chain ids ';' open /etc/secret r </dev/null
    assert_success
    assert_line groups=
    assert_line ok
    run "$TARE" --root "$state" exec --user 1000:1000 --additional-gids 50 "$id" \
        /witness chain ids ';' open /etc/secret r </dev/null
    assert_line groups=50
    assert_line EACCES
    tare delete --force "$id"
}
