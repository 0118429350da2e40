#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What Podman, containerd and Docker wrote for ordinary containers works, and the container is what
# the config says.  Limits of cgroup controllers that are not there are taken out, and rlimits that
# the caller may not give are lowered.

load ../helpers/tare
load engines

setup() {
    needs_seccomp
    setup_engines
}

teardown() {
    teardown_engines
}

# works NAME: the config runs to its end, is what it says, and leaves nothing.
works() {
    recorded "$1"
    fit_controllers
    fit_rlimits
    observe
    run_container
    assert_success
    assert_stderr ''
    compare
    remove_parents
    nothing_left
}

@test "podman: devices" {
    works podman-devices
}

@test "podman: host namespaces" {
    works podman-host-namespaces
}

@test "podman: limits" {
    works podman-limits
}

@test "podman: no network" {
    works podman-no-network
}

@test "podman: plain" {
    works podman-plain
}

@test "podman: pod" {
    works podman-pod
}

@test "podman: privileged" {
    works podman-privileged
}

@test "podman: read only" {
    works podman-read-only
}

@test "podman: systemd" {
    works podman-systemd
}

@test "podman: terminal" {
    works podman-terminal
}

@test "podman: uidmap" {
    works podman-uidmap
}

@test "podman: unconfined" {
    works podman-unconfined
}

@test "podman: user" {
    works podman-user
}

@test "podman: userns auto" {
    works podman-userns-auto
}

@test "podman: volume" {
    works podman-volume
}

@test "containerd: devices" {
    works containerd-devices
}

@test "containerd: host network" {
    works containerd-host-network
}

@test "containerd: joined" {
    works containerd-joined
}

@test "containerd: limits" {
    works containerd-limits
}

@test "containerd: plain" {
    works containerd-plain
}

@test "containerd: privileged" {
    works containerd-privileged
}

@test "containerd: read only" {
    works containerd-read-only
}

@test "containerd: seccomp" {
    works containerd-seccomp
}

@test "containerd: terminal" {
    works containerd-terminal
}

@test "containerd: user" {
    works containerd-user
}

@test "containerd: userns" {
    works containerd-userns
}

@test "containerd: volume" {
    works containerd-volume
}

@test "docker: devices" {
    works docker-devices
}

@test "docker: host namespaces" {
    works docker-host-namespaces
}

@test "docker: limits" {
    works docker-limits
}

@test "docker: no network" {
    works docker-no-network
}

@test "docker: plain" {
    works docker-plain
}

@test "docker: privileged" {
    works docker-privileged
}

@test "docker: read only" {
    works docker-read-only
}

@test "docker: terminal" {
    works docker-terminal
}

@test "docker: user" {
    works docker-user
}

@test "docker: userns remap" {
    works docker-userns-remap
}

@test "docker: volume" {
    works docker-volume
}
