#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# --systemd-cgroup: systemd makes the cgroup, and knows of the limits.
# In the machine itself.

load ../helpers/tare
load vm

setup() {
    need_vm
    setup_bundle
    unit=tare-$id.scope
    scope=$TARE_TEST_CGROUP/system.slice/$unit
    cgroup=$scope/container
}

teardown() {
    teardown_bundle
    systemctl stop "$unit" 2>/dev/null || :
}

tare() {
    "$TARE" --root "${state:-$BATS_TEST_TMPDIR/state}" --systemd-cgroup "$@"
}

# That systemd has forgotten the unit, in its memory and in its files.
no_unit() {
    assert_equal "$(shown LoadState)" LoadState=not-found
    assert_equal "$(find /run/systemd -name "*$id*")" ''
    nothing_left
}

limits='.linux.resources = {
    cpu: { shares: 512, quota: 50500, period: 200000, cpus: "0-1", mems: "0" },
    memory: { limit: 67108864, reservation: 33554432, swap: 100663296 },
    pids: { limit: 50 }, blockIO: { weight: 300 },
    unified: { "memory.high": "50331648" },
    devices: [{ allow: false, access: "rwm" },
              { allow: true, type: "c", major: 10, minor: 200, access: "rw" }] }'

properties=(CPUWeight CPUQuotaPerSecUSec CPUQuotaPeriodUSec AllowedCPUs AllowedMemoryNodes MemoryMax
    MemoryLow MemoryHigh MemorySwapMax TasksMax IOWeight DevicePolicy Delegate)

expected='CPUWeight=59
CPUQuotaPerSecUSec=260ms
CPUQuotaPeriodUSec=200ms
AllowedCPUs=0-1
AllowedMemoryNodes=0
MemoryMax=67108864
MemoryLow=33554432
MemoryHigh=50331648
MemorySwapMax=33554432
TasksMax=50
IOWeight=2930
DevicePolicy=strict
Delegate=yes'

files=(cpu.weight cpu.max cpuset.cpus memory.max memory.low memory.high memory.swap.max pids.max)

written='cpu.weight 59
cpu.max 50500 200000
cpuset.cpus 0-1
memory.max 67108864
memory.low 33554432
memory.high 50331648
memory.swap.max 33554432
pids.max 50'

@test "[CG1] the scope has the limits as properties, the cgroup in it has them exactly, and a reload takes nothing away" {
    config "$limits"
    start_container sleep 100
    assert_equal "$(cgroup_of "$id")" "$cgroup"
    assert_equal "$(shown "${properties[@]}")" "$expected"
    assert_equal "$(values "${files[@]}")" "$written"
    run shown DeviceAllow
    assert_output --partial '/dev/char/1:3 rwm'
    assert_output --partial '/dev/char/10:200 rw'
    assert_output --partial 'char-136 rwm'
    run tare exec "$id" /witness cat /dev/null
    assert_success

    systemctl daemon-reload
    assert_equal "$(shown "${properties[@]}")" "$expected"
    assert_equal "$(values "${files[@]}")" "$written"
    tare delete --force "$id"
    no_unit
}

@test "what was run and has ended leaves no unit, and its name is free at once" {
    for _ in 1 2 3; do
        run_container say hello
        assert_output hello
        assert_success
    done
    no_unit
}

@test "pause, resume, ps, exec and kill find the cgroup, and the devices stay filtered after a reload" {
    local mknod=(/witness mknod /tmp/node c 1 11)
    config "$limits"
    config '.process.capabilities = { bounding: ["CAP_MKNOD"], permitted: ["CAP_MKNOD"],
        effective: ["CAP_MKNOD"] }'
    start_container sleep 100
    systemctl daemon-reload
    run tare exec --cap CAP_MKNOD "$id" "${mknod[@]}" # /dev/kmsg, which is not in the list
    assert_output --partial 'EPERM'
    run tare exec --cap CAP_MKNOD "$id" /witness mknod /tmp/null c 1 3
    refute_output --partial 'EPERM'

    tare pause "$id"
    assert_equal "$(status_of "$id")" paused
    tare resume "$id"
    assert_equal "$(tare ps --format json "$id" | jq length)" 1
    assert_equal "$(shown ActiveState)" ActiveState=active
    tare kill "$id" KILL
    wait_until 10 has_status "$id" stopped
    tare delete "$id"
    no_unit
}

