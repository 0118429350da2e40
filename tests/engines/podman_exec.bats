#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# `podman exec`: another process in a container that runs.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman

@test "podman exec: output, errors and the exit status" {
    start_box
    run --separate-stderr podman exec "$name" sh -c 'echo out; echo err >&2; exit 7'
    assert_failure 7
    assert_output out
    assert_stderr err
    run podman exec "$name" sh -c 'kill -KILL $$'
    assert_failure 137
}

@test "podman exec: a command that is not there is 127, one that cannot be executed 126" {
    start_box
    run -127 podman exec "$name" no-such-command
    assert_output --regexp 'executable file .*not found in \$PATH'
    run -127 podman exec "$name" /no/such/command
    run podman exec "$name" /etc/passwd
    assert_failure 126
    run podman exec "$name" /etc
    assert_failure 126
    assert_equal "$(seen Status)" running
}

@test "podman exec: standard input, and many bytes" {
    start_box
    run podman exec --interactive "$name" cat <<<'some words'
    assert_success
    assert_output 'some words'
    head -c 1000000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
    podman exec --interactive "$name" cat <"$BATS_TEST_TMPDIR/bytes" >"$BATS_TEST_TMPDIR/same"
    cmp "$BATS_TEST_TMPDIR/bytes" "$BATS_TEST_TMPDIR/same"
}

@test "podman exec: a terminal, its size, what is typed and how it ends" {
    start_box
    at_terminal expect ready send 'typed\r' -- podman exec --interactive --tty "$name" sh -c \
        "$podman_sized"'; test -t 0 -a -t 1 -a -t 2 && echo ready && read line &&
            echo "line=$line" && exit 3'
    assert_success
    assert_line '24 80'
    assert_line line=typed
    assert_line '# status=3'
    assert_line '# left=cooked'
}

@test "podman exec: the namespaces, the cgroup and the root are the container's" {
    local spaces
    spaces='for space in cgroup ipc mnt net pid uts user; do readlink /proc/self/ns/$space; done
        hostname; grep ^0:: /proc/self/cgroup'
    start_box --hostname feather -- sh -c "$spaces; echo ready; exec sleep 1000"
    podman_says "$name" ready
    run podman exec "$name" sh -c "$spaces; echo ready"
    assert_success
    assert_output "$(podman logs "$name")"
    assert_line feather
}

@test "podman exec: the process is seen by the others, and is nobody's child there" {
    start_box
    run podman exec "$name" sh -c 'echo "$PPID"; cat /proc/1/comm; exec ps -o args'
    assert_success
    assert_line --index 0 0
    assert_line --index 1 sleep
    assert_line --partial 'ps -o args'
    refute_output --partial tare
}

@test "podman exec: environment" {
    start_box --env OF=container
    run podman exec --env ONE=1 --env 'TWO=two words' "$name" env
    assert_success
    assert_line ONE=1
    assert_line 'TWO=two words'
    assert_line OF=container
    assert_line IMAGE=says
    refute_line --regexp '^(_OCI|NOTIFY_SOCKET|XDG_|_CONTAINERS|CONTAINERS_)'
}

@test "podman exec: user and groups" {
    start_box
    run podman exec --user user "$name" id
    assert_success
    assert_output --partial 'uid=1000(user) gid=1000(user)'
    assert_output --partial '2000(extra)'
    run podman exec --user 1234:4321 "$name" id
    assert_output --regexp '^uid=1234.* gid=4321'
    run podman exec --user user "$name" grep CapEff /proc/self/status
    assert_output --regexp 'CapEff:[[:space:]]+0000000000000000$'
}

@test "podman exec: working directory, one that is not there" {
    start_box
    run podman exec --workdir /home/user "$name" pwd
    assert_output /home/user
    run -127 podman exec --workdir /no/such/directory "$name" pwd
    assert_output --partial '/no/such/directory'
}

