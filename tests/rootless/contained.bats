#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

# tare inside a container of tare: the outer one has the host's programs, tare as /tare and a bundle
# as /inner, whose config is setup_bundle's.

load ../helpers/tare
load ../helpers/rootless

setup() {
    setup_bundle
    # Root of a user namespace is a stranger here, and finds its root filesystem by its name.
    chmod go+x "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR" "$bundle"
    inner=$BATS_TEST_TMPDIR/inner
    cp -r "$bundle" "$inner"
    make_outer
}

make_outer() {
    local name capabilities
    mkdir -p "$rootfs"/{inner,run,usr}
    : >"$rootfs/tare"
    for name in bin sbin lib lib64; do
        [ ! -L "/$name" ] || ln -s "usr/$name" "$rootfs/$name"
    done
    capabilities=$(tare features | jq -c .linux.capabilities)
    config '.process.args = ["/tare", "--log-level", "warn", "run", "--bundle", "/inner", "inner"]
        | .process.env = ["PATH=/usr/bin:/bin"]
        | .process.noNewPrivileges = false
        | .process.capabilities = { bounding: $capabilities, permitted: $capabilities,
            effective: $capabilities }
        | .mounts += [
            { destination: "/sys", type: "sysfs", source: "sysfs",
              options: ["nosuid", "noexec", "nodev", "ro"] },
            { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["rw"] },
            { destination: "/run", type: "tmpfs", source: "tmpfs" },
            { destination: "/usr", source: "/usr", options: ["rbind", "ro"] },
            { destination: "/tare", source: $tare, options: ["bind", "ro"] },
            { destination: "/inner", source: $inner, options: ["rbind", "rw"] }]' \
        --argjson capabilities "$capabilities" --arg tare "$TARE" --arg inner "$inner"
}

inner_config() {
    local bundle=$inner
    config "$@"
}

# The inner witness says these words.
inner_runs() {
    inner_config '.process.args = ["/witness"] + $ARGS.positional' --args -- "$@"
}

# What engines give a container that is not privileged.
with_few_rights() {
    config --slurpfile engine "${helpers%/helpers}/engines/data/docker-plain.json" \
        '.process.capabilities |= map_values(. - (. - $engine[0].process.capabilities.bounding))'
}

with_profile() {
    config --slurpfile engine "${helpers%/helpers}/engines/data/$1-plain.json" \
        '.linux.seccomp = $engine[0].linux.seccomp'
}

in_namespace_of_its_own() {
    inner_config '.linux.namespaces += [{ type: "user" }]
        | .linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1 }]
        | .linux.gidMappings = .linux.uidMappings'
}

cgroup_is() {
    config '(.mounts[] | select(.type == "cgroup")).options = [$option]' --arg option "$1"
}

@test "[CG3] with all rights: a whole container, whose cgroup is below the outer one's" {
    inner_config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    inner_runs chain ids ';' cat /proc/self/cgroup ';' open /dev/null rw ';' \
        mknod /dev/probe c 10 229
    run_container
    assert_success
    assert_line uid=0:0:0
    assert_line 0::/tare/inner
    assert_line ok
    assert_line EPERM
    assert_stderr_lacks cgroup
    nothing_left
}

@test "[CG3] where cgroups are read-only there is none, with a warning; a limit is refused" {
    cgroup_is ro
    run_container
    assert_success
    assert_output hello
    assert_stderr_has 'no cgroup of its own: cgroup /sys/fs/cgroup/tare/inner cannot be made'
    assert_stderr_has '(EROFS)'
    inner_config '.linux.resources.unified = { "cgroup.max.depth": "3" }'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'linux.resources.unified'
    inner_config 'del(.linux.resources) | .linux.cgroupsPath = "/below/inner"'
    run_container
    assert_failure 1
    assert_stderr_has 'linux.cgroupsPath'
    assert_stderr_has '(EROFS)'
    nothing_left
}

@test "[CG7] where a cgroup above is threaded, the error says how that comes" {
    # shellcheck disable=SC2016 # expanded by the inner shell
    config '.process.args = ["/usr/bin/sh", "-ec", "mkdir /sys/fs/cgroup/threads
        echo threaded >/sys/fs/cgroup/threads/cgroup.type
        exec /tare run --bundle /inner inner"]'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'to the cgroup: '
    assert_stderr_has 'hint: a cgroup above it has processes and hands controllers down'
    nothing_left
}

