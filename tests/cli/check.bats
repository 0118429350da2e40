#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016,SC2034 # variables of the helpers; expanded by the inner shell
#
# tare check: what it says is there is there, what is taken away for real is named with what mends
# it, and nothing is left behind.

load ../helpers/tare
load ../helpers/rootless
load ../helpers/terminal
load ../helpers/check

setup() {
    setup_bundle
}

teardown() {
    leave_cgroup
    teardown_bundle
}

# A usual host -----------------------------------------------------------------------------------

@test "a host with all that containers need: exit status 0, and nothing is left" {
    needs mounts pidfd_open
    run_tare check
    assert_success
    assert_line --regexp '^  ok +version +Linux [0-9.]+.*, '
    assert_line --regexp '^  ok +user$'
    assert_line --regexp '^  ok +mount API +made, copied and attached by descriptor$'
    assert_line --regexp '^  ok +own cgroup +made, entered, frozen, killed, removed$'
    assert_line --regexp '^nothing is missing of what containers need: 0 missing, [0-9]+ degraded$'
    assert_equal "$(grep '^[a-z]*$' <<<"$output" | xargs)" "state kernel namespaces ids mounts \
cgroups security hardening limits programs machine"
    nothing_left
}

@test "check --json: each row has a name, a status, and why it is not there; they add up" {
    needs mounts pidfd_open
    checks --
    assert_success
    assert_equal "$stderr" ''
    jq -e '.checks | length > 40 and all(.[]; has("group") and has("name"))' <<<"$object"
    jq -e '[.checks[] | select(.path == null) | .name] | unique_by(.) as $names |
        ($names | length) == length' <<<"$object"
    jq -e '.checks | all(.[]; IN(.status; "ok", "degraded", "missing", "not needed") and
        (.status == "ok") == (has("reason") | not))' <<<"$object"
    jq -e '.checks | all(.[]; (IN(.status; "degraded", "missing")) == has("code"))' <<<"$object"
    # What nobody needs is nothing to mend.
    assert_equal "$(row newuidmap)/$(row newuidmap reason)" 'not needed/we map ids ourselves'
    jq -e '.checks | all(.[]; .status != "not needed" or
        (has("code") or has("cause") or has("mend") | not))' <<<"$object"
    jq -e '.checks | all(.[]; .status != "degraded" or has("affects"))' <<<"$object"
    jq -e '([.checks[] | select(.status == "degraded")] | length) == .degraded and
        .missing == 0 and .status == (if .degraded > 0 then "degraded" else "ok" end)' <<<"$object"
    nothing_left
}

@test "of a bundle that runs nothing is missing, says check, which does not start it" {
    needs mounts pidfd_open
    witness_runs say hello
    checks -- "$bundle"
    assert_success
    assert_equal "$(row plan)/$(row 'root filesystem')/$(row 'mount sources')/$(row birth)" ok/ok/ok/ok
    assert_equal "$(jq .missing <<<"$object")" 0
    [ ! -e "$state" ]
    nothing_left
    run_container
    assert_output hello
}

@test "mitigations are to be switched on where they are off alone" {
    needs mounts pidfd_open
    local files=/sys/devices/system/cpu/vulnerabilities off=''
    [ -d "$files" ] || skip "this kernel does not tell"
    ! grep -qw 'mitigations=off' /proc/cmdline || off=', and boot without mitigations=off'
    checks unshare --mount "$BASH" -ec 'mount -t tmpfs tmpfs "$1"
        echo "Vulnerable: no microcode" >"$1/one"; shift; exec "$@"' open "$files" --
    assert_equal "$(row 'CPU vulnerabilities')" degraded
    says 'CPU vulnerabilities' reason 'the CPU is open to one'
    assert_equal "$(row 'CPU vulnerabilities' mend)" "install newer microcode$off"
}

