#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2034 # variables of tare.bash, read and set

# The config asks for a user namespace: whole containers of root and of a plain user.

load ../helpers/tare
load ../helpers/rootless
load ../helpers/terminal

setup() {
    need_user_namespaces
    setup_bundle
    (cd "$BATS_TEST_TMPDIR" && tare spec)
    mv "$BATS_TEST_TMPDIR/config.json" "$bundle"
    config '.process.terminal = false'
    make_users_own
}

teardown() {
    teardown_bundle
    leave_cgroup
    [ -z "${mounted:-}" ] || umount --recursive "$mounted"
}

# As root, whose the state directory is then; the root filesystem is for the ids of the container.
of_root() {
    chown 0:0 "$state"
    chown -R 100000:100000 "$rootfs"
    "$@"
}

@test "[N13] [D10] root runs the config of spec with a range of ids" {
    maps_ids 100000 65536
    run_as of_root chain ids ';' cat /proc/self/uid_map ';' open /dev/null rw ';' stat /dev/full ';' \
        cat /proc/keys ';' mounts
    assert_success
    assert_line uid=0:0:0
    assert_line --regexp '^ +0 +100000 +65536$'
    assert_line ok
    assert_line --regexp '^/dev/full: char mode=0666 .* rdev=1:7 '
    assert_line --regexp ' / /proc rw,relatime - proc proc '
    assert_line --regexp ' / /sys ro,.* - sysfs sysfs '
    assert_line --regexp ' / /dev/pts .*gid=100005'
    assert_line --regexp ' / /dev/mqueue .*- mqueue '
    assert_line --regexp ' / /sys/fs/cgroup ro,.* - cgroup2 '
    assert_stderr ''
    nothing_left
}

@test "[N13] a plain user runs it with a map of his own id" {
    maps_ids 1000 1
    config '.root.readonly = false'
    run_as plain chain ids ';' cat /proc/self/uid_map ';' open /dev/null rw ';' write /file text ';' \
        mounts
    assert_success
    assert_line uid=0:0:0
    assert_line --regexp '^ +0 +1000 +1$'
    assert_line ok
    assert_line --regexp ' / /proc rw,relatime - proc proc '
    assert_line --regexp ' / /sys ro,.* - sysfs sysfs '
    assert_line --regexp ' / /dev/mqueue .*- mqueue '
    assert_equal "$(stat -c %u "$rootfs/file")" 1000
    assert_stderr_has 'the container gets no cgroup of its own'
    assert_stderr_has "'gid=5' is left out"
    assert_stderr_lacks refuses
    nothing_left
}

@test "[N13] a plain user runs it with the ids that /etc/subuid grants him" {
    command -v newuidmap >/dev/null || skip "needs newuidmap"
    maps_ids 1000 1 100000 65536
    config '.process.user = { uid: 7, gid: 8, additionalGids: [9], umask: 18 }'
    run_as granted chain ids ';' cat /proc/self/uid_map ';' mounts
    assert_success
    assert_line uid=7:7:7
    assert_line gid=8:8:8
    assert_line groups=9
    assert_line --regexp '^ +0 +1000 +1$'
    assert_line --regexp '^ +1 +100000 +65536$'
    assert_line --regexp ' / /dev/pts .*gid=100004'
    nothing_left
}

@test "[N13] root who may not map ids is told what he lacks, besides what newuidmap says" {
    command -v newuidmap >/dev/null || skip "needs newuidmap"
    maps_ids 100000 65536
    chown 0:0 "$state"
    without_setuid() { setpriv --bounding-set -setuid --inh-caps -setuid "$@"; }
    run_as without_setuid say hello
    assert_failure 1
    assert_stderr_has 'linux.uidMappings: give birth to init: '
    assert_stderr_has 'newuidmap'
    assert_stderr_has 'hint: root may write any map if it has CAP_SETUID here; /etc/subuid says'
    nothing_left
}

# Nobody but root could write it from outside: the process is somebody else's, or not dumpable.
@test "[P15] a plain user's oom score is set whoever the process is" {
    command -v newuidmap >/dev/null || skip "needs newuidmap"
    maps_ids 100000 65536
    config '.process.oomScoreAdj = 500'
    run_as granted chain oom ';' cat /proc/self/uid_map
    assert_success
    assert_line oom_score_adj=500
    config '.process.oomScoreAdj = -500'
    run_as granted oom
    assert_failure 1
    assert_stderr_has 'process.oomScoreAdj'
    assert_stderr_has 'hint: a score below that with which somebody started needs CAP_SYS_RESOURCE'
    nothing_left
}

