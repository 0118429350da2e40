# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of tare.bash, systemd.bash and fault.bash
#
# The commands that are struck where systemd makes the cgroups.  To be loaded behind systemd.bash
# and commands.bash, some of whose functions are others here.

setup_scopes() {
    setup_faults
    setup_systemd
    options=(--systemd-cgroup)
    parent=fault.slice:tare:
    cgroups=$slices/fault.slice
    "${manager[@]}" start fault.slice
    name_scope
    keep_look
}

teardown_scopes() {
    teardown_faults
    [ -z "${slices:-}" ] || "${manager[@]}" stop fault.slice
    teardown_systemd
}

tare() {
    "$TARE" --root "$state" --systemd-cgroup "$@"
}

name_scope() {
    config --arg path "$parent$id" '.linux.cgroupsPath = $path'
}

own_cgroup() {
    echo "$cgroups/tare-$id.scope/container"
}

# So that one that is left is not in the way of the next.
before_run() {
    name_scope
}

before_create() {
    name_scope
}
