#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare
load ../helpers/terminal

setup() {
    setup_bundle
    mkdir "$bundle/volume"
    echo content >"$bundle/volume/file"
}

# add_mount JSON: one more entry at the end of mounts.
add_mount() {
    config --argjson mount "$1" '.mounts += [$mount]'
}

# mount_at DESTINATION: the lines of the mounts there, as the container saw them.
mount_at() {
    awk -v at="$1" '$5 == at' <<<"$output"
}

@test "[M1] without mounts there is the root alone" {
    local without
    for without in 'del(.mounts)' '.mounts = []'; do
        config "$without"
        run_container chain ls /proc ';' ls /tmp ';' write /tmp/file text
        assert_success
        assert_output ok
        rm "$rootfs/tmp/file"
    done
}

@test "[M2] mounts are made in the order of the list" {
    add_mount '{ "destination": "/tmp", "type": "tmpfs" }'
    add_mount '{ "destination": "/tmp/b", "type": "tmpfs" }'
    run_container mounts
    assert_success
    assert_equal "$(awk '{ print $5 }' <<<"$output" | tail -n 2 | xargs)" '/tmp /tmp/b'
    config '.mounts[-2:] |= reverse'
    run_container ls /tmp
    assert_success
    assert_output ''
}

@test "[M3] a destination is made: a directory, or a file for a file" {
    add_mount '{ "destination": "/new/place/dir", "source": "volume", "options": ["bind"] }'
    add_mount '{ "destination": "/new/place/file", "source": "volume/file", "options": ["bind"] }'
    run_container chain cat /new/place/dir/file ';' cat /new/place/file
    assert_success
    assert_output $'content\ncontent'
    assert_equal "$(stat -c '%F %a' "$rootfs/new/place")" 'directory 755'
    assert_equal "$(stat -c '%s %F' "$rootfs/new/place/file")" '0 regular empty file'
}

@test "[M3] the umask of the caller does not matter to what is made" {
    umask 077
    add_mount '{ "destination": "/new/place", "source": "volume", "options": ["bind"] }'
    config '.process.cwd = "/cwd/place"'
    run_container stat /new /cwd /cwd/place
    assert_success
    assert_equal "$(grep -c 'directory mode=0755 uid=0 gid=0' <<<"$output")" 3
}

@test "[M3] a relative destination counts from the root, with a warning" {
    add_mount '{ "destination": "tmp/x", "type": "tmpfs" }'
    witness_runs mounts
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_stderr_has "mounts[2].destination: 'tmp/x' is relative"
    [ -n "$(mount_at /tmp/x)" ]
}

@test "[M4] a bind source is relative to the bundle, or absolute" {
    add_mount '{ "destination": "/a", "type": "bind", "source": "./volume", "options": ["rbind"] }'
    add_mount '{ "destination": "/b", "source": "'"$bundle"'/volume", "options": ["bind"] }'
    cd /
    run_container chain cat /a/file ';' cat /b/file ';' write /a/new x
    assert_success
    assert_output $'content\ncontent\nok'
    [ -e "$bundle/volume/new" ]
}

@test "[M4] a bind source that is missing is named with its field" {
    add_mount '{ "destination": "/a", "source": "nowhere", "options": ["bind"] }'
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has 'mounts[2]'
    assert_stderr_has nowhere
    assert_stderr_has 'not found (ENOENT)'
    nothing_left
}

