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
    printf %s "$fake" >"$fake/place"
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
    [ -z "${other:-}" ] || kill "$other" 2>/dev/null || :
    teardown_bundle
    umount /usr/local/sbin
    for place in "${hidden[@]}"; do
        umount "$place"
    done
}

checkpoint() {
    run_tare --log-level warn checkpoint --image-path "$images" "$@" "$id"
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

@test "[E1.checkpoint.2] every option is what criu is asked" {
    local option
    start_container sleep 100
    mkdir -m 700 "$BATS_TEST_TMPDIR/before"
    checkpoint --leave-running --tcp-established --tcp-close --tcp-skip-in-flight --ext-unix-sk \
        --shell-job --file-locks --link-remap --auto-dedup --lazy-pages --status-fd 7 \
        --page-server 10.0.0.1:99 --manage-cgroups-mode full --network-lock nftables \
        --empty-ns network --parent-path ../before --leave-running 7>"$BATS_TEST_TMPDIR/status"
    assert_success
    assert_equal "$(status_of "$id")" running
    run asked
    assert_line "2 $(tare state "$id" | jq .pid)"
    assert_line "11 '\\n\\x0810.0.0.1\\x10c'"
    for option in '3 1' '4 1' '5 1' '7 1' '8 1' '16 1' '18 1' '46 1' '48 1' '52 1' \
        '34 4' '64 2' '38 1073741824' '49 7' "14 '../before'" '15 1'; do
        assert_line "$option"
    done
    assert_equal "$(asked '^3 ')" '3 1' # --leave-running twice is the same as once

    # What is not asked for is left to criu, but for cgroups: soft is what runc has.
    rm "$fake/log"
    checkpoint
    assert_success
    run asked
    assert_line '34 3'
    for option in 3 4 5 7 8 11 14 15 16 18 38 46 48 49 51 52 53 63 64; do
        refute_line --regexp "^$option "
    done
    nothing_left
}

@test "--manage-cgroups-mode and --network-lock: each of their words" {
    local word number
    start_container sleep 100
    while read -r word number; do
        rm -f "$fake/log"
        checkpoint --leave-running --manage-cgroups-mode "$word"
        assert_success
        assert_equal "$(asked '^34 ')" "34 $number"
    done <<<$'ignore 0\nnone 1\nsoft 3\nfull 4\nstrict 5'
    while read -r word number; do
        rm -f "$fake/log"
        checkpoint --leave-running --network-lock "$word"
        assert_success
        assert_equal "$(asked '^64 ')" "64 $number"
    done <<<$'iptables 1\nnftables 2\nskip 3'
}

@test "[E1.restore.2] restore: labels are for it alone, and so is what criu is not asked" {
    local option
    mkdir -m 700 "$images" "$BATS_TEST_TMPDIR/before"
    ln -s ../before "$images/parent"
    run_tare restore --image-path "$images" --bundle "$bundle" --tcp-established --tcp-close \
        --ext-unix-sk --file-locks --link-remap --auto-dedup --lazy-pages --empty-ns network \
        --manage-cgroups-mode ignore --network-lock skip --lsm-profile apparmor:other \
        --lsm-mount-context a:b:c:s0 --parent-path ../before --no-pivot --no-new-keyring \
        -no-subreaper --detach "$id"
    assert_failure 1
    assert_stderr_has 'let criu make the first process: criu: '
    run asked
    for option in '4 1' '5 1' '8 1' '16 1' '18 1' '38 1073741824' '48 1' '52 1' '34 0' '64 3' \
        '26 1' "53 'apparmor:other'" "63 'a:b:c:s0'"; do
        assert_line "$option"
    done
    refute_line --regexp '^(2|3|14|15|46) '

    start_container sleep 100
    for option in --lsm-profile --lsm-mount-context; do
        checkpoint "$option" x
        assert_failure 64
        assert_stderr_has "unknown option '$option'"
    done
    checkpoint --lazy-pages
    assert_failure 64
    assert_stderr "tare: checkpoint '$id': --lazy-pages without --page-server
hint: say by --page-server where pages can be asked for"
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
    kill "$tare"
    local result=0
    wait "$tare" || result=$?
    assert_equal "$result" 1
    run cat "$BATS_TEST_TMPDIR/errors"
    assert_output "tare: checkpoint '$id': see its end: gave up, since signal 15 came"
    assert_equal "$(<"$images/inventory.img")" whole
}

@test "[E1.checkpoint.6] what criu has written goes when it has failed, but for its log" {
    cat >"$fake/fail" <<'END'
(00.001) Warn  (criu/kerndat.c:1): no matter: Error (what: ): a warning says
(00.002) mnt: a mount by the name of Error (x): never mind
(00.003)     12: Error (criu/files.c:1): Can't open /etc/x: No such file or directory
(00.004) Error (criu/cr-dump.c:2): `x`: OPERATION not permitted
END
    start_container sleep 100
    checkpoint --work-path "$BATS_TEST_TMPDIR/criu"
    assert_failure 1
    assert_stderr "tare: checkpoint '$id': let criu write it down: criu: Can't open /etc/x: not found (ENOENT); 'x': not permitted (EPERM)
hint: more stands in $BATS_TEST_TMPDIR/criu/dump.log"
    unharmed
    [ ! -e "$images" ]
    cmp "$fake/fail" "$BATS_TEST_TMPDIR/criu/dump.log"
    tare delete --force "$id"
    nothing_left
}

@test "[E5.12] org.criu.config names a file of criu's that nobody else can have written" {
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
    nothing_left

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
masks = [int(line.split()[1], 16) for line in open("/proc/self/status")
         if line.startswith(("SigBlk", "SigIgn"))]
sys.stderr.write("away: %x\n" % ((masks[0] | masks[1]) & 0x4007))
END
    start_container sleep 100
    checkpoint
    assert_failure 1
    # SIGHUP, which may be ignored (nohup), SIGINT, SIGQUIT and SIGTERM
    assert_stderr_has 'criu: away: 4007'
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

@test "restore: the caller's streams are given for names of streams alone, a terminal if it is told to" {
    mkdir -m 700 "$images"
    restore() {
        rm -f "$fake/log"
        run_tare restore --image-path "$images" --bundle "$bundle" "$@" "$id"
    }
    echo '["tty[8803:18]", "pipe:[12]", "file[1f:3a]"]' >"$images/descriptors.json"
    restore
    assert_failure 64
    assert_stderr_has "descriptor 0 is a terminal that is not the container's own"
    [ ! -e "$fake/log" ]
    restore --shell-job
    assert_failure 1
    run asked '^27 '
    assert_line --partial 'tty[8803:18]'
    assert_line --partial 'pipe:[12]'
    assert_line --partial 'file[1f:3a]'

    echo '["/etc/shadow", "net[1]", "file[1]/../x"]' >"$images/descriptors.json"
    restore
    assert_failure 1
    asked restore
    run ! asked '^27 '
    echo '{ "tty[8803:18]": 1 }' >"$images/descriptors.json"
    restore
    assert_failure 1
    assert_stderr_has 'descriptors.json of the images: is no list of names'
    nothing_left
}

@test "[E3.3] restore: what cannot be had is refused before anything is made" {
    mkdir -m 700 "$images"
    config '.process.apparmorProfile = "one"'
    run_tare restore --image-path "$images" --bundle "$bundle" --preserve-fds 1 "$id"
    assert_failure 64
    assert_stderr_has '--preserve-fds: a restored process has the files that it had'
    run_tare restore --image-path "$images" --bundle "$bundle" --lsm-profile apparmor:other "$id"
    assert_failure 64
    assert_stderr_has "--lsm-profile 'apparmor:other': the config has 'one'"
    run_tare restore --image-path "$images" --bundle "$bundle" --manage-cgroups-mode strict "$id"
    assert_failure 64
    assert_stderr_has '--manage-cgroups-mode strict: criu refuses cgroups that are there'
    config 'del(.process.apparmorProfile)'
    run_tare --cgroup-manager disabled restore --image-path "$images" --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'linux.cgroupsPath: to be restored a container needs a cgroup of its own'
    [ ! -e "$fake/log" ]
    nothing_left
}

@test "a signal lets criu finish, and names it" {
    local tare
    touch "$fake/slow"
    start_container sleep 100
    "$TARE" --root "$state" --log-level warn checkpoint --image-path "$images" "$id" \
        2>"$BATS_TEST_TMPDIR/errors" 3>&- &
    tare=$!
    wait_until 10 grep -qs '^dump$' "$fake/log"
    kill "$tare"
    wait_until 10 grep -qE 'a signal came; criu, process [0-9]+, is let finish' \
        "$BATS_TEST_TMPDIR/errors"
    [ ! -e "$images/inventory.img" ]
    rm "$fake/slow"
    wait "$tare" || :
    assert_equal "$(<"$images/inventory.img")" whole
    tare delete --force "$id" # whether it was seen to end in time is chance
    nothing_left
}

@test "--timeout lets criu finish what it dumps, and ends what it restores" {
    local tare
    touch "$fake/slow"
    start_container sleep 100
    "$TARE" --root "$state" --log-level warn --timeout 1s checkpoint --image-path "$images" \
        "$id" 2>"$BATS_TEST_TMPDIR/errors" 3>&- &
    tare=$!
    wait_until 20 grep -qE \
        'the time of --timeout is over; criu, process [0-9]+, is let finish' \
        "$BATS_TEST_TMPDIR/errors"
    rm "$fake/slow"
    wait "$tare" || :
    assert_equal "$(<"$images/inventory.img")" whole
    tare delete --force "$id"

    rm -r "$images"
    mkdir -m 700 "$images"
    echo waits >"$fake/bears"
    run_tare --timeout 2s restore --image-path "$images" --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has 'gave up, since the time of --timeout is over'
    nothing_left
}

@test "restore: in a user namespace its root may enter the images, for as long as it takes" {
    local directories=("$images" "$BATS_TEST_TMPDIR/before")
    mkdir -m 700 "${directories[@]}"
    ln -s ../before "$images/parent"
    in_user_namespace
    run_tare restore --image-path "$images" --bundle "$bundle" "$id"
    assert_failure 1
    asked '^images 710 100000$'
    assert_equal "$(stat -c '%a %g' "${directories[@]}" | xargs)" '700 0 700 0'

    rm "$fake/log"
    chmod 711 "${directories[@]}"
    run_tare restore --image-path "$images" --bundle "$bundle" "$id"
    asked '^images 711 0$'
    nothing_left
}

@test "restore: what criu has borne ends with it, and nobody else" {
    local how other
    mkdir -m 700 "$images"
    for how in dies waits; do
        printf %s "$how" >"$fake/bears"
        rm -f "$fake/born"
        # A program may begin with children that are none of its own making.
        sh -c 'sleep 100 & echo $! >"$0"; exec "$@"' "$fake/other" \
            "$TARE" --root "$state" restore --image-path "$images" --bundle "$bundle" "$id" \
            >"$fake/errors" 2>&1 3>&- &
        wait_until 10 test -s "$fake/born"
        [ "$how" = dies ] || kill -TERM $!
        ! wait $! || fail 'it has been restored'
        other=$(<"$fake/other")
        kill "$other"
        cat "$fake/errors"
        [ ! -e "/proc/$(<"$fake/born")" ]
        nothing_left
    done
}

@test "what could not be restored is not written down, unless it goes on" {
    config '.mounts += [{ destination: "/ram", type: "ramfs", source: "ramfs" }]'
    start_container sleep 100
    checkpoint
    assert_failure 1
    assert_stderr_has 'see that it can be restored: mounts[2]: a container with a filesystem of type ramfs'
    [ ! -e "$fake/log" ]
    unharmed
    checkpoint --leave-running
    assert_success
    assert_stderr_has 'it cannot be restored: mounts[2]: a container with a filesystem of type ramfs'
    asked '^dump$'
    tare delete --force "$id"
    nothing_left
}

@test "a bound file that was replaced on the host is not written down, unless it goes on" {
    local file=$BATS_TEST_TMPDIR/file
    touch "$file"
    config '.mounts += [{ destination: "/file", source: $file, options: ["bind"] }]' \
        --arg file "$file"
    start_container sleep 100
    touch "$file.new"
    mv "$file.new" "$file"
    checkpoint
    assert_failure 1
    assert_stderr_has 'what is mounted on /file has been removed or replaced on the host'
    [ ! -e "$fake/log" ]
    unharmed
    checkpoint --leave-running
    assert_success
    assert_stderr_has 'it cannot be restored: what is mounted on /file has been removed or replaced'
    tare delete --force "$id"
    nothing_left
}

@test "restore: what criu leaves in the work directory goes, where another works beside stays" {
    local work=$BATS_TEST_TMPDIR/work
    mkdir -m 700 "$images"
    mkdir -p "$work/.criu.mntns.other"
    run_tare restore --image-path "$images" --work-path "$work" --bundle "$bundle" --detach "$id"
    assert_failure 1
    assert_stderr_has 'let criu make the first process: criu: '
    [ -d "$work/.criu.mntns.other" ]
    [ ! -e "$work/.criu.mntns.own" ]
    nothing_left
}

@test "a namespace that criu cannot join is refused by its path, before anything is written down" {
    local index
    unshare --cgroup sleep 1000 3>&- &
    other=$!
    wait_until 10 has_other_cgroup_namespace
    config '.linux.namespaces |= map(select(.type != "cgroup"))
        | .linux.namespaces += [{ type: "cgroup", path: $path }]' --arg path "/proc/$other/ns/cgroup"
    index=$(jq '.linux.namespaces | length - 1' "$bundle/config.json")
    refusal="linux.namespaces[$index].path: a cgroup namespace that is joined cannot be restored"
    start_container sleep 100
    checkpoint
    assert_failure 1
    assert_stderr "tare: checkpoint '$id': see that it can be restored: $refusal
hint: criu makes these anew: without a path the container has one of its own"
    [ ! -e "$fake/log" ]
    unharmed
    checkpoint --leave-running
    assert_success
    assert_stderr_has "it cannot be restored: $refusal"
    tare delete --force "$id"

    run_tare restore --image-path "$images" --bundle "$bundle" "$id"
    assert_failure 1
    assert_stderr_has "$refusal"

    # That of the host is none that would be joined.
    rm -r "$images"
    config '.linux.namespaces[-1].path = "/proc/self/ns/cgroup"'
    start_container sleep 100
    checkpoint
    assert_success
    kill "$other"
    nothing_left
}

has_other_cgroup_namespace() {
    [ "$(readlink "/proc/$other/ns/cgroup")" != "$(readlink /proc/self/ns/cgroup)" ]
}

# What is below a source that is bound alone cannot have come with it.
@test "what is mounted in it beyond its config is refused before anything is written down" {
    local list=$BATS_TEST_TMPDIR/list.json
    mkdir -p "$bundle/volume/below" "$rootfs/more"
    mount -t tmpfs tmpfs "$bundle/volume/below"
    config '.mounts += [{ destination: "/tmp", source: "volume", options: ["rbind"] }]
        | .linux.readonlyPaths = ["/proc/sys"]
        | .linux.maskedPaths = ["/proc/irq", "/proc/uptime"]'
    start_container sleep 100
    umount "$bundle/volume/below"
    checkpoint --leave-running
    assert_success
    assert_stderr ''
    rm -r "$fake/log" "$images"

    echo '[{ "destination": "/more", "type": "tmpfs", "source": "tmpfs" }]' >"$list"
    tare mounts add "$id" "$list"
    checkpoint
    assert_failure 1
    assert_stderr "tare: checkpoint '$id': say what to write down: mounts: /more is mounted, and not in the config
hint: unmount it, or let the config mount it: the container goes on"
    [ ! -e "$fake/log" ]
    unharmed
    checkpoint --leave-running
    assert_success
    assert_stderr_has 'it cannot be restored: mounts: /more is mounted, and not in the config'
    tare mounts remove "$id" "$list"
    checkpoint
    assert_success
    nothing_left
}

# refused_as_hidden PATH FILTER: of the config, changed by that, PATH lies under another mount.
refused_as_hidden() {
    cp "$BATS_TEST_TMPDIR/plain.json" "$bundle/config.json"
    config "$2"
    start_container sleep 100
    checkpoint
    assert_failure 1
    assert_stderr "tare: checkpoint '$id': say what to write down: mounts: what is mounted on $1 lies under another mount, and could not be restored
hint: mount each destination once, behind those that it lies in, and have none in linux.readonlyPaths and maskedPaths: the container goes on"
    [ ! -e "$fake/log" ]
    unharmed
    tare delete --force "$id"
}

# Restore could not compare it (launch/restore_mounts.c).
@test "what the config itself hides under another mount is refused for that, and not as unknown" {
    mkdir -p "$rootfs/more/below"
    config '.mounts += [{ destination: "/more", type: "tmpfs", source: "tmpfs" }]'
    cp "$bundle/config.json" "$BATS_TEST_TMPDIR/plain.json"
    refused_as_hidden /more '.mounts += [.mounts[-1]]'
    refused_as_hidden /more '.linux.readonlyPaths = ["/more"]'
    refused_as_hidden /more '.linux.maskedPaths = ["/more"]'
    refused_as_hidden /more/below '.mounts |= .[:-1] + [.[-1] + { destination: "/more/below" }, .[-1]]'
    nothing_left
}

# What criu is told of is not in the images.
@test "of what is mounted below a bind, criu is told of what came with it, and not of the config's own" {
    mkdir -p "$bundle"/volume/{below,own}
    mount -t tmpfs tmpfs "$bundle/volume/below"
    config '.mounts += [{ destination: "/data", source: "volume", options: ["rbind"] },
        { destination: "/data/own", type: "tmpfs", source: "tmpfs" }]'
    start_container sleep 100
    checkpoint
    umount "$bundle/volume/below"
    assert_success
    run asked 'mnt\[/data'
    assert_output --partial 'mnt[/data]:/data'
    assert_output --partial 'mnt[/data/below]:/data/below'
    refute_output --partial '/data/own'
    nothing_left
}

# criu takes each for what the kernel mounts in a debugfs by itself, which comes along with that.
@test "a tracefs is refused that criu would leave out, and none that is in a debugfs" {
    mkdir -p "$BATS_TEST_TMPDIR/volume/below"
    mount -t tracefs tracefs "$BATS_TEST_TMPDIR/volume/below"
    config ".mounts += [{ destination: \"/more\", source: \"$BATS_TEST_TMPDIR/volume\", options: [\"rbind\"] }]"
    start_container sleep 100
    checkpoint
    assert_failure 1
    assert_stderr "tare: checkpoint '$id': say what to write down: mounts: criu leaves out a tracefs, such as is mounted on /more/below
hint: mount it in a debugfs, or not at all: the container goes on"
    [ ! -e "$fake/log" ]
    unharmed
    tare delete --force "$id"
    umount "$BATS_TEST_TMPDIR/volume/below"
    mount -t debugfs debugfs "$BATS_TEST_TMPDIR/volume/below"
    mountpoint -q "$BATS_TEST_TMPDIR/volume/below/tracing" ||
        mount -t tracefs tracefs "$BATS_TEST_TMPDIR/volume/below/tracing"
    start_container sleep 100
    checkpoint
    umount --recursive "$BATS_TEST_TMPDIR/volume/below"
    assert_success
    nothing_left
}

@test "restore: --auto-dedup lets criu write to all the images before, too, and to no others" {
    local disk=$BATS_TEST_TMPDIR/disk images=$BATS_TEST_TMPDIR/disk/last
    mkdir "$disk"
    mount -t tmpfs tmpfs "$disk" # what is mounted below /tmp is as all the rest of the host
    mkdir -m 700 "$disk"/{first,second,last,other}
    touch "$disk"/{first,second,last,other}/pages-1.img
    ln -s ../first "$disk/second/parent"
    ln -s ../second "$images/parent"
    printf '%s\n' {,parent/,parent/parent/,../other/}pages-1.img >"$fake/tries"
    # tries OPTION...: what it has come to.
    tries() {
        rm -f "$fake/log"
        run_tare restore --image-path "$images" --bundle "$bundle" "$@" "$id"
        assert_failure 1
        assert_stderr_has 'let criu make the first process: criu: '
        run asked 'pages-1.img'
    }
    tries
    assert_output "pages-1.img opened
parent/pages-1.img Read-only file system
parent/parent/pages-1.img Read-only file system
../other/pages-1.img Read-only file system"
    tries --auto-dedup
    assert_output "pages-1.img opened
parent/pages-1.img opened
parent/parent/pages-1.img opened
../other/pages-1.img Read-only file system"
    umount "$disk"
    nothing_left
}

# Kernels before 5.12 (src/README.md).
@test "restore: without mount_setattr, too, criu writes to its directories alone, and below /tmp" {
    local disk=$BATS_TEST_TMPDIR/disk refusal
    mkdir -m 700 "$images" "$disk"
    mount -t tmpfs tmpfs "$disk"
    touch "$images/own" "$disk/file" "$BATS_TEST_TMPDIR/bound"
    mount --bind "$BATS_TEST_TMPDIR/bound" "$BATS_TEST_TMPDIR/bound"
    touch "$rootfs/file"
    config '.root.readonly = true'
    printf '%s\n' own ../fake/log ../disk/file ../bound ../bundle/rootfs/file >"$fake/tries"
    for refusal in '' "$build/tests/helpers/refuse mount_setattr --"; do
        rm -f "$fake/log"
        # shellcheck disable=SC2086 # words
        run --separate-stderr $refusal "$TARE" --root "$state" restore --image-path "$images" \
            --bundle "$bundle" "$id"
        assert_failure 1
        assert_stderr_has 'let criu make the first process: criu: '
        run asked '^(own|\.\.)'
        assert_output "own opened
../fake/log opened
../disk/file Read-only file system
../bound Read-only file system
../bundle/rootfs/file Read-only file system"
    done
    umount "$disk" "$BATS_TEST_TMPDIR/bound"
    nothing_left
}

@test "restore: one that fails leaves the work of another alone that has begun later" {
    local work=$BATS_TEST_TMPDIR/work first second
    mkdir -m 700 "$images" "$work"
    printf waits >"$fake/bears"
    # restore_beside ID: in the background, until criu has borne something.
    restore_beside() {
        rm -f "$fake/born"
        "$TARE" --root "$state" restore --image-path "$images" --work-path "$work" \
            --bundle "$bundle" "$1" >"$BATS_TEST_TMPDIR/$1.errors" 2>&1 3>&- &
        wait_until 10 test -s "$fake/born"
    }
    restore_beside "$id"
    first=$!
    printf later >"$fake/yard"
    config '.linux.cgroupsPath += "-later"'
    restore_beside "$id-later"
    second=$!
    kill -TERM "$first"
    ! wait "$first" || fail 'it has been restored'
    [ -d "$work/.criu.mntns.later" ]
    kill -TERM "$second"
    ! wait "$second" || fail 'it has been restored'
    [ ! -e "$work/.criu.mntns.later" ]
    nothing_left
}

@test "a container that was given a NOTIFY_SOCKET goes on, and the warning says what cannot be restored" {
    witness_runs sleep 100
    NOTIFY_SOCKET=@nobody-$id tare create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    tare start "$id"
    : >"$fake/lives"
    checkpoint --leave-running
    assert_success
    assert_stderr 'tare: warning: it cannot be restored: the container was given a NOTIFY_SOCKET, in /run/notify'
    tare delete --force "$id"
    nothing_left
}
