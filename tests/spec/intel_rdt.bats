#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# linux.intelRdt.  Few machines have resctrl: a directory passes for it (helpers/resctrl.c).  The
# rules themselves: tests/unit/cgroup/test_intel_rdt.c.

load ../helpers/tare

setup() {
    setup_bundle
    needs pidfd_open mounts
    resctrl=$BATS_TEST_TMPDIR/resctrl
    mkdir "$resctrl" "$resctrl/mon_groups"
    touch "$resctrl/tasks" "$resctrl/schemata"
}

# pretend: from here on, tare sees the directory as resctrl.
pretend() {
    local program=$BATS_TEST_TMPDIR/tare
    printf '#!/bin/sh\nexec "%s" "%s" "%s" "$@"\n' \
        "$build/tests/helpers/resctrl" "$resctrl" "$TARE" >"$program"
    chmod +x "$program"
    TARE=$program
}

# It is the same one.
is_other_runtime() {
    false
}

# make_group NAME SCHEMATA: one that somebody has made.
make_group() {
    mkdir -p "$resctrl/$1/mon_groups"
    touch "$resctrl/$1/tasks"
    echo "$2" >"$resctrl/$1/schemata"
}

# has_task GROUP PID
has_task() {
    assert_equal "$(head -n 1 "$resctrl/$1/tasks")" "$2"
}

groups() {
    (cd "$resctrl" && find . -mindepth 1 -type d ! -name mon_groups | sort | xargs)
}

@test "[RDT0] where no resctrl is mounted it is refused" {
    [ ! -d /sys/fs/resctrl ] || skip "there is one"
    config '.linux.intelRdt = {}'
    refuses <<'END'
tare: run 'bad': bundle/config.json:67:17: linux.intelRdt: no resctrl is mounted on /sys/fs/resctrl
hint: where the processor has it: mount -t resctrl resctrl /sys/fs/resctrl
END
}

@test "[RDT0] without intelRdt no resctrl is touched" {
    local before
    before=$(find "$resctrl" -printf '%p %T@\n')
    pretend
    run_container
    assert_success
    assert_equal "$(find "$resctrl" -printf '%p %T@\n')" "$before"
}

@test "[RDT2] [RDT5] [RDT8] [LC12] [F15] a group of its own, in which exec comes too" {
    local pid
    pretend
    config '.linux.intelRdt = { l3CacheSchema: "L3:0=f;1=f0", enableMonitoring: true }'
    create_container trap 15
    pid=$(tare state "$id" | jq .pid)
    assert_equal "$(groups)" "./$id ./$id/mon_groups/$id"
    assert_equal "$(cat "$resctrl/$id/schemata")" 'L3:0=f;1=f0'
    has_task "$id" "$pid"
    has_task "$id/mon_groups/$id" "$pid"
    tare start "$id"
    run_tare exec --pid-file "$BATS_TEST_TMPDIR/pid" "$id" /witness say hello
    assert_success
    pid=$(<"$BATS_TEST_TMPDIR/pid")
    has_task "$id" "$pid"
    has_task "$id/mon_groups/$id" "$pid"
    tare delete --force "$id"
    assert_equal "$(groups)" ''
    nothing_left
}

@test "[RDT3] [RDT4] [RDT9] [F15] a named group is made, and stays" {
    pretend
    config '.linux.intelRdt = { closID: "gold", schemata: ["MB:0=50"], enableMonitoring: true }'
    run_tare create --dry-run --bundle "$bundle" "$id"
    assert_line --regexp \
        '^    make the resctrl groups +\{"closID":"gold","schemata":\["MB:0=50"\]'
    assert_line --regexp '^    enter the resctrl groups '
    assert_equal "$(groups)" ''
    run_container
    assert_success
    assert_output hello
    assert_equal "$(groups)" ./gold
    assert_equal "$(cat "$resctrl/gold/schemata")" MB:0=50
    config '.linux.intelRdt = { closID: "gold", memBwSchema: "MB:0=050" }'
    run_container
    assert_success
    assert_equal "$(groups)" ./gold
    nothing_left
}

@test "[RDT1] [RDT7] the group of all others" {
    pretend
    touch --date=@1 "$resctrl/schemata"
    config '.linux.intelRdt = { closID: "/" }'
    create_container
    has_task . "$(tare state "$id" | jq .pid)"
    tare delete --force "$id"
    assert_equal "$(stat --format=%Y "$resctrl/schemata")" 1
    assert_equal "$(groups)" ''
}

@test "[ER2] a start that fails leaves no group" {
    local groups
    pretend
    config '.process.args = ["/missing"]'
    for groups in '{}' '{ l3CacheSchema: "L3:0=1", enableMonitoring: true }'; do
        config ".linux.intelRdt = $groups"
        expected_status=127 run_container
        assert_failure 127
        assert_equal "$(groups)" ''
    done
    # The directory would keep a process that has ended: this start fails before it is put there.
    config '.mounts += [{ destination: "/a", type: "nosuchfs" }] | .linux.intelRdt =
        { closID: "gold", schemata: ["L3:0=1"], enableMonitoring: true }'
    run_container
    assert_failure 1
    assert_equal "$(groups)" ''
    nothing_left
}