@test "update changes the properties and the files, and what fails takes both back" {
    config "$limits"
    start_container sleep 100
    tare update --memory 128M --memory-swap 256M --pids-limit 70 --cpu-quota 100000 \
        --cpuset-cpus 1 "$id"
    assert_equal "$(shown MemoryMax MemorySwapMax TasksMax CPUQuotaPerSecUSec AllowedCPUs)" \
        "MemoryMax=134217728
MemorySwapMax=134217728
TasksMax=70
CPUQuotaPerSecUSec=500ms
AllowedCPUs=1"
    assert_equal "$(values memory.max pids.max cpu.max cpuset.cpus)" "memory.max 134217728
pids.max 70
cpu.max 100000 200000
cpuset.cpus 1"

    run_tare update --resources - "$id" <<<'{ "devices": [{ "allow": false, "access": "rwm" },
        { "allow": true, "type": "b", "major": 7, "access": "r" }] }'
    assert_success
    run shown DeviceAllow
    assert_output --partial 'block-7 r'
    refute_output --partial '/dev/char/10:200'

    read -r one other third < <(lsblk -dno MAJ:MIN /dev/vd[abc] | xargs)
    for disk in "$one" "$other" "$third"; do
        echo "$disk enable=1" >"$TARE_TEST_CGROUP/io.cost.qos"
    done
    tare update --resources - "$id" <<<'{ "unified": { "io.weight": "'"$one 300"'\n'"$other 400"'" } }'
    assert_equal "$(shown IODeviceWeight | sort)" "IODeviceWeight=/dev/block/$one 300
IODeviceWeight=/dev/block/$other 400"
    run_tare update --resources - "$id" <<<'{ "unified": { "io.weight": "'"$one 999"'\n'"$third 500"'",
        "io.max": "99:99 rbps=1000" } }'
    assert_failure
    assert_equal "$(shown IODeviceWeight | sort)" "IODeviceWeight=/dev/block/$one 300
IODeviceWeight=/dev/block/$other 400"
    tare update --resources - "$id" <<<'{ "unified": { "io.weight": "'"$one default"'",
        "cpu.weight.nice": "-5" } }'
    assert_equal "$(shown IODeviceWeight CPUWeight)" "IODeviceWeight=/dev/block/$other 400
CPUWeight=305"
    assert_equal "$(cat "$scope/cpu.weight")" 305
    for disk in "$one" "$other" "$third"; do
        echo "$disk enable=0" >"$TARE_TEST_CGROUP/io.cost.qos"
    done

    run_tare update --resources - "$id" <<<'{ "pids": { "limit": 20 }, "unified":
        { "memory.high": "1", "io.max": "99:99 rbps=1000" } }'
    assert_failure
    assert_equal "$(shown TasksMax MemoryHigh)" "TasksMax=70
MemoryHigh=50331648"
    assert_equal "$(values pids.max memory.high)" "pids.max 70
memory.high 50331648"
    tare delete --force "$id"
    no_unit
}

@test "a start that fails leaves no unit" {
    config "$limits"
    expected_status=127 run_container_of /nothing
    assert_failure 127
    no_unit
    config '.linux.resources.pids.limit = 1 | .hooks.createRuntime = [{ path: "/bin/false" }]
        | .process.args = ["/witness", "say", "hello"]'
    run_container
    assert_failure 1
    no_unit
}

