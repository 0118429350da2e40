#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016 # variables of tare.bash; expanded by the inner shell
#
# Hosts that are arranged in another way than most: their cgroups, their mounts, the rights of their
# root, the limits of who calls.  A start works there, or is refused with an error that names the
# reason and the way out, and leaves nothing.  For kernels that lack something see fallbacks.bats,
# for what an outer container has rootless/{contained,nested,foreign}.bats.

load ../helpers/tare
load ../helpers/rootless

setup() {
    needs mounts pidfd_open # nothing starts without, and who stands in for tare needs a usual host
    setup_bundle
}

# host SCRIPT: runs the bundle where SCRIPT has changed what is mounted, with warnings.
host() {
    run --separate-stderr apart unshare --mount "$BASH" -ec "$1"'
        shift && exec "$@"' host "$BATS_TEST_TMPDIR" "$TARE" --root "$state" --log-level warn \
        run --bundle "$bundle" "$id"
    printf '%s\n' "output: $output" "standard error: $stderr" # shown if the test fails
}

works() {
    assert_success
    assert_line "${1:-hello}"
    nothing_left
}

# is_refused_with WORDS...: one error, which has them.
is_refused_with() {
    local words
    assert_failure 1
    assert_output ''
    assert_equal "$(grep -c '^tare: [^w]' <<<"$stderr")" 1
    for words; do
        assert_stderr_has "$words"
    done
    nothing_left
}

# Cgroups ----------------------------------------------------------------------------------------

# As systemd arranges it where cgroups of version 1 are wanted: those of version 2 are beside them.
hybrid='mount -t tmpfs tmpfs /sys/fs/cgroup && mkdir /sys/fs/cgroup/unified &&
    mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified'

@test "[CG3] where both versions of cgroups are mounted, the container's is one of version 2" {
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    witness_runs cat /proc/self/cgroup
    host "$hybrid"
    works "0::/tare/$id"
    assert_stderr_lacks cgroup
}

@test "[CG3] a life where both versions are mounted: pause, exec, limits, kill, delete" {
    witness_runs chain spawn sleep 1000 ';' sleep 1000
    config '.linux.resources.unified = { "cgroup.max.depth": "3" }'
    run --separate-stderr apart unshare --mount "$BASH" -ec "$hybrid"'
        tare() { "$1" --root "$2" "${@:5}"; }
        own=/sys/fs/cgroup/unified/tare/$4
        tare "$@" create --bundle "$3" "$4" </dev/null >/dev/null
        tare "$@" start "$4"
        cat $own/cgroup.max.depth
        tare "$@" exec "$4" /witness say inside
        tare "$@" pause "$4"
        grep frozen $own/cgroup.events
        tare "$@" resume "$4"
        tare "$@" kill --all "$4" KILL
        until grep -q "populated 0" $own/cgroup.events; do sleep 0.02; done
        tare "$@" delete "$4"' life "$TARE" "$state" "$bundle" "$id"
    assert_success
    assert_output $'3\ninside\nfrozen 1'
    nothing_left
}

@test "[CG3] where only version 1 is mounted there is no cgroup, with a warning; a limit is refused" {
    local old='mount -t tmpfs tmpfs /sys/fs/cgroup && mkdir /sys/fs/cgroup/pids'
    host "$old"
    works
    assert_stderr_has 'no cgroup of its own: no cgroup2 is mounted on /sys/fs/cgroup'
    config '.linux.resources.pids.limit = 10'
    host "$old"
    is_refused_with linux.resources.pids 'no cgroup2 is mounted on /sys/fs/cgroup'
    assert_stderr_has 'hint: boot with systemd.unified_cgroup_hierarchy=1, or mount cgroup2 on'
}

@test "[CG3] where cgroups are read-only there is none, with a warning; a limit is refused" {
    local read_only='mount -o remount,bind,ro /sys/fs/cgroup'
    host "$read_only"
    works
    assert_stderr_has "no cgroup of its own: cgroup /sys/fs/cgroup/tare/$id cannot be made"
    config '.linux.resources.pids.limit = 10'
    host "$read_only"
    is_refused_with linux.resources.pids '(EROFS)'
}

# Mounts -----------------------------------------------------------------------------------------

@test "a host without /sys, and one without /dev" {
    host 'mount -t tmpfs tmpfs /sys'
    works
    host 'mount -t tmpfs -o ro tmpfs /dev'
    works
}

@test "a host without /proc, or whose /proc shows nobody the others" {
    host 'umount --lazy /proc'
    works
    run --separate-stderr apart unshare --mount --pid --fork --kill-child --mount-proc "$BASH" -ec '
        mount -o remount,hidepid=2 /proc && exec "$@"' hidden "$TARE" --root "$state" \
        run --bundle "$bundle" "$id"
    works
}

@test "a plain user's start where /proc shows nobody the others" {
    need_user_namespaces
    make_users_own
    run --separate-stderr apart unshare --mount --pid --fork --kill-child --mount-proc "$BASH" -ec '
        mount -o remount,hidepid=2 /proc
        exec setpriv --reuid 1000 --regid 1000 --clear-groups unshare --user --map-root-user "$@"
        ' hidden "$TARE" --root "$state" run --bundle "$bundle" "$id"
    works
}

