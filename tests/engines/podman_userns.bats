#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Ids of a container's own, and what confines it, as Podman asks for it.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman

@test "podman run --userns=auto: two have different ids, and files that are theirs" {
    [ -e /etc/subuid ] || skip "needs /etc/subuid"
    start_box --userns=auto:size=4096
    run podman run --rm --userns=auto:size=4096 box \
        sh -c 'cat /proc/self/uid_map; echo x >/root/mine; stat -c %u /root/mine /www'
    assert_success
    assert_line --index 1 0
    assert_line --index 2 0
    refute_line "$(cat "/proc/$(seen Pid)/uid_map")"
}

@test "podman run --userns=auto: more ids than there are" {
    [ -e /etc/subuid ] || skip "needs /etc/subuid"
    run podman run --rm --userns=auto:size=2000000 box true
    assert_failure 125
}

@test "podman run --uidmap --gidmap: other groups than users, and groups besides" {
    run podman run --rm --uidmap 0:200000:65536 --gidmap 0:300000:65536 --user user \
        --group-add 77 box sh -c 'cat /proc/self/uid_map /proc/self/gid_map; id'
    assert_success
    assert_line --regexp '^ *0 +200000 +65536$'
    assert_line --regexp '^ *0 +300000 +65536$'
    assert_line --partial 'uid=1000(user) gid=1000(user) groups=77'
}

@test "podman run --uidmap: a terminal, and a tmpfs" {
    at_terminal expect ready send 'typed\r' -- podman run --rm --interactive --tty \
        --uidmap 0:200000:65536 --tmpfs /fast box \
        sh -c 'stat -c %u /dev/pts/0 /fast; echo ready; read line; echo "line=$line"'
    assert_success
    assert_line --index 0 0
    assert_line line=typed
}

@test "podman run --userns=container: the ids of another container" {
    start_box --uidmap 0:200000:65536
    run podman run --rm --userns "container:$name" box readlink /proc/self/ns/user
    assert_success
    assert_output "$(readlink "/proc/$(seen Pid)/ns/user")"
}

@test "podman run --userns=host: none of its own" {
    run podman run --rm --userns=host box readlink /proc/self/ns/user
    assert_output "$(readlink /proc/self/ns/user)"
}

@test "podman run --uidmap --privileged: all capabilities, of its own ids" {
    run podman run --rm --privileged --uidmap 0:200000:65536 box \
        sh -c 'grep CapEff /proc/self/status; mount -t tmpfs none /tmp && echo mounted'
    assert_success
    assert_line mounted
}

@test "podman run --security-opt seccomp=FILE: a profile of one's own" {
    cat >"$BATS_TEST_TMPDIR/profile.json" <<'JSON'
{ "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [{ "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95 }] }
JSON
    run podman run --rm --security-opt "seccomp=$BATS_TEST_TMPDIR/profile.json" box \
        sh -c 'touch /tmp/file && mkdir /tmp/folder'
    assert_failure
    assert_output --partial 'Operation not supported'
}

@test "podman run: the default profile refuses what only a capability allows" {
    run podman run --rm box sh -c 'unshare -m true || echo refused'
    assert_line refused
    run podman run --rm --cap-add sys_admin box sh -c 'unshare -m echo allowed'
    assert_output allowed
}

@test "podman run --cap-add all --privileged: nothing is masked, devices are all there" {
    run podman run --rm --privileged box sh -c \
        'grep CapEff /proc/self/status; grep -c /proc/timer_list /proc/mounts; ls /dev | wc -l'
    assert_line --regexp "CapEff:.*$(sed -n 's/^CapBnd:\t0*//p' /proc/self/status)\$"
    assert_line 0
}

@test "podman run --user --cap-add: ambient capabilities" {
    run podman run --rm --user user --cap-add net_raw box \
        grep -E 'CapEff|CapAmb|CapBnd' /proc/self/status
    assert_success
    assert_line --regexp 'CapEff:[[:space:]]+0000000000002000$'
    assert_line --regexp 'CapAmb:[[:space:]]+0000000000002000$'
}

@test "podman run --security-opt mask, unmask: paths of one's own" {
    run podman run --rm --security-opt mask=/www --security-opt unmask=/proc/timer_list box \
        sh -c 'ls /www; grep -c /proc/timer_list /proc/mounts; echo end'
    assert_output $'0\nend'
}

@test "podman run --umask, --tz, --ulimit: what the process has" {
    run podman run --rm --umask 0077 --tz UTC --ulimit stack=1000000:2000000 \
        --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 box \
        sh -c 'umask; ulimit -s; ulimit -Hs'
    assert_success
    assert_output $'0077\n976\n1953'
}

@test "podman run --ulimit: a limit that nobody may give" {
    ! setpriv --dump | grep -q '^Effective.*sys_resource' || skip "may raise all limits"
    run podman run --rm --ulimit nofile=2000000:2000000 box true
    assert_failure 126
    is_tare || return 0
    assert_output --partial RLIMIT_NOFILE
}

@test "podman run --oom-score-adj, --stop-signal: are obeyed" {
    start_box --oom-score-adj 500 --stop-signal USR1 -- \
        sh -c 'trap "exit 7" USR1; echo ready; while :; do sleep 0.05; done'
    podman_says "$name" ready
    assert_equal "$(cat "/proc/$(seen Pid)/oom_score_adj")" 500
    podman stop --time 20 "$name" >/dev/null
    assert_equal "$(seen ExitCode)" 7
}

@test "podman run --env, --unsetenv, --http-proxy, --env-host: nothing else comes in" {
    run env HTTP_PROXY=http://proxy OWN=host podman run --rm --http-proxy=false --unsetenv IMAGE \
        box env
    refute_line --regexp '^(HTTP_PROXY|OWN|IMAGE)='
    run env OWN=host podman run --rm --env-host --env OTHER= box env
    assert_line OWN=host
    assert_line OTHER=
}

@test "podman run --dns, --dns-search, --hostname: the files of names" {
    run podman run --rm --dns 10.9.8.7 --dns-search example.org --hostname feather box \
        sh -c 'cat /etc/resolv.conf /etc/hostname; echo; hostname'
    assert_success
    assert_line 'nameserver 10.9.8.7'
    assert_line 'search example.org'
    assert_equal "$(grep -cx feather <<<"$output")" 2
}