@test "[RDT10] [RDT11] [RDT8] what is there and does not agree is refused" {
    pretend
    make_group gold $'    L3:0=00f;1=fff\n    MB:0= 50;1=100'
    make_group bad ''
    config '.linux.intelRdt = { closID: "gold", schemata: ["MB:1=100"], l3CacheSchema: "L3:0=ff" }'
    refuses <<'END'
tare: run 'bad': bundle/config.json:67:17: linux.intelRdt: the group 'gold' has L3:0=00f, not ff
hint: a group that is there is not changed: others may be in it
END
    config '.linux.intelRdt = { closID: "silver" }'
    refuses <<'END'
tare: run 'bad': bundle/config.json:68:17: linux.intelRdt.closID: there is no group 'silver'
hint: make it with its schemata, or say here what they are to be
END
    config '.linux.intelRdt = {}'
    refuses <<'END'
tare: run 'bad': bundle/config.json:67:17: linux.intelRdt: there is a group 'bad' already
hint: name it in closID to use it; rmdir '/sys/fs/resctrl/bad' if it is left over
END
    assert_equal "$(groups)" './bad ./gold'
}

@test "[RDT1] [RDT2] [RDT3] [RDT4] wrong values are refused by name" {
    local field value
    while IFS='|' read -r field value; do
        bad_config ".linux.intelRdt = { $field: $value }" "linux.intelRdt.$field"
    done <<'ROWS'
closID|".."
closID|"a/b"
closID|3
l3CacheSchema|"L3:0=f\nL3:1=f"
memBwSchema|"L3:0=f"
memBwSchema|"MB:0=10\nMB:1=10"
schemata|["L3:0=f\n"]
enableMonitoring|"yes"
ROWS
}

@test "[RDT2] a schema for another cache is a matter of warning" {
    pretend
    config '.linux.intelRdt = { l3CacheSchema: "L2:0=f" }'
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_stderr_has "linux.intelRdt.l3CacheSchema: 'L2:0=f' does not begin with L3:"
}

@test "[RDT12] members of older versions are ignored" {
    pretend
    config '.linux.intelRdt = { enableCMT: true, enableMBM: true }'
    run_container
    assert_success
    assert_stderr ''
}

# unmount_resctrl: from here on, tare sees none.
unmount_resctrl() {
    local program=$BATS_TEST_TMPDIR/tare
    cat >"$program" <<END
#!/bin/sh
exec unshare --mount sh -c '[ ! -d /sys/fs/resctrl ] || mount -t tmpfs none /sys/fs/resctrl
exec "\$@"' . "$build/tare" "\$@"
END
    TARE=$program
}

@test "[LC12] [OP17] delete without a record, and without resctrl" {
    pretend
    config '.linux.intelRdt = { enableMonitoring: true }'
    create_container
    echo broken >"$state/$id/state.json"
    tare delete --force "$id"
    assert_equal "$(groups)" ''
    create_container
    unmount_resctrl
    run_tare events --stats "$id"
    assert_success
    assert_equal "$(jq -c .data.intel_rdt <<<"$output")" '{}'
    run_tare delete --force "$id"
    assert_success
    assert_stderr ''
    assert_equal "$(groups)" "./$id ./$id/mon_groups/$id"
    nothing_left
}

@test "update gives the container's group another part, and says whose group it is" {
    pretend
    config '.linux.intelRdt = { l3CacheSchema: "L3:0=f" }'
    create_container
    run_tare update --l3-cache-schema L3:0=3 "$id"
    assert_success
    assert_stderr ''
    assert_equal "$(head -n 1 "$resctrl/$id/schemata")" L3:0=3
    run_tare update --mem-bw-schema L3:0=3 "$id"
    assert_failure 1
    assert_stderr "tare: update '$id': --mem-bw-schema: linux.intelRdt.memBwSchema: 'L3:0=3' does \
not begin with MB:"
    tare delete --force "$id"

    make_group gold 'L3:0=f'
    config '.linux.intelRdt = { closID: "gold" }'
    create_container
    run_tare --log-level warn update --l3-cache-schema L3:0=3 "$id"
    assert_success
    assert_stderr_has "all in the group 'gold' get the new schemata, not the container alone"
    tare delete --force "$id"

    config 'del(.linux.intelRdt)'
    create_container
    run_tare update --l3-cache-schema L3:0=3 "$id"
    assert_failure 1
    assert_stderr "tare: update '$id': the container has no group of resctrl
hint: create it with linux.intelRdt, be that empty"
    tare delete --force "$id"
    nothing_left
}

@test "events tells what the group gets and uses" {
    local node=$resctrl/web/mon_data/mon_L3_00
    make_group web 'L3:0=f'
    mkdir -p "$node"
    echo 4096 >"$node/llc_occupancy"
    config '.linux.intelRdt = { closID: "web" }'
    pretend
    witness_runs sleep 100
    tare create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    run_tare events --stats "$id"
    assert_success
    assert_equal "$(jq -c .data.intel_rdt <<<"$output")" \
        '{"l3_cache_schema":"L3:0=f","cmt_stats":[{"llc_occupancy":4096}]}'
    tare delete --force "$id"
    nothing_left
}