@test "hardening is ok where it is in force alone" {
    local setting value expected
    run_tare check
    for setting in 'io_uring kernel/io_uring_disabled' 'memfd vm/memfd_noexec' \
        'bpf.of.users kernel/unprivileged_bpf_disabled'; do
        value=$(cat "/proc/sys/${setting#* }") || continue
        expected="ok +${setting% *} +[a-z]+.[a-z_]+ is $value"
        [ "$value" != 0 ] || expected="not needed +${setting% *} +it is not in force: .* is 0"
        assert_line --regexp "^  $expected\$"
    done
}

@test "a terminal's width is kept to, and words are not broken" {
    needs mounts pidfd_open
    config '.mounts += [{ destination: "/x", source: "/nowhere/at/all", options: ["bind"] }]'
    at_terminal -- env TERM=xterm NO_COLOR=1 "$TARE" --root "$state" check "$bundle"
    assert_line --regexp '^  missing +mount sources +.*config.json:[0-9]+:[0-9]+:.*'
    assert_line --regexp '^ {35}.*/nowhere.*is missing'
    refute_output --partial $'\e'
    # What is longer is one word, and stands alone.
    ! grep -E '^.{81}' <<<"$output" | cut -c 36- | grep ' ' || fail "wider than the terminal"
}

@test "the status has a colour on a terminal that knows some" {
    at_terminal -- env TERM=xterm NO_COLOR= "$TARE" --root "$state" check
    assert_line --regexp $'^  \e\[32mok\e\[0m {10}[a-z]'
    assert_line --regexp $'^  \e\[2mnot needed\e\[0m  [a-z]'
    at_terminal -- env TERM=xterm NO_COLOR=1 "$TARE" --root "$state" check
    refute_output --partial $'\e'
}

# Bundles ----------------------------------------------------------------------------------------

@test "a config that is none: file, line, column, field, and the host is checked all the same" {
    config '.process.cwd = 5'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row config.json)/$(row config.json field)" missing/process.cwd
    says config.json reason "config.json:$(grep -n '"cwd"' "$bundle/config.json" | cut -d: -f1):"
    says config.json reason ': process.cwd: expected string, got number'
    assert_equal "$(row plan)$(row birth)" ''
    assert_equal "$(jq -r .status <<<"$object")" missing
    nothing_left
}

@test "a config that cannot be planned here is refused in the words of a start" {
    config '.linux.namespaces[0].path = "/proc/self/ns/none"'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row plan)" missing
    local reason
    reason=$(row plan reason)
    run_tare create --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "$reason"
    nothing_left
}

@test "what is behind a plan that cannot be made is not tried, and said so" {
    config '.process.cwd = "/nowhere" | .linux.namespaces[0].path = "/proc/self/ns/none"'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row plan)/$(row 'the rest')/$(row birth)" 'missing/not tried/'
    says 'the rest' found 'the plan comes first'
    assert_equal "$(jq '"\(.missing)/\(.notTried)"' -r <<<"$object")" 1/1
    run_tare check "$bundle"
    assert_line --regexp '^  not tried +the rest +the plan comes first'
    assert_line --regexp ', 1 not tried$'
    nothing_left
}

@test "[E-SOURCE-MISSING] what the config names and the host lacks: each of it, and what to do" {
    needs mounts pidfd_open
    config '.root.path = "nowhere" |
        .mounts += [{ destination: "/x", source: "/nowhere/y", options: ["bind"] }] |
        .hooks = { poststart: [{ path: "/nowhere/hook" }] }'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row plan)/$(row birth)" ok/ok
    assert_equal "$(row 'root filesystem')/$(row 'mount sources')/$(row hooks)" \
        missing/missing/missing
    assert_equal "$(row 'mount sources' cause)" E-SOURCE-MISSING
    assert_equal "$(row 'mount sources' field)" 'mounts[2].source'
    says 'mount sources' mend '/nowhere is missing on the host: make it, or mend the source'
    assert_equal "$(row hooks field)" 'hooks.poststart[0]'
    says 'root filesystem' field root.path
    assert_equal "$(jq .missing <<<"$object")" 3
    nothing_left
}

