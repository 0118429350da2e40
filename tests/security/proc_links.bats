#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare
load attack

setup() {
    setup_bundle
}

# leaking COMMAND...: runs it with folders of the host open as 3 to 12.
leaking() {
    run --separate-stderr bash -c 'exec 3</ 4</ 5</ 6</ 7</ 8</ 9</ 10</ 11</ 12</
        exec "$@"' _ "$@"
    echo "standard error: $stderr"
}

@test "(T07) a cwd under /proc/self/fd is refused, for every descriptor" {
    local number
    for number in {0..20}; do
        config --arg cwd "/proc/self/fd/$number" '.process.cwd = $cwd'
        leaking "$TARE" --root "$state" run --bundle "$bundle" "$id"
        assert_failure 1
        assert_output ''
        assert_stderr_has "chdir to cwd (\"/proc/self/fd/$number\") set in config.json failed"
    done
    nothing_left
}

@test "(T07) a cwd through other links of /proc is refused" {
    local word
    for word in /proc/1/root /proc/self/root /proc/self/cwd /proc/self/cwd/.. /proc/self/root/etc \
        /proc/thread-self/root /proc/self/fd/7/.. /proc/self/task/1/cwd /proc/self/exe; do
        config --arg cwd "$word" '.process.cwd = $cwd'
        leaking "$TARE" --root "$state" run --bundle "$bundle" "$id"
        assert_failure 1
        assert_output ''
        assert_stderr_has "chdir to cwd (\"$word\") set in config.json failed"
    done
    nothing_left
}

@test "(T07) a cwd that is a link of the image to such a place is refused" {
    ln -s /proc/self/fd/7 "$rootfs/seven"
    ln -s /proc/self/fd/ "$rootfs/fds"
    local word
    for word in /seven /seven/etc /fds/7 /fds/8/etc; do
        config --arg cwd "$word" '.process.cwd = $cwd'
        leaking "$TARE" --root "$state" run --bundle "$bundle" "$id"
        assert_failure 1
        assert_output ''
    done
    nothing_left
}

@test "(T07) a program under /proc/self/fd or behind another link of /proc is refused" {
    local word
    for word in /proc/self/fd/{3..12}"$rootfs/witness" /proc/1/root/witness \
        /proc/self/root/witness /proc/self/exe /proc/self/fd/0 /proc/self/cwd/witness \
        ./proc/self/exe; do
        config --arg word "$word" '.process.args = [$word, "say", "ran"]'
        leaking "$TARE" --root "$state" run --bundle "$bundle" "$id"
        [ "$status" = 126 ] || [ "$status" = 127 ] || fail "$word: $status"
        assert_output ''
        [ -n "$stderr" ]
    done
    nothing_left
}

@test "(T07) a PATH of such places finds nothing" {
    config --arg path "/proc/self/fd/7$rootfs:/proc/1/root:/proc/self/cwd" \
        '.process.env = ["PATH=" + $path] | .process.args = ["witness", "say", "ran"]'
    leaking "$TARE" --root "$state" run --bundle "$bundle" "$id"
    [ "$status" = 126 ] || [ "$status" = 127 ]
    assert_output ''
    nothing_left
}

# with_canary_open COMMAND...: runs it with a folder of the host, which has a secret, as 3 to 12.
with_canary_open() {
    # Not by run, which warns of the status 127.
    output=$(bash -c 'cd "$0" && exec 3<. 4<. 5<. 6<. 7<. 8<. 9<. 10<. 11<. 12<. && "$@"' \
        "$canary" "$@" 2>&1 </dev/null) || :
    refute_output --partial "$secret"
    host_is_untouched
}

@test "(T07) no cwd and no program leads run to the caller's folder" {
    local number word
    setup_canary
    cp "$witness" "$canary/witness"
    look_again
    for number in 3 5 8 12 13; do
        for word in "/proc/self/fd/$number" "/proc/1/fd/$number" "/proc/self/fd/$number/folder"; do
            config --arg cwd "$word" '.process.cwd = $cwd'
            witness_runs cat secret
            with_canary_open "$TARE" --root "$state" run --bundle "$bundle" "$id"
        done
        config --arg word "/proc/self/fd/$number/witness" '.process.cwd = "/"
            | .process.args = [$word, "say", $ARGS.positional[0]]' --args -- "$secret"
        with_canary_open "$TARE" --root "$state" run --bundle "$bundle" "$id"
    done
    nothing_left
}

@test "(T07) no cwd and no program leads exec to the caller's folder" {
    need_exec
    local number word
    setup_canary
    cp "$witness" "$canary/witness"
    look_again
    start_container sleep 100
    for number in 3 5 8 12 13; do
        for word in "/proc/self/fd/$number" "/proc/1/fd/$number" "/proc/self/fd/$number/folder"; do
            with_canary_open "$TARE" --root "$state" exec --cwd "$word" "$id" /witness cat secret
        done
        with_canary_open "$TARE" --root "$state" exec "$id" "/proc/self/fd/$number/witness" \
            say "$secret"
    done
    for word in /proc/self/cwd /proc/self/cwd/.. /proc/1/root /proc/self/root /proc/1/cwd; do
        with_canary_open "$TARE" --root "$state" exec --cwd "$word" "$id" /witness cat secret
        with_canary_open "$TARE" --root "$state" exec "$id" "$word$canary/witness" say "$secret"
    done
    tare delete --force "$id"
    nothing_left
}

@test "(T07) the working directory of the caller does not show through" {
    cd "$BATS_TEST_TMPDIR"
    run_container chain cwd ';' readlink /proc/self/cwd ';' readlink /proc/self/root
    assert_success
    assert_output $'cwd=/\n/\n/'
}

@test "(T13) masks hide although /dev/null of the image is something else" {
    local kind
    config '.mounts |= map(select(.destination != "/dev")) | .linux.maskedPaths = ["/etc/secret"]'
    for kind in link dangling file device folder fifo; do
        rm -rf "${rootfs:?}/dev"
        mkdir "$rootfs/dev"
        echo secret >"$rootfs/etc/secret"
        echo secret >"$rootfs/etc/other"
        case $kind in
        link) ln -s /etc/other "$rootfs/dev/null" ;;
        dangling) ln -s /etc/nowhere "$rootfs/dev/null" ;;
        file) echo secret >"$rootfs/dev/null" ;;
        device) mknod "$rootfs/dev/null" c 1 5 ;;
        folder) mkdir "$rootfs/dev/null" ;;
        fifo) mkfifo "$rootfs/dev/null" ;;
        esac
        run_container chain cat /etc/secret ';' stat /etc/secret
        refute_output --partial $'secret\n'
        if [ "$status" = 0 ]; then
            assert_output --partial 'char mode=0666 uid=0 gid=0 rdev=1:3'
        else
            assert_stderr_has /dev/null
        fi
        assert_equal "$(cat "$rootfs/etc/secret" "$rootfs/etc/other")" $'secret\nsecret'
        [ ! -e "$rootfs/etc/nowhere" ]
    done
    nothing_left
}

@test "(T13) a mask behind a link covers what the link leads to" {
    echo secret >"$rootfs/etc/secret"
    ln -s /proc/self/root/etc/secret "$rootfs/etc/link"
    config '.linux.maskedPaths = ["/etc/link"]'
    run_container cat /etc/secret
    [ "$status" = 1 ] || assert_output ''
    refute_output --partial secret
}