@test "[P15] [N3] a plain user's oom score is set in joined namespaces" {
    maps_ids 1000 1
    plain unshare --user --map-root-user --net --fork sleep 1000 3>&- &
    local keeper=$! other
    wait_until 5 pgrep -P "$keeper" >"$BATS_TEST_TMPDIR/other"
    other=$(tail -n 1 "$BATS_TEST_TMPDIR/other")
    config --arg proc "/proc/$other/ns" '.process.oomScoreAdj = 500
        | del(.linux.uidMappings, .linux.gidMappings)
        | .linux.namespaces |= map(select(.type != "user" and .type != "network"))
        | .linux.namespaces += [{ type: "user", path: ($proc + "/user") },
            { type: "network", path: ($proc + "/net") }]'
    run_as plain chain oom ';' ns
    kill -KILL "$other"
    assert_success
    assert_line oom_score_adj=500
    nothing_left
}

@test "[N13] a plain user gets no ids that are not granted" {
    maps_ids 1000 1 200000 65536
    run_as granted
    assert_failure 1
    assert_stderr_has 'linux.uidMappings'
    nothing_left
}

@test "[N13] without a user namespace in the config a plain user is told what is missing" {
    needs mounts # by which is seen who may make any
    run_as plain
    assert_failure 1
    assert_stderr_has 'linux.namespaces: uid 1000 may not make these without a user namespace'
    assert_stderr_has 'hint: add {"type": "user"}'
    nothing_left
}

@test "a plain user's container has a whole life, with processes of other ids in it" {
    command -v newuidmap >/dev/null || skip "needs newuidmap"
    maps_ids 1000 1 100000 65536
    config '.process.user = { uid: 7, gid: 8, umask: 18 }'
    witness_runs sleep 100
    granted "$TARE" --root "$state" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    plain "$TARE" --root "$state" start "$id"
    has_plain_status running
    plain "$TARE" --root "$state" kill "$id" KILL
    wait_until 5 has_plain_status stopped
    plain "$TARE" --root "$state" delete "$id"
    nothing_left
}

has_plain_status() {
    [ "$(plain "$TARE" --root "$state" state "$id" | jq -r .status)" = "$1" ]
}

@test "[CG3] in a delegated cgroup a plain user's container gets one of its own" {
    enter_delegated_cgroup
    maps_ids 1000 1
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    run_as plain chain cat /proc/self/cgroup ';' mounts ';' mkdir /sys/fs/cgroup/x
    assert_success
    assert_line "0::/users/own/$id"
    assert_line --regexp "/$id /sys/fs/cgroup ro,.* - cgroup2 "
    assert_line EROFS
    assert_stderr_lacks cgroup
    leave_cgroup
    nothing_left
}

@test "[M5] (R18) with the network of the host /sys is the host's, read-only to its last mount" {
    needs mount_setattr # since there are mounts below /sys
    maps_ids 1000 1
    config 'del(.linux.namespaces[] | select(.type == "network"))'
    run_as plain mounts
    assert_success
    assert_line --regexp ' / /sys ro,nosuid,nodev,noexec,relatime - sysfs '
    refute_line --regexp ' /sys[^ ]* rw'
    assert_stderr_has "so the host's /sys is bound on /sys"
    nothing_left
}

@test "[M5] where /proc is masked a plain user's container gets the host's, with a warning" {
    needs mount_setattr # since there are mounts below /sys
    maps_ids 1000 1
    run_as plain_in_masked chain cat /proc/self/uid_map ';' cat /proc/keys ';' mounts
    assert_success
    assert_line --regexp '^ +0 +1000 +1$'
    assert_stderr_has "mounts[0]: the kernel refuses a new proc, so the host's /proc is bound"
    assert_stderr_has 'unmask=ALL'
    nothing_left
}

plain_in_masked() {
    masked_outside setpriv --reuid 1000 --regid 1000 --clear-groups "$@"
}

@test "[MO34] a bind that is a slave gets what the host mounts later" {
    mkdir -p "$bundle/source/later"
    mount --bind "$bundle/source" "$bundle/source"
    mounted=$bundle/source
    mount --make-shared "$bundle/source"
    maps_ids 1000 1
    config '.mounts += [{ destination: "/a", source: "source", options: ["rbind", "rslave"] },
        { destination: "/b", source: "source", options: ["rbind"] }]'
    witness_runs chain mounts
    plain "$TARE" --root "$state" create --bundle "$bundle" "$id" </dev/null \
        >"$BATS_TEST_TMPDIR/output" 2>&1
    mount -t tmpfs late "$bundle/source/later"
    plain "$TARE" --root "$state" start "$id"
    wait_until 5 has_plain_status stopped
    run cat "$BATS_TEST_TMPDIR/output"
    assert_line --regexp ' /a/later .*- tmpfs late '
    refute_line --regexp ' /b/later '
    plain "$TARE" --root "$state" delete "$id"
}

