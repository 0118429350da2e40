#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What dockerd does with a container that runs, or has run.

load ../helpers/tare
load ../helpers/terminal
load ../engines/runtime
load ../engines/daemons
load ../engines/docker

@test "docker create and start: a container that waits, runs, and runs again" {
    docker create --name "$name" box sh -c 'echo out; exit 3' >/dev/null
    docker_is State.Status created
    for _ in 1 2; do
        run docker start --attach "$name"
        assert_failure 3
        assert_output out
    done
}

@test "docker inspect: the runtime, the process, its cgroup" {
    local pid
    docker_start_box
    assert_equal "$(docker_seen HostConfig.Runtime)" tare
    pid=$(docker_seen State.Pid)
    assert_equal "$(tr '\0' ' ' <"/proc/$pid/cmdline")" 'sleep 1000 '
    run grep ^0:: "/proc/$pid/cgroup"
    assert_output "0::/docker/$(docker_seen Id)"
}

@test "docker exec: output, status, user, directory, environment" {
    docker_start_box --env HERE=too
    run --separate-stderr docker exec --user user --workdir /www --env ONE=1 "$name" \
        sh -c 'echo $ONE $HERE; id -un; pwd; echo err >&2; exit 9'
    assert_failure 9
    assert_output "1 too
user
/www"
    assert_stderr err
    run docker exec --interactive "$name" cat <<<'some words'
    assert_output 'some words'
}

@test "docker exec: what is not there, and what cannot be executed" {
    docker_start_box
    run docker exec "$name" no-such-command
    assert_failure 126 # so this dockerd calls it, with whatever runtime; newer ones say 127
    assert_output --partial 'executable file not found in $PATH'
    run docker exec "$name" /etc/passwd
    assert_failure 126
    docker stop --time 0 "$name" >/dev/null
    run docker exec "$name" true
    assert_failure 1
    assert_output --partial 'is not running'
}

@test "docker exec: at a terminal" {
    docker_start_box
    at_terminal expect ready send 'typed\r' -- /usr/bin/docker --host unix:///run/docker.sock \
        exec --interactive --tty "$name" \
        sh -c 'test -t 0 && echo ready && read line && echo "line=$line" && exit 3'
    assert_line line=typed
    assert_line '# status=3'
}

@test "docker exec: confined as the container is" {
    docker_start_box --cap-drop ALL
    run docker exec "$name" sh -c 'grep -wE "CapEff:|Seccomp:" /proc/self/status'
    assert_line --regexp 'CapEff:.0000000000000000'
    assert_line --regexp 'Seccomp:.2'
}

@test "docker exec: detached, and seen by docker top" {
    docker_start_box
    docker exec --detach "$name" sleep 1001
    wait_until 10 has_process 'sleep 1001'
    run docker top "$name" -o pid,args
    assert_line --regexp 'sleep 1000'
}

has_process() {
    docker top "$name" -o pid,args | grep -q "$1"
}

@test "docker logs: both streams, and what comes later" {
    docker_start_box -- sh -c 'echo out; echo err >&2; sleep 1; echo later'
    run --separate-stderr timeout 60 docker logs --follow "$name"
    assert_success
    assert_output "out
later"
    assert_stderr err
}

@test "docker attach: to what runs" {
    docker_start_box --interactive -- sh -c 'read line; echo "line=$line"; exit 4'
    run docker attach "$name" <<<typed # its own output may come too late to be shown
    assert_failure 4
    docker_says line=typed
}

@test "docker kill: a signal by its name, by its number; at once, and not what has ended" {
    docker_start_box -- sh -c \
        'trap "echo USR1" USR1; trap "exit 15" 37; echo ready; while :; do sleep 0.05; done'
    docker_says ready
    docker kill --signal USR1 "$name" >/dev/null
    docker_says USR1
    docker kill --signal 37 "$name" >/dev/null
    run docker wait "$name"
    assert_output 15
    docker start "$name" >/dev/null
    docker kill "$name" >/dev/null
    run docker wait "$name"
    assert_output 137
    run docker kill "$name"
    assert_failure
    assert_output --partial 'is not running'
}

@test "docker stop: in peace, or killed" {
    docker_start_box -- sh -c 'trap "exit 6" TERM; echo ready; while :; do sleep 0.05; done'
    docker_says ready
    docker stop --time 10 "$name" >/dev/null
    docker_is State.ExitCode 6
    docker rm "$name" >/dev/null
    docker_start_box
    docker stop --time 1 "$name" >/dev/null
    docker_is State.ExitCode 137
}

@test "docker stop: all processes of a container without a pid namespace" {
    docker_start_box --pid host -- sh -c 'sleep 12345 & exec sleep 1000'
    docker stop --time 1 "$name" >/dev/null
    docker rm "$name" >/dev/null
    daemons_left_nothing "$daemons_before"
}

