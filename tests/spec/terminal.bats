#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare
load ../helpers/terminal

setup() {
    setup_bundle
}

# The lines of the witness's word `terminal`.
of_its_own=(
    '0=terminal /dev/pts/0' '1=terminal /dev/pts/0' '2=terminal /dev/pts/0'
    controlling=yes console=same
)

# run_piped [ARGUMENT...]: `run` with no terminal at its own end; lines without carriage returns.
run_piped() {
    run piped "$@"
}

piped() {
    local result=0
    tare run "$@" --bundle "$bundle" "$id" </dev/null >"$BATS_TEST_TMPDIR/piped" 3>&- 4>&- ||
        result=$?
    tr -d '\r' <"$BATS_TEST_TMPDIR/piped"
    return "$result"
}

@test "[E1.console.6] [P2] [D10] 0 to 2 are a terminal that controls the process, and is /dev/console" {
    with_terminal terminal
    listen
    tare create --console-socket "$socket" --bundle "$bundle" "$id" </dev/null
    tare start "$id"
    run_listener
    assert_success
    for line in "${of_its_own[@]}" 'mode=0620 uid=0 gid=5'; do
        assert_line "$line"
    done
    tare delete "$id"
    nothing_left
}

@test "[E1.console.6] [P2] the terminal is the process's, and its group what the devpts says" {
    with_terminal chain terminal ';' write /dev/stdout 'opened anew, '
    config '.process.user = { uid: 7, gid: 8 }'
    run_piped
    assert_success
    assert_line 'mode=0620 uid=7 gid=5'
    assert_line 'opened anew, ok'
    nothing_left
}

@test "[P2] a config that only says what it must" {
    with_terminal terminal
    config '(.mounts[] | select(.type == "devpts")) |= del(.options, .source)'
    run_piped
    assert_success
    assert_line 'mode=0600 uid=0 gid=0'
}

@test "[P2] the terminal is the only thing that it has open" {
    with_terminal fds
    run_piped
    assert_success
    assert_output $'0=char\n1=char\n2=char'
    run_piped --preserve-fds 5 # none of these is there
    assert_success
    assert_output $'0=char\n1=char\n2=char'
}

@test "[P2] terminal: false leaves the standard streams as they are" {
    with_terminal chain fds ';' stat /dev/console
    config '.process.terminal = false'
    run_piped
    assert_success
    assert_line 0=char
    assert_line 1=file
    assert_line '/dev/console: ENOENT'
}

@test "[P3] consoleSize is the size of the terminal" {
    with_terminal size
    config '.process.consoleSize = { height: 31, width: 62 }'
    run_piped
    assert_success
    assert_output 'size=31 62'
    config '.process.consoleSize = { height: 65535, width: 0 }'
    run_piped
    assert_output 'size=65535 0'
    config 'del(.process.consoleSize)'
    run_piped
    assert_output 'size=0 0'
}

@test "[P5] [P6] a size beyond what a terminal can have is refused" {
    with_terminal
    refuses '.process.consoleSize = { height: 65536, width: 80 }' <<'ERR'
tare: run 'bad': bundle/config.json:25:17: process.consoleSize.height: 65536 is more than 65535
ERR
    refuses '.process.consoleSize = { height: 24, width: 9999999999 }' <<'ERR'
tare: run 'bad': bundle/config.json:26:16: process.consoleSize.width: 9999999999 is more than 65535
ERR
}

@test "[P2] without a devpts on /dev/pts a terminal is refused" {
    local hint='hint: add { "destination": "/dev/pts", "type": "devpts", "options": ["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] } to mounts, behind /dev'
    config '.process.terminal = true'
    refuses <<ERR
tare: run 'bad': bundle/config.json:23:17: process.terminal: there is no devpts on /dev/pts to take one from
$hint
ERR
    # The last mount counts: one on /dev hides what was there.
    with_terminal
    config '.mounts = [.mounts[0], .mounts[2], .mounts[1]]'
    refuses <<ERR
tare: run 'bad': bundle/config.json:23:17: process.terminal: there is no devpts on /dev/pts to take one from
$hint
ERR
}

