#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# process.apparmorProfile where AppArmor is in force.

load ../helpers/tare
load vm

profile='profile tare-test flags=(attach_disconnected,mediate_deleted) {
    file, capability, network, signal, ptrace, unix, deny /tmp/secret w,
}'

setup() {
    setup_vm_bundle
    apparmor_parser --replace --skip-cache <<<"$profile"
    config '.process.apparmorProfile = "tare-test"'
    touch "$rootfs/tmp/secret" "$rootfs/tmp/open"
}

teardown() {
    teardown_bundle
    apparmor_parser --remove --skip-cache <<<"$profile"
}

# confined_from_outside: the process of the container has the profile, by what the machine sees.
confined_from_outside() {
    assert_equal "$(<"/proc/$(tare state "$id" | jq .pid)/attr/apparmor/current")" \
        'tare-test (enforce)'
}

@test "[P12] [F12] the process is under its profile, which denies what it denies" {
    run_container chain cat /proc/self/attr/current ';' write /tmp/secret x ';' write /tmp/open x
    assert_success
    assert_output $'tare-test (enforce)\nEACCES\nok'
    assert_equal "$(<"$rootfs/tmp/secret")" ''
    config 'del(.process.apparmorProfile)'
    run_container chain cat /proc/self/attr/current ';' write /tmp/secret x
    assert_output $'unconfined\nok'
}

@test "[P12] a profile holds for any user, with and without noNewPrivileges" {
    local privileges
    for privileges in true false; do
        config ".process.noNewPrivileges = $privileges | .process.user = { uid: 1000, gid: 1000 }"
        run_container cat /proc/self/attr/current
        assert_success
        assert_output 'tare-test (enforce)'
    done
}

@test "[P12] a profile comes true with the program, not before" {
    create_container sleep 100
    process=$(tare state "$id" | jq .pid)
    assert_equal "$(<"/proc/$process/attr/apparmor/current")" unconfined
    tare start "$id"
    wait_until 5 confined_from_outside
    tare delete --force "$id"
    nothing_left
}

@test "[E0.7.5] [P12] an unknown profile fails the create, and leaves nothing" {
    config '.process.apparmorProfile = "tare-test-none"'
    run_tare create --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr_has 'process.apparmorProfile: set the AppArmor profile: `/proc/self/attr/apparmor/exec`'
    assert_stderr_has "to 'exec tare-test-none': "
    assert_stderr_has 'not found (ENOENT)'
    assert_stderr_has 'hint: load it with apparmor_parser(8)'
    nothing_left
}

@test "[P12] \"unconfined\" takes no profile and gives none, and its likes are profiles" {
    config '.process.apparmorProfile = "unconfined"'
    run_container cat /proc/self/attr/current
    assert_success
    assert_output unconfined
    config '.process.apparmorProfile = "unconfined_foo"'
    run_container
    assert_failure 1
    assert_stderr_has "'exec unconfined_foo'"
    nothing_left
}

@test "[P12] (R3) without system calls for labels, or openat2, a profile is set by the file" {
    local refused
    for refused in 'lsm_set_self_attr lsm_get_self_attr' 'EPERM lsm_set_self_attr' \
        'lsm_set_self_attr lsm_get_self_attr openat2'; do
        witness_runs cat /proc/self/attr/current
        # shellcheck disable=SC2086
        run --separate-stderr "$build/tests/helpers/refuse" $refused -- \
            "$TARE" --root "$state" run --bundle "$bundle" "$id"
        assert_success
        assert_output 'tare-test (enforce)'
    done
}

@test "[P12] [N13] a profile in a user namespace, and in one that is joined" {
    in_user_namespace
    config '.linux.maskedPaths = ["/proc/kcore"] | .linux.readonlyPaths = ["/proc/sys"]'
    start_container sleep 100
    wait_until 5 confined_from_outside
    config --arg ns "/proc/$(tare state "$id" | jq .pid)/ns" '
        del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |=
            map(.path = (if .type == "user" or .type == "pid" then "\($ns)/\(.type)" else null end))
        | del(.linux.namespaces[].path | nulls)'
    witness_runs cat /proc/self/attr/current
    run_tare run --bundle "$bundle" "$id-joins"
    assert_success
    assert_output 'tare-test (enforce)'
    tare delete --force "$id"
    nothing_left
}

@test "(T10) (T12) what lies over /proc of the container takes no label away" {
    config '.mounts += [{ destination: "/proc/1/attr", type: "tmpfs" }]'
    start_container sleep 100
    wait_until 5 confined_from_outside
    tare delete --force "$id"
    nothing_left
}

@test "(T10) (T12) an image's own /proc takes no label away" {
    mkdir -p "$bundle/volume"/{self,1}/attr/apparmor
    touch "$bundle/volume"/{self,1}/attr/{exec,apparmor/exec}
    config '.mounts[0] = { destination: "/proc", source: "volume", options: ["bind"] }'
    start_container sleep 100
    wait_until 5 confined_from_outside
    tare delete --force "$id"
    assert_equal "$(find "$bundle/volume" -type f -size +0)" ''
    nothing_left
}

@test "the profile that lets plain users have user namespaces is one of AppArmor 4" {
    [ -e /etc/apparmor.d/abi/4.0 ] || skip "needs AppArmor 4"
    apparmor_parser --skip-kernel-load --skip-cache \
        "$BATS_TEST_DIRNAME/../../contrib/apparmor/tare"
}
