#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Labels where no module is in force that could honour them; where one is: tests/vm/.

load ../helpers/tare

setup() {
    setup_bundle
}

need_no_apparmor() {
    [ ! -e /sys/module/apparmor ] || skip "AppArmor may be in force"
}

need_no_selinux() {
    [ ! -e /sys/fs/selinux/enforce ] || skip "SELinux is in force"
}

@test "[P12] a profile is refused without AppArmor" {
    need_no_apparmor
    refuses '.process.apparmorProfile = "docker-default"' <<'END'
tare: run 'bad': bundle/config.json:23:24: process.apparmorProfile: "docker-default": AppArmor is not in force here
hint: leave it out, or boot with AppArmor among the modules of lsm=
END
}

@test "[P12] \"unconfined\" is true without AppArmor, and nothing like it is" {
    need_no_apparmor
    config '.process.apparmorProfile = "unconfined"'
    run_container
    assert_success
    assert_output hello
    bad_config '.process.apparmorProfile = "unconfined_foo"' \
        'process.apparmorProfile: "unconfined_foo": AppArmor is not in force here'
}

@test "[P12] names that the kernel would misread are refused" {
    bad_config '.process.apparmorProfile = "a\nb"' 'process.apparmorProfile: "a\nb" has a control'
    bad_config '.process.apparmorProfile = "x" * 1025' \
        'process.apparmorProfile: has 1025 bytes, more than 1024'
}

@test "[P13] [ML1] labels are refused without SELinux" {
    need_no_selinux
    refuses '.process.selinuxLabel = "system_u:system_r:container_t:s0:c1,c2"' <<'END'
tare: run 'bad': bundle/config.json:23:21: process.selinuxLabel: "system_u:system_r:container_t:s0:c1,c2": SELinux is not in force here
hint: leave it out, or boot with SELinux among the modules of lsm=
END
    refuses '.linux.mountLabel = "a:b:c"' <<'END'
tare: run 'bad': bundle/config.json:67:19: linux.mountLabel: "a:b:c": SELinux is not in force here
hint: leave it out, or boot with SELinux among the modules of lsm=
END
}

# A machine that says that AppArmor is in force, while it is not.
where_apparmor_is_a_lie() {
    # shellcheck disable=SC2016
    unshare --mount bash -c 'mount -t tmpfs none /sys/module &&
        mkdir -p /sys/module/apparmor/parameters &&
        echo Y >/sys/module/apparmor/parameters/enabled && exec "$@"' _ "$@"
}

@test "[P12] (R12) a profile that cannot be set fails the start, by the words that engines know" {
    local refused error
    need_no_apparmor
    config '.process.apparmorProfile = "docker-default"'
    for refused in lsm_get_self_attr 'EPERM lsm_set_self_attr' lsm_set_self_attr; do
        # shellcheck disable=SC2086
        run --separate-stderr where_apparmor_is_a_lie "$build/tests/helpers/refuse" $refused -- \
            "$TARE" --root "$state" run --bundle "$bundle" "$id"
        assert_failure 1
        assert_output ''
        error='set the AppArmor profile: `/proc/self/attr/apparmor/exec` to '
        assert_stderr_has "process.apparmorProfile: ${error}'exec docker-default': "
        nothing_left
    done
}
