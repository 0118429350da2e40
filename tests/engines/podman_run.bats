#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# `podman run`: what comes out, and what the container is.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman

@test "podman run: output, errors and the exit status" {
    run --separate-stderr podman run --rm box sh -c 'echo out; echo err >&2; exit 7'
    assert_failure 7
    assert_output out
    assert_stderr err
}

@test "podman run: a signal's death is 128 and its number" {
    run podman run --rm --init=false box sh -c 'sh -c "kill -TERM \$\$"; exit $?'
    assert_failure 143
}

@test "podman run: a command that is not there is 127" {
    run -127 podman run --rm box no-such-command
    assert_output --regexp 'executable file .*not found in \$PATH'
    run -127 podman run --rm box /no/such/command
    assert_output --partial 'o such file or directory'
}

@test "podman run: what cannot be executed is 126" {
    run podman run --rm box /etc/passwd
    assert_failure 126
    assert_output --partial 'permission denied'
    run podman run --rm box /etc
    assert_failure 126
}

@test "podman run: standard input" {
    run podman run --rm --interactive box cat <<<'some words'
    assert_success
    assert_output 'some words'
    run podman run --rm box cat <<<'some words'
    assert_success
    assert_output ''
}

@test "podman run: many bytes pass unchanged" {
    local sum
    head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
    sum=$(md5sum <"$BATS_TEST_TMPDIR/bytes")
    podman run --rm --interactive box cat <"$BATS_TEST_TMPDIR/bytes" >"$BATS_TEST_TMPDIR/same"
    assert_equal "$(md5sum <"$BATS_TEST_TMPDIR/same")" "$sum"
}

@test "podman run: a terminal, its size, what is typed and how it ends" {
    at_terminal expect 'ready' send 'typed\r' -- podman run --rm --interactive --tty box \
        sh -c "$podman_sized"'; test -t 0 -a -t 1 -a -t 2 && echo ready && read line &&
            echo "line=$line" && exit 3'
    assert_success
    assert_line '24 80'
    assert_line line=typed
    assert_line '# status=3'
    assert_line '# left=cooked'
}

@test "podman run: ^C at the terminal" {
    at_terminal expect 'ready' send '\003' -- podman run --rm --interactive --tty box \
        sh -c 'trap "echo got INT; exit 5" INT; echo ready; while :; do sleep 0.1; done'
    assert_line --partial 'got INT'
    assert_line '# status=5'
}

@test "podman run: the terminal of a container without standard input" {
    run podman run --rm --tty box tty
    assert_success
    assert_output --partial /dev/pts/0
}

@test "podman run: environment" {
    run podman run --rm --env ONE=1 --env 'TWO=two words' box env
    assert_success
    assert_line ONE=1
    assert_line 'TWO=two words'
    assert_line IMAGE=says
    assert_line HOME=/root
    assert_line container=podman
    refute_line --regexp '^(_OCI|NOTIFY_SOCKET|XDG_|_CONTAINERS|CONTAINERS_)'
}

@test "podman run: user, groups, home" {
    run podman run --rm --user user box sh -c 'id; echo $HOME; touch /home/user/mine'
    assert_success
    assert_line --partial 'uid=1000(user) gid=1000(user) groups=1000(user),2000(extra)'
    assert_line /home/user
    run podman run --rm --user 1234:4321 --group-add 77 box id
    assert_success
    assert_output --partial 'uid=1234(1234) gid=4321(4321) groups=77,4321(4321)'
}

@test "podman run: working directory" {
    run podman run --rm --workdir /home/user box pwd
    assert_success
    assert_output /home/user
    run podman run --rm --workdir /no/such/directory box pwd
    assert_failure
    assert_output --partial '/no/such/directory'
}

@test "podman run: host name and /etc/hosts" {
    run podman run --rm --hostname feather --add-host friend:10.9.8.7 box \
        sh -c 'hostname; cat /etc/hosts'
    assert_success
    assert_line feather
    assert_line --regexp '10.9.8.7[[:space:]]+friend'
}

