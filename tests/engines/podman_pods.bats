#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Pods, and what is described by a file of Kubernetes.  A pod has no part in the cgroups here, see
# left-out.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman

setup() {
    setup_podman
    [ -x /usr/libexec/podman/catatonit ] || skip "needs catatonit"
}

teardown() {
    podman pod rm --all --force --time 0 >/dev/null 2>&1 || :
    podman rmi --all --filter 'reference=*podman-pause*' --force >/dev/null 2>&1 || :
    teardown_podman
}

# in_pod [OPTION...]: makes the pod called $name-pod.
in_pod() {
    podman pod create --name "$name-pod" --share-parent=false "$@" >/dev/null
}

@test "podman pod: network, ipc and uts are shared, pid and mounts are not" {
    in_pod
    start_box --pod "$name-pod"
    run podman run --rm --pod "$name-pod" box \
        sh -c 'for space in net ipc uts pid mnt; do readlink /proc/self/ns/$space; done'
    assert_success
    for space in net ipc uts; do
        assert_line "$(readlink "/proc/$(seen Pid)/ns/$space")"
    done
    for space in pid mnt; do
        refute_line "$(readlink "/proc/$(seen Pid)/ns/$space")"
    done
}

@test "podman pod create --share pid: one sees the processes of the other" {
    in_pod --share pid,net
    start_box --pod "$name-pod" -- sleep 4321
    run podman run --rm --pod "$name-pod" box ps -o args
    assert_line --partial 'sleep 4321'
    assert_line --partial catatonit
}

@test "podman pod create --infra=false: containers of their own" {
    podman pod create --name "$name-pod" --infra=false --share-parent=false >/dev/null
    start_box --pod "$name-pod"
    run podman pod inspect --format '{{.NumContainers}}' "$name-pod"
    assert_output 1
}

@test "podman pod: pause, unpause, stop, start, kill of all" {
    in_pod
    start_box --pod "$name-pod"
    podman pod pause "$name-pod" >/dev/null
    assert_equal "$(seen Status)" paused
    podman pod unpause "$name-pod" >/dev/null
    assert_equal "$(seen Status)" running
    podman pod stop --time 0 "$name-pod" >/dev/null
    assert_equal "$(seen Status)" exited
    podman pod start "$name-pod" >/dev/null
    assert_equal "$(seen Status)" running
    podman pod kill "$name-pod" >/dev/null
    run podman wait "$name"
    assert_output 137
}

@test "podman pod create --userns: ids of the pod" {
    in_pod --uidmap 0:200000:65536
    run podman run --rm --pod "$name-pod" box cat /proc/self/uid_map
    assert_success
    assert_output --regexp '^ *0 +200000 +65536$'
}

@test "podman pod top, stats, ps, logs" {
    in_pod
    start_box --pod "$name-pod" -- sh -c 'echo said; exec sleep 4321'
    podman_says "$name" said
    run podman pod top "$name-pod"
    assert_line --partial 'sleep 4321'
    run podman pod logs "$name-pod"
    assert_output --partial said
    run podman pod ps --format '{{.Name}} {{.Status}}'
    assert_output "$name-pod Running"
}

@test "podman pod: a container that begins before the others, and ends" {
    in_pod
    podman create --pod "$name-pod" --init-ctr once --volume "$BATS_TEST_TMPDIR:/out" box \
        sh -c 'echo first >/out/order' >/dev/null
    podman create --pod "$name-pod" --name "$name" --volume "$BATS_TEST_TMPDIR:/out" box \
        sh -c 'echo second >>/out/order; exec sleep 1000' >/dev/null
    podman pod start "$name-pod" >/dev/null
    wait_until 20 grep -q second "$BATS_TEST_TMPDIR/order"
    assert_equal "$(cat "$BATS_TEST_TMPDIR/order")" $'first\nsecond'
}

@test "podman generate kube: what describes a container" {
    start_box --cap-add net_raw --env ONE=1
    run podman generate kube "$name"
    assert_success
    assert_output --partial 'kind: Pod'
    assert_output --partial 'ONE'
}
