# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # variables of tare.bash or bats
#
# Podman of the plain user `tester`, as Debian has it, in the machine itself; on top of
# tests/engines/podman.bash, whose start_box, seen and podman_says it takes:
#
#     load ../helpers/tare
#     load ../engines/podman
#     load vm
#     load podman
#
# RUNTIME is the runtime under test, as there.  `podman` is a program that becomes tester, in the
# cgroup of $PODMAN_CALLER: by default one that the user's systemd has been delegated, with a
# neighbour $delegated to make containers in.

users_cgroup=/user.slice/user-1000.slice/user@1000.service
delegated=$users_cgroup/podman/boxes

as_tester() {
    # shellcheck disable=SC2016 # the words are the inner shell's
    setpriv --reuid=tester --regid=tester --init-groups env -i PATH="$PATH" HOME=/home/tester \
        XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus \
        sh -c 'cd && exec "$@"' tester "$@"
}

# The user's systemd is in a cgroup below its own, so that controllers can be handed down.
make_delegated() {
    local cgroup
    for cgroup in "$users_cgroup" "$users_cgroup/podman" "$delegated"; do
        as_tester mkdir -p "/sys/fs/cgroup$cgroup"
        as_tester sh -c 'echo "+cpu +cpuset +io +memory +pids" >"$1"' - \
            "/sys/fs/cgroup$cgroup/cgroup.subtree_control"
    done
    as_tester mkdir -p "/sys/fs/cgroup$users_cgroup/podman/caller"
    mkdir -p /sys/fs/cgroup/undelegated
}

tester_configs() {
    local folder=/home/tester/.config/containers
    as_tester mkdir -p "$folder"
    # What users are told to write, and a manager of cgroups, which the tests name themselves.
    sed -e "/^tare = /s|\[.*|[\"$TARE\"]|" -e '/^\[engine\]/a cgroup_manager = "cgroupfs"' \
        "$podman_files/../../contrib/podman/tare.conf" >"$folder/containers.conf"
    echo '{ "default": [{ "type": "insecureAcceptAnything" }] }' >"$folder/policy.json"
    printf '%s\n' '[storage]' 'driver = "overlay"' >"$folder/storage.conf"
}

tester_wrapper() {
    cat >"$world/bin/podman" <<SCRIPT
#!/bin/sh
echo 0 >"/sys/fs/cgroup\${PODMAN_CALLER:-$users_cgroup/podman/caller}/cgroup.procs"
cd /home/tester
exec setpriv --reuid=tester --regid=tester --init-groups env -i PATH=/usr/bin:/bin:/usr/sbin \\
    HOME=/home/tester XDG_RUNTIME_DIR=/run/user/1000 \\
    DBUS_SESSION_BUS_ADDRESS="unix:path=\${PODMAN_BUS:-/run/user/1000/bus}" \\
    $(command -v podman) --log-level=error --runtime='${RUNTIME:-tare}' "\$@"
SCRIPT
    chmod +x "$world/bin/podman"
}

# undelegated COMMAND...: in a cgroup where tester may make nothing, and without the bus by which
# Podman would ask systemd for another.
undelegated() {
    PODMAN_CALLER=/undelegated PODMAN_BUS=/none "$@"
}

# What containers could leave: processes, cgroups, state.
tester_snapshot() {
    local process name
    find /run/user/1000/tare /run/user/1000/crun /run/user/1000/runc -mindepth 1 \
        -printf 'state: %p\n' 2>/dev/null
    find "/sys/fs/cgroup$users_cgroup/podman" -mindepth 2 -type d -printf 'cgroup: %p\n'
    for process in /proc/[0-9]*; do
        { read -r name <"$process/comm"; } 2>/dev/null || continue
        case $name in
        tare* | conmon | crun* | runc* | slirp4netns | pasta* | rootlessport | sleep | httpd)
            echo "process: ${process#/proc/} $name" ;;
        esac
    done
    return 0
}

tester_left_nothing() {
    comes_back_to "$1" tester_snapshot
}

# For bats: in place of those of tests/engines/podman.bash.

setup_file() {
    [ -n "${TARE_TEST_VM:-}" ] || return 0
    runtime_retries
    world=$BATS_FILE_TMPDIR/podman
    export world PATH="$world/bin:$PATH"
    mkdir -p "$world/bin"
    chmod go+x "$BATS_RUN_TMPDIR" "${BATS_FILE_TMPDIR%/*}" "$BATS_FILE_TMPDIR" "$world"
    make_delegated
    tester_configs
    tester_wrapper
    podman_image
    podman import --quiet --change 'ENV IMAGE=says' --change 'CMD ["sh"]' "$world/box.tar" \
        box >/dev/null
}

teardown_file() {
    [ -z "${world:-}" ] || podman_clear
}

setup() {
    need_vm
    runtime_attempt
    name=test-$BATS_TEST_NUMBER
    tester_before=$(tester_snapshot)
}

teardown() {
    [ -n "${tester_before:-}" ] || return 0
    podman rm --all --force --time 0 >/dev/null
    tester_left_nothing "$tester_before"
}
