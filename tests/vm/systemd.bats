#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# systemd is process 1 of a container: the machine's own Debian, seen through an overlay.  It makes
# cgroups of its own below the container's, which it finds as the root of its cgroup namespace, and
# hands down the controllers by which the container is limited.

load ../helpers/tare
load vm

setup() {
    need_vm
    mount_debian "$BATS_TEST_TMPDIR/bundle/rootfs"
    setup_vm_bundle
    config '.process.args = ["/sbin/init"]
        | .process.env = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "container=oci"]
        | .process.noNewPrivileges = false
        | .process.capabilities = ($capabilities | split(" ")
            | { bounding: ., permitted: ., effective: . })
        | .linux.resources = { memory: { limit: 536870912 }, pids: { limit: 500 } }
        | .mounts += $mounts' \
        --arg capabilities "$(list_capabilities)" --argjson mounts "$(print_mounts)"
}

teardown() {
    teardown_bundle
    umount --lazy "$BATS_TEST_TMPDIR/bundle/rootfs" "$BATS_TEST_TMPDIR/layers" 2>/dev/null || :
}

# mount_debian DIRECTORY: an overlay over the machine's own root, in memory.
mount_debian() {
    local layers=$BATS_TEST_TMPDIR/layers
    mkdir -p "$layers" "$1"
    mount -t tmpfs tmpfs "$layers"
    mkdir "$layers/lower" "$layers/upper" "$layers/work"
    mount --bind / "$layers/lower"
    mount -t overlay overlay "$1" \
        -o "lowerdir=$layers/lower,upperdir=$layers/upper,workdir=$layers/work"
    : >"$1/etc/fstab"
    # What is slow here has not failed.
    mkdir -p "$1/etc/systemd/system.conf.d"
    printf '[Manager]\nDefaultTimeoutStartSec=600s\n' >"$1/etc/systemd/system.conf.d/slow.conf"
    # The machine's own: what runs the tests, and a user who would be logged in.
    rm "$1/etc/systemd/system/agent.service" "$1/var/lib/systemd/linger/tester"
}

list_capabilities() {
    capsh --print | sed -n 's/^Bounding set *=//p' | tr 'a-z,' 'A-Z '
}

print_mounts() {
    cat <<'JSON'
[
    { "destination": "/dev/pts", "type": "devpts", "source": "devpts",
      "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] },
    { "destination": "/dev/shm", "type": "tmpfs", "source": "shm",
      "options": ["nosuid", "noexec", "nodev"] },
    { "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
      "options": ["nosuid", "noexec", "nodev"] },
    { "destination": "/sys", "type": "sysfs", "source": "sysfs",
      "options": ["nosuid", "noexec", "nodev", "ro"] },
    { "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
      "options": ["nosuid", "noexec", "nodev", "rw"] },
    { "destination": "/run", "type": "tmpfs", "source": "tmpfs",
      "options": ["nosuid", "nodev", "mode=755"] },
    { "destination": "/run/lock", "type": "tmpfs", "source": "tmpfs",
      "options": ["nosuid", "nodev", "noexec"] },
    { "destination": "/tmp", "type": "tmpfs", "source": "tmpfs",
      "options": ["nosuid", "nodev", "mode=1777"] }
]
JSON
}

# inside COMMAND...: in all namespaces of the container.
inside() {
    nsenter --target "$(tare state "$id" | jq .pid)" --all -- "$@"
}

has_bus() {
    inside systemctl show-environment >/dev/null 2>&1
}

@test "a Debian with systemd boots until it is running" {
    local cgroup
    start_container
    wait_until 100 has_bus
    run inside systemctl is-system-running --wait
    [ "$output" = running ] || inside systemctl --failed --no-legend >&2
    assert_output running

    cgroup=$TARE_TEST_CGROUP/tare/$id
    [ -d "$cgroup/system.slice/dbus.service" ]
    assert_equal "$(<"$cgroup/cgroup.procs")" ''
    assert_equal "$(<"$cgroup/cgroup.subtree_control")" "memory pids"
    assert_equal "$(<"$cgroup/memory.max")" 536870912
    assert_equal "$(inside cat /proc/1/cgroup)" 0::/init.scope

    tare kill "$id" RTMIN+3
    wait_until 60 has_status "$id" stopped
    tare delete "$id"
    nothing_left
}
