#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare
load ../helpers/terminal

setup() {
    setup_bundle
    cgroup=$TARE_TEST_CGROUP/tare/$id
}

# has_processes NUMBER: so many are in the container's cgroup and below.
has_processes() {
    [ "$(find "$cgroup" -name cgroup.procs -exec cat {} + | wc -l)" = "$1" ]
}

all_pids() {
    find "$cgroup" -name cgroup.procs -exec cat {} + | sort -n | jq -cs .
}

need_ps() {
    [ -x /usr/bin/ps ] || [ -x /bin/ps ] || skip "needs ps (procps)"
}

@test "[E1.ps.1] ps --format json prints the host's numbers of all processes" {
    start_container chain spawn sleep 100 ';' spawn sleep 100 ';' sleep 100
    wait_until 5 has_processes 3
    run_tare ps --format json "$id"
    assert_success
    assert_stderr ''
    assert_output "$(all_pids)"
    assert_equal "$(jq length <<<"$output")" 3
    assert_equal "$(jq .[0] <<<"$output")" "$(tare state "$id" | jq .pid)"
    run_tare ps --format=json "$id"
    assert_output "$(all_pids)"
    run_tare ps -f json "$id"
    assert_output "$(all_pids)"
}

@test "ps --format json counts those in cgroups below, each once" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    local words=() i
    for i in {1..150}; do
        words+=(spawn sleep 100 ';')
    done
    start_container chain "${words[@]}" sleep 100
    wait_until 20 has_processes 151
    mkdir -p "$cgroup/a/b" "$cgroup/c"
    for i in $(tail -n 20 "$cgroup/cgroup.procs"); do
        echo "$i" >"$cgroup/a/b/cgroup.procs"
    done
    tail -n 1 "$cgroup/cgroup.procs" >"$cgroup/c/cgroup.procs"
    run_tare ps --format json "$id"
    assert_success
    assert_output "$(all_pids)"
    assert_equal "$(jq length <<<"$output")" 151
    tare delete --force "$id"
    nothing_left
}

@test "ps of a created and of a paused container" {
    create_container sleep 100
    local pid
    pid=$(tare state "$id" | jq .pid)
    run_tare ps --format json "$id"
    assert_success
    assert_output "[$pid]"
    tare start "$id"
    tare pause "$id"
    run_tare ps --format json "$id"
    assert_success
    assert_output "[$pid]"
}

@test "[E1.ps.1] ps of a stopped container has nobody" {
    start_container exit 0
    wait_until 5 has_status "$id" stopped
    run_tare ps --format json "$id"
    assert_success
    assert_output '[]'
    assert_stderr ''
    need_ps
    run_tare ps "$id"
    assert_success
    assert_equal "${#lines[@]}" 1
    assert_output --partial PID
}

@test "ps knows what init has left behind in the host's pid namespace" {
    config 'del(.linux.namespaces[] | select(.type == "pid"))'
    start_container chain spawn sleep 100 ';' exit 0
    wait_until 5 has_status "$id" stopped
    run_tare ps --format json "$id"
    assert_success
    assert_equal "$(jq length <<<"$output")" 1
    assert_output "$(all_pids)"
    tare delete --force "$id"
}

@test "[E1.ps.2] ps prints what ps says of them, and of nobody else" {
    need_ps
    start_container chain spawn sleep 100 ';' sleep 100
    wait_until 5 has_processes 2
    sleep 100 3>&- &
    local other=$! word
    for word in '' '-- -ef' '-ef'; do
        # shellcheck disable=SC2086 # words
        run_tare ps "$id" $word
        assert_success
        assert_stderr ''
        assert_equal "${#lines[@]}" 3
        assert_line --index 0 --regexp '^UID +PID +PPID .*CMD$'
        assert_line --index 1 --partial witness
        assert_line --index 2 --partial witness
    done
    kill "$other"
    run_tare ps --format table "$id" aux
    assert_success
    assert_equal "${#lines[@]}" 3
    assert_line --index 0 --regexp '^USER +PID '
}

