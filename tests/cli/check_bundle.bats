#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016,SC2034 # variables of the helpers; expanded by the inner shell
#
# tare check BUNDLE: what is tried is what a start of that bundle would do, in the place where it
# would do it, and no more is promised than was tried.

load ../helpers/tare
load ../helpers/rootless
load ../helpers/check

setup() {
    setup_bundle
}

teardown() {
    local cgroup
    for cgroup in "$TARE_TEST_CGROUP"/{tare,other}; do
        [ ! -d "$cgroup" ] || find "$cgroup" -depth -type d -exec rmdir {} +
    done
    teardown_bundle
}

# closed CGROUP: it is there, and takes no other into it.
closed() {
    mkdir -p "$TARE_TEST_CGROUP/$1"
    echo 0 >"$TARE_TEST_CGROUP/$1/cgroup.max.descendants"
}

# is_elsewhere PID: it has another ipc namespace.
is_elsewhere() {
    [ "$(readlink "/proc/$1/ns/ipc")" != "$(readlink /proc/self/ns/ipc)" ]
}

# The cgroup of the bundle -----------------------------------------------------------------------

@test "linux.cgroupsPath: the cgroup is tried there, wherever others' are" {
    needs mounts pidfd_open
    config '.linux.cgroupsPath = "/other/x" | .linux.resources = { devices: [{ allow: false }] }'
    closed tare
    checks -- "$bundle"
    assert_success
    assert_equal "$(row cgroup2)/$(row 'own cgroup')/$(row 'device rules')" ok/ok/ok
    says cgroup2 found "the container's is /other/x"
    [ ! -e "$TARE_TEST_CGROUP/other" ]
    run_container say hello
    assert_success
    rmdir "$TARE_TEST_CGROUP/tare"
    closed other
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row 'own cgroup')/$(row 'device rules')" missing/missing
    assert_equal "$(row 'own cgroup' field)" linux.cgroupsPath
    run_container
    assert_failure 1
    config 'del(.linux.cgroupsPath)'
    checks -- "$bundle"
    assert_success
    assert_equal "$(row 'own cgroup')/$(row 'device rules')" ok/ok
}

@test "linux.cgroupsPath: controllers are asked for there, and once" {
    needs mounts pidfd_open
    need_controller pids
    config '.linux.resources.pids.limit = 100'
    checks -- "$bundle"
    assert_success
    assert_equal "$(row pids)" ok
    config '.linux.cgroupsPath = "/tests/x"' # a cgroup with processes, ours
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row pids)/$(row pids code)" missing/E-CONTROLLER
    assert_equal "$(row pids field)" linux.resources.pids.limit
    says pids reason "config.json:$(grep -n '"limit"' "$bundle/config.json" | cut -d: -f1):"
    assert_equal "$(jq .missing <<<"$object")" 1
    run --separate-stderr apart "$TARE" --root "$state" check "$bundle"
    assert_line --regexp '^  missing +pids +.*config.json:[0-9:]+ linux.resources.pids.limit: '
    refute_output --partial 'affects: linux.resources.pids'
    run_container
    assert_failure 1
    nothing_left
}

@test "linux.cgroupsPath: one that is there will do, unless it has processes: in it nothing is made then" {
    needs mounts pidfd_open
    config '.linux.cgroupsPath = "/other/x"'
    mkdir -p "$TARE_TEST_CGROUP/other/x"
    checks -- "$bundle"
    assert_success
    assert_equal "$(row 'own cgroup')" ok
    sleep 100 3>&- &
    echo $! >"$TARE_TEST_CGROUP/other/x/cgroup.procs"
    checks -- "$bundle"
    kill $!
    assert_failure 1
    says 'own cgroup' reason '/other/x has processes in it'
    assert_equal "$(find "$TARE_TEST_CGROUP/other" -mindepth 1 -type d)" "$TARE_TEST_CGROUP/other/x"
    wait_until 5 rmdir "$TARE_TEST_CGROUP/other/x"
}

# without_controllers [BUNDLE]: `check`, as a table, where no cgroup hands any down.
without_controllers() {
    run --separate-stderr apart unshare --mount "$BASH" -ec '
        mount --bind /dev/null /sys/fs/cgroup/cgroup.controllers
        exec "$@"' without "$TARE" --root "$state" check "$@"
}

@test "a controller that is missing: no line of a config that does not name it, and nothing twice" {
    needs mounts pidfd_open
    local row='linux.resources.cpu.cpus and mems: .*controller cpuset '
    config '.linux.resources = { devices: [{ allow: false }] }'
    without_controllers
    assert_line --regexp "^  degraded +cpuset +$row"
    refute_output --partial 'affects: linux.resources.'
    refute_output --partial "'tare spec':"
    without_controllers "$bundle"
    assert_line --regexp "^  degraded +cpuset +$row"
    refute_output --partial 'affects: linux.resources.'
    config '.linux.resources.pids.limit = 100'
    without_controllers "$bundle"
    assert_failure 1
    assert_line --regexp "^  degraded +cpuset +$row"
    assert_line --regexp "^  missing +plan +.*config.json:[0-9:]+ linux.resources.pids.limit: "
    refute_output --partial 'affects: linux.resources.'
}