@test "[P2] a bind that brings no devpts is found out, and nothing is left" {
    with_terminal
    mkdir "$bundle/empty"
    config '(.mounts[] | select(.type == "devpts")) |=
        { destination: "/dev/pts", source: "empty", options: ["bind"] }'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'open the terminal: /dev/pts is not on a devpts'
    nothing_left
}

@test "[P2] a devpts that must have no devices says so" {
    with_terminal
    config '(.mounts[] | select(.type == "devpts")).options += ["nodev"]'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'open the terminal: open ptmx: access refused (EACCES)'
    assert_stderr_has 'hint: the devpts on /dev/pts must not have the option nodev'
    nothing_left
}

@test "[D10] /dev/console is there where the root is read-only, and /dev a part of it" {
    with_terminal terminal
    config '.root.readonly = true | .mounts |= map(select(.destination != "/dev"))'
    mkdir -p "$rootfs/dev/pts"
    run_piped
    assert_success
    assert_line console=same
    assert_equal "$(find "$rootfs/dev/console" -printf '%y %s')" 'f 0'
}

@test "[D10] /dev/console hides what the image has there, and leaves it alone" {
    with_terminal terminal
    config '.mounts |= map(select(.destination != "/dev"))'
    mkdir -p "$rootfs/dev/pts"
    mknod --mode=640 "$rootfs/dev/console" c 5 1
    local before
    before=$(find "$rootfs/dev/console" -printf '%y %m %u %g %i')
    run_piped
    assert_success
    assert_line console=same
    assert_equal "$(find "$rootfs/dev/console" -printf '%y %m %u %g %i')" "$before"
    rm "$rootfs/dev/console"
    echo text >"$rootfs/dev/console"
    run_piped
    assert_success
    assert_line console=same
    assert_equal "$(cat "$rootfs/dev/console")" text
    nothing_left
}

@test "(T15) /dev/console as a link or a directory is refused, whatever it leads to" {
    with_terminal
    config '.mounts |= map(select(.destination != "/dev"))'
    mkdir -p "$rootfs/dev/pts" "$BATS_TEST_TMPDIR/canary"
    echo secret >"$BATS_TEST_TMPDIR/canary/file"
    local target root before
    before=$(find "$BATS_TEST_TMPDIR/canary" -printf '%p %y %m %u %g %s %T@ %C@\n')
    for target in "$BATS_TEST_TMPDIR/canary/new" "$BATS_TEST_TMPDIR/canary/file" /etc/new \
        ../etc/new null /proc/self/fd/0 "/proc/1/root$BATS_TEST_TMPDIR/canary/new" console; do
        ln -sfn "$target" "$rootfs/dev/console"
        for root in false true; do
            config ".root.readonly = $root"
            run_container
            assert_failure 1
            assert_output ''
            assert_stderr_has '/dev/console is a symbolic link in the root filesystem'
        done
    done
    [ ! -e "$rootfs/etc/new" ]
    rm "$rootfs/dev/console"
    mkdir "$rootfs/dev/console"
    run_container
    assert_failure 1
    assert_stderr_has '/dev/console of the root filesystem must be no directory'
    assert_equal "$(find "$BATS_TEST_TMPDIR/canary" -printf '%p %y %m %u %g %s %T@ %C@\n')" \
        "$before"
    nothing_left
}

