#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare
load ../helpers/terminal

setup() {
    setup_bundle
}

# exec_in [OPTION...] WORD...: the words are for the witness in the container, behind "--".
exec_in() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    run_tare exec "${options[@]}" "$id" /witness "$@"
}

# document [JQ-PROGRAM]: a process.json that runs the witness with the words in $words.
document() {
    jq -n --args '{ args: (["/witness"] + $ARGS.positional), cwd: "/", env: ["PATH=/"],
        user: { uid: 0, gid: 0, umask: 18 } } | '"${1:-.}" -- "${words[@]}" \
        >"$BATS_TEST_TMPDIR/process.json"
}

remove_container() {
    tare delete --force "$id"
    nothing_left
}

@test "exec runs a command in a running container, and ends with its status" {
    start_container sleep 100
    run --separate-stderr tare exec "$id" /witness chain cat - ';' complain trouble ';' exit 37 <<<typed
    assert_failure 37
    assert_output typed
    assert_stderr trouble
    remove_container
}

@test "[E1.exec.1] exec joins the namespaces of the container's process, and nothing else" {
    config '.linux.namespaces += [{ type: "time" }]'
    start_container chain into /ns ns ';' sleep 100
    wait_until 5 [ -s "$rootfs/ns" ]
    exec_in -- ns
    assert_success
    assert_output "$(cat "$rootfs/ns")"
    remove_container
}

@test "exec shares with the host what the container shares" {
    config '.linux.namespaces = [{ type: "mount" }, { type: "pid" }]'
    config 'del(.hostname)'
    start_container chain into /ns ns ';' sleep 100
    wait_until 5 [ -s "$rootfs/ns" ]
    exec_in -- ns
    assert_success
    assert_output "$(cat "$rootfs/ns")"
    assert_output --partial "net=$(readlink /proc/self/ns/net)"
    remove_container
}

@test "exec waits for a container that is being built, and does not see the host's root" {
    local command runner executed
    config --arg go "$BATS_TEST_TMPDIR/go" '.hooks.createRuntime = [{ path: "/bin/sh",
        args: ["sh", "-c", "until [ -e \($go) ]; do sleep 0.02; done"], timeout: 20 }]'
    witness_runs sleep 100
    for command in create run; do
        rm -f "$BATS_TEST_TMPDIR/go"
        tare "$command" --bundle "$bundle" "$id" </dev/null >"$BATS_TEST_TMPDIR/ran" 2>&1 3>&- &
        runner=$!
        wait_until 10 has_pid || fail "$command: $(<"$BATS_TEST_TMPDIR/ran")"
        assert_equal "$(status_of "$id")" creating
        tare exec "$id" /witness say inside >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
        executed=$!
        sleep 0.3
        [ ! -s "$BATS_TEST_TMPDIR/said" ] || fail "it did not wait: $(<"$BATS_TEST_TMPDIR/said")"
        : >"$BATS_TEST_TMPDIR/go"
        wait "$executed" || fail "$(<"$BATS_TEST_TMPDIR/said")"
        assert_equal "$(<"$BATS_TEST_TMPDIR/said")" inside
        tare delete --force "$id"
        wait "$runner" || :
    done
    nothing_left
}

has_pid() {
    local pid
    pid=$(tare state "$id" 2>/dev/null | jq '.pid // 0')
    [ "${pid:-0}" -gt 0 ]
}

# flags_of_exec [OPTION...]: those by which its first process is born.
flags_of_exec() {
    strace -q -o "$BATS_TEST_TMPDIR/calls" -e trace=clone3 "$TARE" --root "$state" exec "$@" "$id" \
        /witness say hello >/dev/null
    flags=$(grep CLONE_INTO_CGROUP "$BATS_TEST_TMPDIR/calls") || fail "exec has borne nobody"
}