@test "[M5] the filesystems of the specification" {
    config '.mounts += [
        { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "ro"] },
        { destination: "/dev/pts", type: "devpts", source: "devpts",
          options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
        { destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["mode=1777"] },
        { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid"] },
        { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"] }]'
    run_container chain mounts ';' ls /sys ';' open /dev/ptmx rw ';' readlink /dev/ptmx
    assert_success
    local line
    for line in '/sys sysfs sysfs' '/dev/pts devpts devpts' '/dev/shm tmpfs shm' \
        '/dev/mqueue mqueue mqueue' '/sys/fs/cgroup cgroup2 cgroup'; do
        assert_equal "$(awk -v at="${line%% *}" '$5 == at { print $5, $(NF - 2), $(NF - 1) }' \
            <<<"$output")" "$line"
    done
    mount_at /dev/pts | grep -q 'gid=5,mode=620,ptmxmode=666'
    assert_line kernel
    assert_line ok
    assert_line pts/ptmx
}

@test "[M5] a filesystem that the kernel does not know" {
    add_mount '{ "destination": "/a", "type": "nosuchfs", "source": "none" }'
    run_container
    assert_failure 1
    assert_stderr_has 'mounts[2]'
    assert_stderr_has nosuchfs
    assert_stderr_has 'no such device (ENODEV)'
    nothing_left
}

@test "[M6] a mount is a bind if its options say so, whatever its type" {
    local type
    for type in none bind ext4 ''; do
        add_mount '{ "destination": "/'"x$type"'", "type": "'"$type"'", "source": "volume",
            "options": ["rbind"] }'
    done
    run_container chain cat /xnone/file ';' cat /xbind/file ';' cat /xext4/file ';' cat /x/file
    assert_success
    assert_output $'content\ncontent\ncontent\ncontent'
}

@test "[M8] other options are data for the filesystem" {
    add_mount '{ "destination": "/a", "type": "tmpfs",
        "options": ["size=1m,mode=700", "uid=7", "gid=8"] }'
    run_container chain mounts ';' stat /a
    assert_success
    mount_at /a | grep -q 'rw,size=1024k,mode=700,uid=7,gid=8'
    assert_line --partial '/a: directory mode=0700 uid=7 gid=8'
}

@test "[M8] data does nothing for a bind mount, which is said" {
    config '.mounts += [{ destination: "/tmp", source: "volume",
        options: ["bind", "size=1k", "nosuid", "mode=755"] }]'
    witness_runs write /tmp/x text
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_output ok
    assert_stderr_has "mounts[2].options: data for a filesystem does nothing for a bind mount: \
'size=1k', 'mode=755'"
    assert_file_contains "$bundle/volume/x" text
}

@test "[M8] words that a bind mount does not know are told in one line, with what was meant" {
    config '.mounts += [{ destination: "/tmp", source: "volume",
        options: ["rbind", "readonly", "nosiud", "a=b"] }]'
    witness_runs write /tmp/x text
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(grep -F 'mounts[2]' <<<"$stderr")" "tare: warning: mounts[2].options: data for a \
filesystem does nothing for a bind mount: 'readonly' (did you mean 'ro'?), 'nosiud' (did you mean \
'nosuid'?), 'a=b'"
    config --arg long "$(printf 'x%.0s' {1..600})" '.mounts[2].options[1] = $long'
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_equal "$(grep -cE "bind mount: 'x+[.]{3}$" <<<"$stderr")" 1
}

@test "[M8] data that the filesystem refuses is an error that names it" {
    add_mount '{ "destination": "/a", "type": "tmpfs", "options": ["bogus=1"] }'
    run_container
    assert_failure 1
    assert_stderr_has 'mounts[2]'
    assert_stderr_has bogus
    nothing_left
}

@test "[M9] what mount(8) takes: notes, users' mounts, sources that may be missing" {
    add_mount '{ "destination": "/a", "type": "tmpfs", "options": ["x-note=1", "X-mine", "mode=755",
        "comment=mine", "noauto,_netdev,nouser", "user"] }'
    add_mount '{ "destination": "/b", "source": "nowhere", "options": ["bind", "nofail"] }'
    add_mount '{ "destination": "/c/d", "source": "volume",
        "options": ["bind", "nofail", "X-mount.mkdir=750"] }'
    witness_runs chain mounts ';' cat /c/d/file
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    mount_at /a | grep -q ' rw,nosuid,nodev,noexec,relatime '
    assert_equal "$(mount_at /b)" ''
    assert_line content
    assert_stderr_has 'mounts[3]: nothing is mounted on /b: copy the mount of nowhere'
    assert_equal "$(stat -c %a "$rootfs/c" "$rootfs/c/d")" $'750\n750'
    [ ! -e "$rootfs/b" ]
}

