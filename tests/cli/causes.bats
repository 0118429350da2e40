#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Each failure is made to happen, and its cause is found (src/cli/causes.c): the hint names it, what
# can be done, and the code that `tare explain` tells more of.

load ../helpers/tare
load ../helpers/causes
load ../helpers/rootless

setup() {
    setup_bundle
}

teardown() {
    leave_cgroup
    teardown_bundle
}

# program NAME [MODE]: a program of the image, from standard input, that is then the container's.
program() {
    cat >"$rootfs/$1"
    chmod "${2:-755}" "$rootfs/$1"
    config --arg path "/$1" '.process.args = [$path]'
}

@test "[E-NO-CONFIG] a directory that is no bundle" {
    rm "$bundle/config.json"
    fails 1 E-NO-CONFIG "a bundle has a config.json: \
'tare spec --bundle $bundle' writes one"
    cd "$BATS_TEST_TMPDIR"
    run_tare run "$id"
    assert_failure 1
    assert_stderr_has "'tare spec --bundle .' writes one [E-NO-CONFIG]"
    run_tare run --config config.json "$id"
    assert_stderr_has "'tare spec --bundle .' writes one [E-NO-CONFIG]"
    run_tare run --config other.json "$id"
    assert_stderr 'tare: run '"'$id'"': open other.json: not found (ENOENT)'
}

@test "[E-NO-ROOTFS] a root filesystem that is not there" {
    config '.root.path = "rotfs"'
    fails 1 E-NO-ROOTFS 'unpack an image at rotfs, which begins at the bundle unless it begins'
    assert_stderr_has 'root.path: open the root filesystem: open rotfs: not found (ENOENT)'
    config '.root.path = "/srv/rotfs"'
    fails 1 E-NO-ROOTFS 'unpack an image at /srv/rotfs, '
}

@test "[E-NO-ROOTFS] the same of --rootfs, and a file instead" {
    local log=$BATS_TEST_TMPDIR/log command
    cd "$BATS_TEST_TMPDIR"
    touch image.tar
    for command in "run --rootfs nope $id true" 'spec --rootfs nope'; do
        rm -f "$log"
        # shellcheck disable=SC2086 # words
        run_tare --log "$log" --log-format json $command
        assert_failure 1
        assert_stderr_has "open the root filesystem 'nope': not found (ENOENT)
hint: unpack an image at nope, or name another directory with --rootfs [E-NO-ROOTFS]"
        assert_equal "$(jq -r '[.cause, .syscall, .object] | join(" ")' "$log")" \
            'E-NO-ROOTFS openat nope'
    done
    run_tare spec --rootfs image.tar
    assert_failure 1
    assert_stderr_has "hint: --rootfs names the directory that an image was unpacked in: neither a \
file nor an archive [E-NO-ROOTFS]"
}

@test "[E-NO-INTERPRETER] a script whose interpreter is missing" {
    printf '#!/usr/bin/python3 -u\n' | program script
    fails 127 E-NO-INTERPRETER 'its interpreter, /usr/bin/python3, is not in the image'
    assert_stderr_has 'exec: "/script": no such file or directory'
}

@test "[E-NO-INTERPRETER] a program whose loader is missing" {
    readelf --program-headers "$(type -P true)" | grep -q interpreter || skip "true is static"
    program true <"$(type -P true)"
    fails 127 E-NO-INTERPRETER "its interpreter, $(readelf --program-headers "$(type -P true)" |
        sed -n 's/.*interpreter: \(.*\)]/\1/p'), is not in the image"
}

@test "[E-NO-INTERPRETER] the same where another mount hides the program from us" {
    mkdir "$rootfs/volume" "$BATS_TEST_TMPDIR/volume"
    printf '#!/nowhere\n' >"$BATS_TEST_TMPDIR/volume/script"
    chmod 755 "$BATS_TEST_TMPDIR/volume/script"
    config --arg volume "$BATS_TEST_TMPDIR/volume" '.process.args = ["/volume/script"] |
        .mounts += [{ destination: "/volume", source: $volume, options: ["bind"] }]'
    fails 127 E-NO-INTERPRETER 'if the file is there, its interpreter is not'
}