@test "the process holds our memory until its exec, unless that could be long or our end" {
    command -v strace >/dev/null || skip "needs strace"
    [[ ${TARE_REFUSED:-} != *clone3* ]] || skip "needs clone3"
    local flags group
    start_container sleep 100
    # Elsewhere, and where the compiler looks after the stack, it is always a copy (os/clone.c).
    if [ "$(uname -m)" = x86_64 ] && ! grep -qa __asan_init "$TARE"; then
        flags_of_exec
        [[ $flags == *CLONE_VFORK* ]] || fail "it is a copy: $flags"
    fi
    flags_of_exec --ignore-paused
    [[ $flags != *CLONE_VFORK* ]] || fail "could wait for long: $flags"
    group=$(cgroup_of_container)/memory.oom.group
    if [ -e "$group" ]; then
        echo 1 >"$group"
        flags_of_exec
        [[ $flags != *CLONE_VFORK* ]] || fail "could be killed with the container: $flags"
    fi
    remove_container
}

@test "exec goes into a container without a pid namespace" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    start_container sleep 100
    exec_in -- chain hostname ';' exit 4
    assert_failure 4
    assert_output 'hostname=container'
    remove_container
}

@test "exec goes into a container that shares the host's mounts" {
    config 'del(.linux.namespaces[] | select(.type == "mount")) | .mounts = [] | del(.hostname)'
    start_container sleep 100
    exec_in -- ls /
    assert_success
    assert_line witness
    refute_line home
    remove_container
}

@test "exec goes into the user namespace, as its root" {
    in_user_namespace
    start_container sleep 100
    exec_in -- chain ids ';' sysctl kernel.hostname
    assert_success
    assert_line --index 0 'uid=0:0:0'
    exec_in -- cat /proc/self/uid_map
    assert_success
    assert_output --regexp '^ +0 +100000 +65536$'
    exec_in --user 1000:1000 -- ids
    assert_success
    assert_line --index 0 'uid=1000:1000:1000'
    remove_container
}

@test "exec goes into a user namespace that has no root" {
    in_user_namespace
    config '.linux.uidMappings[0].containerID = 1000 | .linux.gidMappings = .linux.uidMappings
        | .process.user = { uid: 1000, gid: 1000, umask: 18 }'
    chown 100000:100000 "$rootfs"
    start_container sleep 100
    exec_in -- ids
    assert_success
    assert_line --index 0 'uid=1000:1000:1000'
    run_tare exec --user 0:0 "$id" /witness ids
    assert_failure 255
    assert_stderr_has 'process.user.uid: 0 is not mapped by linux.uidMappings'
    remove_container
}

@test "[E1.exec.2] exec is born in the container's cgroup" {
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    start_container chain into /cgroup cat /proc/self/cgroup ';' sleep 100
    wait_until 5 [ -s "$rootfs/cgroup" ]
    exec_in -- cat /proc/self/cgroup
    assert_success
    assert_output "$(cat "$rootfs/cgroup")"
    assert_output --partial "$id"
    remove_container
}

# cgroup_of_container: its directory.
cgroup_of_container() {
    local pid
    pid=$(tare state "$id" | jq .pid)
    echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")"
}

@test "[E1.exec.11] exec --cgroup names a cgroup below the container's, and none beside it" {
    start_container sleep 100
    local directory
    directory=$(cgroup_of_container)
    mkdir "$directory/web" "${directory}2"
    run_tare exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" --cgroup web "$id" /witness sleep 100
    assert_success
    assert_equal "$(cat "$directory/web/cgroup.procs")" "$(cat "$BATS_TEST_TMPDIR/pid")"
    exec_in --cgroup /web -- exit 5
    assert_failure 5
    exec_in --cgroup / -- exit 6
    assert_failure 6

    exec_in --cgroup missing -- exit 0
    assert_failure 255
    assert_stderr_has "open cgroup 'missing' of the container: not found (ENOENT)"
    local path
    for path in .. "../$(basename "$directory")2" web/../.. web//x ''; do
        exec_in --cgroup "$path" -- exit 0
        assert_failure
        assert_output ''
    done
    rmdir "${directory}2"
    remove_container
}

@test "[E1.exec.11] exec takes user, groups, directory and environment from the command line" {
    config '.process.user = { uid: 1, gid: 2, additionalGids: [3], umask: 18 }
        | .process.env = ["PATH=/", "A=1", "B=2"]'
    start_container sleep 100
    exec_in -- chain ids ';' cwd ';' env
    assert_success
    assert_output "$(printf '%s\n' 'uid=1:1:1' 'gid=2:2:2' 'groups=3' umask=0022 cwd=/ PATH=/ A=1 B=2 HOME=/)"
    exec_in -u 5 -g 6 --additional-gids=7 --cwd /tmp -e B=9 --env C=3 -- chain ids ';' cwd ';' env
    assert_success
    assert_output "$(printf '%s\n' 'uid=5:5:5' 'gid=2:2:2' 'groups=3,6,7' umask=0022 cwd=/tmp PATH=/ A=1 B=9 C=3 HOME=/)"
    exec_in --user 5:6 -- ids
    assert_success
    assert_line 'gid=6:6:6'
    remove_container
}

