#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

# exec where tare is not root of the host.

load ../helpers/tare
load ../helpers/rootless

setup() {
    need_user_namespaces
    setup_bundle
    make_users_own
}

teardown() {
    teardown_bundle
    leave_cgroup
}

# plain_life [WORD...]: a container of a plain user, as whom one runs what follows.
plain_life() {
    witness_runs sleep 100
    "${1:-plain}" "$TARE" --root "$state" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    plain "$TARE" --root "$state" start "$id"
}

plain_exec() {
    run --separate-stderr apart plain "$TARE" --root "$state" exec "$@"
    echo "standard error: $stderr"
}

plain_end() {
    plain "$TARE" --root "$state" delete --force "$id"
    nothing_left
}

@test "a plain user goes into his container, as its root" {
    maps_ids 1000 1
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    plain_life
    plain_exec "$id" /witness chain ids ';' hostname ';' exit 5
    assert_failure 5
    assert_line uid=0:0:0
    assert_line hostname=container
    plain_exec --user 1 "$id" /witness ids
    assert_failure 255
    assert_stderr_has 'process.user.uid: 1 is not mapped by linux.uidMappings'
    plain_end
}

@test "a plain user goes into a container with ids that /etc/subuid grants him" {
    command -v newuidmap >/dev/null || skip "needs newuidmap"
    maps_ids 1000 1 100000 65536
    config '.process.user = { uid: 7, gid: 8, umask: 18 }'
    plain_life granted
    plain_exec "$id" /witness ids
    assert_success
    assert_line uid=7:7:7
    plain_exec --user 0:0 -g 44 "$id" /witness ids
    assert_success
    assert_line uid=0:0:0
    assert_line groups=44
    plain_end
}

@test "in a delegated cgroup exec is born in the container's" {
    enter_delegated_cgroup
    maps_ids 1000 1
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    plain_life
    plain_exec "$id" /witness cat /proc/self/cgroup
    assert_success
    assert_line "0::/users/own/$id"
    plain "$TARE" --root "$state" delete --force "$id"
    leave_cgroup
    nothing_left
}

@test "another user does not get in" {
    maps_ids 1000 1
    plain_life
    run --separate-stderr apart setpriv --reuid 1001 --regid 1001 --clear-groups \
        "$TARE" --root "$state" exec "$id" /witness ids
    assert_failure
    assert_output ''
    plain_end
}

@test "root of a user namespace goes into what it has made there" {
    chown -R 0:0 "$state" "$bundle"
    # shellcheck disable=SC2016 # expanded by the inner shell
    run --separate-stderr apart nested "$BASH" -ec '
        tare="$1 --root $2" bundle=$3 id=$4
        $tare run --detach --bundle $bundle $id >/dev/null 2>&1
        $tare exec $id /witness chain ids ";" hostname
        $tare exec --user 0:0 $id /witness exit 6 || echo $?
        $tare delete --force $id' life "$TARE" "$state" "$(witness_runs sleep 100 && echo "$bundle")" "$id"
    echo "standard error: $stderr"
    assert_success
    assert_line uid=0:0:0
    assert_line hostname=container
    assert_line 6
    nothing_left
}