@test "(T15) /dev/ptmx, /dev/pts and /dev/pts/0 of the image do not matter" {
    with_terminal terminal
    config '.mounts |= map(select(.destination != "/dev"))'
    mkdir -p "$rootfs/dev/pts" "$BATS_TEST_TMPDIR/canary"
    echo secret | tee "$BATS_TEST_TMPDIR/canary/0" >"$BATS_TEST_TMPDIR/canary/ptmx"
    local before line
    before=$(find "$BATS_TEST_TMPDIR/canary" -printf '%p %y %m %u %g %s %T@ %C@\n')
    ln -s "$BATS_TEST_TMPDIR/canary/ptmx" "$rootfs/dev/ptmx"
    ln -s "$BATS_TEST_TMPDIR/canary/ptmx" "$rootfs/dev/pts/ptmx"
    ln -s "$BATS_TEST_TMPDIR/canary/0" "$rootfs/dev/pts/0"
    run_piped
    assert_success
    for line in "${of_its_own[@]}"; do
        assert_line "$line"
    done
    # A link in place of the directory leads to one inside.
    rm -r "$rootfs/dev/pts"
    rm "$rootfs/dev/console"
    ln -s "$BATS_TEST_TMPDIR/canary" "$rootfs/dev/pts"
    run_piped
    assert_success
    assert_line console=same
    assert_equal "$(find "$BATS_TEST_TMPDIR/canary" -printf '%p %y %m %u %g %s %T@ %C@\n')" \
        "$before"
    nothing_left
}

@test "(T16) the caller's terminal is not given to the process" {
    witness_runs chain terminal ';' stat /dev/console
    config '.process.user.uid = 7'
    at_terminal -- bash -c 'before=$(stat -c "%u %g %a" "$(tty)"); "$@"
        [ "$before" = "$(stat -c "%u %g %a" "$(tty)")" ] && echo unchanged' _ \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line unchanged
    assert_line controlling=no
    assert_line '# status=0'
}

@test "(T66) what the process types never arrives at the caller's terminal" {
    local wait='"$@"; read -r -t 0.2 typed; echo "arrived: <$typed>"'
    witness_runs inject
    at_terminal -- bash -c "$wait" _ "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line --regexp '^TIOCSTI=E(PERM|IO)$'
    assert_line TIOCLINUX=ENOTTY
    assert_line 'arrived: <>'
    with_terminal inject
    at_terminal -- bash -c "$wait" _ "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line TIOCLINUX=ENOTTY
    assert_line 'arrived: <>'
    nothing_left
}

# bind_own_dev: a /dev in which the host has made the devices, as a user namespace needs it.
bind_own_dev() {
    local name major minor
    mkdir -p "$bundle/dev/pts"
    while read -r name major minor; do
        mknod --mode=666 "$bundle/dev/$name" c "$major" "$minor"
    done <<<$'null 1 3\nzero 1 5\nfull 1 7\nrandom 1 8\nurandom 1 9\ntty 5 0'
    chown 100000 "$bundle/dev"
    chmod 755 "$BATS_TEST_TMPDIR" "$bundle"
    config '(.mounts[] | select(.destination == "/proc")) =
            { destination: "/proc", source: "/proc", options: ["rbind"] }
        | (.mounts[] | select(.destination == "/dev")) =
            { destination: "/dev", source: "dev", options: ["bind"] }'
}

@test "[P2] [D10] a terminal in a user namespace, and in one without a root" {
    [ -e /proc/self/ns/user ] || skip "the kernel has no user namespaces"
    with_terminal terminal
    bind_own_dev
    config '.process.user = { uid: 7, gid: 8 } | .linux.namespaces += [{ type: "user" }]
        | .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
        | .linux.gidMappings = .linux.uidMappings'
    run_piped
    assert_success
    for line in "${of_its_own[@]}" 'mode=0620 uid=7 gid=5'; do
        assert_line "$line"
    done
    config '.linux.uidMappings = [{ containerID: 7, hostID: 100007, size: 1 }]
        | .linux.gidMappings = [{ containerID: 5, hostID: 100005, size: 10 }]'
    run_piped
    assert_success
    assert_line 'mode=0620 uid=7 gid=5'
    assert_line console=same
    nothing_left
}

@test "[P2] a terminal where system calls are missing" {
    with_terminal chain terminal ';' fds
    run_piped
    assert_success
    local expected=$output call
    for call in openat2 clone3 mount_setattr close_range; do
        refused=$call run_piped
        assert_success
        assert_output "$expected"
    done
    nothing_left
}

tare() {
    if [ -n "${refused:-}" ]; then
        "$build/tests/helpers/refuse" "$refused" -- "$TARE" --root "$state" "$@"
    else
        "$TARE" --root "$state" "$@"
    fi
}