@test "[P2] a terminal" {
    maps_ids 1000 1
    config '.process.terminal = true'
    witness_runs chain stat /dev/console ';' open /dev/tty rw
    at_terminal -- setpriv --reuid 1000 --regid 1000 --clear-groups \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line --regexp '^/dev/console: char '
    assert_line ok
    nothing_left
}

@test "[MO48] [MO51] a plain user's tmpfs has the container's ids; no mount gets others" {
    maps_ids 1000 1 100000 1000
    config '.mounts += [{ destination: "/tmp", type: "tmpfs",
        options: ["idmap", "uid=5", "gid=6", "mode=755"] }]'
    run_as granted stat /tmp
    assert_success
    assert_line --partial '/tmp: directory mode=0755 uid=5 gid=6'
    config '.mounts[-1] = { destination: "/tmp", source: ".", options: ["bind", "idmap"] }'
    run_as granted
    assert_failure 1
    assert_stderr_has 'mounts[7].options[1]: we may not map the ids of a mount here'
    nothing_left
}

@test "[M4] binds of root's, which only root can reach" {
    local own=$BATS_TEST_TMPDIR/own
    mkdir -m 700 "$own"
    echo secret >"$own/file"
    chmod 644 "$own/file"
    maps_ids 100000 65536
    config --arg source "$own/file" '.mounts += [{ destination: "/bound", source: $source,
        options: ["bind", "ro"] }]'
    run_as of_root cat /bound
    assert_success
    assert_output secret
    nothing_left
}

# mount_strict DIRECTORY: the source of a mount on /a, with all flags that the host can lock.
mount_strict() {
    mkdir -p "$1/source"
    mount -t tmpfs -o ro,nosuid,nodev,noexec source "$1/source"
    mounted=$1/source
    snapshot_before=$(snapshot)
    maps_ids 100000 65536
    config --arg source "$mounted" \
        '.process.capabilities = (["CAP_SYS_ADMIN"] | { bounding: ., permitted: ., effective: . })
        | .mounts += [{ destination: "/a", source: $source, options: ["rbind"] }]'
}

# keeps_flags: root of the container cannot clear any of them.
keeps_flags() {
    run_as of_root chain clear-flags /a ';' mounts
    assert_success
    assert_line --index 0 EPERM
    assert_line --regexp ' / /a ro,nosuid,nodev,noexec,relatime - tmpfs source '
    [[ "$stderr" != *'has mounted'* ]] || fail "$stderr"
    nothing_left
}

@test "(R11) what the host has mounted keeps its flags, also against root of the container" {
    mount_strict "$bundle"
    keeps_flags
}

@test "(R11) and where root of the container cannot reach it, as in the storage of engines" {
    needs mount_setattr # for the host's /sys, where a new one is refused
    local own=$BATS_TEST_TMPDIR/own
    mkdir -m 700 "$own"
    mount_strict "$own"
    keeps_flags
    # Another way to be born: over a bridge.
    config '(.linux.namespaces[] | select(.type == "network")).path = "/proc/self/ns/net"'
    keeps_flags
}

@test "(R11) a warning names what the kernel does not lock" {
    mount_strict "$bundle"
    umount "$mounted"
    mount -t tmpfs source "$mounted"
    mkdir "$mounted/below"
    mount -t tmpfs below "$mounted/below"
    snapshot_before=$(snapshot)
    config '.mounts[-1].options = ["bind"]'
    run_as of_root mounts
    assert_success
    [[ "$stderr" != *'may clear'* ]] || fail "$stderr"
    mount -o remount,bind,ro,nosuid "$mounted"
    run_as of_root mounts
    assert_success
    assert_line --regexp ' / /a ro,nosuid,relatime - tmpfs source '
    assert_stderr_has "mounts[$(jq '.mounts | length - 1' "$bundle/config.json")]: "
    assert_stderr_has "the host has it mounted ro,nosuid, which root of the container may clear on /a"
    assert_stderr_has 'rbind takes them along'
    config '.mounts[-1].options += ["rw", "suid"]'
    run_as of_root mounts
    assert_success
    [[ "$stderr" != *'may clear'* ]] || fail "$stderr"
    nothing_left
}