@test "[E-SCRIPT-CRLF] a script with the line ends of another system" {
    printf '#!/witness\r\nsay hello\r\n' | program script
    fails 127 E-SCRIPT-CRLF 'its first line, #!/witness, ends with a carriage return'
}

@test "[E-NO-INTERPRETER] an interpreter whose name is one of the words of engines is not named" {
    printf '#!/permission denied\n#!/no such file or directory' | program script
    fails 127 E-NO-INTERPRETER 'its interpreter, /permission, is not in the image'
    printf '#!/not-a-directory/is\n' | program script
    fails 127 E-NO-INTERPRETER 'its interpreter, /not-a-directory/is, is not in the image'
}

@test "[E-OTHER-MACHINE] a program for another machine" {
    { head -c 18 "$(type -P true)" && printf '\366\000' && tail -c +21 "$(type -P true)"; } |
        program other
    fails 126 E-OTHER-MACHINE 'it is for another machine: take an image for this machine'
    { head -c 18 "$(type -P true)" && printf '\026\000' && tail -c +21 "$(type -P true)"; } |
        program other
    fails 126 E-OTHER-MACHINE 'it is for s390x: take an image for this machine'
    assert_stderr_has 'exec: "/other": exec format error'
}

@test "[E-NO-PROGRAM] a script without an interpreter" {
    echo 'echo hello' | program script
    fails 126 E-NO-PROGRAM 'a script needs an interpreter in its first line, as in #!/bin/sh'
}

@test "[E-EMPTY-PROGRAM] a file without anything in it" {
    program empty </dev/null
    fails 126 E-EMPTY-PROGRAM 'it is an empty file: build or pull the image anew'
}

@test "[E-NOT-EXECUTABLE] a file that nobody may execute" {
    program witness 640 <"$witness"
    fails 126 E-NOT-EXECUTABLE 'its mode is 0640: chmod +x it in the image'
    assert_stderr_has 'exec: "/witness": permission denied'
}

@test "[E-NOT-EXECUTABLE] a file that the container's user may not execute" {
    needs faccessat2
    program witness 700 <"$witness"
    config '.process.user = { uid: 1000, gid: 1000 }'
    fails 126 E-NOT-EXECUTABLE 'it has to be a file that process.user may execute, below'
    assert_stderr_has 'exec: "/witness": permission denied'
}

@test "[E-DIRECTORY] a directory as the program" {
    config '.process.args = ["/proc"]'
    fails 126 E-DIRECTORY 'it names a directory: name a program in it'
    assert_stderr_has 'exec: "/proc": permission denied: is a directory'
}

@test "[E-NOEXEC] an interpreter on a mount with the option noexec" {
    mkdir "$rootfs/volume"
    config '.mounts += [{ destination: "/volume", source: "'"$rootfs"'",
        options: ["bind", "noexec"] }]'
    printf '#!/volume/witness\n' | program script
    fails 126 E-NOEXEC 'the file or its interpreter may not be executed, or lies on a mount with'
}

@test "[E-NO-COMMAND] a program that no directory of PATH has" {
    config '.process.args = ["sh"] | .process.env = ["PATH=/opt/bin:/bin"]'
    fails 127 E-NO-COMMAND 'PATH was /opt/bin:/bin: name the program with its path, or mend PATH'
    assert_stderr_has 'exec: "sh": executable file not found in $PATH'
}

@test "[E-NO-COMMAND] the same by exec" {
    start_container sleep 60
    expected_status=127 run_tare exec "$id" sh
    assert_stderr_has 'hint: PATH was /: name the program'
    assert_stderr_has '[E-NO-COMMAND]'
    tare delete --force "$id"
    nothing_left
}

# binds SOURCE: a mount of that on /mnt.
binds() {
    mkdir -p "$rootfs/mnt"
    config --arg source "$1" '.mounts += [{ destination: "/mnt", source: $source, type: "bind",
        options: ["bind"] }]'
}