@test "[E-NO-COMMAND] [E-NO-INTERPRETER] a program that the image lacks, in the words of a start" {
    needs mounts pidfd_open
    local reason
    config '.process.args = ["sh"] | .process.env = ["PATH=/opt/bin:/bin"]'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row program)/$(row program cause)" missing/E-NO-COMMAND
    says program mend 'PATH was /opt/bin:/bin: name the program with its path'
    printf '#!/usr/bin/python3 -u\n' >"$rootfs/script"
    chmod 755 "$rootfs/script"
    config '.process.args = ["/script"]'
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row program)/$(row program cause)" missing/E-NO-INTERPRETER
    reason=$(row program reason)
    expected_status=127 run_tare run --bundle "$bundle" "$id"
    assert_stderr_has "${reason#*process.args: }"
    mkdir "$BATS_TEST_TMPDIR/data"
    config --arg data "$BATS_TEST_TMPDIR/data" '.mounts += [
        { destination: "/data", source: $data, options: ["bind"] },
        { destination: "/etc/hosts", source: "/etc/hosts", options: ["bind"] }]'
    checks -- "$bundle"
    assert_equal "$(row program)/$(row program cause)" missing/E-NO-INTERPRETER
    config '.mounts += [{ destination: "/usr", source: "/usr", options: ["bind"] }]'
    checks -- "$bundle"
    assert_equal "$(row program)" 'not tried' # who knows what the mount brings
    config '.mounts |= .[:-1] | .process.args = ["nope"] | .process.env = ["PATH=/opt/bin:/data/bin"]'
    checks -- "$bundle"
    assert_equal "$(row program)" 'not tried'
    local env
    for env in '["PATH=/opt/bin"]' '[]'; do
        config ".process.env = $env"
        checks -- "$bundle"
        assert_equal "$(row program)/$(row program cause)" missing/E-NO-COMMAND
    done
    nothing_left
}

@test "a filter that allows nothing is loaded, and thrown away" {
    needs mounts pidfd_open
    needs_seccomp
    config '.linux.seccomp = { defaultAction: "SCMP_ACT_KILL_PROCESS" }'
    checks -- "$bundle"
    assert_success
    assert_equal "$(row 'seccomp filter')" ok
    nothing_left
}

@test "[E-NO-CONFIG] a bundle that is none is a row, and the host is checked all the same" {
    needs mounts pidfd_open
    run_tare check "$bundle/none"
    assert_failure 1
    assert_line --regexp '^  missing +config.json +open the bundle .*/none.: not found'
    assert_equal "$(tail -n 1 <<<"$output")" "this bundle cannot be started here: 1 missing, \
$(grep -c '^  degraded' <<<"$output") degraded"
    checks -- "$rootfs"
    assert_failure 1
    assert_equal "$(row config.json)/$(row config.json cause)" missing/E-NO-CONFIG
    says config.json mend "a bundle has a config.json: 'tare spec --bundle $rootfs' writes one"
    assert_equal "$(row version)/$(row 'own cgroup')/$(jq .missing <<<"$object")" ok/ok/1
    checks -- --config other.json "$bundle"
    assert_failure 1
    says config.json reason other.json
    run_tare check "$bundle" "$bundle"
    assert_failure 64
    nothing_left
}

# Taken away for real ----------------------------------------------------------------------------

@test "[E-NAMESPACE-LIMIT] no more user namespaces: not needed, or missing, with the setting" {
    needs mounts pidfd_open
    need_user_namespaces
    local none=(unshare --user --map-root-user --mount "$BASH" -ec
        'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"' none)
    checks "${none[@]}" --
    assert_equal "$(row user)" degraded
    assert_equal "$(row user cause)" E-NAMESPACE-LIMIT
    says user mend 'user.max_user_namespaces is 0'
    in_user_namespace
    checks "${none[@]}" -- "$bundle"
    assert_failure 1
    assert_equal "$(row user)/$(row birth)" missing/missing
    nothing_left
}