@test "exec --env changes where commands are looked for, and beats what stands there twice" {
    config '.process.env = ["PATH=/nowhere", "A=1", "A=2"]'
    start_container sleep 100
    run_tare exec -e PATH=/ -e A=9 "$id" witness env
    assert_success
    assert_line PATH=/
    assert_line A=9
    refute_line A=2
    expected_status=127 run_tare exec -e PATH=/tmp "$id" witness env
    assert_stderr_has 'executable file not found in $PATH'
    remove_container
}

@test "(T41) exec refuses what is no id, and never runs as somebody else" {
    start_container sleep 100
    local user
    for user in root -1 4294967295 4294967296 0x1 ' 1' '1 ' +1 1e3 : 1: :1 1:x '1:2:3' 1:4294967295 ''; do
        # Others may take more words for what they say; these say nothing.
        ! is_other_runtime || [[ $user =~ ^(-1|4294967295|4294967296)$ ]] || continue
        run_tare exec "--user=$user" "$id" /witness ids
        assert_failure
        assert_output ''
    done
    run_tare exec --user 4294967294 "$id" /witness ids
    assert_success
    assert_line 'uid=4294967294:4294967294:4294967294'
    remove_container
}

@test "[E1.exec.11] (T42) exec --cap adds to three sets, never to the inheritable or ambient one" {
    start_container sleep 100
    exec_in -- caps
    assert_success
    assert_output "$(printf '%s=0000000000000000\n' effective permitted inheritable bounding ambient)"
    exec_in --cap CAP_KILL --cap CAP_CHOWN -- caps
    assert_success
    local set
    for set in effective permitted bounding; do
        assert_line "$set=0000000000000021"
    done
    assert_line inheritable=0000000000000000
    assert_line ambient=0000000000000000
    remove_container
}

@test "[E1.exec.11] exec --no-new-privs is set also where the container's process may gain some" {
    config '.process.noNewPrivileges = false'
    start_container sleep 100
    exec_in -- nnp
    assert_output no_new_privileges=0
    exec_in --no-new-privs -- nnp
    assert_output no_new_privileges=1
    remove_container
}

@test "[E1.exec.9] exec --process runs what the document says" {
    start_container sleep 100
    words=(chain args ';' ids ';' cwd ';' env ';' limits)
    document '.cwd = "/tmp" | .user = { uid: 8, gid: 9, additionalGids: [10], umask: 63 }
        | .env = ["X=y", "HOME=/nowhere"] | .noNewPrivileges = true
        | .rlimits = [{ type: "RLIMIT_NOFILE", soft: 20, hard: 30 }] | .oomScoreAdj = 500'
    run_tare exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    assert_success
    assert_line 'uid=8:8:8'
    assert_line groups=10
    assert_line umask=0077
    assert_line cwd=/tmp
    assert_line X=y
    refute_line --partial PATH=
    assert_line RLIMIT_NOFILE=20:30
    remove_container
}

