#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# `docker run`: what comes out, and what the container is.

load ../helpers/tare
load ../helpers/terminal
load ../engines/runtime
load ../engines/daemons
load ../engines/docker

@test "docker info: the runtime and its version" {
    run docker info --format '{{.DefaultRuntime}} {{json .Runtimes.tare}} {{.RuncCommit.ID}}'
    assert_success
    assert_output --partial 'tare {"path":"/usr/local/bin/tare"}'
    run docker info
    refute_output --partial 'failed to retrieve'
}

@test "docker run: output, errors and the exit status" {
    run --separate-stderr docker_box box sh -c 'echo out; echo err >&2; exit 7'
    assert_failure 7
    assert_output out
    assert_stderr err
}

@test "docker run: a signal's death is 128 and its number" {
    run docker_box box sh -c 'sh -c "kill -TERM \$\$"; exit $?'
    assert_failure 143
}

@test "docker run: a command that is not there is 127" {
    run -127 docker_box box no-such-command
    assert_output --partial 'executable file not found in $PATH'
    run -127 docker_box box /no/such/command
    assert_output --partial 'no such file or directory'
}

@test "docker run: what cannot be executed is 126, what cannot be made 125" {
    run docker_box box /etc/passwd
    assert_failure 126
    run docker_box box /etc
    assert_failure 126
    run docker_box --sysctl kernel.no_such=1 box true
    assert_failure 125
}

@test "docker run: standard input" {
    run docker_box --interactive box cat <<<'some words'
    assert_success
    assert_output 'some words'
    run docker_box box cat <<<'some words'
    assert_success
    assert_output ''
}

@test "docker run: many bytes pass unchanged" {
    local sum
    head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
    sum=$(md5sum <"$BATS_TEST_TMPDIR/bytes")
    docker_box --interactive box cat <"$BATS_TEST_TMPDIR/bytes" >"$BATS_TEST_TMPDIR/same"
    assert_equal "$(md5sum <"$BATS_TEST_TMPDIR/same")" "$sum"
}

@test "docker run: a terminal, what is typed and how it ends" {
    at_terminal expect ready send 'typed\r' -- /usr/bin/docker --host unix:///run/docker.sock run \
        --rm --network none --interactive --tty box \
        sh -c 'test -t 0 -a -t 1 -a -t 2 && echo ready && read line && echo "line=$line" && exit 3'
    assert_line line=typed
    assert_line '# status=3'
    assert_line '# left=cooked'
}

@test "docker run: environment, directory, user, host name, label" {
    run docker_box --env ONE='two words' --workdir /www --user 1000:2000 --hostname here box \
        sh -c 'echo $ONE $IMAGE; pwd; id -u; id -g; hostname'
    assert_success
    assert_output "two words says
/www
1000
2000
here"
}

@test "docker run: groups that are added" {
    run docker_box --user user --group-add 3000 box sh -c 'id -G'
    assert_success
    assert_output '1000 2000 3000'
}

@test "docker run: a read-only root, a tmpfs, volumes and a bound folder" {
    echo inside >"$BATS_TEST_TMPDIR/file"
    run docker_box --read-only --tmpfs /tmp:size=1m,mode=700 --volume "$name:/www" \
        --volume "$BATS_TEST_TMPDIR:/image:ro" box \
        sh -c 'cat /image/file; cat /www/index.html; touch /tmp/x /www/x
            stat -c %a /tmp; touch /image/x 2>&1; touch /x 2>&1'
    assert_failure
    assert_output "inside
the page
700
touch: /image/x: Read-only file system
touch: /x: Read-only file system"
    run docker_box --volume "$name:/there" box ls /there
    assert_output "index.html
x"
}

@test "docker run: a mount that is a copy of the host's later ones" {
    mount --bind "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR"
    mount --make-shared "$BATS_TEST_TMPDIR"
    docker_start_box --mount "type=bind,src=$BATS_TEST_TMPDIR,dst=/image,bind-propagation=rslave"
    mkdir "$BATS_TEST_TMPDIR/later"
    mount -t tmpfs tmpfs "$BATS_TEST_TMPDIR/later"
    touch "$BATS_TEST_TMPDIR/later/here"
    run docker exec "$name" ls /image/later
    docker rm --force "$name" >/dev/null
    umount --recursive "$BATS_TEST_TMPDIR"
    assert_output here
}

@test "docker run: capabilities more and less, none, all" {
    run docker_box --cap-add SYS_TIME --cap-drop CHOWN box witness caps
    assert_line --regexp '^effective=.{9}[2367abef].{5}[02468ace]$' # bits 25 and 0
    run docker_box --cap-drop ALL box witness caps
    assert_line effective=0000000000000000
    assert_line bounding=0000000000000000
    run docker_box --user 1000 box witness caps
    assert_line effective=0000000000000000
    refute_line bounding=0000000000000000
}

