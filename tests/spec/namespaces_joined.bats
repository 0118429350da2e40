#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Namespaces that are joined by path: [N3] in every combination and order of ownership.

load ../helpers/tare

setup() {
    setup_bundle
}

# live_in OPTION...: a process in namespaces of its own, made by unshare(1); its pid in $other.
live_in() {
    unshare "$@" --fork sleep 1000 3>&- &
    keeper=$!
    wait_until 5 pgrep -P "$keeper" >"$BATS_TEST_TMPDIR/other"
    other=$(tail -n 1 "$BATS_TEST_TMPDIR/other")
}

teardown() {
    [ -z "${other:-}" ] || kill -KILL "$other"
    [ -z "${keeper:-}" ] || kill -KILL "$keeper" 2>/dev/null || :
    teardown_bundle
}

# file_of TYPE: its name below /proc/PID/ns.
file_of() {
    case $1 in
    network) echo net ;;
    mount) echo mnt ;;
    *) echo "$1" ;;
    esac
}

# join TYPE...: in place of what the config says of these types.
join() {
    local type
    for type in "$@"; do
        config --arg type "$type" --arg path "/proc/$other/ns/$(file_of "$type")" \
            'del(.linux.namespaces[] | select(.type == $type))
             | .linux.namespaces += [{ type: $type, path: $path }]'
    done
}

# assert_joined TYPE...: the container said so by `witness ns`.
assert_joined() {
    local type file
    for type in "$@"; do
        file=$(file_of "$type")
        assert_line "$file=$(readlink "/proc/$other/ns/$file")"
    done
}

@test "[N3] each type by itself" {
    local type
    live_in --net --ipc --uts --mount --pid --cgroup
    for type in network ipc uts mount cgroup pid; do
        local kept
        kept=$(cat "$bundle/config.json")
        join "$type"
        run_container ns
        printf '%s\n' "$kept" >"$bundle/config.json"
        assert_success
        assert_joined "$type"
    done
}

@test "[N3] a time namespace" {
    [ -e /proc/self/ns/time ] || skip "the kernel has no time namespaces"
    live_in --time --monotonic 3600
    join time
    run_container chain ns ';' cat /proc/self/timens_offsets
    assert_success
    assert_joined time
    assert_line --regexp '^monotonic +3600 +0$'
}

@test "[N3] many at once, in the order of the config and against it" {
    live_in --net --ipc --uts --pid
    join network ipc uts pid
    run_container ns
    assert_success
    assert_joined network ipc uts pid
    config '.linux.namespaces |= reverse'
    run_container ns
    assert_success
    assert_joined network ipc uts pid
}

@test "[N3] [N13] a user namespace, and others that belong to it" {
    live_in --user --map-root-user --net --ipc --uts --mount
    join user network ipc uts
    run_container chain ns ';' cat /proc/self/uid_map
    assert_success
    assert_joined user network ipc uts
    assert_line --regexp '^ +0 +0 +1$'
}

@test "[N3] [N13] a user namespace, beside namespaces that belong to the host" {
    live_in --user --map-root-user
    local user keepers="$other $keeper"
    user=$(readlink "/proc/$other/ns/user")
    config --arg user "/proc/$other/ns/user" '.linux.namespaces += [{ type: "user", path: $user }]'
    live_in --net --uts
    join network
    run_container ns
    # shellcheck disable=SC2086 # two numbers
    kill -KILL $keepers || :
    assert_success
    assert_line "user=$user"
    assert_joined network
}

@test "[N13] a new user namespace with joined namespaces of the host" {
    chmod 755 "$BATS_TEST_TMPDIR" "$bundle"
    live_in --net --ipc
    join network ipc
    config '.linux.namespaces += [{ type: "user" }] | .linux.uidMappings =
        [{ containerID: 0, hostID: 100000, size: 65536 }] | .linux.gidMappings = .linux.uidMappings'
    run_container chain ns ';' cat /proc/self/uid_map
    assert_success
    assert_joined network ipc
    assert_line --regexp '^ +0 +100000 +65536$'
}

@test "[N13] mappings beside a joined user namespace have to be those that it has" {
    live_in --user --map-root-user
    join user
    config '.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1 }]
        | .linux.gidMappings = .linux.uidMappings'
    run_container say joined
    assert_success
    assert_output joined
    config '.linux.uidMappings[0].hostID = 1'
    run_container say joined
    assert_failure 1
    assert_stderr_has \
        'linux.uidMappings: the user namespace that is joined has other mappings'
    nothing_left
}

