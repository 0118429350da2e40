#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# The runtime's own program, for those who come to execute it, or to write to it.

load ../helpers/tare
load attack

setup() {
    setup_bundle
    program=$(sha256sum "$TARE")
}

program_is_untouched() {
    assert_equal "$(sha256sum "$TARE")" "$program"
}

# Against writing, growing, shrinking, and against any other seal.
all_seals=15

@test "(T22) the program of a waiting container is a sealed memory file" {
    create_container
    local pid
    pid=$(tare state "$id" | jq .pid)
    if [[ $(readlink "/proc/$pid/exe") != /memfd:* ]]; then
        is_other_runtime || fail "it is no memory file"
        tare delete --force "$id"
        skip "the runtime has another way; whether it holds: T23"
    fi
    run "$spy" seals "$pid"
    [ $((output & all_seals)) = $all_seals ] || fail "its seals are: $output"
    run dd if=/dev/zero of="/proc/$pid/exe" bs=1 count=1 conv=notrunc
    assert_failure
    program_is_untouched
}

@test "(T22) control: a program that is a file has no seals" {
    sleep 100 3>&- &
    run "$spy" seals $!
    kill $!
    assert_output 'Invalid argument'
}

# The kernel takes the runtime's program as the interpreter of the image's; it may do nothing with
# words that are not meant for it.
@test "(T23) an image whose program is a script for /proc/self/exe" {
    local words
    printf '#!/proc/self/exe\n' >"$rootfs/evil"
    printf '#!/proc/self/exe 4096 65536 3 4096 4 5 3\n' >"$rootfs/numbers"
    chmod 755 "$rootfs/evil" "$rootfs/numbers"
    for words in /evil /numbers '/evil run --bundle / x' '/evil 1 2 3 4 5 6 7' \
        '/evil 4194304 1048576 0 4194304 1 2 9' '/numbers 99999999999999999999 -1'; do
        config --arg words "$words" '.process.args = ($words | split(" "))'
        run timeout -k 2 60 "$TARE" --root "$state" run --bundle "$bundle" "$id" </dev/null 3>&-
        echo "$words: $status"
        [ "$status" != 0 ]
        [ "$status" != 124 ] && [ "$status" != 137 ]
        program_is_untouched
    done
    nothing_left
}

@test "(T23) exec of a script for /proc/self/exe" {
    need_exec
    printf '#!/proc/self/exe\n' >"$rootfs/evil"
    chmod 755 "$rootfs/evil"
    start_container sleep 100
    local words
    for words in /evil '/evil exec x' '/evil 1 2 3 4 5 6 7'; do
        # shellcheck disable=SC2086 # words
        run timeout -k 2 60 "$TARE" --root "$state" exec "$id" $words </dev/null 3>&-
        [ "$status" != 0 ]
        [ "$status" != 124 ] && [ "$status" != 137 ]
        program_is_untouched
    done
    has_status "$id" running
    tare delete --force "$id"
    nothing_left
}

# enter_many: counted in $number, heard by the spy in $heard.
enter_many() {
    while [ "$number" -lt "$starts" ] ||
        { [ "$number" -lt $((starts + 200)) ] && ! grep -q '^met ' "$heard"; }; do
        says_ran exec "$id" /witness say ran
        number=$((number + 1))
    done
}

@test "(T23) a container's root cannot write to what exec runs, neither then nor later" {
    need_exec
    cp "$spy" "$rootfs/spy"
    # All that a container can have; nothing of the kernel's rules may be what saves the program.
    config '.process.capabilities = (["CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_SYS_ADMIN",
        "CAP_KILL", "CAP_FOWNER", "CAP_CHOWN"] | { bounding: ., permitted: ., effective: . })
        | .process.args = ["/spy", "watch", "host", "/nowhere"]'
    local heard=$BATS_TEST_TMPDIR/heard number=0 met writes
    tare create --bundle "$bundle" "$id" </dev/null >"$heard" 2>&1 3>&-
    tare start "$id"
    wait_until 5 grep -q watching "$heard"
    # Few can all be over too soon: then there are more, until the spy has met somebody.
    quickly enter_many
    tare kill "$id" TERM
    wait_until 10 has_status "$id" stopped
    writes=$(grep -c '^found write' "$heard") || :
    met=$(grep -c '^met ' "$heard") || :
    count 'programs of exec' "$number" "$met" "$writes"
    program_is_untouched
    tare delete "$id"
    if [ "$met" = 0 ]; then
        is_other_runtime || fail "the spy has met no program but the container's"
        skip "the spy has met no program but the container's"
    fi
}