# What is promised -------------------------------------------------------------------------------

@test "what a mount may bring or hide is not tried, and the last line says so" {
    needs mounts pidfd_open
    config --arg here "$BATS_TEST_TMPDIR" '.process.args = ["/opt/nope"] |
        .mounts += [{ destination: "/opt", source: $here, options: ["bind"] }]'
    checks -- "$bundle"
    assert_success
    assert_equal "$(row program)" 'not tried'
    says program found 'mounts[2] on /opt may bring it, or hide it'
    assert_equal "$(row program reason)/$(jq .notTried <<<"$object")" /1
    config '.process.args = ["/opt.d/nope"] | .process.cwd = "/opt.d"'
    checks -- "$bundle"
    assert_equal "$(row program)/$(row 'working directory')" missing/ok
    config '.process.args = ["/opt/nope"] | .mounts[-1].destination = "/opt/share/html"'
    checks -- "$bundle"
    assert_equal "$(row program)/$(row 'working directory')" missing/ok # which is beside it
    config '.process.args = ["bin/nope"] | .process.cwd = "/" | .mounts[-1].destination = "/opt"'
    checks -- "$bundle"
    says program found "bin/nope begins at process.cwd"
    config '.process.args = ["nope"] | .process.env = ["PATH=/bin:bin"]'
    checks -- "$bundle"
    says program found "PATH has what begins at process.cwd"
    run_tare check "$bundle"
    assert_success
    assert_line --regexp '^  not tried +program +PATH has what'
    assert_equal "$(tail -n 1 <<<"$output" | sed 's/[0-9]* degraded/N degraded/')" \
        'nothing is missing of what was tried: 0 missing, N degraded, 1 not tried'
    config '.process.args = ["/witness"]'
    checks -- "$bundle"
    assert_equal "$(row program)/$(jq .notTried <<<"$object")" ok/0
}

@test "a program to which a link of the image leads, into a mount, is not tried; beside one it is" {
    needs mounts pidfd_open
    mkdir "$BATS_TEST_TMPDIR/data" "$rootfs"/{data,opt}
    cp "$witness" "$BATS_TEST_TMPDIR/data/tool"
    ln -s ../opt/../alternative "$rootfs/opt/tool"
    ln -s /data/tool "$rootfs/alternative"
    config --arg here "$BATS_TEST_TMPDIR/data" '.process.args = ["/opt/tool", "say", "hi"] |
        .mounts += [{ destination: "/data", source: $here, options: ["bind"] }]'
    checks -- "$bundle"
    assert_success
    assert_equal "$(row program)" 'not tried'
    says program found 'mounts[2] on /data may bring it, or hide it'
    run_container
    assert_output hi
    config '.process.args[0] = "tool" | .process.env = ["PATH=/bin:/opt"]'
    checks -- "$bundle"
    assert_equal "$(row program)" 'not tried'
    config '.process.args[0] = "/data/tool" | .mounts[-1].destination = "/volume/data"'
    ln -s . "$rootfs/volume"
    checks -- "$bundle"
    assert_equal "$(row program)" 'not tried' # the mount goes where a link leads
    config '.process.args[0] = "/opt/script" | .mounts[-1].destination = "/data"'
    printf '#!/opt/tool\n' >"$rootfs/opt/script"
    chmod 755 "$rootfs/opt/script"
    checks -- "$bundle"
    assert_equal "$(row program)" 'not tried' # nor is its interpreter called missing
    config '.process.args = ["/usr/bin/python3"]'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row program)" missing
    ln -sfn ../nowhere "$rootfs/opt/tool"
    config '.process.args = ["/opt/tool"]'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row program)" missing
}

@test "namespaces that are joined are not made for a trial" {
    needs mounts pidfd_open
    unshare --ipc sleep 100 3>&- &
    wait_until 10 is_elsewhere $!
    config --arg path "/proc/$!/ns/ipc" \
        '(.linux.namespaces[] | select(.type == "ipc")).path = $path'
    checks -- "$bundle"
    kill $!
    assert_success
    assert_equal "$(row birth)" 'not tried'
    says birth found 'linux.namespaces[2] is joined'
}

# with_formats NAME COMMAND...: where binfmt_misc has that entry, besides its own two.
with_formats() {
    unshare --mount "$BASH" -ec '
        mount -t tmpfs formats /proc/sys/fs/binfmt_misc
        touch /proc/sys/fs/binfmt_misc/{register,status,"$1"}
        exec "${@:2}"' formats "$@"
}