# run_container_of PROGRAM: the container with that as its program.
run_container_of() {
    config --arg program "$1" '.process.args = [$program]'
    run_tare run --bundle "$bundle" "$id"
}

@test "a name that is taken is an error, and the unit that has it lives on" {
    systemd-run --quiet --scope --unit="$unit" -- sleep 100 3>&- &
    wait_until 10 systemctl --quiet is-active "$unit"
    run_container say hello
    assert_failure 1
    assert_stderr_has "$unit: the name is taken"
    run_tare delete --force "$id"
    assert_equal "$(shown ActiveState)" ActiveState=active
    systemctl stop "$unit"
    no_unit
}

@test "killed half-way, tare leaves what one delete --force clears" {
    config "$limits"
    # shellcheck disable=SC2016 # the hook's shell
    config '.hooks.createRuntime = [{ path: "/bin/sh", args: ["sh", "-c", "kill -9 $PPID"] }]'
    run_tare create --bundle "$bundle" "$id"
    assert_failure 137
    [ -e "$state/$id" ]
    tare delete --force "$id"
    no_unit
}

@test "[E5.10] run.oci.systemd.subgroup and run.oci.delegate-cgroup name the cgroups in the scope" {
    config '.annotations = { "run.oci.systemd.subgroup": "" }'
    start_container sleep 100
    assert_equal "$(cgroup_of "$id")" "$scope"
    tare delete --force "$id"
    no_unit

    config "$limits"
    config '.annotations = { "run.oci.systemd.subgroup": "payload",
        "run.oci.delegate-cgroup": "deep" }'
    start_container sleep 100
    assert_equal "$(cgroup_of "$id")" "$scope/payload/deep"
    assert_equal "$(cat "$scope/payload/pids.max")" 50
    run tare exec "$id" /witness cat /proc/1/cgroup
    assert_output 0::/deep
    tare delete --force "$id"
    no_unit
}

@test "[E3.systemd.1] [E3.systemd.4] slices, prefixes, and properties by annotations" {
    config '.linux.cgroupsPath = "one-two.slice:p:" + $id | .annotations = {
        "org.systemd.property.KillSignal": "15",
        "org.systemd.property.TimeoutStopUSec": "uint64 7000000",
        "org.systemd.property.After": "[\"dbus.service\"]",
        "org.systemd.property.SendSIGHUP": "true" }' --arg id "$id"
    unit=p-$id.scope
    start_container sleep 100
    assert_equal "$(cgroup_of "$id")" \
        "$TARE_TEST_CGROUP/one.slice/one-two.slice/$unit/container"
    assert_equal "$(shown KillSignal TimeoutStopUSec SendSIGHUP)" "KillSignal=15
TimeoutStopUSec=7s
SendSIGHUP=yes"
    run shown After
    assert_output --partial dbus.service
    tare delete --force "$id"
    systemctl stop one.slice
    no_unit

    config '.annotations = { "org.systemd.property.NoSuchProperty": "15" }'
    run_container say hello
    assert_failure 1
    assert_stderr_has 'systemd refuses'
    assert_stderr_has NoSuchProperty
    unit=p-$id.scope no_unit
}

@test "a cgroup without a namespace of its own is the container's part of the tree" {
    config 'del(.linux.namespaces[] | select(.type == "cgroup")) | .mounts += [{
        destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"] }]'
    run_container chain cat /proc/self/cgroup ';' cat /sys/fs/cgroup/cgroup.type
    assert_success
    assert_output "0::/system.slice/$unit/container
domain"
    no_unit
}

# In the machine's own cgroup namespace, where the kernel takes the options of any cgroup mount for
# those of all.
@test "(T60) the machine's cgroup mount keeps its options, whatever a container mounts" {
    local before change
    before=$(grep ' - cgroup2 ' /proc/self/mountinfo)
    [[ $before == *nsdelegate* ]]
    config '.mounts += [{ destination: "/sys/fs/cgroup", type: "cgroup2", source: "cgroup",
        options: ["nosuid", "rw"] }]'
    for change in . 'del(.linux.namespaces[] | select(.type == "cgroup"))'; do
        config "$change"
        run_container
        assert_success
        assert_equal "$(grep ' - cgroup2 ' /proc/self/mountinfo)" "$before"
    done
    no_unit
}

