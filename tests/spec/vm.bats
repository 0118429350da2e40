#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# A config for a virtual machine: all of it is read and checked, and then refused.

load ../helpers/tare

setup() {
    setup_bundle
    config '.vm = {
        hypervisor: { path: "/bin/hypervisor", parameters: ["-a", ""] },
        kernel: { path: "/boot/kernel", parameters: ["quiet", ""], initrd: "/boot/initrd" },
        image: { path: "/image", format: "qcow2" },
        hwConfig: { deviceTree: "tree", vcpus: 4294967295, memory: 8589934592,
            dtdevs: ["/soc/a"], irqs: [0, 4294967295],
            iomems: [{ firstGFN: 1, firstMFN: 2, nrMFNs: 3 }, { firstMFN: 0, nrMFNs: 0 }] } }'
    refusal='vm: virtual machines are not supported'
}

# refused JQ-PROGRAM EXPECTED: the edited config is refused with these words.
refused() {
    local edited
    edited=$(jq "$1" <"$bundle/config.json")
    printf '%s\n' "$edited" >"$bundle/edited.json"
    run_tare create --config edited.json --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "$2"
}

# each_is <ROWS of FIELD|JSON|EXPECTED: the machine with this value of the member is refused.
each_is() {
    local field value expected
    while IFS='|' read -r field value expected; do
        refused ".vm.$field = $value" "$expected"
    done
    nothing_left
}

@test "[VM0] (T70 T71 T72) the machine is refused by name, with a way out, whatever it asks for" {
    run_tare create --bundle "$bundle" "$id"
    assert_failure 1
    [[ $stderr =~ config\.json:[0-9]+:[0-9]+:\ $refusal ]] || fail "$stderr"
    assert_stderr_has 'hint: leave it out, or give the bundle to a runtime that starts them'
    run_tare run --dry-run --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "$refusal"
    refused '.vm = { kernel: { path: "/k" } }' "$refusal"
    refused '.vm["x-new"] = 1 | .vm.kernel["x-new"] = {}' "$refusal"
    nothing_left
}

@test "[VM0] null is no machine" {
    config '.vm = null'
    run_container
    assert_success
}

@test "[VM1] [VM2] the hypervisor" {
    refused 'del(.vm.hypervisor.path)' 'vm.hypervisor.path: required member is missing'
    refused 'del(.vm.hypervisor)' "$refusal"
    refused 'del(.vm.hypervisor.parameters)' "$refusal"
    each_is <<'ROWS'
hypervisor.path|"bin/x"|vm.hypervisor.path: 'bin/x' is not an absolute path
hypervisor.path|1|vm.hypervisor.path: expected string, got number
hypervisor.parameters|"-a"|vm.hypervisor.parameters: expected array, got string
hypervisor.parameters|["-a", 1]|vm.hypervisor.parameters[1]: expected string, got number
ROWS
}

@test "[VM3] [VM4] [VM5] [VM6] the kernel" {
    refused 'del(.vm.kernel)' 'vm.kernel: required member is missing'
    refused 'del(.vm.kernel.path)' 'vm.kernel.path: required member is missing'
    refused 'del(.vm.kernel.parameters, .vm.kernel.initrd)' "$refusal"
    each_is <<'ROWS'
kernel|[]|vm.kernel: expected object, got array
kernel.path|"kernel"|vm.kernel.path: 'kernel' is not an absolute path
kernel.path|""|vm.kernel.path: '' is not an absolute path
kernel.parameters|{}|vm.kernel.parameters: expected array, got object
kernel.initrd|"initrd"|vm.kernel.initrd: 'initrd' is not an absolute path
kernel.initrd|true|vm.kernel.initrd: expected string, got boolean
ROWS
}

# The text calls the format required, and says what it is if it is not set: the schema decides.
@test "[VM7] [VM8] the image" {
    local word
    for word in raw qcow2 vdi vmdk vhd; do
        refused ".vm.image.format = \"$word\"" "$refusal"
    done
    refused 'del(.vm.image)' "$refusal"
    refused 'del(.vm.image.path)' 'vm.image.path: required member is missing'
    refused 'del(.vm.image.format)' 'vm.image.format: required member is missing'
    each_is <<'ROWS'
image.path|"image"|vm.image.path: 'image' is not an absolute path
image.format|"iso"|vm.image.format:
image.format|"RAW"|vm.image.format:
ROWS
}

@test "[VM9] [VM10] [VM11] [VM12] [VM13] [VM14] [VM15] [VM16] the hardware" {
    refused 'del(.vm.hwConfig)' "$refusal"
    refused '.vm.hwConfig = {}' "$refusal"
    refused 'del(.vm.hwConfig.iomems[0].firstMFN)' \
        'vm.hwConfig.iomems[0].firstMFN: required member is missing'
    refused 'del(.vm.hwConfig.iomems[1].nrMFNs)' \
        'vm.hwConfig.iomems[1].nrMFNs: required member is missing'
    each_is <<'ROWS'
hwConfig.deviceTree|1|vm.hwConfig.deviceTree: expected string, got number
hwConfig.vcpus|4294967296|vm.hwConfig.vcpus:
hwConfig.vcpus|-1|vm.hwConfig.vcpus:
hwConfig.vcpus|1.5|vm.hwConfig.vcpus:
hwConfig.memory|-1|vm.hwConfig.memory:
hwConfig.memory|"1G"|vm.hwConfig.memory: expected
hwConfig.dtdevs|"a"|vm.hwConfig.dtdevs: expected array, got string
hwConfig.dtdevs|[1]|vm.hwConfig.dtdevs[0]: expected string, got number
hwConfig.iomems|{}|vm.hwConfig.iomems: expected array, got object
hwConfig.iomems[0].firstGFN|-1|vm.hwConfig.iomems[0].firstGFN:
hwConfig.iomems[0].firstMFN|"2"|vm.hwConfig.iomems[0].firstMFN: expected
hwConfig.iomems[1].nrMFNs|-1|vm.hwConfig.iomems[1].nrMFNs:
hwConfig.irqs|[4294967296]|vm.hwConfig.irqs[0]:
hwConfig.irqs|[0, -1]|vm.hwConfig.irqs[1]:
ROWS
}
