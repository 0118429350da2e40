# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of tare.bash, read and set
#
# What the tests of tests/rootless share: tare where it is not root of the host.

# nested COMMAND...: as root of a user namespace that owns its mount and pid namespaces, like in an
# outer container with a user namespace.
nested() {
    unshare --user --map-root-user --mount --pid --fork --kill-child --mount-proc "$@"
}

# foreign COMMAND...: as root of a user namespace in the mount namespace of somebody else.
foreign() {
    unshare --user --map-root-user "$@"
}

# masked_outside COMMAND...: where an outer engine has masked a file and a directory of /proc and
# one of /sys, so that the kernel refuses new ones to a user namespace.  One elsewhere, which
# somebody on this machine may have mounted at this very moment, would let it allow them.
masked_outside() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount --pid --fork --kill-child --mount-proc "$BASH" -c '
        awk "/ - (proc|sysfs) / && \$5 !~ /^.(proc|sys)\$/ { print \$5 }" /proc/self/mountinfo |
            xargs -r -d "\n" umount --lazy &&
        mount --bind /dev/null /proc/keys &&
        mount -t tmpfs -o ro,size=4k mask /proc/acpi &&
        mount -t tmpfs -o ro,size=4k mask /sys/firmware &&
        exec "$@"' masked "$@"
}

# masked COMMAND...: the same as root of a user namespace.
masked() {
    masked_outside unshare --user --map-root-user --mount "$@"
}

# run_as HOW [WORD...]: runs the bundle to its end where HOW says, with warnings shown; the words
# are for the witness.
run_as() {
    local how=$1
    shift
    [ $# = 0 ] || witness_runs "$@"
    run --separate-stderr apart "$how" "$TARE" --root "$state" --log-level warn \
        run --bundle "$bundle" "$id"
    printf "%s\n" "output: $output" "standard error: $stderr" # shown if the test fails
}

# Through files, as tare_apart.
apart() {
    local result=0 files=$BATS_TEST_TMPDIR/apart
    "$@" >"$files.out" 2>"$files.err" </dev/null || result=$?
    [ ! -s "$files.out" ] || printf '%s\n' "$(<"$files.out")"
    [ ! -s "$files.err" ] || printf '%s\n' "$(<"$files.err")" >&2
    return "$result"
}

# with_devices COMMAND...: nested, and the host has its devices under names of its own, which only
# /dev/char knows.
with_devices() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount "$BASH" -ec '
        mount -t tmpfs -o mode=755 devices /dev
        mkdir /dev/char
        for device in null:3 zero:5 odd:7 random:8 urandom:9 tty:5:0; do
            number=${device#*:}
            case $number in *:*) ;; *) number=1:$number ;; esac
            mknod -m 666 "/dev/${device%%:*}" c "${number%:*}" "${number#*:}"
        done
        ln -s ../odd /dev/char/1:7
        exec unshare --user --map-root-user "$@"' devices "$@"
}

# That nothing on standard error speaks of TEXT.
assert_stderr_lacks() {
    case $stderr in
    *"$1"*) fail "standard error has: $1
it is: $stderr" ;;
    esac
}

need_user_namespaces() {
    unshare --user --map-root-user true 2>/dev/null || skip "needs user namespaces"
}

# A plain user -----------------------------------------------------------------------------------

# user COMMAND...: as root of a user namespace that uid 1000 has made.
user() {
    setpriv --reuid 1000 --regid 1000 --clear-groups unshare --user --map-root-user "$@"
}

# Gives the bundle and the state directory to uid 1000, who can also reach them.
make_users_own() {
    local directory=$BATS_TEST_TMPDIR
    mkdir "$state"
    chown -R 1000:1000 "$bundle" "$state"
    while [ "$directory" != / ]; do
        chmod o+x "$directory"
        directory=$(dirname "$directory")
    done
    snapshot_before=$(snapshot)
}

# A cgroup that is uid 1000's as systemd would delegate it, with this test's shell in it.
enter_delegated_cgroup() {
    mkdir -p "$TARE_TEST_CGROUP/users/own"
    chown 1000:1000 "$TARE_TEST_CGROUP/users/own"{,/cgroup.procs,/cgroup.subtree_control}
    echo $BASHPID >"$TARE_TEST_CGROUP/users/own/cgroup.procs"
}

leave_cgroup() {
    [ -d "$TARE_TEST_CGROUP/users" ] || return 0
    echo $BASHPID >"$TARE_TEST_CGROUP/tests/cgroup.procs"
    rmdir "$TARE_TEST_CGROUP/users/own" "$TARE_TEST_CGROUP/users"
}

# plain COMMAND...: as uid 1000, without any rights.
plain() {
    setpriv --reuid 1000 --regid 1000 --clear-groups "$@"
}

# granted COMMAND...: plain, and /etc/subuid grants 65536 ids from 100000 on.
granted() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount "$BASH" -ec '
        cd "$1"
        shift
        echo "someone:x:1000:1000::/:/bin/sh" >passwd
        echo "someone:100000:65536" >subuid
        for file in passwd subuid; do
            mount --bind "$file" "/etc/$file"
        done
        mount --bind subuid /etc/subgid
        exec setpriv --reuid 1000 --regid 1000 --clear-groups "$@"' granted "$BATS_TEST_TMPDIR" "$@"
}

# maps_ids OUTSIDE SIZE [OUTSIDE SIZE...]: the config asks for a new user namespace in which these
# ids are those from 0 on.
maps_ids() {
    config '.linux.namespaces += [{ type: "user" }] | .linux.uidMappings = [
        [$ARGS.positional | map(tonumber) | _nwise(2)] | foreach .[] as [$outside, $size]
            (0; . + $size; { containerID: (. - $size), hostID: $outside, size: $size })] |
        .linux.gidMappings = .linux.uidMappings' --args -- "$@"
}
