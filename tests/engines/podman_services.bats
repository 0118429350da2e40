#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Podman as a service manager sees it: notifications, sockets, events, health, files of Kubernetes,
# copies of containers, and an end that leaves nothing.

load ../helpers/tare
load ../helpers/terminal
load ../engines/podman

# listens: a service manager that hears of one notification after the other, in $heard.
listens() {
    heard=$BATS_TEST_TMPDIR/heard
    socat -u "UNIX-RECV:$BATS_TEST_TMPDIR/notify" "OPEN:$heard,creat,append" 3>&- &
    listener=$!
    wait_until 10 [ -S "$BATS_TEST_TMPDIR/notify" ]
}

teardown() {
    [ -z "${listener:-}" ] || kill "$listener" 2>/dev/null || :
    teardown_podman
}

@test "podman run --sdnotify=conmon: says that it is ready, and conmon's pid" {
    listens
    NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify start_box --sdnotify=conmon
    wait_until 20 grep -q READY=1 "$heard"
    assert_equal "$(grep -ao 'MAINPID=[0-9]*' "$heard")" "MAINPID=$(seen ConmonPid)"
    run podman exec "$name" env
    refute_output --partial NOTIFY_SOCKET
}

@test "podman run --sdnotify=container: what the container says is handed on" {
    listens
    cp "$witness" "$BATS_TEST_TMPDIR/witness"
    NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify start_box --sdnotify=container \
        --volume "$BATS_TEST_TMPDIR/witness:/witness:ro" -- \
        sh -c '/witness notify READY=1; exec sleep 1000'
    wait_until 20 grep -q READY=1 "$heard"
    grep -aq "MAINPID=$(seen ConmonPid)" "$heard"
}

@test "podman run --sdnotify=ignore: nobody is told" {
    listens
    NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify start_box --sdnotify=ignore
    podman exec "$name" true
    run cat "$heard"
    refute_output --partial READY
}

@test "podman run: sockets of a service manager" {
    # shellcheck disable=SC2016 # the words are the inner shells'
    run bash -c 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec podman run --rm box \
        sh -c "echo \$LISTEN_PID \$LISTEN_FDS \$LISTEN_FDNAMES \$\$; cat <&3"' \
        3<<<'from outside'
    assert_success
    assert_output $'1 1 web 1\nfrom outside'
}

@test "podman run --preserve-fds: several" {
    run podman run --rm --preserve-fds 2 box sh -c 'cat <&3; cat <&4; ls /proc/self/fd | wc -l' \
        3<<<three 4<<<four
    assert_success
    assert_output $'three\nfour\n6'
}

@test "podman events: the life of a container" {
    podman run --rm --name "$name" box true
    podman_left_nothing "$podman_before"
    run podman events --stream=false --filter "container=$name" --format '{{.Status}}'
    assert_line create
    assert_line start
    assert_line died
    assert_line remove
}

@test "podman wait --condition: running, then stopped" {
    podman create --name "$name" box sleep 1000 >/dev/null
    podman wait --condition running "$name" >/dev/null &
    podman start "$name" >/dev/null
    wait $!
    podman wait --condition stopped "$name" >"$BATS_TEST_TMPDIR/status" &
    podman kill "$name" >/dev/null
    wait $!
    podman wait "$name" >"$BATS_TEST_TMPDIR/status"
    assert_equal "$(cat "$BATS_TEST_TMPDIR/status")" 137
}

@test "podman run --health-on-failure=kill: an ill container is killed" {
    start_box --health-cmd 'false' --health-interval disable --health-retries 1 \
        --health-on-failure kill
    run podman healthcheck run "$name"
    assert_failure 1
    wait_until 20 has_ended
    assert_equal "$(seen ExitCode)" 137
}

has_ended() {
    [ "$(seen Status)" = exited ]
}

@test "podman run --restart: on failure, so many times" {
    podman run --detach --name "$name" --restart on-failure:2 box \
        sh -c 'echo lives; exit 3' >/dev/null
    podman_says "$name" lives 3
    wait_until 20 has_ended
    assert_equal "$(podman inspect --format '{{.RestartCount}}' "$name")" 2
    assert_equal "$(seen ExitCode)" 3
}

@test "podman container clone: another with the same environment" {
    start_box --env ONE=1 --env 'TWO=two words'
    podman container clone "$name" "$name-clone" >/dev/null
    podman start "$name-clone" >/dev/null
    run podman exec "$name-clone" sh -c 'echo $ONE; echo $TWO'
    assert_output $'1\ntwo words'
}

@test "podman container rename, and its log and its processes are as before" {
    start_box -- sh -c 'echo said; exec sleep 1000'
    podman_says "$name" said
    podman rename "$name" "$name-other"
    run podman logs "$name-other"
    assert_output said
    run podman exec "$name-other" echo out
    assert_output out
}

@test "podman container prune: what has ended goes, what runs stays" {
    start_box
    podman run --name "$name-ended" box true
    podman container prune --force >/dev/null
    run podman ps --all --format '{{.Names}}'
    assert_output "$name"
}

@test "podman run --log-driver none, json-file, passthrough" {
    run podman run --rm --log-driver none box echo out
    assert_output out
    podman run --name "$name" --log-driver json-file box echo out >/dev/null
    run podman logs "$name"
    assert_output out
    podman run --detach --name "$name-through" --log-driver passthrough box echo through \
        >"$BATS_TEST_TMPDIR/out"
    podman wait "$name-through" >/dev/null
    grep -qx through "$BATS_TEST_TMPDIR/out"
}

@test "podman run: 125 is Podman's own" {
    run podman run --rm --no-such-option box true
    assert_failure 125
    run podman run --rm --pull never no-such-image true
    assert_failure 125
    run podman run --rm --annotation run.oci.x=y box true
    assert_success
}

@test "podman run --timeout: a container that runs too long is killed" {
    run podman run --rm --timeout 1 box sleep 1000
    assert_failure
    podman_left_nothing "$podman_before"
}

@test "podman run --replace, --requires: in another's place, and after another" {
    start_box --stop-timeout 0
    start_box --replace -- sh -c 'exec sleep 4321'
    assert_equal "$(tr '\0' ' ' <"/proc/$(seen Pid)/cmdline")" 'sleep 4321 '
    podman create --name "$name-other" --requires "$name" box sleep 1000 >/dev/null
    podman stop --time 0 "$name" >/dev/null
    podman start "$name-other" >/dev/null
    assert_equal "$(seen Status)" running
    podman rm --force --time 0 "$name-other" >/dev/null
}

@test "podman system reset: leaves no container, no state, no mount" {
    start_box
    podman volume create "$name" >/dev/null
    podman system reset --force
    run podman ps --all --quiet
    assert_output ''
    run find /run/tare /run/crun /run/runc -mindepth 1 -maxdepth 1
    refute_output --regexp '[0-9a-f]{64}'
    run grep -F "$world/storage/overlay/" /proc/self/mountinfo
    assert_failure
    podman import --quiet --change 'ENV IMAGE=says' --change 'CMD ["sh"]' "$world/box.tar" \
        box >/dev/null
    podman run --rm box true
    podman_before=$(podman_snapshot) # what Podman makes once and keeps has been made anew
}
