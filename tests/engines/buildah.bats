#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Buildah by itself: working containers, `buildah run` and what is committed of them.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman

setup() {
    setup_podman
    [ -x /usr/bin/buildah ] || skip "needs buildah"
    work=$(buildah from --name "$name" box)
}

teardown() {
    [ -z "${work:-}" ] || buildah rm "$work" >/dev/null || :
    buildah rmi --force "localhost/$name" >/dev/null 2>&1 || :
    teardown_podman
}

# runs [OPTION...] [--] COMMAND...: in the working container, by the runtime.
runs() {
    run --separate-stderr buildah run --isolation oci "$@"
    # shellcheck disable=SC2154 # set by run
    [ -z "$stderr" ] || echo "standard error: $stderr"
}

@test "buildah run: output, errors, the exit status" {
    runs "$work" -- sh -c 'echo out; echo err >&2; exit 7'
    assert_failure 7
    assert_output out
    assert_equal "${stderr%%$'\n'*}" err
}

@test "buildah run: what it makes is there the next time, and is committed" {
    runs "$work" sh -c 'echo made >/made; chown user /made'
    assert_success
    runs "$work" stat -c %U /made
    assert_output user
    buildah config --cmd 'cat /made' "$work"
    buildah commit --quiet "$work" "localhost/$name" >/dev/null
    run podman run --rm "localhost/$name"
    assert_output made
}

@test "buildah run: a command that is not there, and one that cannot be executed" {
    runs "$work" /no/such/command
    assert_failure
    assert_regex "$stderr" 'no such file or directory|executable file'
    runs "$work" /etc/passwd
    assert_failure
    assert_regex "$stderr" '[Pp]ermission denied'
}

@test "buildah run: a user, a directory, an environment, a host name" {
    runs --user user --workingdir /home/user --env ONE=1 --hostname feather "$work" \
        sh -c 'id -u; pwd; echo $ONE; hostname'
    assert_success
    assert_output $'1000\n/home/user\n1\nfeather'
}

@test "buildah run: standard input, and a terminal" {
    run buildah run --isolation oci "$work" cat <<<'some words'
    assert_success
    assert_output 'some words'
    at_terminal expect ready send 'typed\r' -- \
        buildah run --isolation oci --terminal "$work" sh -c \
        'test -t 0 && test -t 1 && echo ready && read line && echo "line=$line" && exit 3'
    assert_line line=typed
    assert_line '# status=3'
}

@test "buildah run: volumes and mounts" {
    echo 'from outside' >"$BATS_TEST_TMPDIR/file"
    runs --volume "$BATS_TEST_TMPDIR:/given:ro" --mount type=tmpfs,destination=/fast "$work" \
        sh -c 'cat /given/file; echo x >/fast/x && cat /fast/x; echo >/given/x'
    assert_failure
    assert_output $'from outside\nx'
    assert_regex "$stderr" 'Read-only file system'
}

@test "buildah run: capabilities are added and dropped" {
    runs --cap-drop all "$work" grep CapEff /proc/self/status
    assert_output --regexp 'CapEff:[[:space:]]+0000000000000000$'
    runs "$work" unshare -m true
    assert_failure
    runs --cap-add CAP_SYS_ADMIN "$work" unshare -m true
    assert_success
}

@test "buildah run: no network, and the host's" {
    runs --network none "$work" ls /sys/class/net
    assert_output lo
    runs --network host "$work" readlink /proc/self/ns/net
    assert_output "$(in_network readlink /proc/self/ns/net)"
}

@test "buildah run: namespaces of the host" {
    runs --pid host --ipc host --uts host "$work" \
        sh -c 'for space in pid ipc uts; do readlink /proc/self/ns/$space; done'
    assert_success
    assert_output "$(for space in pid ipc uts; do readlink /proc/self/ns/$space; done)"
}

@test "buildah run --runtime, --runtime-flag: a runtime that is named, with an option" {
    runs --runtime "$runtime_path" --runtime-flag "root=$BATS_TEST_TMPDIR/state" "$work" echo out
    assert_success
    assert_output out
    assert_dir_exist "$BATS_TEST_TMPDIR/state"
}

@test "buildah build: several stages, a cache, a secret" {
    mkdir "$BATS_TEST_TMPDIR/context"
    echo 'not for all' >"$BATS_TEST_TMPDIR/secret"
    cat >"$BATS_TEST_TMPDIR/context/Containerfile" <<'LINES'
FROM box AS first
RUN --mount=type=cache,target=/cache echo kept >/cache/file
RUN --mount=type=cache,target=/cache cat /cache/file >/made
RUN --mount=type=secret,id=mine cat /run/secrets/mine >>/made
FROM box
COPY --from=first /made /copied
RUN cat /copied
RUN test ! -e /cache/file
LINES
    run buildah build --isolation oci --no-cache --tag "localhost/$name" \
        --secret "id=mine,src=$BATS_TEST_TMPDIR/secret" "$BATS_TEST_TMPDIR/context"
    assert_success
    assert_line kept
    assert_line 'not for all'
}