@test "docker rm: not what runs, but with force" {
    docker_start_box
    run docker rm "$name"
    assert_failure
    docker_is State.Running true
    docker rm --force "$name" >/dev/null
    daemons_left_nothing "$daemons_before"
}

@test "docker pause and unpause" {
    docker_start_box -- sh -c 'while :; do echo on; sleep 0.05; done'
    docker_says on
    docker pause "$name" >/dev/null
    docker_is State.Status paused
    run docker exec "$name" true
    assert_failure
    docker unpause "$name" >/dev/null
    docker_is State.Status running
    run docker unpause "$name"
    assert_failure
}

@test "docker restart: another life of the same container" {
    local first
    docker_start_box
    first=$(docker_seen State.Pid)
    docker restart --time 0 "$name" >/dev/null
    docker_is State.Running true
    refute [ "$(docker_seen State.Pid)" = "$first" ]
}

@test "docker run --restart: on failure, so many times; always, until it is stopped" {
    docker_start_box --restart on-failure:2 -- sh -c 'echo once more; exit 3'
    docker_says 'once more' 3
    wait_until 20 docker_is State.Status exited
    docker_is RestartCount 2
    docker_is State.ExitCode 3
    docker rm "$name" >/dev/null
    docker_start_box --restart always -- sh -c 'echo once more; exec sleep 1000'
    docker_says 'once more'
    kill -KILL "$(docker_seen State.Pid)"
    docker_says 'once more' 2
    docker stop --time 0 "$name" >/dev/null
    docker_is State.Status exited
}

@test "docker wait and health: a check that is run in the container" {
    docker_start_box --health-cmd 'test -e /tmp/well' --health-interval 1s --health-retries 1
    wait_until 20 docker_is State.Health.Status unhealthy
    docker exec "$name" touch /tmp/well
    wait_until 20 docker_is State.Health.Status healthy
}

@test "docker update: the restart policy, and no limit that was not asked for" {
    docker_start_box
    docker update --restart always "$name" >/dev/null
    docker_is HostConfig.RestartPolicy.Name always
    docker_is State.Running true
}

@test "docker stats: read from the cgroup that we made" {
    docker_start_box
    run docker stats --no-stream --format '{{.Name}} {{.PIDs}}' "$name"
    assert_success
    assert_output --regexp "^$name "
}

@test "docker cp and diff: files to and from the container" {
    echo there >"$BATS_TEST_TMPDIR/file"
    docker_start_box
    docker cp "$BATS_TEST_TMPDIR/file" "$name:/tmp/file"
    run docker exec "$name" cat /tmp/file
    assert_output there
    docker exec "$name" sh -c 'echo back >/tmp/back'
    docker cp "$name:/tmp/back" "$BATS_TEST_TMPDIR/back"
    assert_equal "$(cat "$BATS_TEST_TMPDIR/back")" back
    run docker diff "$name"
    assert_line 'A /tmp/back'
}

@test "docker build and commit: what runs in a RUN line" {
    mkdir "$BATS_TEST_TMPDIR/context"
    cat >"$BATS_TEST_TMPDIR/context/Dockerfile" <<'FILE'
FROM box
ENV BUILT=yes
RUN echo "$BUILT" >/built && id -u >>/built
USER user
RUN id -un >/tmp/user
CMD ["cat", "/built", "/tmp/user"]
FILE
    run docker build --network none --tag "$name" "$BATS_TEST_TMPDIR/context"
    assert_success
    run docker_box "$name"
    assert_output "yes
0
user"
    echo 'RUN exit 5' >>"$BATS_TEST_TMPDIR/context/Dockerfile"
    run docker build --network none "$BATS_TEST_TMPDIR/context"
    assert_failure
    assert_output --partial 'returned a non-zero code: 5'
    docker rmi --force "$name" >/dev/null
}

@test "docker export: what the container has written" {
    docker_start_box -- sh -c 'echo new >/new; exec sleep 1000'
    wait_until 10 docker exec "$name" test -e /new
    run sh -c "docker_host=unix:///run/docker.sock
        /usr/bin/docker --host \$docker_host export $name | tar --extract --to-stdout new"
    assert_output new
}

@test "dockerd: what runs goes on without it, and is found again" {
    local pid
    daemons_stop dockerd
    docker_start --live-restore
    docker_start_box --restart no -- sh -c 'trap "exit 5" TERM; while :; do sleep 0.05; done'
    pid=$(docker_seen State.Pid)
    daemons_stop dockerd
    assert [ -d "/proc/$pid" ]
    docker_start --live-restore
    assert_equal "$(docker_seen State.Pid) $(docker_seen State.Status)" "$pid running"
    run docker exec "$name" echo inside
    assert_output inside
    docker stop --time 10 "$name" >/dev/null
    docker_is State.ExitCode 5
}