@test "[E1.exec.9] exec --process: what the document leaves out is not that of the container" {
    local said
    words=(chain caps ';' nnp ';' ids ';' cwd ';' env ';' oom ';' io-priority ';' scheduler)
    config '.process += { noNewPrivileges: true, cwd: "/tmp", env: ["PATH=/", "X=y"],
        oomScoreAdj: 700, ioPriority: { class: "IOPRIO_CLASS_BE", priority: 6 },
        scheduler: { policy: "SCHED_BATCH", nice: 5 },
        user: { uid: 0, gid: 9, additionalGids: [10], umask: 63 }, capabilities: (
            ["bounding", "permitted", "effective", "inheritable", "ambient"]
            | map({ key: ., value: ["CAP_CHOWN", "CAP_KILL"] }) | from_entries) }'
    start_container sleep 100
    run_tare exec "$id" /witness "${words[@]}"
    said=$output
    for line in effective=0000000000000021 ambient=0000000000000021 no_new_privileges=1 groups=10 \
        umask=0077 cwd=/tmp X=y; do
        assert_line "$line"
    done

    document 'del(.env, .user)'
    umask 027
    run_tare exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    assert_success
    for line in bounding permitted effective inheritable ambient; do
        assert_line "$line=0000000000000000"
    done
    for line in no_new_privileges=0 uid=0:0:0 gid=0:0:0 groups= umask=0027 cwd=/ HOME=/; do
        assert_line "$line"
    done
    assert_equal "$(grep -E '^(oom|io|policy|nice)' <<<"$output")" \
        "$("$witness" chain oom ';' io-priority ';' scheduler | grep -E '^(oom|io|policy|nice)')"
    [ "$(grep -cE '^(oom|io|policy|nice)' <<<"$said")" -ge 3 ]
    refute_line --partial X=
    refute_line --partial PATH=
    remove_container
}

@test "exec --process: limits that the document leaves out are those of the container" {
    config '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 40, hard: 50 }]'
    start_container sleep 100
    words=(limits)
    document
    run_tare exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    assert_line RLIMIT_NOFILE=40:50
    document '.rlimits = []'
    run_tare exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    refute_line RLIMIT_NOFILE=40:50
    remove_container
}

@test "exec --process: a wrong value is named with its line" {
    start_container sleep 100
    cd "$BATS_TEST_TMPDIR"
    words=(exit 0)
    document '.user.uid = 4294967295'
    run_tare exec --process process.json "$id"
    assert_failure 255
    assert_stderr_has "tare: exec '$id': process.json:12:12: process.user.uid: 4294967295 is no id"
    document '.cwd = "tmp"'
    run_tare exec --process process.json "$id"
    assert_failure 255
    assert_stderr_has 'process.json:'
    assert_stderr_has 'process.cwd'
    document '.args = []'
    run_tare exec --process process.json "$id"
    assert_failure 255
    assert_stderr_has 'process.args: there is no program to run'
    echo '{ "args": ["/witness"], "cwd": 3 }' >process.json
    run_tare exec --process process.json "$id"
    assert_failure 255
    assert_stderr_has 'process.json:1:32: cwd:'
    echo '{' >process.json
    run_tare exec --process process.json "$id"
    assert_failure 255
    run_tare exec --process missing.json "$id"
    assert_failure 255
    assert_stderr_has 'open missing.json: not found (ENOENT)'
    remove_container
}

@test "exec refuses a command line that says nothing, or two things" {
    start_container sleep 100
    words=(exit 0)
    document
    run_tare exec "$id"
    assert_failure 64
    assert_stderr_has 'there is no command to run'
    local option
    for option in --cwd=/ --user=1 --env=A=b --cap=CAP_KILL --additional-gids=1 --no-new-privs; do
        run_tare exec --process "$BATS_TEST_TMPDIR/process.json" "$option" "$id"
        assert_failure 64
        assert_stderr_has "--process and ${option%%=*} exclude each other"
    done
    run_tare exec --process "$BATS_TEST_TMPDIR/process.json" "$id" /witness
    assert_failure 64
    run_tare exec --env A "$id" /witness env
    assert_failure 64
    assert_stderr_has "--env 'A' is not NAME=VALUE"
    remove_container
}

@test "[E1.exec.8] options behind the id belong to the command" {
    start_container sleep 100
    run_tare exec "$id" /witness args --user 3 -t --
    assert_success
    assert_output "$(printf '%s\n' '[0]=/witness' '[1]=args' '[2]=--user' '[3]=3' '[4]=-t' '[5]=--')"
    run_tare exec "$id" -- /witness args
    assert_success
    assert_output "$(printf '%s\n' '[0]=/witness' '[1]=args')"
    remove_container
}

@test "[E0.3.3] exec --detach returns when the process runs, which is then nobody's child" {
    start_container sleep 100
    run_tare exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$id" /witness sleep 100
    assert_success
    assert_output ''
    local pid
    pid=$(cat "$BATS_TEST_TMPDIR/pid")
    assert_equal "$(tr -d '\0' <"/proc/$pid/cmdline")" /witnesssleep100
    assert_equal "$(awk '{ print $4 }' "/proc/$pid/stat")" 1
    assert_equal "$(awk '{ print $6 }' "/proc/$pid/stat")" "$pid" # a session of its own
    kill -9 "$pid"
    assert_equal "$(status_of "$id")" running
    remove_container
}