@test "podman exec: capabilities, seccomp and privileges are as narrow as the container's" {
    local words='CapInh|CapPrm|CapEff|CapBnd|CapAmb|Seccomp:|NoNewPrivs'
    start_box --cap-drop all --cap-add chown,kill --security-opt no-new-privileges -- \
        sh -c "grep -E '$words' /proc/self/status; echo ready; exec sleep 1000"
    podman_says "$name" ready
    run podman exec "$name" sh -c "grep -E '$words' /proc/self/status; echo ready"
    assert_output "$(podman logs "$name")"
    assert_line --regexp 'NoNewPrivs:[[:space:]]+1'
}

@test "podman exec: privileged" {
    start_box --security-opt apparmor=unconfined # see left-out
    run podman exec --privileged "$name" mount -t tmpfs none /tmp
    assert_success
    run podman exec "$name" mount -t tmpfs none /tmp
    assert_failure
}

@test "podman exec: limits of the process" {
    start_box --ulimit nofile=100:200 --ulimit nproc=500
    run podman exec "$name" sh -c 'ulimit -n; ulimit -Hn'
    assert_line 100
    assert_line 200
}

@test "podman exec: a detached process goes on" {
    start_box
    run podman exec --detach "$name" sh -c 'echo done >/tmp/done; exec sleep 500'
    assert_success
    wait_until 10 podman exec "$name" test -s /tmp/done
    run podman top "$name" args
    assert_line --regexp '^sleep 500 *$'
    podman rm --force --time 0 "$name" >/dev/null
    podman_left_nothing "$podman_before"
}

@test "podman exec: no descriptor but the three" {
    start_box
    run podman exec "$name" sh -c 'ls /proc/self/fd | wc -l'
    assert_output 4 # and that of the directory
}

@test "podman exec: descriptors that the caller hands over" {
    start_box
    run podman exec --preserve-fds 1 "$name" sh -c 'cat <&3' 3<<<'from outside'
    assert_success
    assert_output 'from outside'
}

@test "podman exec: what does not run cannot be entered" {
    podman create --name "$name" box sleep 1000 >/dev/null
    run podman exec "$name" true
    assert_failure 255
    podman start "$name" >/dev/null
    podman exec "$name" true
    podman kill "$name" >/dev/null
    podman wait "$name" >/dev/null
    run podman exec "$name" true
    assert_failure 255
}

@test "podman exec: several at once" {
    local n status pids=()
    start_box
    for n in 1 2 3 4 5; do
        podman exec "$name" sh -c "exit $n" &
        pids+=($!)
    done
    for n in 1 2 3 4 5; do
        status=0
        wait "${pids[n - 1]}" || status=$?
        assert_equal "$status" "$n"
    done
}

@test "podman exec: in a user namespace" {
    start_box --uidmap 0:200000:65536
    run podman exec "$name" sh -c 'id -u; cat /proc/self/uid_map; echo x >/root/mine'
    assert_success
    assert_line 0
    assert_line --regexp '^ *0 +200000 +65536$'
}

@test "podman exec: in a container that shares the host's pid namespace" {
    start_box --pid host
    run podman exec "$name" sh -c 'readlink /proc/self/ns/pid'
    assert_output "$(readlink /proc/self/ns/pid)"
}

@test "podman exec: the process dies with the container" {
    local status=0
    start_box
    podman exec "$name" sleep 500 &
    wait_until 10 sleeps
    podman kill "$name" >/dev/null
    wait $! || status=$?
    assert_equal "$status" 137
}

sleeps() {
    podman top "$name" args | grep -q '^sleep 500'
}

@test "podman healthcheck run: a command that says well, and one that says ill" {
    start_box --health-cmd 'test -e /tmp/well' --health-interval disable --health-retries 1
    podman exec "$name" touch /tmp/well
    run podman healthcheck run "$name"
    assert_success
    podman exec "$name" rm /tmp/well
    run podman healthcheck run "$name"
    assert_failure 1
    assert_equal "$(seen Health.Status)" unhealthy
}
