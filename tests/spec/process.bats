#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[P7] the process starts in its cwd, which is made if it is missing" {
    config '.process.cwd = "/tmp"'
    run_container cwd
    assert_success
    assert_output cwd=/tmp
    config '.process.cwd = "/new/place"'
    run_container chain cwd ';' stat /new
    assert_success
    assert_line cwd=/new/place
    assert_line --partial 'directory mode=0755 uid=0'
}

@test "[P7] a cwd that cannot be entered fails with the words engines know" {
    config '.process.cwd = "/witness"'
    run_container
    assert_failure 1
    assert_stderr_has 'chdir to cwd ("/witness") set in config.json failed: not a directory'
    mkdir -m 700 "$rootfs/private"
    config '.process.cwd = "/private" | .process.user.uid = 1000'
    run_container
    assert_failure 1
    assert_stderr_has 'chdir to cwd ("/private") set in config.json failed: permission denied'
    config '.process.cwd = "/nowhere" | .root.readonly = true | .process.user.uid = 0'
    run_container cwd
    assert_success
    nothing_left
}

@test "[P8] the environment is that of the config, and HOME" {
    config '.process.env = ["A=1", "PATH=/", "B=", "A=2", "C=x=y", "empty="]'
    run_container env
    assert_success
    assert_equal "$(sort <<<"$output")" "$(printf '%s\n' A=2 B= C=x=y HOME=/ PATH=/ empty= | sort)"
    SECRET=of-the-caller run_container env
    refute_output --partial SECRET
}

@test "[P8] HOME comes from the passwd of the container, if the environment lacks it" {
    printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:\n' >"$rootfs/etc/passwd"
    config '.process.user = { uid: 1000, gid: 1000 }'
    run_container env
    assert_line HOME=/home/user
    config '.process.env += ["HOME=/mine"]'
    run_container env
    assert_line HOME=/mine
    refute_line HOME=/home/user
}

@test "[P9] args are passed on as they are" {
    config '.process.args = ["/witness", "args", "", "two words", "\u00e4\t\"", "-x"]'
    run_container
    assert_success
    assert_output "[0]=/witness
[1]=args
[2]=
[3]=two words
[4]=$(printf '\303\244\t')\"
[5]=-x"
}

@test "[P9] a name without a slash is looked up in PATH of the config, inside the container" {
    mkdir -p "$rootfs/a" "$rootfs/b"
    mv "$rootfs/witness" "$rootfs/b/program"
    echo text >"$rootfs/a/program"
    config '.process.args = ["program", "args"] | .process.env = ["PATH=/nowhere:/a:/b"]'
    run_container
    assert_success
    assert_line '[0]=program'
    config '.process.env = ["PATH=/a"]'
    run_container
    assert_failure 126
    config '.process.env = ["PATH=/nowhere"]'
    expected_status=127 run_container
    assert_failure 127
    mkdir -p "$rootfs/usr/bin"
    mv "$rootfs/b/program" "$rootfs/usr/bin/"
    config '.process.env = []'
    run_container
    assert_success
}

@test "[P9] a name with a slash counts from the cwd" {
    mkdir -p "$rootfs/a/b"
    mv "$rootfs/witness" "$rootfs/a/b/program"
    config '.process.args = ["b/program", "args"] | .process.cwd = "/a"'
    run_container
    assert_success
    assert_line '[0]=b/program'
}

@test "[P9] scripts are started by their interpreter" {
    printf '#!/witness args\n' >"$rootfs/script"
    chmod 755 "$rootfs/script"
    config '.process.args = ["/script", "more"]'
    run_container
    assert_success
    assert_output $'[0]=/witness\n[1]=args\n[2]=/script\n[3]=more'
    printf '#!/missing\n' >"$rootfs/script"
    expected_status=127 run_container
    assert_failure 127
    assert_stderr_has 'exec: "/script": no such file or directory'
    nothing_left
}

@test "[P9] a program is found with the rights of the user" {
    chmod 700 "$rootfs/witness"
    config '.process.user = { uid: 1000, gid: 1000 }'
    run_container
    assert_failure 126
    assert_stderr_has 'exec: "/witness": permission denied'
    nothing_left
}

@test "[P14] noNewPrivileges" {
    run_container nnp
    assert_output no_new_privileges=1
    config '.process.noNewPrivileges = false'
    run_container nnp
    assert_output no_new_privileges=0
    config 'del(.process.noNewPrivileges)'
    run_container nnp
    assert_output no_new_privileges=0
}

@test "[P15] oomScoreAdj is set" {
    config '.process.oomScoreAdj = 777'
    run_container oom
    assert_success
    assert_output oom_score_adj=777
}

@test "[P16] without oomScoreAdj the caller's is left alone" {
    witness_runs oom
    run bash -c 'echo 123 >/proc/self/oom_score_adj; exec "$@"' _ \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_output oom_score_adj=123
}

@test "[P15] an oomScoreAdj that the kernel refuses is an error, and nothing is left" {
    ! (echo -1000 >/proc/self/oom_score_adj) 2>/dev/null || skip "tare may do so here"
    config '.process.oomScoreAdj = -1000'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'process.oomScoreAdj'
    assert_stderr_has 'access refused (EACCES)'
    nothing_left
}

@test "[P4] consoleSize without a terminal has no effect" {
    config '.process.consoleSize = { height: 70000, width: 99999999 } | .process.terminal = false'
    run_container
    assert_success
    assert_output hello
}

@test "[FD1] the process has descriptors 0 to 2, its own session, and no signal blocked" {
    run_container chain fds ';' session ';' signals
    assert_success
    assert_equal "$(grep -c '^[0-9]' <<<"$output")" 3
    assert_line pid=1
    assert_line ppid=0
    assert_line sid=1
    assert_line pgid=1
    assert_line blocked=0000000000000000
    # None of those that shells and service managers ignore: HUP INT QUIT PIPE CHLD TSTP TTIN TTOU.
    assert_equal $((0x$(sed -n 's/^ignored=//p' <<<"$output") & 0x391007)) 0
}

@test "inherited pipes belong to the user, so that /dev/stdout can be opened" {
    config '.process.user = { uid: 1000, gid: 1000 }'
    witness_runs chain open /dev/stdout w ';' open /dev/stderr w
    run bash -c '"$@" 2>&1 | cat' _ "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_output $'ok\nok'
}

@test "an inherited file is not given away" {
    config '.process.user = { uid: 1000, gid: 1000 }'
    tare run --bundle "$bundle" "$id" </dev/null >"$BATS_TEST_TMPDIR/file"
    assert_equal "$(stat -c %u "$BATS_TEST_TMPDIR/file")" 0
    assert_equal "$(cat "$BATS_TEST_TMPDIR/file")" hello
}
