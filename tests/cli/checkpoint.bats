#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What engines ask before they checkpoint, and what is refused before criu is asked.  What criu does
# is tested where it is known to work (vm/checkpoint.bats).  A criu of these tests is a script.

load ../helpers/tare

setup() {
    setup_bundle
    criu=$BATS_TEST_TMPDIR/criu
    images=$BATS_TEST_TMPDIR/images
    places="/usr/bin /usr/sbin /usr/local/bin /usr/local/sbin /bin /sbin"
}

teardown() {
    local place
    teardown_bundle
    while umount /usr/local/sbin 2>/dev/null; do :; done
    for place in $places; do
        while umount "$place/criu" 2>/dev/null; do :; done
    done
}

# no_criu: hides any that this machine has, from this test alone.
no_criu() {
    local place
    : >"$criu.none"
    chmod 644 "$criu.none"
    for place in $places; do
        [ ! -e "$place/criu" ] || mount --bind "$criu.none" "$place/criu"
    done
}

# with_criu <SCRIPT: puts a script in the place of the machine's.
with_criu() {
    no_criu
    mkdir -p "$criu.place"
    cat >"$criu.place/criu"
    chmod 755 "$criu.place/criu"
    mount --bind "$criu.place" /usr/local/sbin
    # shellcheck disable=SC2034 # nothing_left reads it
    snapshot_before=$(snapshot)
}

@test "[E1.checkpoint.1] [E1.features.4] checkpoint --help fails where there is no criu, and succeeds where there is one" {
    local command
    no_criu
    for command in checkpoint restore; do
        run_tare "$command" --help
        assert_failure 1
        assert_output ''
        assert_stderr "tare: $command: the program criu is not installed
hint: checkpoint and restore are its work: install the package criu"
        run_tare help "$command"
        assert_success
    done
    run -0 tare features
    assert_equal "$(jq -r '.annotations["org.opencontainers.runc.checkpoint.enabled"]' \
        <<<"$output")" false

    with_criu <<<'#!/bin/sh'
    for command in checkpoint restore; do
        run_tare "$command" --help
        assert_success
        assert_stderr ''
        assert_line --index 0 "usage: tare $command [OPTIONS] <id>"
    done
    run -0 tare features
    assert_equal "$(jq -r '.annotations["org.opencontainers.runc.checkpoint.enabled"]' \
        <<<"$output")" true
}

@test "[E1.restore.1] restore --lsm-mount-context without its value says so in the words that engines look for" {
    no_criu
    run_tare restore --lsm-mount-context
    assert_failure 64
    assert_stderr_has 'flag needs an argument'
}

@test "words that are wrong are refused before anything is made" {
    local words
    while IFS='|' read -r words message; do
        # shellcheck disable=SC2086 # several words
        run_tare checkpoint $words "$id"
        assert_failure 64
        assert_stderr_has "tare: checkpoint '$id': $message"
    done <<'END'
--manage-cgroups-mode often|--manage-cgroups-mode 'often' is not known
--network-lock wall|--network-lock 'wall' is not known
--page-server somewhere|--page-server 'somewhere' is not ADDRESS:PORT
--page-server host:0|--page-server 'host:0' is not ADDRESS:PORT
--page-server host:65536|--page-server 'host:65536' is not ADDRESS:PORT
--empty-ns user|--empty-ns 'user' is not network
--status-fd 99|--status-fd '99' is no open descriptor
--image-path=|--image-path
END
    run_tare restore --lsm-profile name --bundle "$bundle" "$id"
    assert_failure 64
    assert_stderr_has "--lsm-profile 'name' begins with neither selinux: nor apparmor:"
    nothing_left
}

@test "[E1.checkpoint.7] only what runs is written down" {
    run_tare checkpoint --image-path "$images" unknown
    assert_failure 1
    assert_stderr "tare: checkpoint 'unknown': container \"unknown\" does not exist"
    create_container sleep 100
    run_tare checkpoint --image-path "$images" "$id"
    assert_failure 1
    assert_stderr "tare: checkpoint '$id': cannot checkpoint a container that has not been started"
    tare kill "$id" KILL
    wait_until 10 has_status "$id" stopped
    run_tare checkpoint --image-path "$images" "$id"
    assert_failure 1
    assert_stderr "tare: checkpoint '$id': container not running"
    [ ! -e "$images" ]
    tare delete "$id"
    nothing_left
}

@test "a criu that fails leaves the container running, and no images" {
    with_criu <<'END'
#!/bin/sh
echo "I am not well" >&2
exit 3
END
    start_container sleep 100
    run_tare checkpoint --image-path "$images" --work-path "$BATS_TEST_TMPDIR/criu" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr_has ': criu: I am not well'
    assert_equal "$(status_of "$id")" running
    [ ! -e "$images" ]

    mkdir -m 700 "$images"
    run_tare restore --image-path "$images" --bundle "$bundle" "$id-restored"
    assert_failure 1
    assert_stderr_has 'let criu make the first process: criu: I am not well'

    # One that says nothing at all.
    printf '#!/bin/sh\nexit 3\n' >"$criu.place/criu"
    run_tare checkpoint --image-path "$images" "$id"
    assert_failure 1
    assert_stderr_has ': criu has ended without an answer'
    assert_stderr_has "hint: more stands in $images/dump.log"
    assert_equal "$(status_of "$id")" running
    tare delete --force "$id"
    nothing_left
}

@test "images are named from their own directory, and no others" {
    with_criu <<<'#!/bin/sh'
    start_container sleep 100
    run_tare checkpoint --image-path "$images" --parent-path /elsewhere "$id"
    assert_failure 64
    assert_stderr_has "--parent-path '/elsewhere' is not ../NAME"
    run_tare checkpoint --image-path "$images" --parent-path ../missing "$id"
    assert_failure 1
    assert_equal "$(status_of "$id")" running
    [ ! -e "$images" ]
    tare delete --force "$id"
    run_tare restore --image-path "$images-missing" --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'open the directory of the images: --image-path: open '
    nothing_left
}