# All capabilities are those that we have: some hosts keep one from root.
@test "docker run and exec: privileged" {
    run docker_box --privileged box sh -c 'mount -t tmpfs none /tmp && echo mounted
        grep -w Seccomp: /proc/self/status; [ -e /dev/kmsg ] && echo devices'
    assert_success
    assert_line mounted
    assert_line --regexp 'Seccomp:.0'
    assert_line devices
    docker_start_box
    run docker exec --privileged "$name" grep CapEff: /proc/self/status
    assert_output --regexp 'CapEff:.[0-9a-f]{10}[2367abef][0-9a-f]{5}$' # bit 21
}

@test "docker run: Docker's own filter, one of ours, none" {
    run docker_box box sh -c 'grep -w Seccomp: /proc/self/status'
    assert_output --regexp 'Seccomp:[[:space:]]+2'
    cat >"$BATS_TEST_TMPDIR/filter.json" <<'JSON'
{ "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [{ "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO" }] }
JSON
    run docker_box --security-opt "seccomp=$BATS_TEST_TMPDIR/filter.json" box mkdir /tmp/x
    assert_failure
    assert_output --partial 'not permitted'
    run docker_box --security-opt seccomp=unconfined box sh -c 'grep -w Seccomp: /proc/self/status'
    assert_output --regexp 'Seccomp:[[:space:]]+0'
}

@test "docker run: no new privileges" {
    run docker_box --security-opt no-new-privileges box sh -c 'grep NoNewPrivs /proc/self/status'
    assert_output --regexp 'NoNewPrivs:[[:space:]]+1'
}

@test "docker run: limits of a process" {
    run docker_box --ulimit nofile=100:200 --ulimit core=0 box \
        sh -c 'ulimit -Sn; ulimit -Hn; ulimit -c'
    assert_success
    assert_output "100
200
0"
}

@test "docker run: an init that reaps" {
    run docker_box --init box sh -c 'tr "\0" " " </proc/1/cmdline; exit 4'
    assert_failure 4
    assert_output --partial '/sbin/docker-init -- sh -c'
}

@test "docker run: sysctls, shared memory, its size" {
    run docker_box --sysctl kernel.msgmax=4096 --shm-size 1m box \
        sh -c 'cat /proc/sys/kernel/msgmax; df -k /dev/shm | tail -n 1'
    assert_success
    assert_line 4096
    assert_line --regexp '^shm +1024 '
}

@test "docker run: a device, and one that is not given" {
    run docker_box --device /dev/null:/dev/nothing:rw box \
        sh -c 'echo x >/dev/nothing && stat -c %t:%T /dev/nothing'
    assert_success
    assert_output 1:3
    run docker_box --cap-add mknod box sh -c 'mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem'
    assert_failure
    assert_output --partial 'not permitted'
}

@test "docker run: namespaces of the host" {
    run docker run --rm --pid host --ipc host --uts host --network host --cgroupns host box sh -c \
        'for space in pid ipc uts net; do readlink /proc/self/ns/$space; done'
    assert_success
    assert_output "$(in_network sh -c \
        'for space in pid ipc uts net; do readlink /proc/self/ns/$space; done')"
}

@test "docker run: namespaces of another container" {
    docker_start_box --ipc shareable
    run docker run --rm --pid "container:$name" --network "container:$name" \
        --ipc "container:$name" box sh -c 'tr "\0" " " </proc/1/cmdline'
    assert_success
    assert_output 'sleep 1000 '
}

@test "docker run: masked and read-only paths, and none of them" {
    run docker_box box sh -c 'wc -c </proc/keys; echo 1 >/proc/sys/kernel/msgmax'
    assert_line 0
    assert_output --partial 'Read-only file system'
    run docker_box --security-opt systempaths=unconfined box sh -c 'mount | grep -c "on /proc/"'
    assert_output 0
}

@test "docker run: a file with the container's id" {
    docker_start_box --cidfile "$BATS_TEST_TMPDIR/id"
    assert_equal "$(docker_seen Id)" "$(cat "$BATS_TEST_TMPDIR/id")"
}

@test "docker run: the network, a published port" {
    docker run --detach --name "$name" --publish 8123:80 box httpd -f -h /www >/dev/null
    wait_until 10 has_page 127.0.0.1 8123
    has_page "$(docker_seen NetworkSettings.IPAddress)" 80
}

has_page() {
    in_network timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2" &&
        printf "GET /index.html HTTP/1.0\r\n\r\n" >&3 && grep -qx "the page" <&3' - "$1" "$2"
}