@test "[E-SOURCE-MISSING] a source of which a part is missing, or is a link to nowhere" {
    mkdir "$BATS_TEST_TMPDIR/there"
    binds "$BATS_TEST_TMPDIR/there/not/this/one"
    fails 1 E-SOURCE-MISSING "$BATS_TEST_TMPDIR/there/not is missing on the host: make it"
    ln -s nowhere "$BATS_TEST_TMPDIR/there/not"
    fails 1 E-SOURCE-MISSING "$BATS_TEST_TMPDIR/there/not is missing on the host: make it"
}

@test "[E-NO-TUN] no device for tunnels" {
    config '.mounts += [{ destination: "/dev/net/tun", source: "/dev/net/tun", options: ["bind"] }]'
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-NO-TUN "the host's module for it is not loaded: modprobe tun" unshare --mount \
        "$BASH" -ec 'mount -t tmpfs tmpfs /dev; mknod -m 666 /dev/null c 1 3; exec "$@"' hidden
}

@test "[E-SOURCE-CLOSED] a source in a directory of somebody else's" {
    maps_ids 1000 1
    mkdir -p "$BATS_TEST_TMPDIR/closed/source"
    chmod 700 "$BATS_TEST_TMPDIR/closed"
    binds "$BATS_TEST_TMPDIR/closed/source"
    make_users_own
    chown 0:0 "$BATS_TEST_TMPDIR/closed"
    chmod 700 "$BATS_TEST_TMPDIR/closed"
    chown 1000:1000 "$BATS_TEST_TMPDIR"
    fails 1 E-SOURCE-CLOSED "$BATS_TEST_TMPDIR/closed may not be entered by us" plain
}

@test "[E-NO-FILESYSTEM] a filesystem that the kernel does not know" {
    mkdir "$rootfs/mnt"
    config '.mounts += [{ destination: "/mnt", source: "none", type: "nosuchfs" }]'
    fails 1 E-NO-FILESYSTEM '/proc/filesystems has no nosuchfs: load its module on the host'
}

@test "[E-IDMAP-FILESYSTEM] a filesystem without idmapped mounts is named" {
    needs mount_setattr
    mkdir "$BATS_TEST_TMPDIR/source"
    mount -t ramfs ramfs "$BATS_TEST_TMPDIR/source"
    binds "$BATS_TEST_TMPDIR/source"
    config '.mounts[-1] += { uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
        gidMappings: [{ containerID: 0, hostID: 1000, size: 10 }] }'
    fails 1 E-IDMAP-FILESYSTEM 'this kernel maps no ids on ramfs: leave the mappings out'
    umount "$BATS_TEST_TMPDIR/source"
}

@test "[E-IDMAP-FILESYSTEM] of several filesystems none is named" {
    needs mount_setattr
    mkdir -p "$BATS_TEST_TMPDIR/source/below"
    mount -t ramfs ramfs "$BATS_TEST_TMPDIR/source/below"
    binds "$BATS_TEST_TMPDIR/source"
    config '.mounts[-1] += { uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
        gidMappings: [{ containerID: 0, hostID: 1000, size: 10 }], options: ["rbind", "ridmap"] }'
    fails 1 E-IDMAP-FILESYSTEM 'not every filesystem has idmapped mounts (proc, sysfs and overlay'
    umount "$BATS_TEST_TMPDIR/source/below"
}

@test "[E-IDMAP-REFUSED] ids that we may not map" {
    needs mount_setattr
    mkdir "$BATS_TEST_TMPDIR/source"
    binds "$BATS_TEST_TMPDIR/source"
    config '.mounts[-1] += { uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
        gidMappings: [{ containerID: 0, hostID: 1000, size: 10 }] }'
    fails 1 E-IDMAP-REFUSED 'a source that is idmapped already stays as it is' \
        "$build/tests/helpers/refuse" EPERM mount_setattr --
}

@test "[E-NAMESPACE-LIMIT] a kind of namespaces of which there may be no more is named" {
    need_user_namespaces
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-NAMESPACE-LIMIT 'user.max_uts_namespaces is 0 and used up, here or in a user namespace' \
        nested "$BASH" -ec 'echo 0 >/proc/sys/user/max_uts_namespaces; exec "$@"' limited
}