@test "no cgroups: missing for who needs one, and degraded for a config that does not" {
    needs mounts pidfd_open
    local none=(unshare --mount "$BASH" -ec 'mount -t tmpfs tmpfs /sys/fs/cgroup; exec "$@"' none)
    checks "${none[@]}" -- "$bundle"
    assert_success
    assert_equal "$(row cgroup2)/$(row 'own cgroup')/$(row memory)" degraded/degraded/degraded
    says cgroup2 reason 'no cgroup2 is mounted on /sys/fs/cgroup'
    says cgroup2 mend 'mount -t cgroup2 cgroup2 /sys/fs/cgroup'
    checks "${none[@]}" -- # what spec writes has device rules
    assert_failure 1
    assert_equal "$(row plan field)" linux.resources.devices
    says plan reason "a config of 'tare spec': linux.resources.devices: "
    config '.linux.cgroupsPath = "/x"'
    checks "${none[@]}" -- "$bundle"
    assert_failure 1
    assert_equal "$(row plan field)" linux.cgroupsPath
    nothing_left
}

@test "[E-CGROUP-READ-ONLY] cgroups that cannot be written to" {
    needs mounts pidfd_open
    checks unshare --mount "$BASH" -ec 'mount -o remount,bind,ro /sys/fs/cgroup; exec "$@"' ro -- \
        "$bundle"
    assert_success
    assert_equal "$(row cgroup2)/$(row cgroup2 cause)" degraded/E-CGROUP-READ-ONLY
    nothing_left
}

@test "root without CAP_SYS_ADMIN: what it cannot plan is missing, with the way out" {
    needs mounts pidfd_open
    need_user_namespaces
    checks setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin --
    assert_failure 1
    assert_equal "$(row plan)" missing
    says plan reason 'root may not make these without CAP_SYS_ADMIN'
    says plan mend '--privileged'
    nothing_left
}

@test "system calls that are missing: other ways are degraded, and what has none is missing" {
    needs mounts pidfd_open openat2 mount_setattr
    local refused
    refused=(openat2 EPERM close_range)
    checks lacking --
    assert_success
    assert_equal "$(row 'system calls')" degraded
    says 'system calls' reason openat2
    says 'system calls' reason close_range
    refused=(mount_setattr)
    checks lacking --
    assert_success
    assert_equal "$(row mount_setattr)/$(row 'mount API')" degraded/ok
    refused=(mounts)
    checks lacking --
    assert_failure 1
    assert_equal "$(row 'mount API')/$(row 'mount API' cause)" missing/E-KERNEL
    refused=(pidfd_open)
    checks lacking --
    assert_failure 1
    assert_equal "$(row pidfd)" missing
    refused=(EPERM keyctl)
    checks lacking --
    assert_success
    assert_equal "$(row 'session keyring')" degraded
    refused=(EPERM bpf)
    checks lacking --
    assert_failure 1
    assert_equal "$(row 'device rules')/$(row 'device rules' cause)" missing/E-BPF-REFUSED
    nothing_left
}

@test "[E-CGROUP-NOT-DELEGATED] a plain user: ids that are granted are mapped, others told how" {
    needs mounts pidfd_open
    need_user_namespaces
    make_users_own
    checks plain --
    assert_success
    assert_equal "$(row user)/$(row 'mount API')/$(row 'id ranges')" ok/ok/degraded
    says 'id ranges' mend 'usermod --add-subuids'
    checks user --
    says 'id ranges' reason '1 of the 65536 ids that images expect can be mapped'
    checks plain --
    assert_equal "$(row cgroup2)/$(row cgroup2 cause)" degraded/E-CGROUP-NOT-DELEGATED
    [ -u "$(type -P newuidmap)" ] || skip "needs newuidmap"
    checks granted --
    assert_success
    assert_equal "$(row 'id ranges')" ok
    says 'id ranges' found '65536 ids, from 100000 on'
    nothing_left
}