@test "podman run: a bound directory, written, read-only, with propagation" {
    local folder=$BATS_TEST_TMPDIR/folder
    mkdir "$folder"
    run podman run --rm --volume "$folder:/data" box sh -c 'echo written >/data/file'
    assert_success
    assert_equal "$(cat "$folder/file")" written
    run podman run --rm --volume "$folder:/data:ro" box sh -c 'cat /data/file; echo >/data/file'
    assert_failure
    assert_line written
    assert_line --partial 'Read-only file system'
    run podman run --rm --volume "$folder:/data:rslave,noexec,nosuid" box grep ' /data ' \
        /proc/self/mountinfo
    assert_success
    assert_output --regexp 'rw,nosuid,(nodev,)?noexec'
}

@test "podman run: a named volume keeps what is in it" {
    podman volume create "$name" >/dev/null
    podman run --rm --volume "$name:/data" box sh -c 'echo kept >/data/file'
    run podman run --rm --volume "$name:/data" box cat /data/file
    podman volume rm "$name" >/dev/null
    assert_output kept
}

@test "podman run: a volume takes over what the image has there" {
    run podman run --rm --volume /www box cat /www/index.html
    assert_success
    assert_output 'the page'
}

@test "podman run: a tmpfs with a size and a mode" {
    run podman run --rm \
        --mount type=tmpfs,destination=/fast,tmpfs-size=1m,tmpfs-mode=1700,notmpcopyup box \
        sh -c 'grep " /fast " /proc/mounts; stat -c %a /fast; echo x >/fast/x && cat /fast/x'
    assert_success
    assert_line --partial 'size=1024k'
    assert_line 1700
    assert_line x
}

@test "podman run: a read-only root" {
    run podman run --rm --read-only --read-only-tmpfs=false box \
        sh -c 'echo >/file; echo x >/dev/shm/x && cat /dev/shm/x'
    assert_line --partial 'Read-only file system'
}

@test "podman run: a read-only root with places to write" {
    run podman run --rm --read-only box \
        sh -c 'for at in /tmp /run /var/tmp /dev/shm; do echo x >$at/x && cat $at/x; done; echo >/x'
    assert_failure
    assert_line --index 0 x
    assert_line --index 3 x
    assert_line --partial 'Read-only file system'
}

@test "podman run: a tmpfs that keeps what the image has there" {
    run podman run --rm --tmpfs /www:size=1m,mode=750 --tmpfs /home box sh -c \
        'cat /www/index.html; echo new >/www/index.html; stat -c "%a" /www; stat -c %u /home/user'
    assert_success
    assert_output "the page
750
1000"
}

@test "podman run: as systemd wants it" {
    run podman run --rm --systemd=always --stop-signal 15 box \
        sh -c 'echo x >/run/lock/x && mkdir /sys/fs/cgroup/init.scope && grep " /run" /proc/mounts'
    assert_success
    assert_line --partial '/run/lock tmpfs'
}

@test "podman run: a size of /dev/shm" {
    run podman run --rm --shm-size 2m box sh -c 'grep " /dev/shm " /proc/mounts'
    assert_output --partial 'size=2048k'
}

@test "podman run: a detached container ends and keeps its exit status" {
    run podman run --detach --name "$name" box sh -c 'echo out; exit 9'
    assert_success
    run podman wait "$name"
    assert_output 9
    run podman logs "$name"
    assert_output out
    run podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$name"
    assert_output 'exited 9'
}

@test "podman run: a detached container with --rm removes itself" {
    podman run --detach --rm --name "$name" box true >/dev/null
    podman_left_nothing "$podman_before"
    run podman container exists "$name"
    assert_failure 1
}

@test "podman run: capabilities are what is asked for" {
    run podman run --rm --cap-drop all --cap-add net_raw,chown box grep CapEff /proc/self/status
    assert_output --regexp 'CapEff:[[:space:]]+0000000000002001$'
    run podman run --rm --cap-drop all --user user box grep CapEff /proc/self/status
    assert_output --regexp 'CapEff:[[:space:]]+0000000000000000$'
}