@test "[E-NAMESPACE-LIMIT] a cgroup namespace, which is made inside" {
    need_user_namespaces
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-NAMESPACE-LIMIT 'user.max_cgroup_namespaces is 0 and used up, here or in a user namespace' \
        nested "$BASH" -ec 'echo 0 >/proc/sys/user/max_cgroup_namespaces; exec "$@"' limited
}

@test "[E-NAMESPACE-LIMIT] the same where init makes it" {
    need_user_namespaces
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-NAMESPACE-LIMIT 'user.max_cgroup_namespaces is 0 and used up, here or in a user' \
        nested "$BASH" -ec 'echo 0 >/proc/sys/user/max_cgroup_namespaces; exec "$@"' limited \
        "$build/tests/helpers/refuse" ENOSYS clone3 --
}

@test "[E-NAMESPACE-LIMIT] a kind that is not asked for is not named, be there ever so few" {
    need_user_namespaces
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-NAMESPACE-LIMIT 'user.max_ipc_namespaces is 1 and used up, here or in a user namespace' \
        nested "$BASH" -ec '
            echo 0 >/proc/sys/user/max_user_namespaces
            echo 0 >/proc/sys/user/max_time_namespaces
            echo 1 >/proc/sys/user/max_ipc_namespaces
            exec unshare --ipc "$@"' limited
}

# A tree that is attached nowhere counts as one.
@test "[E-NAMESPACE-LIMIT] mount namespaces, of which copies of mounts take some" {
    local most
    needs mounts
    need_user_namespaces
    for most in 1 3; do
        # shellcheck disable=SC2016 # expanded by the inner shell
        fails 1 E-NAMESPACE-LIMIT \
            "user.max_mnt_namespaces is $most and used up, here or in a user namespace" \
            nested "$BASH" -ec 'echo $1 >/proc/sys/user/max_mnt_namespaces; shift; exec "$@"' \
            limited "$most"
    done
}

# Each level goes one deeper, until there is none.
@test "[E-NAMESPACE-LIMIT] pid and user namespaces nest 32 deep, and no setting is named for that" {
    local deepest
    # shellcheck disable=SC2016 # expanded by the inner shell
    deepest='if unshare $KIND true 2>/dev/null
        then exec unshare $KIND "$BASH" -c "$0" "$0" "$@"
        else exec "$@"
        fi'
    KIND='--pid --fork --kill-child' fails 1 E-NAMESPACE-LIMIT \
        'namespaces of kind pid nest 32 deep, which no setting changes: start it further outside' \
        "$BASH" -c "$deepest" "$deepest"
    need_user_namespaces
    maps_ids 0 1
    KIND='--user --map-root-user' fails 1 E-NAMESPACE-LIMIT \
        'namespaces of kind user nest 32 deep, which no setting changes: start it further outside' \
        "$BASH" -c "$deepest" "$deepest"
}

@test "[E-NAMESPACE-LIMIT] the same where the kernel tells it of user namespaces" {
    need_user_namespaces
    maps_ids 0 1
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-NAMESPACE-LIMIT 'user.max_user_namespaces is 0 and used up, here or in a user namespace' \
        nested "$BASH" -ec 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"' limited
}

