#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# `podman build`, which calls the runtime once for each RUN line, as Buildah does.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman

# build OPTION... <LINES: builds an image called like the test.
build() {
    mkdir -p "$BATS_TEST_TMPDIR/context"
    cat >"$BATS_TEST_TMPDIR/context/Containerfile"
    run podman build --isolation oci --no-cache --tag "localhost/$name" "$@" \
        "$BATS_TEST_TMPDIR/context"
}

teardown() {
    podman rmi --force "localhost/$name" >/dev/null 2>&1 || :
    teardown_podman
}

@test "podman build: RUN lines make files and see those before them" {
    build <<'LINES'
FROM box
RUN echo one >/made && id -u
WORKDIR /home/user
RUN pwd >>/made
CMD ["cat", "/made"]
LINES
    assert_success
    run podman run --rm "localhost/$name"
    assert_output "one
/home/user"
}

@test "podman build: a RUN line that fails ends the build with its status" {
    build <<'LINES'
FROM box
RUN exit 42
LINES
    assert_failure
    assert_output --partial 'exit status 42'
}

@test "podman build: a RUN line whose command is not there" {
    build <<'LINES'
FROM box
RUN ["/no/such/command"]
LINES
    assert_failure
    assert_output --partial '/no/such/command'
}

@test "podman build: from nothing, with a file of the context, arguments, a user" {
    mkdir -p "$BATS_TEST_TMPDIR/context"
    cp /bin/busybox "$BATS_TEST_TMPDIR/context/busybox"
    build --build-arg WORD=given <<'LINES'
FROM scratch
COPY busybox /bin/busybox
ARG WORD
ENV PATH=/bin
RUN ["/bin/busybox", "mkdir", "-p", "/tmp"]
RUN ["/bin/busybox", "chmod", "1777", "/tmp"]
USER 1234:4321
RUN ["/bin/busybox", "sh", "-c", "echo $WORD $(busybox id -u) $(busybox id -g) >/tmp/made"]
CMD ["/bin/busybox", "cat", "/tmp/made"]
LINES
    assert_success
    run podman run --rm "localhost/$name"
    assert_output 'given 1234 4321'
}

@test "podman build: without a network, and with the host's" {
    build --network none <<'LINES'
FROM box
RUN ls /sys/class/net
LINES
    assert_success
    assert_line lo
    build --network host <<'LINES'
FROM box
RUN readlink /proc/self/ns/net
LINES
    assert_success
    assert_line "$(in_network readlink /proc/self/ns/net)"
}

@test "podman build: a mounted cache, a bound file of the context" {
    mkdir -p "$BATS_TEST_TMPDIR/context"
    echo 'of the context' >"$BATS_TEST_TMPDIR/context/file"
    build <<'LINES'
FROM box
RUN --mount=type=bind,source=file,target=/tmp/file cat /tmp/file
RUN --mount=type=tmpfs,target=/fast echo x >/fast/x && cat /fast/x
LINES
    assert_success
    assert_line 'of the context'
}

@test "podman build: several stages" {
    build <<'LINES'
FROM box AS first
RUN echo made >/made
FROM box
COPY --from=first /made /copied
RUN cat /copied
LINES
    assert_success
    assert_line made
}