@test "a plain user whose cgroup is delegated has one for containers" {
    needs mounts pidfd_open
    need_user_namespaces
    make_users_own
    enter_delegated_cgroup
    checks plain --
    assert_success
    assert_equal "$(row cgroup2)/$(row 'own cgroup')" ok/ok
    says cgroup2 found '/users/own/ID'
    leave_cgroup
    nothing_left
}

@test "few open files are told" {
    needs mounts pidfd_open
    checks "$BASH" -c 'ulimit -S -n 100; exec "$@"' few --
    assert_success
    assert_equal "$(row 'open files')" degraded
    says 'open files' mend 'ulimit -n'
}

@test "systemd that does not answer is not waited for; it is missing for who asks for it" {
    needs mounts pidfd_open
    [ -x "$build/src/scope" ] || skip "built without libsystemd"
    local socket=$BATS_TEST_TMPDIR/bus begin=$SECONDS
    python3 -c 'import socket, sys, time
bus = socket.socket(socket.AF_UNIX); bus.bind(sys.argv[1]); bus.listen(); time.sleep(600)' \
        "$socket" 3>&- &
    local bus=$!
    wait_until 30 [ -S "$socket" ]
    checks env DBUS_SYSTEM_BUS_ADDRESS="unix:path=$socket" --
    assert_success
    assert_equal "$(row systemd)" 'not needed'
    run --separate-stderr apart env DBUS_SYSTEM_BUS_ADDRESS="unix:path=$socket" "$TARE" \
        --root "$state" --systemd-cgroup check --json
    kill "$bus"
    object=$output
    assert_failure 1
    assert_equal "$(row systemd)" missing
    [ $((SECONDS - begin)) -lt 60 ]
    nothing_left
}

# ------------------------------------------------------------------------------------------------

@test "a check that is told to end leaves nothing" {
    needs mounts pidfd_open
    local moment
    for moment in 0.02 0.05 0.1 0.2; do
        timeout --signal=TERM "$moment" "$TARE" --root "$state" check >/dev/null 2>&1 || :
    done
    nothing_left
}

# interrupts SIGNAL [OPTION...]: `check --json`, with a criu that sends SIGNAL to all of tare's
# processes at once, as a terminal does, and does not end by itself.
interrupts() {
    local fake=$BATS_TEST_TMPDIR/fake
    mkdir -p "$fake"
    cat >"$fake/criu" <<CRIU
#!/bin/sh
read -r _ _ _ _ group _ </proc/\$PPID/stat
kill -s $1 -- "-\$group"
sleep 60
CRIU
    chmod 755 "$fake/criu"
    run --separate-stderr apart setsid --wait unshare --mount "$BASH" -ec '
        if criu=$(type -P criu); then
            mount --bind "$1/criu" "$criu"
        else
            mount --bind "$1" /usr/local/sbin
        fi
        shift
        exec "$@"' interrupts "$fake" "$TARE" --root "$state" "${@:2}" check --json
    object=$output
    assert_failure 1
    assert_equal "$(jq -r .status <<<"$object")" interrupted
    assert_equal "$(jq -r '.checks[-1].name' <<<"$object")" 'locked memory' # which is before criu
    nothing_left
}

@test "a signal while something is tried: that is not told, and the object is whole" {
    needs mounts pidfd_open
    local signal
    for signal in INT TERM; do
        interrupts "$signal"
        assert_stderr_has 'gave up, since signal '
    done
    interrupts 0 --timeout 500ms
    assert_stderr_has 'gave up, since the time of --timeout is over'
}
