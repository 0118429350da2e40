#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

# feature JQ-PROGRAM: of what `features` says.
feature() {
    "$TARE" features | jq -c "$1"
}

@test "[E1.features.1] [F1] [F2] features names the versions" {
    run --separate-stderr "$TARE" features
    assert_success
    assert_stderr ''
    assert_equal "$(jq -r .ociVersionMin <<<"$output")" 1.0.0
    assert_equal "$(jq -r .ociVersionMax <<<"$output")" 1.3.0
}

@test "[F0] features has every member that there is, each of its kind" {
    run jq --raw-output 'paths(. == null or type != "object") as $path | select($path[0] != "annotations"
        and all($path[]; type == "string")) | "\($path | join(".")) \(getpath($path) | type)"' \
        <<<"$("$TARE" features)"
    assert_success
    # A build without libseccomp has nothing that it could list.
    local absent='^$'
    has_seccomp || absent='^linux\.seccomp\..* array$'
    assert_equal "$(sort <<<"$output")" "$(grep -v "$absent" <<'END' | sort
ociVersionMin string
ociVersionMax string
hooks array
mountOptions array
potentiallyUnsafeConfigAnnotations array
linux.namespaces array
linux.capabilities array
linux.cgroup.v1 boolean
linux.cgroup.v2 boolean
linux.cgroup.systemd boolean
linux.cgroup.systemdUser boolean
linux.cgroup.rdma boolean
linux.seccomp.enabled boolean
linux.seccomp.actions array
linux.seccomp.operators array
linux.seccomp.archs array
linux.seccomp.knownFlags array
linux.seccomp.supportedFlags array
linux.apparmor.enabled boolean
linux.selinux.enabled boolean
linux.memoryPolicy.modes array
linux.memoryPolicy.flags array
linux.intelRdt.enabled boolean
linux.intelRdt.schemata boolean
linux.intelRdt.monitoring boolean
linux.mountExtensions.idmap.enabled boolean
linux.netDevices.enabled boolean
END
)"
}

@test "[F0] features speaks of the program, and says the same wherever it is asked" {
    setup_bundle
    local here
    here=$("$TARE" features)
    assert_equal "$(env -i "$TARE" features)" "$here"
    # shellcheck disable=SC2016 # a shell of its own
    assert_equal "$(unshare --mount sh -c 'mount -t tmpfs t /sys && mount -t tmpfs t /proc &&
        exec "$0" features' "$TARE")" "$here"
}

@test "[F3] features names all hooks" {
    assert_equal "$(feature .hooks)" \
        '["prestart","createRuntime","createContainer","startContainer","poststart","poststop"]'
}

@test "[E1.features.2] [F7] a container can have all namespaces that features lists, and these are all" {
    [ -e /proc/self/ns/time ] || skip "the kernel has no time namespaces"
    local name
    setup_bundle
    in_user_namespace
    config --argjson all "$(feature .linux.namespaces)" '.linux.namespaces = [$all[] | { type: . }]'
    run_container ns
    assert_success
    for name in cgroup ipc mnt net pid time user uts; do
        assert_line --partial "$name=$name:["
        refute_line "$name=$(readlink "/proc/self/ns/$name")"
    done
    nothing_left
}

@test "[E1.features.2] features claims idmapped mounts, rro and the user namespace" {
    assert_equal "$(feature '[(.mountOptions | index("rro")), (.linux.namespaces | index("user"))]
        | map(. != null)')" '[true,true]'
    assert_equal "$(feature .linux.mountExtensions.idmap.enabled)" true
    assert_equal "$(feature '[.mountOptions[] | select(test("idmap"))]')" '["idmap","ridmap"]'
}

@test "features names the modes and flags of memory policies" {
    assert_equal "$(feature '.linux.memoryPolicy | (.modes | length), .flags' | paste -sd' ')" \
        '7 ["MPOL_F_NUMA_BALANCING","MPOL_F_RELATIVE_NODES","MPOL_F_STATIC_NODES"]'
}

@test "features claims network devices" {
    assert_equal "$(feature .linux.netDevices.enabled)" true
}

@test "[E1.features.4] [F10] features says whether there are seccomp filters" {
    assert_equal "$(feature .linux.seccomp.enabled)" \
        "$(feature '.annotations | has("io.github.seccomp.libseccomp.version")')"
}

@test "features claims the labels of security modules" {
    assert_equal "$(feature .linux.apparmor.enabled)" true
    assert_equal "$(feature .linux.selinux.enabled)" true
}

@test "features claims groups of resctrl, all lines of schemata, and monitoring" {
    assert_equal "$(feature .linux.intelRdt)" '{"enabled":true,"schemata":true,"monitoring":true}'
}

@test "[F9] features tells the cgroup managers" {
    assert_equal "$(feature .linux.cgroup.v1)" false
    assert_equal "$(feature .linux.cgroup.v2)" true
    local has_program=false
    [ ! -x "${TARE%/*}/src/scope" ] || has_program=true
    assert_equal "$(feature .linux.cgroup.systemd)" "$has_program"
    assert_equal "$(feature .linux.cgroup.systemdUser)" "$has_program"
    assert_equal "$(feature .linux.cgroup.rdma)" true
}

@test "[F8] features lists the capabilities" {
    assert_equal "$(feature '.linux.capabilities | index("CAP_CHOWN") != null')" true
    assert_equal "$(feature '.linux.capabilities | index("CAP_CHECKPOINT_RESTORE") != null')" true
    assert_equal "$(feature '.linux.capabilities | map(test("^CAP_[A-Z_]+$")) | all')" true
}

@test "[F8] every capability that features lists is known in a config" {
    setup_bundle
    config --argjson all "$(feature .linux.capabilities)" '.process.capabilities = {
        bounding: $all, permitted: $all, effective: $all, inheritable: $all, ambient: $all }'
    run_tare --log-level warn create --dry-run --bundle "$bundle" "$id"
    assert_success
    [[ $stderr != *unknown* ]] || fail "$stderr"
}

@test "[E1.features.2] [F4] [MO53] every mount option that features lists is taken, none is listed in vain" {
    setup_bundle
    [ "$(feature '.mountOptions | length')" -ge 50 ]
    assert_equal "$(feature '.mountOptions | index("rro") != null')" true
    config --argjson all "$(feature .mountOptions)" '.mounts += [$all[]
        | select(. != "remount" and . != "idmap" and . != "ridmap")
        | { destination: "/tmp/\(.)", source: "rootfs/etc", type: "tmpfs", options: [.] }
        | if .options[0] | test("^r?bind$") then . else .options += ["size=4k"] end]'
    run_container mounts
    assert_success
    assert_line --partial ' /tmp/rnosymfollow '
}

@test "[F1] [F2] configs of both versions run" {
    setup_bundle
    local version
    for version in $(feature .ociVersionMin) $(feature .ociVersionMax); do
        config ".ociVersion = $version"
        run_container
        assert_success
        assert_output hello
    done
}
