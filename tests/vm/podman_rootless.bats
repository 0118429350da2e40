#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Podman of a plain user, with tare as its runtime: all but the core, which is in podman.bats.
# In the machine itself.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman
load vm
load podman

@test "rootless run: output, errors, status, input; what cannot be run is 127 or 126" {
    run --separate-stderr podman run --rm --interactive box \
        sh -c 'cat; echo err >&2; id -u; exit 7' <<<words
    assert_failure 7
    assert_output "words
0"
    assert_stderr err
    run -127 podman run --rm box no-such-command
    assert_output --regexp 'executable file .*not found in \$PATH'
    run podman run --rm box /etc/passwd
    assert_failure 126
}

@test "rootless life of a container: exec, top, logs, pause, stop, rm" {
    start_box --cgroup-parent "$delegated" -- sh -c \
        'trap "echo bye; exit 3" TERM; echo up; while :; do sleep 0.1; done'
    podman_says "$name" up
    run podman exec --env ONE=1 --user user "$name" sh -c 'id -u; echo $ONE; exit 5'
    assert_failure 5
    assert_output "1000
1"
    at_terminal send 'typed\r' -- podman exec --interactive --tty "$name" \
        sh -c 'read line && echo "line=$line"; tty; exit 4'
    assert_line line=typed
    assert_line --partial /dev/pts/
    assert_line '# status=4'
    run podman top "$name" user comm
    assert_line --regexp '^root +sh'
    podman pause "$name" >/dev/null
    assert_equal "$(seen Status)" paused
    podman unpause "$name" >/dev/null
    podman stop "$name" >/dev/null
    assert_equal "$(seen ExitCode)" 3
    run podman logs "$name"
    assert_line bye
    podman rm "$name" >/dev/null
}

@test "rootless run: limits in a delegated cgroup, and an update of them" {
    local cgroup
    start_box --cgroup-parent "$delegated" --memory 64m --pids-limit 20 --cpus 0.5
    cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(seen Pid)/cgroup")
    [[ $cgroup == /sys/fs/cgroup$delegated/libpod-* ]]
    assert_equal "$(cd "$cgroup" && cat memory.max pids.max cpu.max)" "67108864
20
50000 100000"
    ! podman update --help >/dev/null 2>&1 || {
        podman update --memory 96m "$name" >/dev/null
        assert_equal "$(<"$cgroup/memory.max")" 100663296
    }
    run podman stats --no-stream --format '{{.PIDs}}' "$name"
    assert_output 1
    podman kill "$name" >/dev/null
    run podman wait "$name"
    assert_output 137
}

@test "rootless run: without a delegated cgroup; a limit is refused, and says why" {
    undelegated start_box
    run undelegated podman exec "$name" echo inside
    assert_output inside
    undelegated podman rm --force --time 0 "$name" >/dev/null
    run undelegated podman run --rm --cgroups=disabled box echo none
    assert_success
    assert_output none
    run undelegated podman run --rm --memory 64m box true
    assert_failure
    ! is_tare || assert_output --partial 'needs a cgroup, and none can be made here'
}

@test "rootless run --userns: keep-id, host, auto, a map" {
    run podman run --rm --userns keep-id box sh -c 'id -u; cat /proc/self/uid_map'
    assert_success
    assert_line 1000
    run podman run --rm --userns host box cat /proc/self/uid_map
    assert_success
    assert_line --regexp '^ +0 +1000 +1$'
    run podman run --rm --userns auto:size=500 box cat /proc/self/uid_map
    assert_success
    assert_line --regexp '^ +0 +[0-9]+ +500$'
    run podman run --rm --uidmap 0:1:1000 --user 5 box sh -c 'id -u; cat /proc/self/uid_map'
    assert_success
    assert_line 5
}

