#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    volume=$bundle/volume
    mkdir -p "$volume/sub"
}

teardown() {
    teardown_bundle
    ! mountpoint -q "$bundle/volume/sub" 2>/dev/null || umount "$bundle/volume/sub"
    ! mountpoint -q "$bundle/volume" 2>/dev/null || umount "$bundle/volume"
}

# bind_with DESTINATION OPTION...: one more bind of the volume.
bind_with() {
    local destination=$1
    shift
    config --arg at "$destination" '.mounts += [{ destination: $at, source: "volume",
        options: $ARGS.positional }]' --args "$@"
}

# flags_of DESTINATION: the flags of the mount, as the container saw them.
flags_of() {
    awk -v at="$1" '$5 == at { print "," $6 "," }' <<<"$output"
}

# tags_of DESTINATION: the words on propagation, "shared:1 master:2".
tags_of() {
    awk -v at="$1" '$5 == at { for (i = 7; $i != "-"; i++) print $i }' <<<"$output" | xargs
}

# What each option sets or, behind a dash, leaves away.
rows="ro:ro rw:rw nosuid:nosuid suid:-nosuid nodev:nodev dev:-nodev noexec:noexec exec:-noexec
    noatime:noatime atime:-noatime nodiratime:nodiratime diratime:-nodiratime relatime:relatime
    strictatime:-relatime nosymfollow:nosymfollow symfollow:-nosymfollow
    rro:ro rrw:rw rnosuid:nosuid rsuid:-nosuid rnodev:nodev rdev:-nodev rnoexec:noexec
    rexec:-noexec rnoatime:noatime ratime:-noatime rnodiratime:nodiratime rdiratime:-nodiratime
    rrelatime:relatime rstrictatime:-relatime rnosymfollow:nosymfollow rsymfollow:-nosymfollow"

@test "[MO3] [MO30] [MO36] [MO38] the flags of a bind mount" {
    local row flag
    for row in $rows; do
        bind_with "/tmp/${row%:*}" bind "${row%:*}"
    done
    run_container mounts
    assert_success
    for row in $rows; do
        flag=${row#*:}
        case "$flag $(flags_of "/tmp/${row%:*}")" in
        -*,"${flag#-}",*) fail "$row: $(flags_of "/tmp/${row%:*}")" ;;
        -*) ;;
        *,"$flag",*) ;;
        *) fail "$row: $(flags_of "/tmp/${row%:*}")" ;;
        esac
    done
}

@test "[MO3] [MO30] the flags of a new filesystem" {
    local row flag
    config --arg rows "$rows" '.mounts += [$rows | splits("\\s+") | split(":")[0]
        | { destination: "/tmp/\(.)", type: "tmpfs", options: ["size=4k", .] }]'
    run_container mounts
    assert_success
    for row in $rows; do
        flag=${row#*:}
        case "$flag $(flags_of "/tmp/${row%:*}")" in
        -*,"${flag#-}",*) fail "$row: $(flags_of "/tmp/${row%:*}")" ;;
        -*) ;;
        *,"$flag",*) ;;
        *) fail "$row: $(flags_of "/tmp/${row%:*}")" ;;
        esac
    done
}

@test "of two options on one flag the later one wins" {
    bind_with /tmp/a bind ro rw
    bind_with /tmp/b bind rw ro
    bind_with /tmp/c bind nosuid suid nodev noexec exec
    bind_with /tmp/d bind noatime relatime
    bind_with /tmp/e bind relatime noatime
    run_container mounts
    assert_success
    assert_equal "$(flags_of /tmp/a)" ,rw,relatime,
    assert_equal "$(flags_of /tmp/b)" ,ro,relatime,
    assert_equal "$(flags_of /tmp/c)" ,rw,nodev,relatime,
    assert_equal "$(flags_of /tmp/d)" ,rw,relatime,
    assert_equal "$(flags_of /tmp/e)" ,rw,noatime,
}

@test "[MO30] ro, noexec, nodev and nosymfollow do what they say" {
    cp "$witness" "$volume/program"
    mknod "$volume/null" c 1 3
    ln -s program "$volume/link"
    bind_with /tmp/ro bind ro
    bind_with /tmp/rest bind noexec nodev nosymfollow
    run_container chain write /tmp/ro/new x ';' exec /tmp/rest/program ';' open /tmp/rest/null r \
        ';' open /tmp/rest/link r ';' write /tmp/rest/new x
    assert_success
    assert_output $'EROFS\nEACCES\nEACCES\nELOOP\nok'
}