@test "[M9] what mount(8) would set up itself is refused" {
    add_mount '{ "destination": "/a", "source": "volume", "options": ["bind"] }'
    bad_config '.mounts[2].options[1] = "X-mount.subdir=x"' \
        "mounts[2].options[1]: 'X-mount.subdir=x' is not supported"
    bad_config '.mounts[2].options[1] = "X-mount.idmap=b:0:1:1"' 'uidMappings and gidMappings'
    config '.mounts[2] = { destination: "/a", type: "tmpfs", options: ["loop"] }'
    run_container
    assert_failure 1
    assert_stderr_has 'option loop: tmpfs: Unknown parameter'
    nothing_left
}

@test "a tmpfs takes the mode of the directory that it hides" {
    mkdir -m 1777 "$rootfs/a"
    add_mount '{ "destination": "/a", "type": "tmpfs" }'
    add_mount '{ "destination": "/b", "type": "tmpfs", "options": ["mode=711"] }'
    run_container stat /a /b
    assert_success
    assert_line --index 0 --partial 'mode=1777'
    assert_line --index 1 --partial 'mode=0711'
}

@test "a tmpfs over a directory with content hides it" {
    echo below >"$rootfs/tmp/file"
    add_mount '{ "destination": "/tmp/", "type": "tmpfs" }'
    run_container ls /tmp
    assert_success
    assert_output ''
    [ -e "$rootfs/tmp/file" ]
}

@test "a destination behind a symbolic link stays in the container" {
    ln -s ../../../../etc "$rootfs/link"
    add_mount '{ "destination": "/link/new", "source": "volume", "options": ["bind"] }'
    run_container cat /etc/new/file
    assert_success
    assert_output content
    [ -d "$rootfs/etc/new" ] && [ ! -e /etc/new ]
}

@test "a directory cannot be mounted on a file, and the other way round" {
    echo file >"$rootfs/etc/file"
    add_mount '{ "destination": "/etc/file", "type": "tmpfs" }'
    run_container
    assert_failure 1
    assert_stderr_has /etc/file
    nothing_left
    config '.mounts[-1] = { destination: "/etc", source: "volume/file", options: ["bind"] }'
    run_container
    assert_failure 1
    assert_stderr_has /etc
    nothing_left
}

@test "[DS1] the links of /dev are there, if /proc is" {
    run_container chain readlink /dev/fd ';' readlink /dev/stdin ';' readlink /dev/stdout \
        ';' readlink /dev/stderr
    assert_success
    assert_output "/proc/self/fd
/proc/self/fd/0
/proc/self/fd/1
/proc/self/fd/2"
    config '.mounts |= map(select(.destination != "/proc"))'
    run_container ls /dev
    assert_success
    refute_line fd
    assert_line null
}

@test "(T60) the host's cgroup namespace: the container's own cgroup, read-only unless asked" {
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    add_mount '{ "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup" }'
    run_container chain mounts ';' write /sys/fs/cgroup/cgroup.procs 1
    assert_success
    assert_equal "$(mount_at /sys/fs/cgroup | awk '{ print $4 }')" "/tare/$id"
    assert_line EROFS
    config '.mounts[-1].options = ["rw"]'
    run_container write /sys/fs/cgroup/cgroup.procs 1
    assert_output ok
    nothing_left
}

