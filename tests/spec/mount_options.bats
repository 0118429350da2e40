#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
    volume=$bundle/volume
    mkdir "$volume"
    mount -t tmpfs tmpfs "$volume" # without any flag, whatever the machine's disk has
    mkdir "$volume/sub"
}

# A mount that has all the flags, and one below it.
make_strict() {
    local all=ro,nosuid,nodev,noexec,noatime,nodiratime
    strict=$bundle/strict
    ! kernel_since 5.10 || all+=,nosymfollow
    mkdir "$strict"
    mount -t tmpfs tmpfs "$strict"
    mkdir "$strict/sub"
    mount -t tmpfs -o "$all" tmpfs "$strict/sub"
    fill "$strict"
    mount -o "remount,bind,$all" "$strict"
}

# What shows by its use whether a flag holds.
fill() {
    cp "$witness" "$1/program"
    chmod 4755 "$1/program"
    mknod -m 666 "$1/null" c 1 3
    ln -s program "$1/link"
}

teardown() {
    teardown_bundle
    ! mountpoint -q "$bundle/strict" 2>/dev/null || umount --recursive "$bundle/strict"
    ! mountpoint -q "$bundle/volume" 2>/dev/null || umount --recursive "$bundle/volume"
}

# bind_with DESTINATION OPTION...: one more bind of the volume.
bind_with() {
    bind_from volume "$@"
}

# bind_from SOURCE DESTINATION OPTION...
bind_from() {
    local source=$1 destination=$2
    shift 2
    config --arg from "$source" --arg at "$destination" '.mounts += [{ destination: $at,
        source: $from, options: $ARGS.positional }]' --args "$@"
}

# flags_of DESTINATION: the flags of the mount, as the container saw them.
flags_of() {
    awk -v at="$1" '$5 == at { print "," $6 "," }' <<<"$output"
}

# tags_of DESTINATION: the words on propagation, "shared:1 master:2".
tags_of() {
    awk -v at="$1" '$5 == at { for (i = 7; $i != "-"; i++) print $i }' <<<"$output" | xargs
}

# What each option sets or, behind a dash, takes away, with its row.  A mount without any of the
# flags shows the first kind, one with all of them the second.
setting="MO4:noatime:noatime MO9:nodev:nodev MO11:nodiratime:nodiratime MO14:noexec:noexec
    MO23:nosuid:nosuid MO27:strictatime:-relatime MO30:ro:ro MO36:nosymfollow:nosymfollow"
clearing="MO3:atime:-noatime MO8:dev:-nodev MO10:diratime:-nodiratime MO13:exec:-noexec
    MO24:suid:-nosuid MO25:relatime:relatime MO31:rw:rw MO37:symfollow:-nosymfollow"
setting_all="MO38:rro:ro MO39:rnosuid:nosuid MO40:rnodev:nodev MO41:rnoexec:noexec
    MO42:rnodiratime:nodiratime MO43:rnoatime:noatime MO45:rstrictatime:-relatime
    MO46:rnosymfollow:nosymfollow"
clearing_all="MO38:rrw:rw MO39:rsuid:-nosuid MO40:rdev:-nodev MO41:rexec:-noexec
    MO42:rdiratime:-nodiratime MO43:ratime:-noatime MO44:rrelatime:relatime
    MO46:rsymfollow:-nosymfollow"

# bind_each SOURCE KIND ROW...: a bind for each of the rows, on /tmp/OPTION; KIND is bind or rbind.
bind_each() {
    local source=$1 kind=$2 row
    shift 2
    for row in "$@"; do
        row=${row#*:}
        bind_from "$source" "/tmp/${row%:*}" "$kind" "${row%:*}"
    done
}

# assert_each BELOW ROW...: the mounts on /tmp/OPTION, or what is BELOW them, have just the flag.
assert_each() {
    local below=$1 row flag found
    shift
    for row in "$@"; do
        flag=${row##*:}
        found=$(flags_of "/tmp/$(cut -d : -f 2 <<<"$row")$below")
        case "$flag $found" in
        *' ') fail "$row: nothing is mounted" ;;
        -*,"${flag#-}",*) fail "$row: $found" ;;
        -*) ;;
        *,"$flag",*) ;;
        *) fail "$row: $found" ;;
        esac
    done
}

@test "[MO4] [MO9] [MO11] [MO14] [MO23] [MO27] [MO30] [MO36] flags that an option sets" {
    # shellcheck disable=SC2086 # words
    bind_each volume bind $setting
    bind_with /tmp/none bind
    run_container mounts
    assert_success
    # shellcheck disable=SC2086
    assert_each '' $setting
    assert_equal "$(flags_of /tmp/strictatime)" ,rw,
    assert_equal "$(flags_of /tmp/none)" ,rw,relatime,
}

@test "[MO3] [MO8] [MO10] [MO13] [MO24] [MO25] [MO31] [MO37] flags that an option clears" {
    make_strict
    # shellcheck disable=SC2086
    bind_each strict bind $clearing
    bind_from strict /tmp/none bind
    run_container mounts
    assert_success
    # shellcheck disable=SC2086
    assert_each '' $clearing
    local flag
    for flag in ro nosuid nodev noexec noatime nodiratime; do
        [[ $(flags_of /tmp/none) == *,$flag,* ]] || fail "$flag is lost: $(flags_of /tmp/none)"
    done
}