@test "[MO2] [MO12] [MO17] options of the filesystem" {
    config '.mounts += [
        { destination: "/tmp/a", type: "tmpfs", options: ["sync"] },
        { destination: "/tmp/b", type: "tmpfs", options: ["dirsync"] },
        { destination: "/tmp/c", type: "tmpfs", options: ["lazytime"] },
        { destination: "/tmp/d", type: "tmpfs",
            options: ["sync", "async", "lazytime", "nolazytime"] }]'
    run_container mounts
    assert_success
    local row
    for row in a:sync b:dirsync c:lazytime; do
        awk -v at="/tmp/${row%:*}" '$5 == at { print "," $NF "," }' <<<"$output" |
            grep -q ",${row#*:}," || fail "$row: $output"
    done
    run awk '$5 == "/tmp/d" { print $NF }' <<<"$output"
    refute_output --regexp 'sync|lazytime'
}

@test "[MO7] [MO15] [MO19] [MO21] options without effect are taken, and are no data" {
    config '.mounts += [{ destination: "/tmp/a", type: "tmpfs", options: ["defaults", "async",
        "iversion", "noiversion", "loud", "silent", "mand", "nomand", "norelatime",
        "nostrictatime", "rnorelatime", "rnostrictatime", "nolazytime"] }]'
    run_container mounts
    assert_success
    assert_equal "$(flags_of /tmp/a)" ,rw,relatime,
}

@test "[MO5] [MO6] bind leaves out what is mounted below, rbind takes it along" {
    mount -t tmpfs tmpfs "$volume/sub"
    echo below >"$volume/sub/file"
    bind_with /tmp/one bind
    bind_with /tmp/all rbind
    run_container chain ls /tmp/one/sub ';' ls /tmp/all/sub
    assert_success
    assert_output file
}

@test "[MO38] [MO39] [MO41] ro is for one mount, rro, rnosuid and rnoexec for all below" {
    needs mount_setattr
    mount -t tmpfs tmpfs "$volume/sub"
    bind_with /tmp/a rbind ro
    bind_with /tmp/b rbind rro rnosuid rnoexec
    run_container chain write /tmp/a/x x ';' write /tmp/a/sub/x x ';' write /tmp/b/x x \
        ';' write /tmp/b/sub/x x ';' mounts
    assert_success
    assert_line --index 0 EROFS
    assert_line --index 1 ok
    assert_line --index 2 EROFS
    assert_line --index 3 EROFS
    assert_equal "$(flags_of /tmp/b/sub)" ,ro,nosuid,noexec,relatime,
    # The host's own mount stays as it was.
    run awk -v at="$volume/sub" '$5 == at { print $6 }' /proc/self/mountinfo
    assert_output rw,relatime
}

@test "[MO32] [MO33] [MO34] [MO35] propagation" {
    mount -t tmpfs tmpfs "$volume"
    mount --make-shared "$volume"
    mkdir "$volume/sub"
    mount -t tmpfs tmpfs "$volume/sub"
    local word outside
    for word in shared slave private unbindable; do
        bind_with "/tmp/$word" bind "$word"
        bind_with "/tmp/r$word" rbind "r$word"
    done
    bind_with /tmp/none rbind
    run_container mounts
    assert_success
    outside=$(awk -v at="$volume" '$5 == at { print $7 }' /proc/self/mountinfo)
    assert_equal "$(tags_of /tmp/slave)" "master:${outside#shared:}"
    for word in rslave/sub:^master:[0-9]+$ shared:^shared:[0-9]+ rshared/sub:^shared:[0-9]+; do
        [[ "$(tags_of "/tmp/${word%%:*}")" =~ ${word#*:} ]] ||
            fail "${word%%:*}: $(tags_of "/tmp/${word%%:*}")"
    done
    assert_equal "$(tags_of /tmp/private)" ''
    assert_equal "$(tags_of /tmp/rprivate/sub)" ''
    assert_equal "$(tags_of /tmp/unbindable)" unbindable
    assert_equal "$(tags_of /tmp/runbindable/sub)" unbindable
    assert_equal "$(tags_of /tmp/none)" ''
    assert_equal "$(tags_of /tmp/none/sub)" ''
}

@test "[MO29] remount changes the flags of an earlier mount" {
    config '.mounts += [{ destination: "/tmp", type: "tmpfs" },
        { destination: "/tmp", type: "tmpfs", options: ["remount", "ro", "nosuid"] }]'
    run_container chain write /tmp/x x ';' mounts
    assert_success
    assert_line --index 0 EROFS
    assert_equal "$(flags_of /tmp)" ,ro,nosuid,relatime,
}