@test "[E1.exec.3] exec goes into a created container, and leaves it created" {
    create_container exit 3
    exec_in -- chain hostname ';' exit 5
    assert_failure 5
    assert_output hostname=container
    assert_equal "$(status_of "$id")" created
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    remove_container
}

@test "[E1.exec.4] exec refuses a container that has stopped, is paused or is not there" {
    run_tare exec "$id" /witness
    assert_failure 1
    assert_stderr "tare: exec '$id': container \"$id\" does not exist"
    start_container sleep 100
    tare pause "$id"
    run_tare exec "$id" /witness
    assert_failure 1
    assert_stderr_has "tare: exec '$id': cannot exec in a paused container"
    tare resume "$id"
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    run_tare exec "$id" /witness
    assert_failure 1
    assert_stderr "tare: exec '$id': cannot exec in a stopped container"
    remove_container
}

# After a pause by hand, as other programs do it too.
@test "[E1.exec.11] exec refuses a frozen container, or waits with --ignore-paused" {
    start_container sleep 100
    local directory
    directory=$(cgroup_of_container)
    echo 1 >"$directory/cgroup.freeze"
    wait_until 5 has_status "$id" paused
    exec_in -- exit 0
    assert_failure 1
    assert_stderr_has 'cannot exec in a paused container'
    "$TARE" --root "$state" exec --ignore-paused "$id" /witness exit 9 >/dev/null 2>&1 3>&- &
    local runner=$! status=0
    wait_until 5 eval '[ $(wc -l <"$directory/cgroup.procs") = 2 ]'
    echo 0 >"$directory/cgroup.freeze"
    wait "$runner" || status=$?
    assert_equal "$status" 9
    remove_container
}

@test "a container can be deleted while exec waits on its way in, also if that was killed" {
    local signal
    for signal in 0 KILL; do
        start_container sleep 100
        local directory
        directory=$(cgroup_of_container)
        tare pause "$id"
        "$TARE" --root "$state" exec --ignore-paused "$id" /witness exit 9 >/dev/null 2>&1 3>&- &
        local runner=$! status=0
        wait_until 5 eval '[ $(wc -l <"$directory/cgroup.procs") = 2 ]'
        kill "-$signal" "$runner"
        tare delete --force "$id"
        wait "$runner" || status=$?
        [ "$status" = 1 ] || [ "$status" = 137 ]
        nothing_left
    done
}

@test "exec never hangs in a container that pauses and resumes" {
    start_container sleep 100
    local directory i
    directory=$(cgroup_of_container)
    while sleep 0.002; do
        echo 1 >"$directory/cgroup.freeze"
        echo 0 >"$directory/cgroup.freeze"
    done 2>/dev/null 3>&- &
    local toggler=$!
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        run_tare exec --ignore-paused "$id" /witness exit 7
        assert_failure 7
    done
    kill "$toggler"
    wait "$toggler" || :
    echo 0 >"$directory/cgroup.freeze"
    remove_container
}

@test "exec while the container's files are removed says that it is being deleted" {
    start_container sleep 100
    mv "$state/$id/config.json" "$BATS_TEST_TMPDIR/kept"
    run_tare exec "$id" /witness exit 7
    assert_failure 1
    assert_stderr "tare: exec '$id': cannot exec in a container that is being deleted"
    mv "$BATS_TEST_TMPDIR/kept" "$state/$id/config.json"
    remove_container
}

@test "exec beside kill and delete succeeds or says that the container has stopped" {
    local i
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
        start_container sleep 100
        "$TARE" --root "$state" exec "$id" /witness exit 7 >"$BATS_TEST_TMPDIR/exec" 2>&1 3>&- &
        local runner=$! status=0
        sleep "0.00$((i % 5))"
        tare delete --force "$id"
        wait "$runner" || status=$?
        case $status in
        1 | 7 | 137) ;;
        *) fail "status $status: $(cat "$BATS_TEST_TMPDIR/exec")" ;;
        esac
        nothing_left
    done
}