@test "[MO38] [MO39] [MO40] [MO41] [MO42] [MO43] [MO45] [MO46] flags set on all below" {
    needs mount_setattr
    mount -t tmpfs tmpfs "$volume/sub"
    # shellcheck disable=SC2086
    bind_each volume rbind $setting_all
    bind_with /tmp/none rbind ro noexec
    run_container mounts
    assert_success
    # shellcheck disable=SC2086
    assert_each '' $setting_all
    # shellcheck disable=SC2086
    assert_each /sub $setting_all
    assert_equal "$(flags_of /tmp/rstrictatime)" ,rw,
    assert_equal "$(flags_of /tmp/rstrictatime/sub)" ,rw,
    assert_equal "$(flags_of /tmp/none/sub)" ,rw,relatime,
    # The host's own mount stays as it was.
    run awk -v at="$volume/sub" '$5 == at { print $6 }' /proc/self/mountinfo
    assert_output rw,relatime
}

@test "[MO38] [MO39] [MO40] [MO41] [MO42] [MO43] [MO44] [MO46] flags cleared on all below" {
    needs mount_setattr
    make_strict
    # shellcheck disable=SC2086
    bind_each strict rbind $clearing_all
    run_container mounts
    assert_success
    # shellcheck disable=SC2086
    assert_each '' $clearing_all
    # shellcheck disable=SC2086
    assert_each /sub $clearing_all
}

@test "[MO3] [MO4] [MO30] [MO38] the flags of a new filesystem" {
    kernel_since 5.14 || skip "needs MOUNT_ATTR_NOSYMFOLLOW"
    config --arg rows "$setting $clearing $setting_all $clearing_all" '.mounts += [$rows
        | splits("\\s+") | split(":")[1]
        | { destination: "/tmp/\(.)", type: "tmpfs", options: ["size=4k", .] }]'
    run_container mounts
    assert_success
    # shellcheck disable=SC2086
    assert_each '' $setting $clearing $setting_all $clearing_all
}

@test "[MO8] [MO9] [MO13] [MO14] [MO30] [MO31] [MO36] [MO37] flags do what they say" {
    make_strict
    fill "$volume"
    bind_with /tmp/strict bind ro nodev noexec nosymfollow
    bind_from strict /tmp/loose bind rw dev exec symfollow
    local at words=()
    for at in /tmp/strict /tmp/loose; do
        words+=(write "$at/new" x ';' open "$at/null" r ';' open "$at/link" r ';'
            spawn exec "$at/program" say executed ';' wait ';')
    done
    run_container chain "${words[@]}"
    assert_success
    assert_output $'EROFS\nEACCES\nELOOP\nEACCES\nok\nok\nok\nexecuted'
}

@test "[MO23] [MO24] nosuid keeps the user, suid gives root" {
    make_strict
    fill "$volume"
    bind_with /tmp/nosuid bind nosuid
    bind_from strict /tmp/suid bind suid exec
    config '.process.noNewPrivileges = false | .process.user = { uid: 1000, gid: 1000 }'
    run_container chain spawn exec /tmp/nosuid/program ids ';' wait ';' \
        exec /tmp/suid/program ids
    assert_success
    assert_equal "$(grep ^uid= <<<"$output")" $'uid=1000:1000:1000\nuid=1000:0:0'
}

@test "[MO26] [MO28] [MO44] [MO45] a mode of atime is always a valid one" {
    make_strict
    bind_with /tmp/a bind norelatime
    bind_with /tmp/b bind relatime norelatime
    bind_with /tmp/c bind noatime norelatime
    bind_with /tmp/d bind strictatime norelatime
    bind_with /tmp/e bind strictatime nostrictatime
    bind_with /tmp/f bind nostrictatime
    bind_from strict /tmp/g bind norelatime
    bind_with /tmp/h bind rnorelatime
    bind_with /tmp/i bind rstrictatime rnostrictatime
    run_container mounts
    assert_success
    local row
    for row in a:relatime b:relatime c:noatime e:relatime f:relatime h:relatime i:relatime; do
        assert_equal "${row%:*}$(flags_of "/tmp/${row%:*}")" "${row%:*},rw,${row#*:},"
    done
    assert_equal "$(flags_of /tmp/d)" ,rw,
    [[ $(flags_of /tmp/g) == *,noatime,* ]] || fail "$(flags_of /tmp/g)"
}

@test "[M7] of two options on one flag the later one wins" {
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

@test "[MO1] [MO2] [MO12] [MO17] [MO18] options of the filesystem" {
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

@test "[MO1] [MO7] [MO15] [MO16] [MO18] [MO19] [MO20] [MO21] [MO22] options that are no data" {
    local word known="defaults async iversion noiversion loud silent mand nomand norelatime
        nostrictatime rnorelatime rnostrictatime nolazytime"
    config --arg words "$known" '.mounts += [$words | splits("\\s+")
        | { destination: "/tmp/\(.)", type: "tmpfs", options: [.] }]'
    run_container mounts
    assert_success
    for word in $known; do
        assert_equal "$word$(flags_of "/tmp/$word")" "$word,rw,relatime,"
    done
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
    mount --make-shared "$volume"
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
