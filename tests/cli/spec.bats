#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare
load ../helpers/terminal
load ../helpers/rootless

@test "spec writes config.json into the current directory, and says nothing" {
    cd "$BATS_TEST_TMPDIR"
    run_tare spec
    assert_success
    assert_output ''
    assert_stderr ''
    assert_equal "$(jq -r .ociVersion config.json)" 1.3.0
    assert_equal "$(jq -r .root.path config.json)" rootfs
}

@test "[DF1] the config of spec mounts the default filesystems" {
    tare spec --bundle "$BATS_TEST_TMPDIR"
    local path type
    while read -r path type; do
        jq -e --arg path "$path" --arg type "$type" \
            'any(.mounts[]; .destination == $path and .type == $type)' "$BATS_TEST_TMPDIR/config.json"
    done <<'END'
/proc proc
/sys sysfs
/dev/pts devpts
/dev/shm tmpfs
END
}

@test "spec does not overwrite a config.json" {
    cd "$BATS_TEST_TMPDIR"
    echo mine >config.json
    run_tare spec
    assert_failure 1
    assert_stderr_has config.json
    assert_equal "$(cat config.json)" mine
}

@test "spec makes the directory of a bundle, but none above it" {
    run_tare spec --bundle "$BATS_TEST_TMPDIR/new/"
    assert_success
    assert_file_exists "$BATS_TEST_TMPDIR/new/config.json"
    run_tare spec --bundle "$BATS_TEST_TMPDIR/nowhere/new"
    assert_failure 1
    assert_stderr "tare: spec: open the bundle '$BATS_TEST_TMPDIR/nowhere/new': not found (ENOENT)"
}

@test "spec leaves no directory behind when it cannot write" {
    run_tare spec --bundle "$BATS_TEST_TMPDIR/new" --file not/here
    assert_failure 1
    assert_stderr_has 'create not/here: not found (ENOENT)'
    assert_file_not_exists "$BATS_TEST_TMPDIR/new"
    mkdir "$BATS_TEST_TMPDIR/mine"
    run_tare spec --bundle "$BATS_TEST_TMPDIR/mine" --file not/here
    assert_failure 1
    [ -d "$BATS_TEST_TMPDIR/mine" ]
}

@test "what spec writes can be run: the process is confined" {
    setup_bundle
    rm "$bundle/config.json"
    tare spec --bundle "$bundle"
    [ "$(jq -r .process.args[0] "$bundle/config.json")" = sh ]
    mkdir -p "$rootfs/bin"
    mv "$rootfs/witness" "$rootfs/bin/sh"
    [ "$(jq -r .process.terminal "$bundle/config.json")" = true ]
    config '.process.args += ["chain", "say", "ready", ";", "line", ";", "terminal"]'
    at_terminal expect ready wait-raw send 'exit\r' -- \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line line=exit
    assert_line controlling=yes
    assert_line '# status=0'
    config '.process.args = ["sh", "chain", "ids", ";", "nnp", ";", "session"]
        | .process.terminal = false'
    run_container
    assert_success
    assert_line 'uid=0:0:0'
    assert_line 'no_new_privileges=1'
    assert_line 'pid=1'
    assert_stderr ''
    config '.process.args = ["sh", "open", "/proc/sys/kernel/msgmax", "w"]'
    run_container
    assert_output EROFS
    nothing_left
}

@test "--file names another file of the bundle" {
    cd "$BATS_TEST_TMPDIR"
    mkdir other
    tare spec --bundle other --file mine.json
    assert_equal "$(ls other)" mine.json
    tare spec -f "$BATS_TEST_TMPDIR/own.json"
    cmp own.json other/mine.json
    run_tare spec -f own.json
    assert_failure 1
    assert_stderr_has 'own.json already exists'
}

@test "what spec --rootless writes can be run by a plain user as it is" {
    need_user_namespaces
    needs mount_setattr
    setup_bundle
    rm "$bundle/config.json"
    mkdir -p "$rootfs/bin"
    mv "$rootfs/witness" "$rootfs/bin/sh"
    make_users_own
    plain "$TARE" spec --rootless --bundle "$bundle"
    assert_equal "$(jq -c '[.linux.uidMappings[0].hostID, .linux.resources]' "$bundle/config.json")" \
        '[1000,null]'
    config '.process.args += ["chain", "say", "ready", ";", "line", ";", "ids", ";",
        "open", "/sys/fs/x", "w", ";", "mounts"]'
    at_terminal expect ready wait-raw send 'exit\r' -- \
        setpriv --reuid 1000 --regid 1000 --clear-groups \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line line=exit
    assert_line uid=0:0:0
    assert_line --regexp ' / /sys ro,'
    refute_line --regexp ' /sys(/[^ ]*)? rw,'
    assert_line '# status=0'
    nothing_left
}
