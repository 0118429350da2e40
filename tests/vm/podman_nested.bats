#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Podman in a container of Podman's, tare the runtime of both.  The inner one does without cgroups,
# as Podman's own images for this do: the outer container's has processes in it already.
# In the machine itself.

load ../helpers/tare
load ../engines/podman
load vm
load podman

setup_file() {
    [ -n "${TARE_TEST_VM:-}" ] || return 0
    local name
    world=/srv/nested
    outer=$world/outer
    export world outer
    mkdir -p "$world" "$outer"/{dev,proc,root,run,srv,sys,tmp,usr,var/lib/containers,var/tmp}
    for name in bin sbin lib lib64; do
        ln -s "usr/$name" "$outer/$name"
    done
    tester_configs
    mkdir -p /etc/containers
    sed -e '/^\[engine\]/a events_logger = "file"' /home/tester/.config/containers/containers.conf \
        >/etc/containers/containers.conf
    printf '[containers]\nlog_driver = "k8s-file"\n' >>/etc/containers/containers.conf
    cp /home/tester/.config/containers/policy.json /etc/containers/
    cp -r /etc "$outer/etc"
    echo containers:200000:1000 | tee -a "$outer/etc/subuid" >>"$outer/etc/subgid"
    podman_image
    cat >"$world/inner" <<'SCRIPT'
set -e
runtime=${1:-tare}
box() { podman --log-level=error --runtime="$runtime" "$@"; }
box import --quiet /srv/nested/box.tar box >/dev/null
box run --rm --network none --cgroups disabled box sh -c 'echo "deep $(id -u)"; exit 7' || echo $?
box run --detach --name x --network none --cgroups disabled box sleep 1000 >/dev/null
box exec --user user x id -u
box rm --force --time 0 x >/dev/null
box run --rm --network none --cgroups disabled --read-only --user user --cap-drop all box \
    grep CapEff /proc/self/status
SCRIPT
    chmod -R go=rX "$world"
}

teardown_file() {
    :
}

setup() {
    need_vm
    runtime_attempt
}

teardown() {
    :
}

# outer COMMAND...: a container for Podman in it, by the Podman that the command starts.
outer() {
    run "$@" --log-level=error --runtime="${RUNTIME:-tare}" run --rm --privileged --network none \
        --tmpfs /var/lib/containers --tmpfs /run --tmpfs /root \
        --volume /usr:/usr:ro --volume /srv:/srv:ro \
        "${options[@]}" --rootfs "$outer" sh /srv/nested/inner "${RUNTIME:-tare}"
    assert_success
    assert_output "deep 0
7
1000
CapEff:	0000000000000000"
}

@test "nested run: in a privileged container" {
    options=()
    outer podman
}

@test "nested run: in a user namespace" {
    chown -R 100000:100000 "$outer"
    options=(--uidmap 0:100000:65536)
    outer podman
}

@test "nested run: in a plain user's container" {
    chown -R tester: "$outer"
    options=()
    outer as_tester podman
}