@test "a program for another machine is not tried where binfmt_misc may run it" {
    needs mounts pidfd_open
    { head -c 18 "$witness" && printf '\366\000' && tail -c +21 "$witness"; } >"$rootfs/other"
    chmod 755 "$rootfs/other"
    config '.process.args = ["/other"] | .hooks = { startContainer: [{ path: "/other" }] }'
    checks with_formats status -- "$bundle"
    assert_failure 1
    assert_equal "$(row program)/$(row 'startContainer hooks')" missing/missing
    checks with_formats qemu-other -- "$bundle"
    assert_success
    assert_equal "$(row program)/$(row 'startContainer hooks')" 'not tried/not tried'
    says program found 'binfmt_misc may run /other'
    config '.process.args = ["/witness"] | .hooks = { createContainer: [{ path: $path }],
        poststop: [{ path: $path }] }' --arg path "$rootfs/other"
    checks with_formats status -- "$bundle"
    assert_equal "$(row hooks)/$(row 'poststop hooks')" missing/degraded
    checks with_formats qemu-other -- "$bundle"
    assert_success
    assert_equal "$(row hooks)/$(row 'poststop hooks')" 'not tried/not tried'
    says hooks found "hooks.createContainer[0]: binfmt_misc may run $rootfs/other"
    config '.hooks.poststart = [{ path: "/nowhere/hook" }]'
    checks with_formats qemu-other -- "$bundle"
    assert_equal "$(row hooks)/$(row hooks field)" 'missing/hooks.poststart[0]'
    config 'del(.hooks)'
    checks with_formats qemu-other -- "$bundle"
    assert_equal "$(row program)" ok
}

# What is tried ----------------------------------------------------------------------------------

@test "hooks: those of startContainer are looked for in the root filesystem" {
    needs mounts pidfd_open
    config '.hooks = { startContainer: [{ path: "/witness" }, { path: "/nope" }] }'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row hooks)" '' # of which there are none
    assert_equal "$(row 'startContainer hooks')" missing
    assert_equal "$(row 'startContainer hooks' field)" 'hooks.startContainer[1]'
    says 'startContainer hooks' reason 'execute /nope: not found (ENOENT)'
    printf '#!/usr/bin/python3 -u\n' >"$rootfs/nope"
    chmod 755 "$rootfs/nope"
    checks -- "$bundle"
    assert_equal "$(row 'startContainer hooks' cause)" E-HOOK-INTERPRETER
    cp "$witness" "$rootfs/nope"
    checks -- "$bundle"
    assert_success
    assert_equal "$(row hooks)/$(row 'startContainer hooks')" /ok
    config '.mounts += [{ destination: "/usr", source: "/usr", options: ["bind"] }]'
    checks -- "$bundle"
    assert_equal "$(row 'startContainer hooks')" ok
    config '.hooks.startContainer[0].path = "/usr/witness"'
    checks -- "$bundle"
    assert_equal "$(row 'startContainer hooks')" 'not tried'
    says 'startContainer hooks' found 'hooks.startContainer[0]: mounts[2] on /usr may bring it'
    nothing_left
}

@test "hooks: one of poststop that is missing is a warning of a start, and degraded here" {
    needs mounts pidfd_open
    config '.hooks = { poststop: [{ path: "/nowhere/hook" }] }'
    checks -- "$bundle"
    assert_success
    assert_equal "$(row hooks)/$(row 'poststop hooks')" /degraded
    assert_equal "$(row 'poststop hooks' field)" 'hooks.poststop[0]'
    says 'poststop hooks' reason '/config.json:'
    says 'poststop hooks' reason ': hooks.poststop[0]: execute /nowhere/hook: not found (ENOENT)'
    says 'poststop hooks' affects 'what they do behind the end of the container'
    run_container say hello
    assert_success
    assert_output hello
    config --arg hook "$witness" '.hooks.poststop[0].path = $hook'
    checks -- "$bundle"
    assert_equal "$(row 'poststop hooks')" ok
    nothing_left
}

@test "[E-RLIMIT] process.rlimits: they are set, and a hard limit that is refused is missing" {
    needs mounts pidfd_open
    config '.process.rlimits = [{ type: "RLIMIT_STACK", soft: 4096, hard: 8192 },
        { type: "RLIMIT_AS", soft: 4096, hard: 4096 }, { type: "RLIMIT_NPROC", soft: 0, hard: 0 }]'
    checks -- "$bundle"
    assert_success
    assert_equal "$(row rlimits)" ok
    config --argjson hard $(($(ulimit -H -n) + 1)) \
        '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 100, hard: $hard }]'
    checks setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource -- "$bundle"
    assert_failure 1
    assert_equal "$(row rlimits)/$(row rlimits cause)" missing/E-RLIMIT
    assert_equal "$(row rlimits field)" 'process.rlimits[0].hard'
    says rlimits mend 'raising a hard limit needs CAP_SYS_RESOURCE'
    run -1 --separate-stderr apart setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_stderr_has E-RLIMIT
    nothing_left
}

