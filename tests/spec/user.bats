#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[U2] [U3] uid and gid: real, effective and saved" {
    config '.process.user = { uid: 1001, gid: 1002 }'
    run_container ids
    assert_success
    assert_line uid=1001:1001:1001
    assert_line gid=1002:1002:1002
    assert_line groups=
}

@test "[U5] (T44) the supplementary groups are exactly those of the list" {
    config '.process.user.additionalGids = [30, 10, 20, 10]'
    run_container ids
    assert_line groups=10,20,30
    config '.process.user.additionalGids = []'
    run_container ids
    assert_line groups=
    config 'del(.process.user.additionalGids)'
    run setpriv --groups 5,6 "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line groups=
}

@test "(T44) a file that a group may not read stays so for its members" {
    echo secret >"$rootfs/etc/secret"
    chown 0:50 "$rootfs/etc/secret"
    chmod 604 "$rootfs/etc/secret"
    config '.process.user = { uid: 1000, gid: 1000, additionalGids: [50] }'
    run_container open /etc/secret r
    assert_output EACCES
    config '.process.user = { uid: 1000, gid: 50 }'
    run_container open /etc/secret r
    assert_output EACCES
    config '.process.user = { uid: 1000, gid: 1000 }'
    run_container open /etc/secret r
    assert_output ok
}

@test "[U4] umask: exact, also zero; the caller's when it is absent" {
    config '.process.user.umask = 63'
    run_container ids
    assert_line umask=0077
    config '.process.user.umask = 0'
    run_container ids
    assert_line umask=0000
    config '.process.user.umask = 511'
    run_container ids
    assert_line umask=0777
    config 'del(.process.user.umask)'
    umask 027
    run_container ids
    assert_line umask=0027
}

@test "[U1] without a user the process is root, with a warning" {
    config 'del(.process.user)'
    witness_runs ids
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_line uid=0:0:0
    assert_line gid=0:0:0
    assert_line groups=
    assert_stderr_has 'process.user is absent'
}

@test "[G7] the user name of other platforms is no user" {
    config '.process.user.username = "nobody"'
    run_container ids
    assert_success
    assert_line uid=0:0:0
}

@test "(T41) ids up to the last one that is an id" {
    local number
    for number in 2147483647 2147483648 4294967294; do
        config ".process.user = { uid: $number, gid: $number, additionalGids: [$number] }"
        run_container ids
        assert_success
        assert_line "uid=$number:$number:$number"
        assert_line "gid=$number:$number:$number"
        assert_line "groups=$number"
    done
}

@test "the image's passwd has no say in who the process is" {
    printf '1000:x:0:0::/:\nroot:x:1000:1000::/:\n' >"$rootfs/etc/passwd"
    config '.process.user = { uid: 1000, gid: 1000 }'
    run_container ids
    assert_line uid=1000:1000:1000
}