@test "rootless run: a port, volumes, a read-only root, a tmpfs" {
    mkdir -m 777 "$world/folder"
    start_box --publish 8080:80 --read-only --tmpfs /fast:size=1m --volume "$world/folder:/data" \
        --volume "$name:/kept" -- sh -c \
        'echo x >/fast/x && echo y >/data/y && echo z >/kept/z && ! echo >/no &&
            httpd -f -p 80 -h /www'
    wait_until 60 fetches_page
    assert_equal "$(stat -c '%u' "$world/folder/y") $(<"$world/folder/y")" '1000 y'
    podman rm --force --time 0 "$name" >/dev/null
    run podman run --rm --volume "$name:/kept:ro" box sh -c 'cat /kept/z; echo >/kept/z'
    podman volume rm "$name" >/dev/null
    assert_failure
    assert_line z
    assert_line --partial 'Read-only file system'
}

# shellcheck disable=SC2016 # the words are the inner shell's
fetches_page() {
    timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080 && printf "$1" >&3 && cat <&3' - \
        "$podman_request" 2>/dev/null | grep -qx 'the page'
}

@test "rootless pod: two containers, one network" {
    podman pod create --name "$name-pod" >/dev/null
    start_box --pod "$name-pod" -- httpd -f -p 80 -h /www
    run podman run --rm --pod "$name-pod" box sh -c \
        'for i in $(seq 50); do nc -z 127.0.0.1 80 && break; sleep 0.1; done
        printf "$1" | nc -w 5 127.0.0.1 80' - "$podman_request"
    assert_line 'the page'
    podman pod rm --force --time 0 "$name-pod" >/dev/null
}

@test "rootless kube play: a pod that a file describes, until kube down" {
    described 'command: ["sh", "-c", "id -u; exec sleep 1000"]' 'securityContext: {runAsUser: 5}' |
        as_tester tee /home/tester/pod.yaml >/dev/null
    podman kube play /home/tester/pod.yaml >/dev/null
    podman_says "$name" 5
    run podman exec "$name" echo inside
    assert_output inside
    podman kube down /home/tester/pod.yaml >/dev/null
    run podman pod exists "${name%-*}"
    assert_failure
}

@test "rootless build: RUN lines" {
    as_tester mkdir -p /home/tester/context
    printf '%s\n' 'FROM box' 'RUN id -u >/made' 'USER user' 'RUN id -u >/tmp/mine' \
        'CMD ["cat", "/made", "/tmp/mine"]' >/home/tester/context/Containerfile
    run podman build --tag "localhost/$name" /home/tester/context
    assert_success
    run podman run --rm "localhost/$name"
    assert_output "0
1000"
}

@test "rootless run --healthcheck, podman unshare" {
    start_box --health-cmd 'test -d /www' --health-interval disable
    run podman healthcheck run "$name"
    assert_success
    run podman unshare sh -c 'id -u; readlink /proc/self/ns/user'
    assert_line 0
}

@test "rootless run: what a plain user cannot give is refused with its field" {
    run podman run --rm --ulimit nofile=64:1000000000 box true
    assert_failure
    ! is_tare || assert_output --partial 'process.rlimits'
    run podman run --rm --oom-score-adj 500 box cat /proc/self/oom_score_adj
    assert_success
    assert_output 500
    run podman run --rm --device /dev/full box sh -c 'echo x >/dev/full; mknod /tmp/mem c 1 1'
    assert_failure
    assert_line --partial 'No space left'
    assert_line --partial 'not permitted'
}

@test "rootless run --cgroup-manager systemd: a scope of the user's, with limits" {
    local cgroup
    podman --cgroup-manager systemd run --detach --name "$name" --memory 64m --pids-limit 20 \
        --cpus 0.5 box sleep 1000 >/dev/null
    cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(seen Pid)/cgroup")
    [[ $cgroup == /sys/fs/cgroup$users_cgroup/user.slice/libpod-*.scope* ]]
    assert_equal "$(cd "$cgroup" && cat memory.max pids.max cpu.max)" "67108864
20
50000 100000"
    as_tester systemctl --user daemon-reload
    assert_equal "$(<"$cgroup/memory.max")" 67108864
    run podman --cgroup-manager systemd exec "$name" sh -c 'exit 5'
    assert_failure 5
    podman --cgroup-manager systemd pause "$name" >/dev/null
    podman --cgroup-manager systemd unpause "$name" >/dev/null
    podman --cgroup-manager systemd rm --force --time 0 "$name" >/dev/null
    wait_until 20 [ ! -e "$cgroup" ]
}