@test "[E-RLIMIT] process.rlimits of a plain user" {
    needs mounts pidfd_open
    need_user_namespaces
    make_users_own
    config '.linux.namespaces += [{ type: "user" }] |
        .linux.uidMappings = [{ containerID: 0, hostID: 1000, size: 1 }] |
        .linux.gidMappings = .linux.uidMappings |
        .process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 100, hard: 100 }]'
    checks plain -- "$bundle"
    assert_success
    assert_equal "$(row rlimits)" ok
    config --argjson hard $(($(ulimit -H -n) + 1)) '.process.rlimits[0].hard = $hard'
    checks plain -- "$bundle"
    assert_failure 1
    assert_equal "$(row rlimits)/$(row rlimits cause)" missing/E-RLIMIT
    nothing_left
}

# sysctls: those that the test writes, as this host has them.
sysctls() {
    cat /proc/sys/net/ipv4/{ip_forward,ping_group_range} /proc/sys/kernel/{msgmax,domainname}
}

@test "linux.sysctl: it is written where a start would write it, and nowhere else" {
    needs mounts pidfd_open
    need_user_namespaces
    local before other
    before=$(sysctls)
    other=$((1 - $(</proc/sys/net/ipv4/ip_forward)))
    config --arg other "$other" '.domainname = "check.test" | .linux.sysctl = {
        "net.ipv4.ip_forward": $other, "net.ipv4.ping_group_range": "0 0",
        "kernel.msgmax": "7777", "kernel.domainname": "check.test" }'
    checks -- "$bundle"
    assert_success
    assert_equal "$(row sysctls)" ok
    assert_equal "$(sysctls)" "$before"
    config '.linux.sysctl["net.nope"] = "1"'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row sysctls)/$(row sysctls field)" missing/linux.sysctl.net.nope
    says sysctls mend 'this kernel has no such setting in a namespace'
    assert_equal "$(sysctls)" "$before"
    run_container
    assert_failure 1
    assert_stderr_has 'sysctl net.nope = "1"'
    in_user_namespace
    checks -- "$bundle"
    assert_equal "$(row sysctls field)" linux.sysctl.kernel.domainname # not its root's to write
    run_container
    assert_stderr_has 'linux.sysctl.kernel.domainname: '
    config 'del(.linux.sysctl["kernel.domainname"])'
    checks -- "$bundle"
    assert_equal "$(row sysctls)/$(row sysctls field)" missing/linux.sysctl.net.nope
    config 'del(.linux.sysctl["net.nope"])'
    checks -- "$bundle"
    assert_success
    assert_equal "$(row sysctls)" ok
    checks setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace -- "$bundle"
    assert_success
    assert_equal "$(row sysctls)" 'not tried'
    assert_equal "$(sysctls)" "$before"
    nothing_left
}

@test "linux.sysctl: where a namespace is joined nothing is written" {
    needs mounts pidfd_open
    local other
    unshare --ipc sleep 100 3>&- &
    other=$!
    wait_until 10 is_elsewhere "$other"
    config --arg path "/proc/$other/ns/ipc" '.linux.sysctl = { "kernel.msgmax": "7777" } |
        (.linux.namespaces[] | select(.type == "ipc")).path = $path'
    checks -- "$bundle"
    assert_equal "$(nsenter --ipc --target "$other" cat /proc/sys/kernel/msgmax)" 8192
    kill "$other"
    assert_success
    assert_equal "$(row sysctls)" 'not tried'
    says sysctls found 'linux.namespaces[2] is joined'
    nothing_left
}

@test "linux.sysctl of a plain user" {
    needs mounts pidfd_open
    need_user_namespaces
    local before
    before=$(sysctls)
    make_users_own
    config '.linux.namespaces += [{ type: "user" }] |
        .linux.uidMappings = [{ containerID: 0, hostID: 1000, size: 1 }] |
        .linux.gidMappings = .linux.uidMappings |
        .linux.sysctl = { "net.ipv4.ping_group_range": "0 0", "kernel.msgmax": "7777" }'
    checks plain -- "$bundle"
    assert_success
    assert_equal "$(row sysctls)" ok
    config '.linux.sysctl["net.nope"] = "1"'
    checks plain -- "$bundle"
    assert_failure 1
    assert_equal "$(row sysctls)/$(row sysctls field)" missing/linux.sysctl.net.nope
    assert_equal "$(sysctls)" "$before"
    nothing_left
}