@test "exec goes into a container that was made without pivot_root" {
    witness_runs sleep 100
    tare create --no-pivot --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    tare start "$id"
    exec_in -- ls /
    assert_success
    assert_line witness
    refute_line home
    remove_container
}

@test "exec --cgroup is refused for a container without a cgroup" {
    witness_runs sleep 100
    tare --cgroup-manager disabled create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    exec_in --cgroup web -- exit 0
    assert_failure 1
    assert_stderr_has '--cgroup web: the container has no cgroup of its own'
    exec_in -- exit 8
    assert_failure 8
    remove_container
}

@test "exec that waits for a paused container can be given up, and leaves nothing" {
    start_container sleep 100
    local directory
    directory=$(cgroup_of_container)
    echo 1 >"$directory/cgroup.freeze"
    wait_until 5 has_status "$id" paused
    "$TARE" --root "$state" exec --ignore-paused "$id" /witness exit 9 >/dev/null 2>&1 3>&- &
    local runner=$! status=0
    wait_until 5 eval '[ $(wc -l <"$directory/cgroup.procs") = 2 ]'
    kill -TERM "$runner"
    wait "$runner" || status=$?
    assert_equal "$status" 255
    assert_equal "$(wc -l <"$directory/cgroup.procs")" 1
    remove_container
}

@test "exec of a program that is not there ends with 127, of one that cannot be run with 126" {
    start_container sleep 100
    : >"$rootfs/plain"
    expected_status=127 run_tare exec "$id" nothing
    assert_stderr_has 'exec: "nothing": executable file not found in $PATH'
    expected_status=127 run_tare exec "$id" /no/thing
    assert_stderr_has 'exec: "/no/thing": stat /no/thing: no such file or directory'
    run_tare exec "$id" /plain
    assert_failure 126
    assert_stderr_has 'exec: "/plain": permission denied'
    run_tare exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$id" /plain
    assert_failure 126
    assert_file_not_exist "$BATS_TEST_TMPDIR/pid"
    exec_in --cwd /nowhere -- exit 0
    assert_failure 255
    assert_stderr_has 'chdir to cwd ("/nowhere") set in config.json failed: no such file or directory'
    remove_container
}

@test "[E1.exec.5] exec ends with 128+N, and passes signals on" {
    start_container sleep 100
    exec_in -- kill-self 9
    assert_failure 137
    "$TARE" --root "$state" exec "$id" /witness trap 10 >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    local runner=$!
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/output"
    kill -USR1 "$runner"
    wait "$runner"
    grep -qx 'got 10' "$BATS_TEST_TMPDIR/output"
    remove_container
}

@test "[E1.exec.6] exec --tty in the foreground relays a terminal of the container's" {
    with_terminal
    config '.process.terminal = false'
    start_container sleep 100
    at_terminal expect ready modes wait-raw send 'typed\r' -- \
        "$TARE" --root "$state" exec --tty "$id" /witness chain size ';' say ready ';' line ';' exit 3
    assert_line line=typed
    assert_line 'size=24 80'
    assert_line '# left=cooked'
    assert_line '# status=3'

    # As CRI-O does: by a document, at a terminal of its own that changes its size.
    words=(chain trap 28 ';' size ';' line ';' exit 4)
    document '.terminal = true'
    at_terminal expect ready wait-raw resize 12 34 expect 'size=12 34' send 'more\r' -- \
        "$TARE" --root "$state" exec --process "$BATS_TEST_TMPDIR/process.json" "$id"
    assert_line 'got 28'
    assert_line line=more
    assert_line '# status=4'
    remove_container
}

@test "[E1.exec.7] exec --tty --console-socket sends the terminal to an engine" {
    with_terminal
    config '.process.terminal = false'
    start_container sleep 100
    words=(chain say hello ';' terminal)
    document '.terminal = true | .consoleSize = { height: 7, width: 8 }'
    listen expect hello
    run_tare exec --detach --process "$BATS_TEST_TMPDIR/process.json" --pid-file "$BATS_TEST_TMPDIR/pid" \
        --console-socket "$socket" "$id"
    assert_success
    run_listener
    assert_success
    assert_line hello

    # As older ones of conmon do, whose document need not say it.
    document
    listen expect hello
    run_tare exec --pid-file "$BATS_TEST_TMPDIR/pid" --process "$BATS_TEST_TMPDIR/process.json" \
        --detach --tty --console-socket "$socket" "$id"
    assert_success
    run_listener
    assert_success
    assert_line hello
    remove_container
}