@test "(R18) without a cgroup of its own it sees the caller's in a namespace, if read-only" {
    add_mount '{ "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
        "options": ["ro"] }'
    witness_runs chain mounts ';' write /sys/fs/cgroup/cgroup.procs 1
    run_tare --cgroup-manager disabled run --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(mount_at /sys/fs/cgroup | awk '{ print $4 }')" /
    assert_line EROFS
    assert_stderr ''
    nothing_left
}

@test "an image that asks for nothing gets no mount" {
    config 'del(.mounts)'
    run_container ls /proc
    assert_success
    assert_output ''
}

@test "(R18) without a cgroup of its own there is no cgroup to mount, in a namespace or not" {
    add_mount '{ "destination": "/sys/fs/cgroup", "type": "cgroup2", "source": "cgroup" }'
    run_tare --cgroup-manager disabled run --bundle "$bundle" "$id"
    assert_failure 1
    assert_output ''
    assert_stderr_has "mounts[2].type: 'cgroup2' without a cgroup"
    assert_stderr_has '--cgroup-manager disabled'
    config 'del(.linux.namespaces[] | select(.type == "cgroup")) | .mounts[2].options = ["ro"]'
    run_tare --cgroup-manager disabled run --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'mounts[2].type'
    nothing_left
}

@test "[M6] the type bind alone makes no bind mount" {
    local type
    for type in bind rbind none; do
        config --arg type "$type" \
            '.mounts[2] = { destination: "/a", type: $type, source: "volume" }'
        run_container
        assert_failure 1
        assert_stderr_has "mounts[2].type: '$type' is no filesystem"
        assert_stderr_has 'a bind mount has the option bind or rbind'
        [ ! -e "$rootfs/a" ]
    done
    nothing_left
}

@test "[M9] words of fstab are no data" {
    add_mount '{ "destination": "/a", "type": "tmpfs", "options":
        ["nofail", "_netdev", "auto", "noauto", "user", "nouser", "users", "group", "owner"] }'
    add_mount '{ "destination": "/b", "type": "tmpfs", "options": ["nofail", "auto", "group"] }'
    run_container mounts
    assert_success
    assert_equal "$(mount_at /a | awk '{ print $6 }')" rw,nosuid,nodev,noexec,relatime
    assert_equal "$(mount_at /b | awk '{ print $6 }')" rw,nosuid,nodev,relatime
    [[ $(mount_at /a) != *fail* && $(mount_at /a) != *netdev* ]]
}

@test "[M8] words with commas between them count one by one" {
    add_mount '{ "destination": "/a", "type": "tmpfs", "options": ["ro,size=1m", "nosuid,noexec"] }'
    add_mount '{ "destination": "/b", "source": "volume", "options": ["bind,ro,nosuid"] }'
    run_container mounts
    assert_success
    assert_equal "$(mount_at /a | awk '{ print $6 }')" ro,nosuid,noexec,relatime
    [[ $(mount_at /a) == *size=1024k* ]]
    [[ $(mount_at /b | awk '{ print $6 }') == ro,nosuid* ]]
}

# What Podman writes for --read-only --read-only-tmpfs=false.
@test "[M8] a read-only tmpfs has what belongs in it: devices, mounts, a terminal" {
    config '.mounts |= map(select(.destination != "/dev"))'
    add_mount '{ "destination": "/dev", "type": "tmpfs", "options": ["nosuid", "mode=755", "ro"] }'
    add_mount '{ "destination": "/dev/pts", "type": "devpts", "options": ["newinstance"] }'
    add_mount '{ "destination": "/dev/shm", "type": "tmpfs", "options": ["ro"] }'
    config '.root.readonly = true | .process.terminal = true'
    witness_runs chain mounts ';' stat /dev/null /dev/console ';' write /dev/null text ';' \
        write /dev/file text ';' write /dev/shm/file text
    at_terminal -- "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_equal "$(mount_at /dev | awk '{ print $6 }')" ro,nosuid,relatime
    assert_equal "$(mount_at /dev/shm | awk '{ print $6 }')" ro,relatime
    [[ $(mount_at /dev/pts | awk '{ print $6 }') == rw,* ]]
    assert_line --partial '/dev/null: char mode=0666'
    assert_equal "$(grep -c EROFS <<<"$output")" 2
    nothing_left
}