@test "podman run: seccomp is on, and off where that is said" {
    run podman run --rm box grep -w Seccomp: /proc/self/status
    assert_output --regexp 'Seccomp:[[:space:]]+2$'
    run podman run --rm --security-opt seccomp=unconfined box grep -w Seccomp: /proc/self/status
    assert_output --regexp 'Seccomp:[[:space:]]+0$'
}

@test "podman run: no new privileges" {
    run podman run --rm --security-opt no-new-privileges box grep NoNewPrivs /proc/self/status
    assert_output --regexp 'NoNewPrivs:[[:space:]]+1$'
}

@test "podman run: masked and read-only paths, and unmasked ones" {
    run podman run --rm box sh -c 'wc -c </proc/timer_list; echo x >/proc/sys/kernel/domainname'
    assert_line 0
    assert_line --partial 'Read-only file system'
    run podman run --rm --security-opt unmask=ALL box sh -c 'grep -c /proc/timer_list /proc/mounts'
    assert_output 0
}

@test "podman run: limits of the process" {
    run podman run --rm --ulimit nofile=100:200 --ulimit core=0 --ulimit nproc=500 \
       box sh -c 'ulimit -n; ulimit -Hn'
    assert_success
    assert_line 100
    assert_line 200
}

@test "podman run: kernel parameters" {
    run podman run --rm --sysctl net.ipv4.ip_default_ttl=42 --sysctl kernel.msgmax=4321 box \
        cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/msgmax
    assert_line 42
    assert_line 4321
}

@test "podman run: a device of the host" {
    run podman run --rm --device /dev/null:/dev/nothing:rw box \
        sh -c 'echo x >/dev/nothing && stat -c %t:%T /dev/nothing'
    assert_success
    assert_output 1:3
}

@test "podman run: a device that is not given cannot be used" {
    run podman run --rm --cap-add mknod box sh -c 'mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem'
    assert_failure
    assert_output --partial 'not permitted'
}

@test "podman run: privileged" {
    run podman run --rm --privileged box \
        sh -c 'grep -w Seccomp: /proc/self/status; mount -t tmpfs none /tmp'
    assert_success
    assert_line --regexp 'Seccomp:[[:space:]]+0$'
}

@test "podman run: namespaces of the host" {
    run podman run --rm --pid host --ipc host --uts host --network host box sh -c \
        'for space in pid ipc uts net; do readlink /proc/self/ns/$space; done'
    assert_success
    assert_output "$(in_network sh -c \
        'for space in pid ipc uts net; do readlink /proc/self/ns/$space; done')"
}

@test "podman run: namespaces of another container" {
    podman run --detach --name "$name" box sleep 1000 >/dev/null
    run podman run --rm --pid "container:$name" --network "container:$name" \
        --ipc "container:$name" box sh -c 'tr "\0" " " </proc/1/cmdline'
    assert_success
    assert_output 'sleep 1000 '
}

@test "podman run: no cgroup at all" {
    run podman run --rm --cgroups=disabled box cat /proc/self/cgroup
    case $output in
    *'not compatible with NoCgroups'*) skip "Podman trusts no such runtime with it" ;;
    esac
    assert_success
    refute_output --partial libpod
}

@test "podman run: an init that reaps" {
    [ -x /usr/libexec/podman/catatonit ] || skip "needs catatonit"
    run podman run --rm --init box sh -c 'tr "\0" " " </proc/1/cmdline; exit 4'
    assert_failure 4
    assert_output --partial 'init -- sh -c'
}

@test "podman run: a pipe of file descriptors that the caller hands over" {
    run podman run --rm --preserve-fds 1 box sh -c 'cat <&3' 3<<<'from outside'
    assert_success
    assert_output 'from outside'
}

@test "podman run: the container's pid file and id file" {
    podman run --detach --name "$name" --pidfile "$BATS_TEST_TMPDIR/pid" \
        --cidfile "$BATS_TEST_TMPDIR/id" box sleep 1000 >/dev/null
    run podman inspect --format '{{.State.Pid}} {{.Id}}' "$name"
    assert_output "$(cat "$BATS_TEST_TMPDIR/pid") $(cat "$BATS_TEST_TMPDIR/id")"
}
