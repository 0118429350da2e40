#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# process.selinuxLabel and linux.mountLabel, with a policy of a few types (selinux.cil).
#
# Where SELinux is in force.

load ../helpers/tare
load vm

setup() {
    need_vm
    load_policy
    setup_vm_bundle
    config '.process.selinuxLabel = "u:r:container_t:s0:c1,c2"'
}

# A policy cannot be taken out of the kernel again: the first test that comes loads it.
load_policy() {
    local compiled=$BATS_TEST_TMPDIR/policy
    [ -e /sys/fs/selinux/load ] || mount -t selinuxfs selinuxfs /sys/fs/selinux
    [ "$(tr -d '\0' </proc/self/attr/current)" = kernel ] || return 0
    secilc --policyvers 33 --output "$compiled" --filecontexts /dev/null "$BATS_TEST_DIRNAME/selinux.cil"
    dd if="$compiled" of=/sys/fs/selinux/load bs=1M status=none
    echo 1 >/sys/fs/selinux/enforce
}

# label_of ID ATTRIBUTE: as the machine sees it.
label_of() {
    tr -d '\0' <"/proc/$(tare state "$1" | jq .pid)/attr/$2"
}

has_label() {
    [ "$(label_of "$1" current)" = "$2" ]
}

@test "[P13] [F13] the process and its keyring have the label" {
    run_container chain keyring-label ';' cat /proc/self/attr/current
    assert_success
    assert_line --index 0 keyring_label=u:r:container_t:s0:c1,c2
    assert_line --index 1 u:r:container_t:s0:c1,c2
    config 'del(.process.selinuxLabel)'
    run_container chain keyring-label ';' cat /proc/self/attr/current
    assert_line --index 0 keyring_label=u:r:kernel_t:s0
    assert_line --index 1 u:r:kernel_t:s0
}

@test "[P13] a label holds for any user, with and without noNewPrivileges" {
    local privileges
    for privileges in true false; do
        config ".process.noNewPrivileges = $privileges | .process.user = { uid: 1000, gid: 1000 }"
        run_container cat /proc/self/attr/current
        assert_success
        assert_output u:r:container_t:s0:c1,c2
    done
}

@test "[E1.exec.9] [E1.exec.11] [P13] exec has the label of the container, of --process-label or of the document" {
    start_container sleep 100
    run_tare exec "$id" /witness cat /proc/self/attr/current
    assert_success
    assert_output u:r:container_t:s0:c1,c2
    run_tare exec --process-label u:r:container_t:s0:c3 "$id" /witness cat /proc/self/attr/current
    assert_success
    assert_output u:r:container_t:s0:c3
    run_tare exec --process-label u:r:nothing_t:s0 "$id" /witness exit 0
    assert_failure 255
    echo '{ "args": ["/witness", "cat", "/proc/self/attr/current"], "cwd": "/" }' \
        >"$BATS_TEST_TMPDIR/process.json"
    run_tare exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    assert_success
    assert_output u:r:container_t:s0:c1,c2
    tare delete --force "$id"
    nothing_left
}

@test "[P13] a label comes true with the program, not before" {
    create_container sleep 100
    assert_equal "$(label_of "$id" current)" u:r:kernel_t:s0
    assert_equal "$(label_of "$id" exec)" u:r:container_t:s0:c1,c2
    assert_equal "$(label_of "$id" keycreate)" ''
    tare start "$id"
    wait_until 5 has_label "$id" u:r:container_t:s0:c1,c2
    tare delete --force "$id"
    nothing_left
}

@test "[P13] (R12) the kernel's own spelling of a label is as good as the config's" {
    config '.process.selinuxLabel = "u:r:container_t:s0-s0:c2,c1,c0"
        | .linux.mountLabel = "u:object_r:mount_t:s0:c1,c0"'
    run_container cat /proc/self/attr/current
    assert_success
    assert_output u:r:container_t:s0-s0:c0.c2
}

