#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Podman as root with systemd as its manager of cgroups, which is its default where systemd is.
# In the machine itself.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman
load vm

# What engines/podman.bash has for a machine without systemd and controllers is taken out again.
root_configs() {
    podman_configs
    sed -i -e '/^pids_limit\|^default_ulimits/d' -e 's/^cgroup_manager.*/cgroup_manager = "systemd"/' \
        -e '/^\[containers\]/a netns = "none"' "$world/containers.conf"
}

root_wrapper() {
    cat >"$world/bin/podman" <<SCRIPT
#!/bin/sh
exec $(command -v podman) --log-level=error --runtime='${RUNTIME:-tare}' "\$@"
SCRIPT
    chmod +x "$world/bin/podman"
}

setup_file() {
    [ -n "${TARE_TEST_VM:-}" ] || return 0
    runtime_retries
    world=$BATS_FILE_TMPDIR/podman
    mkdir -p "$world"/{bin,home/.config/containers,networks,storage,tmp}
    root_configs
    root_wrapper
    export world PATH="$world/bin:$PATH" HOME=$world/home TMPDIR=$world/tmp
    export CONTAINERS_CONF=$world/containers.conf CONTAINERS_STORAGE_CONF=$world/storage.conf
    export CONTAINERS_REGISTRIES_CONF=$world/registries.conf DISABLE_HC_SYSTEMD=true
    podman_image
    podman import --quiet --change 'CMD ["sh"]' "$world/box.tar" box >/dev/null
    podman run --rm box true
}

teardown_file() {
    [ -z "${world:-}" ] || podman_clear
}

# What containers could leave: units, processes, state; conmon's own scopes end with conmon.
root_snapshot() {
    systemctl list-units --all --plain --no-legend '*libpod*' | sed 's/ .*//; s/^/unit: /'
    find /run/systemd/transient /run/systemd/system.control -name '*libpod*' 2>/dev/null
    find /run/tare /run/crun /run/runc -mindepth 1 -maxdepth 1 -not -name '.*' 2>/dev/null
    list_processes
    pgrep --list-name conmon || :
}

setup() {
    need_vm
    runtime_attempt
    name=test-$BATS_TEST_NUMBER
    root_before=$(root_snapshot)
}

teardown() {
    [ -n "${root_before+set}" ] || return 0
    podman_clear
    comes_back_to "$root_before" root_snapshot
}

# box_is_made: where $name is: its unit, the cgroup of that and its own.
box_is_made() {
    unit=libpod-$(podman inspect --format '{{.Id}}' "$name").scope
    cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(seen Pid)/cgroup")
    scope=/sys/fs/cgroup$(systemctl show --property=ControlGroup --value "$unit")
    [[ $cgroup/ == "$scope"/* && ${scope##*/} == "$unit" ]] || fail "$cgroup is not in $scope"
}

limits='memory.max 67108864
memory.low 33554432
cpu.max 50000 100000
pids.max 20
cpuset.cpus 0'

properties='MemoryMax=67108864
MemoryLow=33554432
CPUQuotaPerSecUSec=500ms
TasksMax=20
AllowedCPUs=0
Delegate=yes
ActiveState=active
Slice=machine.slice'

has_limits() {
    assert_equal "$(values memory.max memory.low cpu.max pids.max cpuset.cpus)" "$limits"
    assert_equal "$(shown MemoryMax MemoryLow CPUQuotaPerSecUSec TasksMax AllowedCPUs Delegate \
        ActiveState Slice)" "$properties"
}

@test "root's run: a scope in machine.slice with its limits, which a reload does not take away" {
    start_box --memory 64m --memory-reservation 32m --cpus 0.5 --pids-limit 20 --cpuset-cpus 0 \
        --cap-add mknod -- sh -c 'trap "echo bye; exit 3" TERM; while :; do sleep 0.1; done'
    box_is_made
    has_limits
    systemctl daemon-reload
    has_limits
    run podman exec "$name" sh -c 'cat /proc/self/cgroup; mknod /tmp/kmsg c 1 11 || exit 5'
    assert_failure 5
    assert_line 0::/
    podman pause "$name" >/dev/null
    assert_equal "$(seen Status)" paused
    podman unpause "$name" >/dev/null
    run podman top "$name" comm
    assert_line sh
    run podman stats --no-stream --format '{{.MemUsage}}' "$name"
    assert_output --partial 67.11MB

    podman update --memory 128m --cpus 1 "$name" >/dev/null
    systemctl daemon-reload
    assert_equal "$(values memory.max cpu.max pids.max)" 'memory.max 134217728
cpu.max 100000 100000
pids.max 20'
    assert_equal "$(shown MemoryMax CPUQuotaPerSecUSec)" 'MemoryMax=134217728
CPUQuotaPerSecUSec=1s'
    podman stop "$name" >/dev/null
    assert_equal "$(seen ExitCode)" 3
    wait_until 20 [ ! -e "$scope" ]
    podman start "$name" >/dev/null
    box_is_made
    podman rm --force --time 0 "$name" >/dev/null
    wait_until 20 [ ! -e "$scope" ]
}