@test "a state directory that cannot be made: the error says how to name another" {
    run --separate-stderr apart unshare --mount "$BASH" -ec '
        exec 7<"$1" && shift && mount -t tmpfs -o ro tmpfs /run && exec /proc/self/fd/7 "$@"
        ' host "$TARE" run --bundle "$bundle" "$id"
    is_refused_with 'make the state directory /run/tare: read-only filesystem (EROFS)' --root
    mkdir "$BATS_TEST_TMPDIR/fixed"
    run --separate-stderr apart unshare --mount "$BASH" -ec '
        mount -t tmpfs -o ro tmpfs "$2" && exec "$1" --root "$2/state" run --bundle "$3" "$4"
        ' host "$TARE" "$BATS_TEST_TMPDIR/fixed" "$bundle" "$id"
    is_refused_with 'read-only filesystem (EROFS)' --root
}

@test "nothing that tare makes has to be executed: a /run and a /tmp with noexec" {
    local scratch=$BATS_TEST_TMPDIR/scratch
    mkdir "$scratch"
    run --separate-stderr apart unshare --mount "$BASH" -ec '
        mount -t tmpfs -o noexec tmpfs "$1"
        cp -r "$4" "$1/bundle"
        mount --bind "$4/rootfs" "$1/bundle/rootfs"
        mkdir "$1/tmp"
        exec env TMPDIR="$1/tmp" XDG_RUNTIME_DIR="$1" "$2" --root "$1/state" \
            run --bundle "$1/bundle" "$3"' host "$scratch" "$TARE" "$id" "$bundle"
    works
}

@test "a root filesystem with noexec: the error says why the program cannot be run" {
    expected_status=126 host 'mount --bind "$1/bundle/rootfs" "$1/bundle/rootfs"
        mount -o remount,bind,noexec "$1/bundle/rootfs"'
    assert_failure 126
    assert_stderr_has 'exec: "/witness": permission denied'
    assert_stderr_has 'on a mount with the option noexec' # in other words without faccessat2
    nothing_left
}

@test "a bundle on a filesystem that is read-only" {
    host 'mount --bind "$1/bundle" "$1/bundle" && mount -o remount,bind,ro "$1/bundle"'
    works
}

# Rights -----------------------------------------------------------------------------------------

# without CAPABILITY: as root who lacks it.
without() {
    run --separate-stderr apart setpriv --bounding-set "-$1" --inh-caps "-$1" \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    printf '%s\n' "$1: $output" "standard error: $stderr"
}

@test "[E-CAPABILITY-MISSING] root who lacks a capability runs a container, or is told which one it is" {
    local name refusals=0 names
    names=$(tare features | jq -r '.linux.capabilities[] | ltrimstr("CAP_") | ascii_downcase')
    for name in $names; do
        setpriv --bounding-set "-$name" --inh-caps "-$name" true 2>/dev/null || continue
        without "$name"
        if [ "$status" = 0 ]; then
            works
        else
            refusals=$((refusals + 1))
            is_refused_with "CAP_${name^^}"
        fi
    done
    [ "$refusals" -gt 3 ] # at least sys_admin, setpcap, mknod, setgid
}

@test "root without CAP_SYS_RESOURCE: no limit rises and no score sinks; the error names it" {
    config '.process.rlimits = [{ type: "RLIMIT_CORE", soft: 1, hard: 1 }]
        | .process.oomScoreAdj = 500'
    without sys_resource
    works
    config 'del(.process.oomScoreAdj)
        | .process.rlimits = [{ type: "RLIMIT_CORE", soft: 40960, hard: 40960 }]'
    (ulimit -c 10 && without sys_resource &&
        is_refused_with 'process.rlimits[0]' CAP_SYS_RESOURCE)
    config 'del(.process.rlimits) | .process.oomScoreAdj = -500'
    without sys_resource
    is_refused_with process.oomScoreAdj CAP_SYS_RESOURCE
}

# Limits of the caller ---------------------------------------------------------------------------

# limited OPTIONS: by a shell that has set this with ulimit.
limited() {
    run --separate-stderr apart "$BASH" -c "ulimit $1"' && exec "$@"' limited \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    printf '%s\n' "$1: $output" "standard error: $stderr"
}

@test "few open files: 24 are enough, and for fewer the error names the limit" {
    needs_own_calls
    local number
    for number in {3..23}; do
        limited "-n $number"
        if [ "$status" = 0 ]; then
            works
        else
            is_refused_with '(EMFILE)' RLIMIT_NOFILE
        fi
    done
    limited '-n 24'
    works
}

@test "small files: the error names the limit" {
    local size
    for size in 0 1 64 1000; do
        # All that it writes is heard through a pipe, which is not limited.
        run "$BASH" -c "ulimit -f $size"' && exec "$@"' limited \
            "$TARE" --root "$state" run --bundle "$bundle" "$id"
        stderr=$output output=
        is_refused_with '(EFBIG)' RLIMIT_FSIZE
    done
    limited '-f 300000'
    works
}

@test "no core files, no locked memory, no pending signals, a small stack" {
    local option
    for option in '-c 0' '-l 0' '-i 0' '-s 128'; do
        limited "$option"
        works
    done
}

@test "few addresses: the error names the limit" {
    needs_own_calls
    limited '-v 100000'
    is_refused_with '(ENOMEM)' RLIMIT_AS
}

@test "few processes of a plain user: the error names the limit" {
    need_user_namespaces
    make_users_own
    local number
    for number in 1 100; do
        run --separate-stderr apart setpriv --reuid 1000 --regid 1000 --clear-groups "$BASH" -c '
            ulimit -u "$1" && shift && exec unshare --user --map-root-user "$@"' limited "$number" \
            "$TARE" --root "$state" run --bundle "$bundle" "$id"
        echo "$number: $stderr"
        if [ "$number" = 1 ]; then
            is_refused_with '(EAGAIN)' RLIMIT_NPROC
        else
            works
        fi
    done
}