@test "[P13] [ML1] labels that the policy does not know are refused" {
    refuses '.process.selinuxLabel = "u:r:nothing_t:s0"' <<'END'
tare: run 'bad': bundle/config.json:23:21: process.selinuxLabel: "u:r:nothing_t:s0" is no label of the loaded policy
END
    refuses '.linux.mountLabel = "u:object_r:file_t:s0:c9"' <<'END'
tare: run 'bad': bundle/config.json:68:19: linux.mountLabel: "u:object_r:file_t:s0:c9" is no label of the loaded policy
END
}

@test "[P13] a label that the policy does not let us take fails the start, and leaves nothing" {
    config '.process.selinuxLabel = "u:r:barred_t:s0"'
    expected_status=126 run_container
    assert_failure 126
    assert_output ''
    assert_stderr_has 'permission denied'
    nothing_left
}

@test "[ML1] new mounts have the label, but for what shows the kernel" {
    config '.linux.mountLabel = "u:object_r:mount_t:s0:c1,c2" | .mounts += [
        { destination: "/dev/pts", type: "devpts", options: ["newinstance"] },
        { destination: "/sys", type: "sysfs" }, { destination: "/dev/mqueue", type: "mqueue" },
        { destination: "/sys/fs/cgroup", type: "cgroup" },
        { destination: "/own", type: "tmpfs", options: ["context=u:object_r:secret_t:s0"] }]'
    run_container mounts
    assert_success
    label='context="u:object_r:mount_t:s0:c1,c2"'
    assert_equal "$(grep -F "$label" <<<"$output" | awk '{ print $5 }' | paste -sd' ')" \
        '/dev /dev/pts'
    assert_line --regexp ' /own .*context=u:object_r:secret_t:s0'
    nothing_left
}

@test "[E5.7] run.oci.mount_context_type: new mounts have the label by another option" {
    local type
    config '.linux.mountLabel = "u:object_r:mount_t:s0:c1,c2"'
    for type in rootcontext fscontext; do
        config --arg type $type '.annotations = { "run.oci.mount_context_type": $type }'
        run_container mounts
        assert_success
        assert_line --regexp " /dev .*[ ,]$type=\"u:object_r:mount_t:s0:c1,c2\""
    done
    # The kernel has it for filesystems that keep labels.
    config '.annotations = { "run.oci.mount_context_type": "defcontext" }'
    run_container mounts
    assert_failure 1
    assert_stderr_has 'tmpfs on /dev: make filesystem tmpfs: invalid argument (EINVAL)'
    nothing_left
}

@test "[P13] [ML1] the labels confine" {
    config '.linux.mountLabel = "u:object_r:mount_t:s0:c1,c2" | .mounts += [
        { destination: "/own", type: "tmpfs", options: ["context=u:object_r:secret_t:s0"] }]'
    run_container chain mkdir /dev/x ';' mkdir /own/x
    assert_success
    assert_output $'ok\nEACCES'
    config 'del(.process.selinuxLabel)'
    run_container chain mkdir /dev/x ';' mkdir /own/x
    assert_output $'ok\nok'
}

@test "[P13] (R3) without system calls for labels they are set by the files" {
    witness_runs chain keyring-label ';' cat /proc/self/attr/current
    run --separate-stderr "$build/tests/helpers/refuse" lsm_set_self_attr lsm_get_self_attr -- \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line --index 0 keyring_label=u:r:container_t:s0:c1,c2
    assert_line --index 1 u:r:container_t:s0:c1,c2
}

@test "(T10) (T12) what lies over /proc of the container takes no label away" {
    config '.mounts += [{ destination: "/proc/1/attr", type: "tmpfs" }]'
    start_container sleep 100
    wait_until 5 has_label "$id" u:r:container_t:s0:c1,c2
    tare delete --force "$id"
    nothing_left
}