@test "[CG3] where no cgroups are mounted there is none, with a warning" {
    config 'del(.mounts[] | select(.type == "cgroup"))'
    run_container
    assert_success
    assert_output hello
    assert_stderr_has 'no cgroup of its own: no cgroup2 is mounted on /sys/fs/cgroup'
    nothing_left
}

@test "[N13] [D10] in a user namespace: root of it runs a container, with the outer one's devices" {
    in_user_namespace
    chown -R 100000:100000 "$rootfs" "$inner"
    inner_runs chain ids ';' cat /proc/self/uid_map ';' open /dev/null rw ';' \
        mknod /dev/probe c 10 229 ';' mounts
    run_container
    assert_success
    assert_line uid=0:0:0
    assert_line --regexp '^ +0 +100000 +65536$'
    assert_line ok
    assert_line EPERM
    assert_line --regexp ' / /proc rw,.* - proc proc '
    assert_stderr_lacks cgroup
    cgroup_is ro
    run_container
    assert_success
    assert_stderr_has 'no cgroup of its own'
    in_namespace_of_its_own
    inner_runs cat /proc/self/uid_map
    run_container
    assert_success
    assert_output --regexp '^ +0 +0 +1$'
    nothing_left
}

@test "[CG3] in a user namespace: a cgroup that can be written is the inner user's" {
    in_user_namespace
    chown -R 100000:100000 "$rootfs" "$inner"
    inner_config '.process.user = { uid: 7, gid: 8, umask: 18 } | .mounts += [
        { destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] },
        { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["rw"] }]'
    inner_runs chain stat /sys/fs/cgroup ';' stat /sys/fs/cgroup/cgroup.procs ';' \
        mkdir /sys/fs/cgroup/below
    run_container
    assert_success
    assert_line --regexp '^/sys/fs/cgroup: directory .* uid=7 '
    assert_line --regexp '^/sys/fs/cgroup/cgroup.procs: file .* uid=7 '
    refute_line EACCES
    nothing_left
}

@test "a life inside: create, state, start, exec, kill, delete" {
    # shellcheck disable=SC2016 # expanded by the inner shell
    config '.process.args = ["/usr/bin/sh", "-ec", $script]' --arg script '
        /tare create --bundle /inner inner </dev/null
        /tare start inner
        /tare exec inner /witness say inside
        /tare kill inner KILL
        until /tare state inner | grep -q "\"stopped\""; do :; done
        /tare delete inner
        /tare list --quiet'
    inner_runs sleep 100
    run_container
    assert_success
    assert_output inside
    in_user_namespace
    chown -R 100000:100000 "$rootfs" "$inner"
    run_container
    assert_success
    assert_output inside
    nothing_left
}

@test "[N13] with the rights of an engine's plain container namespaces need one of users" {
    with_few_rights
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'linux.namespaces: root may not make these without CAP_SYS_ADMIN'
    assert_stderr_has 'hint: start the container that we are in with it (--privileged), or add'
    in_namespace_of_its_own
    inner_runs chain ids ';' mknod /dev/probe c 10 229
    run_container
    assert_success
    assert_line uid=0:0:0
    assert_line EPERM
    nothing_left
}

@test "what an engine's seccomp filter forbids is an error that says so" {
    needs_seccomp
    with_profile docker
    run_container
    assert_failure 1
    assert_stderr_has 'root.path: open the root filesystem: copy a mount: not permitted (EPERM)'
    assert_stderr_has 'hint: a seccomp filter may forbid mounts'
    with_few_rights
    in_namespace_of_its_own
    run_container
    assert_failure 1
    assert_stderr_has 'linux.namespaces: give birth to init: clone: not permitted (EPERM)'
    assert_stderr_has 'the seccomp filter of a container that we are in'
    nothing_left
}

@test "three deep" {
    local third=$inner/rootfs/inner
    cp -r "$inner" "$BATS_TEST_TMPDIR/third"
    mv "$BATS_TEST_TMPDIR/third" "$third"
    mkdir -p "$inner"/rootfs/{run,usr,sys/fs/cgroup}
    cp -P "$rootfs"/{bin,sbin,lib,lib64} "$inner/rootfs/" 2>/dev/null || :
    : >"$inner/rootfs/tare"
    jq '.root.path = "rootfs" | .mounts |= map(if .destination == "/inner"
        then .source = "/inner/rootfs/inner" elif .destination == "/tare" then .source = "/tare"
        else . end)' "$bundle/config.json" >"$inner/config.json"
    run_container
    assert_success
    assert_output hello
    nothing_left
}