as_tester() {
    setpriv --reuid=tester --regid=tester --init-groups env -i PATH="$PATH" \
        HOME=/home/tester "$@"
}

# users_tare ARGUMENT...: outside of the cgroups of the user's own systemd.
users_tare() {
    as_tester XDG_RUNTIME_DIR=/run/user/1000 "$TARE" --log-level warn --systemd-cgroup "$@" \
        </dev/null
}

users_bundle() {
    config '.linux.namespaces += [{ type: "user" }]
        | .linux.uidMappings = [{ containerID: 0, hostID: 1000, size: 1 }]
        | .linux.gidMappings = .linux.uidMappings'
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
    chown -R tester: "$bundle"
}

no_unit_of_tester() {
    assert_equal "$(as_tester XDG_RUNTIME_DIR=/run/user/1000 systemctl --user show \
        --property=LoadState "$unit")" LoadState=not-found
    assert_equal "$(find "$TARE_TEST_CGROUP/user.slice" -name "*$id*")" ''
    assert_equal "$(find /run/user/1000/tare /run/user/1000/systemd -name "*$id*")" ''
}

# exec_finds CGROUP [OPTION...]: the process is in that, as the container sees it.
exec_finds() {
    run users_tare exec "${@:2}" "$id" /witness cat /proc/self/cgroup
    assert_success
    assert_output "$1"
}

@test "[E3.systemd.2] a user's systemd makes the scope, from whatever cgroup he comes" {
    users_bundle
    config '.linux.resources = { memory: { limit: 67108864 }, pids: { limit: 50 },
        devices: [{ allow: false, access: "rwm" }] } | .process.args = ["/witness", "sleep", "100"]'
    users_tare create --bundle "$bundle" "$id" >"$BATS_TEST_TMPDIR/output" 2>&1 ||
        { cat "$BATS_TEST_TMPDIR/output" && false; }
    users_tare start "$id"
    cgroup=$TARE_TEST_CGROUP/user.slice/user-1000.slice/user@1000.service/user.slice/$unit/container
    assert_equal "$TARE_TEST_CGROUP$(sed -n 's/^0:://p' "/proc/$(users_tare state "$id" |
        jq .pid)/cgroup")" "$cgroup"
    assert_equal "$(values memory.max pids.max)" "memory.max 67108864
pids.max 50"
    exec_finds 0::/
    mkdir "$cgroup"/{init,other}
    exec_finds 0::/other --cgroup other
    # What has handed controllers down may hold no processes.
    users_tare state "$id" | jq .pid >"$cgroup/init/cgroup.procs"
    echo +pids >"$cgroup/cgroup.subtree_control"
    exec_finds 0::/init
    exec_finds 0::/other --cgroup other
    users_tare update --pids-limit 60 "$id"
    assert_equal "$(values pids.max)" "pids.max 60"
    assert_equal "$(as_tester XDG_RUNTIME_DIR=/run/user/1000 systemctl --user show \
        --property=TasksMax "$unit")" TasksMax=60
    users_tare delete --force "$id"
    no_unit_of_tester
}

@test "without a user's session the error says how to get one" {
    users_bundle
    run --separate-stderr as_tester "$TARE" --root "$bundle/state" --systemd-cgroup run \
        --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'there is no user session'
    assert_stderr_has 'loginctl enable-linger'
    run --separate-stderr as_tester XDG_RUNTIME_DIR=/nowhere "$TARE" --root "$bundle/state" \
        --systemd-cgroup run --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'no user session answers at unix:path=/nowhere/bus'
}