@test "ps finds the column PID wherever it is, with any width" {
    need_ps
    start_container chain spawn sleep 100 ';' sleep 100
    wait_until 5 has_processes 2
    local columns expected
    expected=$(tare ps --format json "$id" | jq -r '.[]')
    for columns in pid pid,args args,pid comm,pid,ppid ppid,pid rss,pid,args; do
        run_tare ps "$id" -e -o "$columns"
        assert_success
        assert_equal "${#lines[@]}" 3
        assert_equal "$(tare ps "$id" -- -eo "$columns" | sed 1d | awk -v want="$expected" '
            BEGIN { n = split(want, pids, "\n") }
            { for (i = 1; i <= n; i++) for (f = 1; f <= NF; f++) if ($f == pids[i]) print pids[i] }
            ' | sort -nu)" "$expected"
    done
}

# A name that has a number in the place where one would count the columns.
@test "a process cannot pass for another by its name" {
    need_ps
    start_container sleep 100
    local pid name=$BATS_TEST_TMPDIR/x
    pid=$(tare state "$id" | jq .pid)
    cp "$(command -v sleep)" "$name $pid"
    "$name $pid" 100 3>&- &
    local other=$!
    run_tare ps "$id" -eo comm,pid
    kill "$other"
    assert_success
    assert_equal "${#lines[@]}" 2
    assert_line --index 1 --partial witness
}

@test "ps says why ps would not do" {
    need_ps
    start_container sleep 100
    run_tare ps "$id" --nonsense
    assert_failure 1
    assert_output ''
    assert_stderr_has 'ps exited with status 1'
    run_tare ps "$id" -eo args
    assert_failure 1
    assert_output ''
    assert_stderr "tare: ps '$id': the table of ps has no column PID
hint: let ps show it, as with: -o pid,args"
}

@test "ps needs no PATH, and says when ps is not installed" {
    start_container sleep 100
    local pid
    pid=$(tare state "$id" | jq .pid)
    if [ -x /usr/bin/ps ]; then
        run env -i "$TARE" --root "$state" ps "$id"
        assert_success
        assert_equal "${#lines[@]}" 2
    fi
    # The mounts end with the shell.
    run unshare --mount sh -c 'for d in /usr/bin /usr/sbin /usr/local/bin /bin /sbin; do
        [ ! -e $d/ps ] || mount --bind /dev/null $d/ps; done
        "$@"' sh "$TARE" --root "$state" ps "$id"
    assert_failure 1
    assert_output "tare: ps '$id': the program ps is not installed
hint: --format json needs no ps"
    assert_equal "$(tare ps --format json "$id")" "[$pid]"
}

@test "ps of a container without a cgroup knows only that it does not know" {
    witness_runs sleep 100
    tare --cgroup-manager disabled create --bundle "$bundle" "$id" </dev/null >/dev/null
    local pid
    pid=$(tare state "$id" | jq .pid)
    run_tare ps --format json "$id"
    assert_failure 1
    assert_output ''
    assert_stderr "tare: ps '$id': its processes are not known: it has no cgroup of its own
hint: the first of them is $pid"
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    run_tare ps --format json "$id"
    assert_success
    assert_output '[]'
    tare delete "$id"
    nothing_left
}

@test "a wrong command line of ps" {
    run_tare ps
    assert_failure 64
    assert_stderr_has '<id> is missing'
    run_tare ps --format yaml "$id"
    assert_failure 64
    assert_stderr "tare: ps '$id': --format 'yaml' is neither table nor json"
    run_tare ps --format json "$id" -ef
    assert_failure 64
    assert_stderr "tare: ps '$id': '-ef': options of ps are for --format table alone"
    run_tare ps nobody
    assert_failure 1
    assert_output ''
    assert_stderr "tare: ps 'nobody': container \"nobody\" does not exist"
}

@test "ps on a terminal is as wide as that, unless ps is told otherwise" {
    start_container sleep 100
    local long=a-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on
    tare exec --detach "$id" /witness chain say "$long" ';' sleep 100
    at_terminal -- "$TARE" --root "$state" ps "$id"
    assert_success
    assert_equal "$(wc -L <<<"$output")" 80
    at_terminal -- "$TARE" --root "$state" ps "$id" -efww
    assert_output --partial "$long"
    run_tare ps "$id"
    assert_output --partial "$long"
}