@test "root's run: output, status, what is not there; the defaults" {
    run --separate-stderr podman run --rm --interactive box sh -c 'cat; exit 7' <<<words
    assert_failure 7
    assert_output words
    run -127 podman run --rm box no-such-command
    assert_output --regexp 'executable file .*not found in \$PATH'
    start_box
    box_is_made
    assert_equal "$(values pids.max memory.max)" 'pids.max 2048
memory.max max'
    assert_equal "$(shown TasksMax MemoryMax)" 'TasksMax=2048
MemoryMax=infinity'
}

has_ended() {
    [ "$(seen Status)" = exited ]
}

@test "root's run: who stops the unit ends the container, and Podman hears of it" {
    start_box -- sh -c 'trap "exit 3" TERM; while :; do sleep 0.1; done'
    box_is_made
    systemctl stop "$unit"
    wait_until 20 has_ended
    podman rm "$name" >/dev/null
}

@test "root's run --systemd=always: writes its own cgroups below the scope" {
    start_box --systemd=always -- sh -c 'mkdir /sys/fs/cgroup/init.scope &&
        echo 1 >/sys/fs/cgroup/init.scope/cgroup.procs &&
        echo +pids >/sys/fs/cgroup/cgroup.subtree_control && echo ready && exec sleep 1000'
    podman_says "$name" ready
    box_is_made
    systemctl daemon-reload
    [[ $cgroup == "$scope"/*/init.scope && -e $cgroup/pids.max ]]
    run podman exec "$name" cat /proc/self/cgroup
    assert_success
}

@test "root's pod: a slice, scopes in it, limits of each" {
    local slice
    podman pod create --name "$name-pod" --network none >/dev/null
    start_box --pod "$name-pod" --memory 64m
    box_is_made
    slice=machine-libpod_pod_$(podman pod inspect --format '{{.ID}}' "$name-pod").slice
    assert_equal "$(shown Slice)" "Slice=$slice"
    assert_equal "$(values memory.max)" 'memory.max 67108864'
    run podman run --rm --pod "$name-pod" box sh -c 'cat /dev/null && echo from the pod'
    assert_output 'from the pod'
    podman pod pause "$name-pod" >/dev/null
    assert_equal "$(seen Status)" paused
    podman pod unpause "$name-pod" >/dev/null
    podman pod stop --time 0 "$name-pod" >/dev/null
    podman pod start "$name-pod" >/dev/null
    box_is_made
    podman pod rm --force --time 0 "$name-pod" >/dev/null
    podman rmi --all --filter 'reference=*podman-pause*' --force >/dev/null 2>&1 || :
}

@test "root's kube play: a pod that a file describes, with its limits, until kube down" {
    described 'command: ["sh", "-c", "echo $WORD; exec sleep 1000"]' \
        'env: [{name: WORD, value: played}]' 'resources: {limits: {memory: 64Mi, cpu: 500m}}' \
        'securityContext: {readOnlyRootFilesystem: true, capabilities: {drop: [MKNOD]}}' \
        >"$world/pod.yaml"
    podman kube play --network none "$world/pod.yaml" >/dev/null
    podman_says "$name" played
    box_is_made
    assert_equal "$(values memory.max cpu.max)" 'memory.max 67108864
cpu.max 50000 100000'
    run podman exec "$name" sh -c 'echo >/no || exit 5'
    assert_failure 5
    podman kube down "$world/pod.yaml" >/dev/null
    wait_until 20 [ ! -e "$scope" ]
    podman rmi --all --filter 'reference=*podman-pause*' --force >/dev/null 2>&1 || :
}

@test "root's run --cgroups=split: below the unit that runs Podman" {
    local own=split-$name.scope
    systemd-run --quiet --scope --unit="$own" --property=Delegate=yes -- \
        podman run --detach --name "$name" --cgroups=split --memory 64m box sleep 1000 \
        >/dev/null 3>&-
    cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(seen Pid)/cgroup")
    [[ $cgroup == "/sys/fs/cgroup/system.slice/$own/libpod-payload-"* ]] || fail "$cgroup"
    assert_equal "$(values memory.max)" 'memory.max 67108864'
    systemctl daemon-reload
    assert_equal "$(values memory.max)" 'memory.max 67108864'
    run podman exec "$name" sh -c 'exit 5'
    assert_failure 5
    podman rm --force --time 0 "$name" >/dev/null
    systemctl stop "$own" 2>/dev/null || :
}

@test "root's run --cgroups=no-conmon, disabled" {
    start_box --cgroups=no-conmon
    box_is_made
    podman rm --force --time 0 "$name" >/dev/null
    start_box --cgroups=disabled
    podman exec "$name" true
    podman stop --time 0 "$name" >/dev/null
    assert_equal "$(seen ExitCode)" 137
}