@test "exec with a terminal that nobody takes is refused" {
    start_container sleep 100
    run_tare exec --detach --tty "$id" /witness
    assert_failure 255
    assert_stderr_has 'nobody takes the terminal'
    run_tare exec --console-socket /nowhere "$id" /witness
    assert_failure 255
    assert_stderr_has 'process.terminal'
    remove_container
}

@test "[E0.2.5] (T24) exec passes the standard descriptors and the preserved ones, and no others" {
    start_container sleep 100
    run --separate-stderr tare exec "$id" /witness fds 7</dev/zero 9</
    assert_success
    assert_output --regexp '^0=.*1=.*2=[a-z]+$'
    refute_line --partial 3=
    run --separate-stderr tare exec --preserve-fds 2 "$id" /witness fds 3</dev/null 4</ 7</dev/zero 9</
    assert_success
    assert_line 3=char
    assert_line 4=directory
    assert_equal "${#lines[@]}" 5
    remove_container
}

@test "(T07) exec refuses a cwd or a program behind links of /proc" {
    start_container sleep 100
    local path
    for path in /proc/self/fd/0 /proc/self/fd/3 /proc/self/fd/7 /proc/1/root /proc/1/cwd /proc/self/cwd/..; do
        exec_in --cwd "$path" -- cwd
        assert_failure 255
        ! tare exec "$id" "$path/witness" cwd >"$BATS_TEST_TMPDIR/output" 2>&1 || fail "$path"
        ! grep cwd= "$BATS_TEST_TMPDIR/output" || fail "$path"
    done
    remove_container
}

@test "the container's seccomp filter holds for exec" {
    needs_seccomp
    config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["getppid"], action: "SCMP_ACT_ERRNO", errnoRet: 7 }] }'
    start_container sleep 100
    exec_in -- call getppid
    assert_output E2BIG
    remove_container
}

@test "exec has a session keyring of its own, and not the caller's" {
    start_container sleep 100
    run "$witness" exec-with-keyring mine "$TARE" --root "$state" exec "$id" /witness keyring
    assert_success
    assert_output keyring=_ses
    run "$witness" exec-with-keyring mine "$TARE" --root "$state" exec --no-new-keyring "$id" /witness keyring
    assert_success
    assert_output keyring=mine
    remove_container
}

@test "exec dies with the container" {
    start_container sleep 100
    "$TARE" --root "$state" exec "$id" /witness chain say ready ';' sleep 100 >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    local runner=$! status=0
    wait_until 5 grep -q ready "$BATS_TEST_TMPDIR/output"
    tare kill "$id" KILL
    wait "$runner" || status=$?
    assert_equal "$status" 137
    remove_container
}

@test "many can exec at a time" {
    start_container sleep 100
    local i pids=()
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        "$TARE" --root "$state" exec "$id" /witness exit "$i" >/dev/null 2>&1 3>&- &
        pids+=($!)
    done
    for i in "${!pids[@]}"; do
        local status=0
        wait "${pids[i]}" || status=$?
        assert_equal "$status" $((i + 1))
    done
    remove_container
}

@test "exec --trace writes both storyboards" {
    start_container sleep 100
    exec_in --trace "$BATS_TEST_TMPDIR/trace" -- exit 0
    assert_success
    run jq -r '.traceEvents[] | select(.ph == "X") | .name' "$BATS_TEST_TMPDIR/trace"
    assert_line 'give birth to the process'
    assert_line 'enter the container'
    remove_container
}

@test "exec is born where clone3 is refused, too" {
    start_container sleep 100
    run "$build/tests/helpers/refuse" clone3 -- "$TARE" --root "$state" exec "$id" /witness exit 11
    assert_failure 11
    remove_container
}

@test "exec in the foreground ends whatever its standard input is" {
    local input
    start_container sleep 100
    for input in /dev/null /dev/zero "$bundle/config.json"; do
        run timeout 60 "$TARE" --root "$state" exec "$id" /witness exit 3 <"$input"
        assert_failure 3
    done
    run bash -c ': | timeout 60 "$@"' _ "$TARE" --root "$state" exec "$id" /witness exit 3
    assert_failure 3
    remove_container
}