@test "[M8] a read-only tmpfs that is covered later, and one that hooks see before" {
    add_mount '{ "destination": "/a/b", "type": "tmpfs", "options": ["ro"] }'
    add_mount '{ "destination": "/a", "type": "tmpfs" }'
    run_container chain write /a/file text ';' ls /a
    assert_success
    assert_line file
    config '.mounts = .mounts[:-1]'
    echo text >"$bundle/volume/text"
    config --arg hook "$(command -v sh)" '.hooks.createContainer =
        [{ path: $hook, args: ["sh", "-c", "echo >rootfs/a/b/x; cat >/dev/null"] }]'
    run_container chain mounts ';' write /a/b/file text
    assert_line EROFS
}

@test "[M8] [MP1] [RO1] a read-only tmpfs that is masked or protected as well" {
    needs mount_setattr
    local where='{ "type": "tmpfs", "options": ["ro"], "destination":'
    add_mount "$where \"/masked\" }"
    add_mount "$where \"/a/b\" }"
    add_mount "$where \"/kept\" }"
    add_mount "$where \"/kept/below\" }"
    config '.linux.maskedPaths = ["/masked/", "/a"] | .linux.readonlyPaths = ["//kept"]'
    run_container chain mounts ';' write /masked/file text ';' ls /a ';' write /kept/file text ';' \
        write /kept/below/file text
    assert_success
    assert_equal "$(grep -c EROFS <<<"$output")" 3
    # Those that are covered as well.
    local place
    for place in /masked /a/b /kept /kept/below; do
        [[ -n $(mount_at "$place") ]]
        refute [ "$(mount_at "$place" | awk '$6 !~ /^ro(,|$)/')" ]
    done
    nothing_left
}

@test "[M8] a read-only tmpfs that a hook mounts over" {
    add_mount '{ "destination": "/a", "type": "tmpfs", "options": ["ro"] }'
    config --arg hook "$(command -v sh)" '.hooks.createContainer = [{ path: $hook,
        args: ["sh", "-c", "mount -t tmpfs over rootfs/a; cat >/dev/null"],
        env: ["PATH=\(env.PATH)"] }]'
    run_container chain mounts ';' write /a/file text ';' cat /a/file
    assert_success
    assert_line text
    assert_equal "$(mount_at /a | awk '{ print substr($6, 1, 2) }')" $'ro\nrw'
    nothing_left
}

@test "[M8] a later remount says whether a tmpfs is read-only" {
    needs mount_setattr
    add_mount '{ "destination": "/a", "type": "tmpfs", "options": ["ro"] }'
    add_mount '{ "destination": "/a", "type": "tmpfs", "options": ["remount", "rw", "nosuid"] }'
    add_mount '{ "destination": "/b", "type": "tmpfs", "options": ["ro"] }'
    add_mount '{ "destination": "/b", "type": "tmpfs", "options": ["remount", "nosuid"] }'
    add_mount '{ "destination": "/b/c", "type": "tmpfs" }'
    add_mount '{ "destination": "/c", "type": "tmpfs", "options": ["ro"] }'
    add_mount '{ "destination": "/c", "type": "tmpfs", "options": ["remount", "rw"] }'
    add_mount '{ "destination": "/c", "type": "tmpfs", "options": ["remount", "ro"] }'
    run_container chain mounts ';' write /a/file text ';' write /b/file text ';' \
        write /b/c/file text ';' write /c/file text
    assert_success
    assert_equal "$(grep -xE 'ok|EROFS' <<<"$output")" $'ok\nEROFS\nok\nEROFS'
    [[ $(mount_at /a | awk '{ print $6 }') == rw,nosuid* ]]
    [[ $(mount_at /b | awk '{ print $6 }') == ro,nosuid* ]]
    config '.mounts |= map(select(.destination != "/b/c"))'
    add_mount '{ "destination": "/", "options": ["remount", "rrw"] }'
    run_container chain write /b/file text ';' write /c/file text
    assert_success
    assert_output $'ok\nok'
}

