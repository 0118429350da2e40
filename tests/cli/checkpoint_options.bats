#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What criu is asked, and what becomes of its answer; another program stands in its place
# (helpers/fake_criu).  What criu itself does of it is the matter of vm/checkpoint*.bats.

load ../helpers/tare

setup() {
    local place
    setup_bundle
    fake=$BATS_TEST_TMPDIR/fake
    images=$BATS_TEST_TMPDIR/images
    mkdir "$fake"
    cp "$BATS_TEST_DIRNAME/../helpers/fake_criu" "$fake/criu"
    hidden=()
    for place in /usr/bin /usr/sbin /usr/local/bin /bin /sbin; do
        [ ! -e "$place/criu" ] || hidden+=("$place/criu")
    done
    for place in "${hidden[@]}"; do
        mount --bind "$BATS_TEST_DIRNAME/../helpers/tare.bash" "$place" # which is no program
    done
    mount --bind "$fake" /usr/local/sbin
    # shellcheck disable=SC2034 # nothing_left reads it
    snapshot_before=$(snapshot)
}

teardown() {
    teardown_bundle
    umount /usr/local/sbin
    for place in "${hidden[@]}"; do
        umount "$place"
    done
}

checkpoint() {
    run_tare checkpoint --image-path "$images" "$@" "$id"
}

# asked [PATTERN]: what criu was asked, as far as it matches.
asked() {
    grep -E "${1:-}" "$fake/log"
}

# The container goes on, and there are no images.
unharmed() {
    assert_equal "$(status_of "$id")" running
    [ ! -e "$images/inventory.img" ]
}

@test "noNewPrivileges: a criu that loses it does not get the container" {
    echo 3.18 >"$fake/version"
    start_container sleep 100
    for option in --leave-running --pre-dump --file-locks; do
        checkpoint "$option"
        assert_failure 1
        assert_output ''
        assert_stderr "tare: checkpoint '$id': see that criu keeps it all: process.noNewPrivileges: criu 3.18 does not keep that: what it writes down could gain privileges once it is restored
hint: criu does since 3.19: install a newer one"
        unharmed
    done
    [ ! -e "$images" ]
    assert_equal "$(sort -u "$fake/log")" version

    echo 4.1 >"$fake/version"
    checkpoint
    assert_success
    assert_equal "$(<"$images/inventory.img")" whole
    tare delete "$id"
    nothing_left

    echo 3.17 >"$fake/version"
    config '.process.noNewPrivileges = false'
    start_container sleep 100
    checkpoint
    assert_success
}

@test "what criu has written is kept once it is whole, whatever happens then" {
    local tare
    touch "$fake/lives" # somebody in the container takes time to end
    start_container sleep 100
    # shellcheck disable=SC2153 # its own
    "$TARE" --root "$state" checkpoint --image-path "$images" "$id" \
        2>"$BATS_TEST_TMPDIR/errors" 3>&- &
    tare=$!
    wait_until 10 test -s "$images/inventory.img"
    sleep 0.3
    kill -0 "$tare"
    kill "$tare"
    local result=0
    wait "$tare" || result=$?
    assert_equal "$result" 1
    run cat "$BATS_TEST_TMPDIR/errors"
    assert_output "tare: checkpoint '$id': see its end: gave up, since signal 15 came"
    assert_equal "$(<"$images/inventory.img")" whole
}

@test "what criu has written goes when it has failed, but for its log" {
    cat >"$fake/fail" <<'END'
(00.001) Warn  (criu/kerndat.c:1): no matter: Error (what: ): a warning says
(00.002) mnt: a mount by the name of Error (x): never mind
(00.003)     12: Error (criu/files.c:1): Can't open /etc/x: No such file or directory
(00.004) Error (criu/cr-dump.c:2): `x`: OPERATION not permitted
END
    start_container sleep 100
    checkpoint --work-path "$BATS_TEST_TMPDIR/work"
    assert_failure 1
    assert_stderr "tare: checkpoint '$id': let criu write it down: criu: Can't open /etc/x: not found (ENOENT); 'x': not permitted (EPERM)
hint: more stands in $BATS_TEST_TMPDIR/work/dump.log"
    unharmed
    [ ! -e "$images" ]
    cmp "$fake/fail" "$BATS_TEST_TMPDIR/work/dump.log"
    tare delete --force "$id"
    nothing_left
}

@test "org.criu.config names a file of criu's that nobody else can have written" {
    local file=$BATS_TEST_TMPDIR/criu.conf
    config '.annotations["org.criu.config"] = $file' --arg file "$file"
    start_container sleep 100
    refused() {
        checkpoint --leave-running
        assert_failure 1
        assert_stderr_has "annotations: org.criu.config: $1"
        unharmed
        [ ! -e "$fake/log" ] || ! asked dump
    }
    refused "open $file: not found (ENOENT)"
    mkfifo "$file"
    refused "$file is no regular file"
    rm "$file"
    echo tcp-established >"$file"
    chmod 666 "$file"
    refused "$file can be written by others"
    chmod 644 "$file"
    chown 1234 "$file"
    refused "$file belongs to somebody else"
    chown 0 "$file"
    checkpoint
    assert_success
    asked '^config tcp-established$'
    tare delete "$id"

    config '.annotations["org.criu.config"] = ""'
    start_container sleep 100
    rm "$fake/log"
    checkpoint
    assert_success
    run ! asked ^config
}

@test "signals that reach everybody at a terminal do not reach criu" {
    cat >"$fake/criu" <<'END'
#!/usr/bin/python3
import sys
sys.stderr.writelines(line for line in open("/proc/self/status") if "SigBlk" in line)
END
    start_container sleep 100
    checkpoint
    assert_failure 1
    # SIGHUP, SIGINT, SIGQUIT and SIGTERM
    assert_stderr_has 'criu: SigBlk: 0000000000004007'
    unharmed
}

@test "restore: of sockets only that of criu's server of pages may lie beside the images" {
    mkdir -m 700 "$images"
    listen_at() {
        python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$1"
    }
    listen_at "$images/lazy-pages.socket"
    run_tare restore --lazy-pages --image-path "$images" --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'let criu make the first process: criu: '
    asked '^48 1$'
    listen_at "$images/other.socket"
    run_tare restore --lazy-pages --image-path "$images" --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'other.socket is neither a file nor a directory'
    nothing_left
}