@test "[E-USERNS-CHROOT] a user namespace from within a chroot" {
    local new=$BATS_TEST_TMPDIR/new
    need_user_namespaces
    maps_ids 0 1
    # The root is no mount, but all that is below it is there.
    mkdir "$new"
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-USERNS-CHROOT 'we run in a chroot, where Linux makes no user namespaces' \
        unshare --mount "$BASH" -ec '
            mount -t tmpfs tmpfs "$1"
            mkdir "$1/root"
            for directory in /*; do
                [ -d "$directory" ] && [ ! -h "$directory" ] || continue
                mkdir "$1/root$directory"
                mount --rbind "$directory" "$1/root$directory"
            done
            cp -d /bin /lib* /sbin "$1/root" 2>/dev/null || :
            new=$1
            shift
            exec chroot "$new/root" "$@"' chrooted "$new"
}

@test "[E-USERNS-APPARMOR] Ubuntu gives plain users no rights in user namespaces" {
    local setting=/proc/sys/kernel/apparmor_restrict_unprivileged_userns
    [ "$(cat "$setting" 2>/dev/null)" = 1 ] || skip "needs $setting to be 1"
    maps_ids 1000 1
    make_users_own
    chown 1000:1000 "$BATS_TEST_TMPDIR"
    fails 1 E-USERNS-APPARMOR 'kernel.apparmor_restrict_unprivileged_userns is 1, which' plain
}

@test "[E-USERNS-REFUSED] a user namespace that a filter forbids" {
    maps_ids 0 1
    fails 1 E-USERNS-REFUSED 'the host may forbid user namespaces: see' \
        "$build/tests/helpers/refuse" EPERM clone clone3 --
    fails 1 E-USERNS-REFUSED 'a security module forbids it: AppArmor wants a profile' \
        "$build/tests/helpers/refuse" EACCES clone clone3 --
}

@test "[E-NAMESPACE-REFUSED] namespaces for who may make none" {
    config '.linux.namespaces |= map(select(.type != "user"))'
    fails 1 E-NAMESPACE-REFUSED 'new namespaces need CAP_SYS_ADMIN, or a user namespace in' \
        "$build/tests/helpers/refuse" EPERM clone clone3 --
}

@test "[E-PROCESS-LIMIT] a user with as many processes as he may have" {
    maps_ids 1000 1
    make_users_own
    chown 1000:1000 "$BATS_TEST_TMPDIR"
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-PROCESS-LIMIT 'RLIMIT_NPROC is 1, and the user has so many processes: end some' \
        plain prlimit --nproc=1
}

# The plain user has a limit of his own, as each login gives one.
@test "[E-PROCESS-LIMIT] a cgroup above with as many processes as it may have" {
    local above=$TARE_TEST_CGROUP/above
    echo +pids >"$TARE_TEST_CGROUP/cgroup.subtree_control" || skip "needs the controller of pids"
    mkdir -p "$above/own"
    config '.linux.cgroupsPath = "/above/own/web"'
    maps_ids 1000 1
    make_users_own
    chown -R 1000:1000 "$above" "$BATS_TEST_TMPDIR"
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-PROCESS-LIMIT \
        'pids.max of the cgroup /above is 1, and it has so many processes: end some, or raise it' \
        "$BASH" -ec 'echo $$ >"$1/own/cgroup.procs"; echo 1 >"$1/pids.max"; shift; exec "$@"' \
        full "$above" setpriv --reuid 1000 --regid 1000 --clear-groups prlimit --nproc=1000
    rmdir "$above/own" "$above"
}

@test "[E-PROCESS-LIMIT] a container that a cgroup has no room for leaves nothing" {
    local above=$TARE_TEST_CGROUP/above
    echo +pids >"$TARE_TEST_CGROUP/cgroup.subtree_control" || skip "needs the controller of pids"
    mkdir "$above"
    echo 0 >"$above/pids.max"
    config '.linux.cgroupsPath = "/above/web"'
    fails 1 E-PROCESS-LIMIT "pids.max of the container's cgroup, or of one above, is reached"
    assert_stderr_lacks warning
    rmdir "$above"
    nothing_left
}

@test "[E-PROCESS-LIMIT] neither limit is named where neither is reached" {
    maps_ids 1000 1
    make_users_own
    chown 1000:1000 "$BATS_TEST_TMPDIR"
    fails 1 E-PROCESS-LIMIT "pids.max of the container's cgroup, or of one above, is reached" \
        "$build/tests/helpers/refuse" EAGAIN clone3 -- \
        setpriv --reuid 1000 --regid 1000 --clear-groups prlimit --nproc=1000
}

# A user of its own: others of this number may have tests running.
@test "[E-KEY-QUOTA] a user who may have no more keys" {
    local user=$((50000 + BATS_SUITE_TEST_NUMBER))
    [ "$(uname -m)" = x86_64 ] && [ -x /usr/bin/python3 ] ||
        skip "needs python3 on x86_64, for the numbers of calls"
    maps_ids "$user" 1
    make_users_own
    chown -R "$user:$user" "$BATS_TEST_TMPDIR"
    fails 1 E-KEY-QUOTA "the user's quota is used up, see /proc/key-users" \
        setpriv --reuid "$user" --regid "$user" --clear-groups /usr/bin/python3 -c '
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
add_key, keyctl, join_session, session_keyring = 248, 250, 1, -3
libc.syscall(keyctl, join_session, None)
for i in range(100000):
    if libc.syscall(add_key, b"user", b"key%d" % i, b"x", 1, session_keyring) < 0:
        break
os.execv(sys.argv[1], sys.argv[1:])'
}

@test "[E-CGROUP-NOT-DELEGATED] a cgroup in one that is not ours" {
    maps_ids 1000 1
    config '.linux.cgroupsPath = "/somebody/web"'
    mkdir "$TARE_TEST_CGROUP/somebody"
    make_users_own
    chown 1000:1000 "$BATS_TEST_TMPDIR"
    fails 1 E-CGROUP-NOT-DELEGATED \
        'the cgroup above is not ours: have systemd delegate one (Delegate=yes in the unit' plain
    rmdir "$TARE_TEST_CGROUP/somebody"
}

@test "[E-CGROUP-NOT-DELEGATED] a limit of a user who has no cgroup" {
    config '.linux.resources.pids.limit = 5'
    maps_ids 1000 1
    make_users_own
    chown 1000:1000 "$BATS_TEST_TMPDIR"
    fails 1 E-CGROUP-NOT-DELEGATED 'the cgroup above is not ours: have systemd delegate one' plain
    assert_stderr_has 'linux.resources.pids.limit: needs a cgroup, and none can be made here: cgroup'
}

# asks_for_controller: a limit for which $controller has to be handed down.
asks_for_controller() {
    read -r controller _ <"$TARE_TEST_CGROUP/cgroup.controllers" || :
    case $controller in
    hugetlb) config '.linux.resources.hugepageLimits = [{ pageSize: "2MB", limit: 0 }]' ;;
    cpuset | cpu | io | memory | pids) controller=pids && config '.linux.resources.pids.limit = 5' ;;
    *) skip "needs a cgroup controller" ;;
    esac
}

@test "[E-CGROUP-NOT-DELEGATED] a controller in a cgroup that is not ours" {
    asks_for_controller
    maps_ids 1000 1
    make_users_own
    chown 1000:1000 "$BATS_TEST_TMPDIR"
    enter_delegated_cgroup
    fails 1 E-CGROUP-NOT-DELEGATED 'a systemd unit delegates with Delegate=yes' plain
}

@test "[E-CGROUP-READ-ONLY] a cgroup where they are mounted read-only" {
    config '.linux.cgroupsPath = "/web"'
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-CGROUP-READ-ONLY 'cgroup2 is mounted read-only: start the container that we are in' \
        unshare --mount "$BASH" -ec 'mount -o remount,bind,ro /sys/fs/cgroup; exec "$@"' read-only
}

@test "[E-CGROUP-READ-ONLY] a controller in such a one, of which a part is writable" {
    local above=$TARE_TEST_CGROUP/above
    asks_for_controller
    mkdir -p "$above/own"
    config '.linux.cgroupsPath = "/above/own/web"'
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-CGROUP-READ-ONLY 'mount cgroup2 writable' unshare --mount "$BASH" -ec '
        mount --bind "$1" "$1"
        mount --bind "$1/own" "$1/own"
        mount -o remount,bind,ro "$1"
        shift && exec "$@"' read-only "$above"
    rmdir "$above/own" "$above"
}

@test "[E-CGROUP-LIMIT] a cgroup below one that may have no more" {
    mkdir "$TARE_TEST_CGROUP/few"
    echo 0 >"$TARE_TEST_CGROUP/few/cgroup.max.descendants"
    config '.linux.cgroupsPath = "/few/web"'
    fails 1 E-CGROUP-LIMIT 'cgroup.max.descendants or cgroup.max.depth of a cgroup above is reached'
    rmdir "$TARE_TEST_CGROUP/few"
}

@test "[E-CGROUP-BUSY] a controller in a cgroup that has processes" {
    asks_for_controller
    mkdir "$TARE_TEST_CGROUP/inhabited"
    sleep 60 3>&- &
    echo $! >"$TARE_TEST_CGROUP/inhabited/cgroup.procs"
    config '.linux.cgroupsPath = "/inhabited/web"'
    fails 1 E-CGROUP-BUSY 'move them to a cgroup in it, or name a linux.cgroupsPath elsewhere'
    kill $!
    wait $! || :
    rmdir "$TARE_TEST_CGROUP/inhabited"
}

# What is mounted there is then a cgroup that has threads below it.
@test "[E-CGROUP-BUSY] a controller in a cgroup beside one of threads" {
    local above=$TARE_TEST_CGROUP/above
    asks_for_controller
    mkdir -p "$above/threads"
    echo "+$controller" >"$TARE_TEST_CGROUP/cgroup.subtree_control"
    echo threaded >"$above/threads/cgroup.type"
    config '.linux.cgroupsPath = "/fresh/web"'
    # shellcheck disable=SC2016 # expanded by the inner shell
    fails 1 E-CGROUP-BUSY \
        'name a linux.cgroupsPath elsewhere; inside a container, Podman has --cgroups=disabled' \
        unshare --mount "$BASH" -ec 'mount --bind "$1" /sys/fs/cgroup; shift; exec "$@"' \
        threaded "$above"
    rmdir "$above/threads" "$above"
}

@test "[E-RLIMIT] a hard limit above what we may have" {
    config '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 100, hard: 4294967295 }]'
    fails 1 E-RLIMIT 'the ceiling is /proc/sys/fs/nr_open; raising a hard limit needs'
    config '.process.rlimits = [{ type: "RLIMIT_CORE", soft: 4096, hard: 4096 }]'
    fails 1 E-RLIMIT 'raising a hard limit needs CAP_SYS_RESOURCE: lower it' \
        setpriv --bounding-set -sys_resource --inh-caps -sys_resource prlimit --core=0
}

@test "[E-BPF-REFUSED] device rules for who may not load them" {
    config '.linux.resources.devices = [{ allow: false, access: "rwm" }]'
    fails 1 E-BPF-REFUSED 'device rules need CAP_BPF and CAP_NET_ADMIN' \
        "$build/tests/helpers/refuse" EPERM bpf --
}

@test "[E-OPEN-FILES] a limit on open files that is too low" {
    fails 1 E-OPEN-FILES 'RLIMIT_NOFILE is 8: raise it, ulimit -n' prlimit --nofile=8
}

@test "[E-OPEN-FILES] a machine with as many open files as it may have" {
    fails 1 E-OPEN-FILES 'the machine has as many open files as fs.file-max allows: raise it' \
        "$build/tests/helpers/refuse" ENFILE openat2 --
}

@test "[E-PROCESS-LIMIT] the program of a user who has as many processes as he may have" {
    setpriv --reuid 54321 --clear-groups sh -c 'sleep 60 & sleep 60 & wait' 3>&- &
    wait_until 10 pgrep -u 54321 -x sleep >/dev/null
    config '.process.user = { uid: 54321, gid: 54321 }'
    fails 1 E-PROCESS-LIMIT 'the user has more processes than RLIMIT_NPROC allows: raise it in' \
        prlimit --nproc=1
    pkill -KILL -u 54321
    wait $! || :
}

@test "[E-DISK-FULL] a state directory without inodes" {
    mkdir "$state"
    mount -t tmpfs -o nr_inodes=1,mode=700 tmpfs "$state"
    fails 1 E-DISK-FULL "the filesystem of $state has no inodes left: make room, or name another"
    umount "$state"
}

@test "[E-KERNEL] a call that a sandbox hides" {
    fails 1 E-KERNEL 'tare needs Linux 5.10; the seccomp filter that we run under may hide' \
        "$build/tests/helpers/refuse" mounts --
}

# is_told CODE HINT COMMAND...: exec in a container that runs, by the command, is refused so.
is_told() {
    start_container sleep 60
    run --separate-stderr apart "${@:3}" "$TARE" --root "$state" exec "$id" /witness
    echo "standard error: $stderr"
    assert_failure
    assert_stderr_has "hint: $2"
    assert_stderr_has "[$1]"
    tare delete --force "$id"
    nothing_left
}

@test "[E-JOIN-REFUSED] a container of which we may not join the namespaces" {
    is_told E-JOIN-REFUSED 'joining needs CAP_SYS_ADMIN in the user namespaces that own them' \
        "$build/tests/helpers/refuse" EPERM setns --
}

@test "[E-KERNEL] a call that is hidden without a seccomp filter" {
    local memfd_create
    case $(uname -m) in
    x86_64) memfd_create=319 ;;
    aarch64) memfd_create=279 ;;
    *) skip "needs the number of memfd_create(2)" ;;
    esac
    [ "$(awk '/^Seccomp:/ { print $2 }' /proc/self/status)" = 0 ] || skip "runs under a filter"
    fails 1 E-KERNEL 'tare needs Linux 5.10; a sandbox may hide parts of it' \
        "$build/tests/fault/fault" at 0 "$memfd_create" 1 ENOSYS "$BATS_TEST_TMPDIR/tally" --
}

@test "[E-CAPABILITY-MISSING] a root is told of what the call needs, not of all that he lacks" {
    is_told E-CAPABILITY-MISSING 'root lacks CAP_SYS_ADMIN, CAP_SYS_PTRACE here: what tare is in' \
        setpriv --bounding-set -sys_ptrace,-sys_admin,-sys_nice \
        --inh-caps -sys_ptrace,-sys_admin,-sys_nice
    config '.linux.devices = [{ path: "/dev/odd", type: "c", major: 1, minor: 3, uid: 5, gid: 5 }]'
    fails 1 E-CAPABILITY-MISSING 'root lacks CAP_CHOWN here: what tare is in has to be given that' \
        setpriv --bounding-set -chown,-sys_nice --inh-caps -chown,-sys_nice
    config 'del(.linux.devices) | .process.user = { uid: 1000, gid: 1000 }'
    fails 1 E-CAPABILITY-MISSING 'root lacks CAP_SETUID here: what tare is in has to be given that' \
        setpriv --bounding-set -setuid --inh-caps -setuid
}

@test "[E-CAPABILITY-MISSING] a root who may not enter what is another's" {
    mkdir "$rootfs/closed"
    chown 1000:1000 "$rootfs/closed"
    chmod 700 "$rootfs/closed"
    config '.mounts += [{ destination: "/closed/made", type: "tmpfs" }]'
    fails 1 E-CAPABILITY-MISSING 'root lacks CAP_DAC_OVERRIDE here: what tare is in has to be' \
        setpriv --bounding-set -dac_override,-dac_read_search \
        --inh-caps -dac_override,-dac_read_search
}

# is_not_told WORD...: who lacks CAP_SYS_NICE and is refused something else hears nothing of that.
is_not_told() {
    run --separate-stderr apart setpriv --bounding-set -sys_nice --inh-caps -sys_nice \
        "${@}" --bundle "$bundle" "$id"
    echo "standard error: $stderr"
    assert_failure 1
    assert_stderr_has '(EPERM)'
    assert_stderr_lacks hint
    nothing_left
}

@test "a root who lacks capabilities is not told of them where they are not what is missing" {
    local closed=$BATS_TEST_TMPDIR/closed
    is_not_told "$build/tests/helpers/refuse" EPERM memfd_create -- "$TARE" --root "$state" run
    mkdir "$closed"
    chattr +i "$closed" 2>/dev/null || skip "no directory here can be made immutable"
    is_not_told "$TARE" --root "$state" run --pid-file "$closed/pid"
    chattr -i "$closed"
}
