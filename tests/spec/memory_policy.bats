#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# linux.memoryPolicy, as far as a machine of one node can show it; vm/process.bats has two.

load ../helpers/tare

setup() {
    [ -r /proc/self/numa_maps ] || skip "needs a kernel with NUMA"
    setup_bundle
    node=$(grep -ho '^[0-9]*' /sys/devices/system/node/has_memory)
}

# policy JSON, which may name $node.
policy() {
    config --arg node "$node" ".linux.memoryPolicy = $1"
}

# policies: those of the memory that the witness has, each once.
policies() {
    cut -d' ' -f 2 <<<"$output" | sort -u
}

@test "[NU1] without a policy the caller's is left alone" {
    run_container cat /proc/self/numa_maps
    assert_success
    assert_equal "$(policies)" default
}

@test "[NU1] [NU2] [NU4] the policy is that of the container, and of what exec starts" {
    policy '{ mode: "MPOL_BIND", nodes: $node, flags: ["MPOL_F_STATIC_NODES"] }'
    start_container chain into /init cat /proc/self/numa_maps ';' sleep 100
    wait_until 5 [ -s "$rootfs/init" ]
    output=$(cat "$rootfs/init")
    assert_equal "$(policies)" "bind=static:$node"
    run_tare exec "$id" /witness cat /proc/self/numa_maps
    assert_success
    assert_equal "$(policies)" "bind=static:$node"
    tare delete --force "$id"
    nothing_left
}

@test "[NU2] [NU3] modes with and without nodes" {
    local json seen
    while IFS='|' read -r json seen; do
        policy "$json"
        run_container cat /proc/self/numa_maps
        assert_success
        assert_equal "$(policies)" "$seen"
    done <<ROWS
{ mode: "MPOL_LOCAL", nodes: "" }|local
{ mode: "MPOL_PREFERRED" }|local
{ mode: "MPOL_PREFERRED", nodes: (\$node + ",1023") }|prefer:$node
{ mode: "MPOL_INTERLEAVE", nodes: \$node }|interleave:$node
ROWS
}

@test "[F14] all modes and flags that features lists are taken, and these are all" {
    local word
    for word in $("$TARE" features | jq -r '.linux.memoryPolicy.modes[]'); do
        policy "{ mode: \"$word\", nodes: (if \"$word\" | test(\"DEFAULT|LOCAL\") then \"\" else
            \$node end) }"
        run_tare create --dry-run --bundle "$bundle" "$id"
        assert_success
    done
    for word in $("$TARE" features | jq -r '.linux.memoryPolicy.flags[]'); do
        policy "{ mode: \"MPOL_BIND\", nodes: \$node, flags: [\"$word\"] }"
        run_tare create --dry-run --bundle "$bundle" "$id"
        assert_success
    done
    assert_equal "$("$TARE" features | jq -c '.linux.memoryPolicy | map_values(length)')" \
        '{"modes":7,"flags":3}'
}

@test "[NU2] [NU3] [NU4] what does not go together is refused before anything is made" {
    local json message
    while IFS='|' read -r json message; do
        bad_config ".linux.memoryPolicy = $json" "linux.memoryPolicy$message"
    done <<'ROWS'
{ nodes: "0" }|.mode: is required
{ mode: "MPOL_MINE" }|.mode: unknown value "MPOL_MINE"
{ mode: "MPOL_BIND" }|.nodes: MPOL_BIND needs a node at least
{ mode: "MPOL_LOCAL", nodes: "0" }|.nodes: MPOL_LOCAL takes no nodes
{ mode: "MPOL_BIND", nodes: "1-0" }|.nodes: "1-0" is not a list of memory nodes
{ mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"] }|.flags[1]: MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude
{ mode: "MPOL_INTERLEAVE", nodes: "0", flags: ["MPOL_F_NUMA_BALANCING"] }|.flags[0]: MPOL_F_NUMA_BALANCING goes with
ROWS
}

@test "[NU1] [NU3] nodes that are not there are an error, also beside others" {
    policy '{ mode: "MPOL_BIND", nodes: ($node + ",1023") }'
    run_container say hello
    assert_failure 1
    assert_output ''
    assert_stderr_has 'linux.memoryPolicy: set the memory policy: MPOL_BIND of nodes '
    assert_stderr_has 'hint: a node has to have memory, and to be in the cpuset of the cgroup'
    nothing_left
}

@test "[NU1] a kernel without memory policies is an error" {
    policy '{ mode: "MPOL_LOCAL" }'
    run --separate-stderr "$build/tests/helpers/refuse" ENOSYS set_mempolicy -- \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr_has 'set the memory policy: MPOL_LOCAL: '
    assert_stderr_has 'hint: the kernel has no memory policies (CONFIG_NUMA)'
    nothing_left
}