# Of a namespace that is joined the host knows no mappings: what group it has, init finds out.
@test "[N13] a group that a joined user namespace lacks is left out of devpts" {
    live_in --user --map-root-user
    join user
    config '.mounts += [{ destination: "/dev/pts", type: "devpts", source: "devpts",
        options: ["newinstance,gid=5", "ptmxmode=0666", "mode=0620"] }]'
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_output hello
    assert_stderr_has "mounts[2].options: 'gid=5' is left out: the user namespace has no such group"
    witness_runs chain mounts ';' stat /dev/pts/ptmx
    run_container
    assert_success
    assert_output --partial 'mode=0666'
    assert_line --regexp '/dev/pts .*mode=620,ptmxmode=666'
    refute_line --regexp '/dev/pts .*gid='
    nothing_left
}

@test "[N13] a group that a joined user namespace has stays with devpts" {
    unshare --user --map-user 0 --map-group 5 --fork sleep 1000 3>&- &
    keeper=$!
    wait_until 5 pgrep -P "$keeper" >"$BATS_TEST_TMPDIR/other"
    other=$(tail -n 1 "$BATS_TEST_TMPDIR/other")
    join user
    config '.process.user.gid = 5 | .mounts += [{ destination: "/dev/pts", type: "devpts",
        source: "devpts", options: ["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] }]'
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    [[ $stderr != *'left out'* ]] || fail "$stderr"
    witness_runs mounts
    run_container
    assert_success
    assert_line --regexp '/dev/pts .*gid=0' # as the host counts
    nothing_left
}

@test "[N13] what else is wrong with devpts in a joined user namespace is told as ever" {
    live_in --user --map-root-user
    join user
    config '.mounts += [{ destination: "/dev/pts", type: "devpts", source: "devpts",
        options: ["gid=5", "nonsense=1"] }]'
    run_container
    assert_failure 1
    assert_stderr_has 'mounts[2]'
    ! kernel_since 6.1 || assert_stderr_has nonsense # older ones do not say what they mind
    nothing_left
}

@test "[N6] a path to a namespace of the caller joins nothing" {
    config '.linux.namespaces = [.linux.namespaces[] | select(.type != "ipc")]
        + [{ type: "ipc", path: "/proc/self/ns/ipc" }]'
    run_container ns
    assert_success
    assert_line "ipc=$(readlink /proc/self/ns/ipc)"
    config '.linux.namespaces |= map(select(.type != "uts"))
        + [{ type: "uts", path: "/proc/self/ns/uts" }]'
    bad_config . 'hostname: needs a new uts namespace'
}

@test "[N4] a path to a namespace of another type is refused" {
    bad_config '.linux.namespaces[0].path = "/proc/self/ns/net"' \
        'linux.namespaces[0].path: "/proc/self/ns/net" is a namespace of type network, not pid'
    bad_config '.linux.namespaces[0].path = "/dev/null"' \
        'linux.namespaces[0].path: "/dev/null" is no namespace'
    bad_config '.linux.namespaces[0].path = "/nowhere"' \
        'open the pid namespace "/nowhere": not found (ENOENT)'
    bad_config '.linux.namespaces[0].path = "ns"' \
        'linux.namespaces[0].path: "ns" is not an absolute path'
}

@test "[SY2] sysctls of a joined network namespace" {
    live_in --net
    join network
    config '.linux.sysctl = { "net.ipv4.ip_forward": "1" }'
    run_container sysctl net.ipv4.ip_forward
    assert_success
    assert_output 1
}

@test "create and start in joined namespaces; their other processes live on" {
    live_in --net --ipc --pid
    join network ipc pid
    create_container ns
    assert_equal "$(status_of "$id")" created
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    tare delete "$id"
    kill -0 "$other"
    nothing_left
}

@test "[LC8] what runs in joined namespaces is a child of the caller alone" {
    live_in --pid --net
    join pid network
    start_container session
    wait_until 5 has_status "$id" stopped
    grep -qx 'ppid=0' "$BATS_TEST_TMPDIR/output"
    refute [ "$(grep -x 'pid=1' "$BATS_TEST_TMPDIR/output")" ]
}

@test "[N3] (R18) a joined cgroup namespace shows no cgroup but the container's own" {
    live_in --cgroup
    join cgroup
    config '.mounts += [{ destination: "/sys", type: "tmpfs" },
        { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup" }]'
    run_container chain cat /sys/fs/cgroup/cgroup.procs ';' write /sys/fs/cgroup/cgroup.freeze 0
    assert_success
    assert_output '1
EROFS'
}

@test "[N3] the mount namespace of process 1 is not joined" {
    run unshare --mount "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    config '(.linux.namespaces[] | select(.type == "mount")).path = "/proc/1/ns/mnt"'
    run unshare --mount "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_failure 1
    assert_output --partial 'it is the mount namespace of process 1'
    nothing_left
}