@test "a file on a directory, or a directory on a file, is said in these words" {
    echo file >"$rootfs/etc/file"
    add_mount '{ "destination": "/etc", "source": "volume/file", "options": ["bind"] }'
    run_container
    assert_failure 1
    assert_stderr_has 'mounts[2].destination: the source is a file, the destination a directory'
    config '.mounts[2] = { destination: "/etc/file", source: "volume", options: ["bind"] }'
    run_container
    assert_failure 1
    assert_stderr_has 'mounts[2].destination: a directory cannot be mounted on a file'
    config '.mounts[2] = { destination: "/etc/file", type: "tmpfs" }'
    run_container
    assert_failure 1
    assert_stderr_has 'mounts[2].destination: the destination is a file, where a directory has to be'
    nothing_left
}

@test "--no-pivot is a warning: the host's root stays below" {
    witness_runs say hello
    run_tare --log-level warn run --no-pivot --bundle "$bundle" "$id"
    assert_success
    assert_stderr_has "--no-pivot leaves the host's root mounted"
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    [[ $stderr != *--no-pivot* ]]
}

# layers_of LENGTH...: makes a layer for each number, with a name of so many bytes that has a colon
# in it; prints them as overlay's option has them.
layers_of() {
    local length name options=''
    for length in "$@"; do
        name=$BATS_TEST_TMPDIR/$(printf "%0${length}d" 0):$length
        mkdir "$name"
        echo "of $length" >"$name/file"
        echo "of $length" >"$name/$length"
        options+=${options:+:}${name//:/\\:}
    done
    echo "$options"
}

overlay_is_possible() {
    mkdir "$BATS_TEST_TMPDIR"/{one,two,there}
    mount -t overlay -o "lowerdir=$BATS_TEST_TMPDIR/one:$BATS_TEST_TMPDIR/two" overlay \
        "$BATS_TEST_TMPDIR/there" && umount "$BATS_TEST_TMPDIR/there"
}

@test "an overlay has layers whose names are longer together than the kernel takes" {
    overlay_is_possible || skip "needs an overlay"
    mkdir "$rootfs/layers"
    for lengths in '20 30' '100 200 150' '1 2 3 4 5 6 7 8 9 240 241 242'; do
        # shellcheck disable=SC2086 # numbers
        config --arg layers "$(layers_of $lengths)" '.mounts += [{ destination: "/layers",
            type: "overlay", source: "overlay", options: ["ro", "lowerdir=" + $layers] }]'
        run_container chain cat /layers/file ';' cat "/layers/${lengths##* }"
        assert_success
        assert_output "of ${lengths%% *}"$'\n'"of ${lengths##* }"
        config '.mounts |= .[:-1]'
        rm -r "$BATS_TEST_TMPDIR"/0*
    done
    nothing_left
}

@test "an overlay with a layer too many, or one that is not there" {
    overlay_is_possible || skip "needs an overlay"
    mkdir "$rootfs/layers"
    # shellcheck disable=SC2046 # numbers
    config --arg layers "$(layers_of $(seq 40 53))" '.mounts += [{ destination: "/layers",
        type: "overlay", options: ["lowerdir=" + $layers] }]'
    run_container
    assert_failure 1
    assert_stderr_has 'name too long'
    config --arg layers "/no/such:$(layers_of 200 201)" \
        '.mounts[-1].options = ["lowerdir=" + $layers]'
    run_container
    assert_failure 1
    assert_stderr_has 'not found'
}
