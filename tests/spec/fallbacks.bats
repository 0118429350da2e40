#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Kernels and sandboxes that lack a system call.  Where there is another way, the container is the
# same to the last detail; where there is none, it does not start, says so, and leaves nothing.

load ../helpers/tare

refuse=$build/tests/helpers/refuse

setup() {
    setup_bundle
    refused=()
    node_mode=600
    ! lacks fchmodat2 || node_mode=666
    mkdir -p "$rootfs"/{hidden,data,volume,sys/fs/cgroup} "$bundle/volume/below"
    chmod 777 "$bundle/volume" "$bundle/volume/below"
    echo secret | tee "$rootfs/hidden/file" "$rootfs/secret" "$rootfs/secret2" >/dev/null
    echo text >"$bundle/file"
    chmod 666 "$bundle/file"
    ln -s ../../../tmp/new "$rootfs/link"
    ln -s /link/file "$rootfs/absolute"
    rich_config
    look_around
}

# Something of everything that goes another way where a call is missing.
rich_config() {
    config '.root.readonly = true
        | .process.oomScoreAdj = 77
        | .process.user = { uid: 7, gid: 8, additionalGids: [9], umask: 63 }
        | .process.capabilities = {
            bounding: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"],
            inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"] }
        | .process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 33, hard: 44 }]
        | .process.cwd = "/data"
        | .mounts += [
            { destination: "/sys", type: "sysfs", options: ["ro"] },
            { destination: "/sys/fs/cgroup", type: "cgroup2", source: "cgroup",
              options: ["ro", "nosuid", "noexec", "nodev"] },
            { destination: "/tmp", type: "tmpfs", options: ["nosuid", "size=64k", "mode=777"] },
            { destination: "/absolute", source: "file", options: ["bind", "ro"] },
            { destination: "/volume", source: "volume", options: ["bind", "noexec", "nosuid"] }]
        | .linux.devices = [
            { type: "c", path: "/dev/mine", major: 1, minor: 3, fileMode: 416, uid: 7, gid: 8 },
            { type: "p", path: "/dev/fifo", fileMode: 511 },
            { type: "c", path: "/data/node", major: 1, minor: 5, fileMode: 438 }]
        | .linux.sysctl = { "kernel.msgmax": "4242", "net.ipv4.ip_forward": "1" }
        | .linux.maskedPaths = ["/hidden", "/secret", "/secret2", "/proc/version", "/sys/kernel",
            "/none"]
        | .linux.readonlyPaths = ["/proc/sys", "/sys/class", "/volume/below", "/dev/mine"]'
}

# The witness says all that it sees.
look_around() {
    local path words=()
    for path in /none /hidden /secret /secret2 /proc/version /tmp/new/file /data /volume \
        /dev/{null,zero,full,random,urandom,tty,mine,fifo,fd,stdin,core} /data/node; do
        words+=(';' stat "$path")
    done
    for path in /secret /secret2 /dev/mine /dev/zero; do
        words+=(';' open "$path" r)
    done
    for path in /x /tmp/x /tmp/new/file /volume/x /volume/below/x /proc/sys/kernel/msgmax; do
        words+=(';' write "$path" 1)
    done
    witness_runs chain ns ';' ids ';' caps ';' nnp ';' session ';' env ';' cwd ';' fds \
        ';' limits ';' signals ';' oom ';' hostname ';' mounts ';' cat /proc/self/cgroup \
        ';' cat /sys/fs/cgroup/cgroup.procs ';' ls /hidden ';' ls /dev ';' cat /absolute \
        ';' sysctl kernel.msgmax ';' sysctl net.ipv4.ip_forward ';' cat /proc/net/dev \
        "${words[@]}" ';' keyring
}

# The program where $refused is missing.
tare() {
    "$refuse" "${refused[@]}" -- "$TARE" --root "$state" "$@"
}

# lacking [[ERRNO] CALL...]: runs the bundle there.  Its device node has $node_mode before, which is
# the wrong one if nothing is said.
lacking() {
    refused=("$@")
    rm -f "$rootfs/data/node" "$bundle/volume/x"
    mknod --mode="$node_mode" "$rootfs/data/node" c 1 5
    run_container
}

# What the container has said, but for the numbers that no two containers share; mounts come last,
# since their order means nothing.
said() {
    local lines
    lines=$(sed -E 's/^([a-z]+=[a-z]+:\[)[0-9]+\]/\1N]/
        s/^[0-9]+ [0-9]+ [0-9]+:[0-9]+ (\/.* - )/mount \1/' <<<"$output")
    grep -v '^mount ' <<<"$lines"
    grep '^mount ' <<<"$lines" | sort
}

# The same container as where nothing is missing.
same_without() {
    local expected
    lacking
    assert_success
    expected=$(said)
    lacking "$@"
    assert_success
    assert_stderr ''
    assert_equal "$(said)" "$expected"
    new_namespaces
    nothing_left
}

new_namespaces() {
    local name
    for name in cgroup ipc mnt net pid uts; do
        assert_line --partial "$name=$name:["
        refute_line "$name=$(readlink "/proc/self/ns/$name")"
    done
}

# fails_late_without CALL... <EXPECTED: no container, for a reason that has EXPECTED.  $files is what
# the root filesystem had before.
fails_late_without() {
    if [ -z "${TARE_REFUSED:-}" ] && ! lacks "$1"; then
        lacking
        assert_success
        rm "$rootfs/data/node"
    fi
    files=$(find "$rootfs")
    refused=("$@")
    run_container
    assert_failure 1
    assert_output ''
    assert_stderr_has "$(cat)"
    assert_equal "$(grep -c '^tare: ' <<<"$stderr")" 1
    nothing_left
}

# fails_without CALL... <EXPECTED: the same, before anything was made in the root filesystem.
fails_without() {
    local files
    fails_late_without "$@"
    assert_equal "$(find "$rootfs")" "$files"
}

@test "with every call, the container is what the others are compared with" {
    lacking
    assert_success
    new_namespaces
    local line
    for line in uid=7:7:7 gid=8:8:8 groups=9 umask=0077 effective=0000000000000020 pid=1 \
        bounding=0000000000000021 cwd=/data RLIMIT_NOFILE=33:44 oom_score_adj=77 0::/ text \
        blocked=0000000000000000 keyring=_ses \
        '/none: ENOENT' '/hidden: directory mode=0755 uid=0 gid=0 rdev=0:0 size=40' \
        '/secret: char mode=0666 uid=0 gid=0 rdev=1:3 size=0' \
        '/secret2: char mode=0666 uid=0 gid=0 rdev=1:3 size=0' \
        '/proc/version: char mode=0666 uid=0 gid=0 rdev=1:3 size=0' \
        '/dev/mine: char mode=0640 uid=7 gid=8 rdev=1:3 size=0' \
        '/dev/fifo: fifo mode=0777 uid=0 gid=0 rdev=0:0 size=0' \
        '/data/node: char mode=0666 uid=0 gid=0 rdev=1:5 size=0'; do
        assert_line "$line"
    done
    refute_line file # in /hidden
    assert_equal "$(tail -n 7 <<<"$output" | head -n 6 | paste -sd ' ')" \
        'EROFS ok EROFS ok EROFS EACCES'
    assert_line --regexp '/rootfs / ro,'
    [ ! -e "$BATS_TEST_TMPDIR/tmp" ]
    nothing_left
}

@test "without openat2, paths are walked step by step" {
    same_without openat2
    same_without EPERM openat2
}

@test "without openat2, what would lead to the host still does not" {
    local word
    refused=(openat2)
    for word in /proc/1/root /proc/self/cwd/.. /proc/self/fd/0; do
        config --arg cwd "$word" '.process.cwd = $cwd'
        run_container
        assert_failure 1
        assert_output ''
        assert_stderr_has "chdir to cwd (\"$word\") set in config.json failed"
    done
    nothing_left
}

@test "without clone3, or CLONE_INTO_CGROUP, the child waits and is put into its cgroup" {
    same_without clone3
    same_without EPERM clone3
    same_without EINVAL clone3
}

@test "without clone3, what is not a new cgroup namespace shows the cgroup from the host's" {
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))
        | del(.mounts[] | select(.type == "cgroup2"))'
    witness_runs cat /proc/self/cgroup
    lacking clone3
    assert_success
    assert_line "0::/tare/$id"
    nothing_left
}

@test "without clone3, and without a cgroup of its own, it is born where its caller is" {
    witness_runs cat /proc/self/cgroup
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))
        | del(.mounts[] | select(.type == "cgroup2"))'
    refused=(clone3)
    run_tare --cgroup-manager disabled run --bundle "$bundle" "$id"
    assert_success
    assert_line 0::/tests
    nothing_left
}

@test "without clone3, its own way is taken" {
    needs clone3
    local trace=$BATS_TEST_TMPDIR/trace
    lacking
    run_tare run --trace "$trace" --bundle "$bundle" "$id"
    assert_success
    refute grep 'make the cgroup namespace' "$trace"
    refused=(clone3)
    run_tare run --trace "$trace" --bundle "$bundle" "$id"
    assert_success
    grep 'make the cgroup namespace' "$trace"
    nothing_left
}

@test "where no child can be born, either way, nothing is left" {
    needs mounts pidfd_open # or tests/helpers/unstarted could bear none either
    fails_without clone3 EPERM clone <<<'give birth to init: clone: not permitted (EPERM)'
    fails_without EINVAL clone3 ENOSYS clone <<<'unknown to this kernel (ENOSYS)
hint: tare needs Linux 5.10'
}

@test "without close_range, descriptors are marked one by one" {
    same_without close_range
    same_without EPERM close_range
    same_without EINVAL close_range
    exec 9<"$bundle/file"
    lacking close_range
    exec 9<&-
    assert_success
    refute_line --regexp '^9='
}

@test "(T24) without close_range, descriptors above the limit do not get in either" {
    local call
    witness_runs fds
    exec 77<"$bundle"
    for call in 'ENOSYS close_range' 'EINVAL CLOSE_RANGE_CLOEXEC'; do
        # shellcheck disable=SC2016,SC2086 # expanded by the inner shell; words
        run --separate-stderr bash -c 'ulimit -n 64 && exec "$@"' limited "$refuse" $call -- \
            "$TARE" --root "$state" run --bundle "$bundle" "$id"
        if is_other_runtime && [ "$status" != 0 ]; then
            continue
        fi
        assert_success
        refute_line --regexp '^77='
    done
    exec 77<&-
    nothing_left
}

@test "without mount_setattr, mounts are changed where they are attached" {
    same_without mount_setattr
}

@test "without open_tree_attr, a copy is made, and then changed" {
    same_without open_tree_attr
    same_without EPERM open_tree_attr
}

@test "without mount_setattr, nothing that lies below a read-only path is uncovered" {
    local hint='this needs mount_setattr(2) of Linux 5.12'
    witness_runs cat /volume/below/file
    echo secret >"$bundle/volume/below/file"
    mkdir "$bundle/volume/be"
    config 'del(.linux.devices)
        | .linux.maskedPaths = ["/volume/below/file"] | .linux.readonlyPaths = ["/volume"]'
    fails_without mount_setattr <<<"make /volume read-only: change what is mounted below: \
unknown to this kernel (ENOSYS)
hint: $hint"
    config '.linux.readonlyPaths = ["/volume/below"]'
    fails_without mount_setattr <<<"$hint"
    config '.linux.readonlyPaths = ["/volume/be", "/volume/below/file"]'
    lacking mount_setattr
    assert_success
    assert_output ''
    nothing_left
}

@test "without mount_setattr, names with spaces are found below a read-only path, too" {
    witness_runs stat '/volume/a b\c/d'
    mkdir -p "$bundle/volume/a b\\c/d"
    config 'del(.linux.devices) | .linux.readonlyPaths = ["/volume/a b\\c"]
        | .mounts += [{ destination: "/volume/a b\\c/d", type: "tmpfs" }]'
    fails_without mount_setattr <<<'this needs mount_setattr(2) of Linux 5.12'
}

@test "without mount_setattr, a container in a user namespace of its own is the same" {
    in_user_namespace
    config 'del(.linux.devices) | .process.user = { uid: 7, gid: 8, umask: 63 }
        | .linux.readonlyPaths = ["/proc/sys"] | del(.linux.sysctl["kernel.msgmax"])'
    same_without mount_setattr
}

@test "without mount_setattr, options for all mounts below are refused where there are some" {
    config '(.mounts[] | select(.destination == "/volume")).options = ["rbind", "rro"]
        | .linux.readonlyPaths = [] | del(.linux.devices)'
    witness_runs write /volume/x 1
    lacking mount_setattr
    assert_success
    assert_output EROFS
    mount -t tmpfs tmpfs "$bundle/volume/below"
    # shellcheck disable=SC2034 # for nothing_left
    snapshot_before=$(snapshot)
    fails_without mount_setattr <<<'change what is mounted below: unknown to this kernel (ENOSYS)
hint: this needs mount_setattr(2) of Linux 5.12'
    umount "$bundle/volume/below"
}

@test "without mount_setattr, a read-only tmpfs that is masked as well becomes so" {
    config 'del(.linux.devices) | .linux.readonlyPaths = [] | .linux.maskedPaths = ["/a"]
        | .mounts += [{ destination: "/a/b", type: "tmpfs", options: ["ro"] }]'
    witness_runs mounts
    lacking mount_setattr
    assert_success
    assert_equal "$(awk '$5 == "/a/b" { print $6 }' <<<"$output")" ro,relatime
}

@test "without fchmodat2, a node of the mode asked is made, and is taken" {
    node_mode=666
    same_without fchmodat2
    same_without EPERM fchmodat2
}

@test "without fchmodat2, a node of another mode is refused, and neither changed nor replaced" {
    local error before
    mknod --mode=600 "$rootfs/data/node" c 1 5
    chown 3:4 "$rootfs/data/node"
    before=$(stat --format='%i %a %u %g %Z' "$rootfs/data/node")
    for error in ENOSYS EPERM; do
        refused=("$error" fchmodat2)
        run_container
        assert_failure 1
        assert_output ''
        assert_stderr_has 'linux.devices[2].fileMode: /data/node has another mode than 0666'
        assert_stderr_has 'Linux 6.6'
        assert_equal "$(stat --format='%i %a %u %g %Z' "$rootfs/data/node")" "$before"
        nothing_left
    done
}

@test "without faccessat2, the permission bits decide" {
    same_without faccessat2
    same_without EPERM faccessat2
    chmod 0 "$rootfs/witness"
    expected_status=126 lacking faccessat2
    assert_failure 126
    assert_stderr_has 'exec: "/witness": permission denied'
    nothing_left
}

@test "without the flags of memory files that Linux 6.3 brought" {
    same_without EINVAL MFD_EXEC
    same_without EINVAL MFD_NOEXEC_SEAL
    same_without EINVAL F_SEAL_EXEC
    same_without EINVAL MFD_EXEC MFD_NOEXEC_SEAL F_SEAL_EXEC
}

@test "without all of these at once, as by run so by create and start" {
    node_mode=666 # without fchmodat2 no other one can be had
    local all=(openat2 clone3 close_range mount_setattr fchmodat2 faccessat2
        EINVAL MFD_EXEC MFD_NOEXEC_SEAL F_SEAL_EXEC)
    same_without "${all[@]}"
    lacking
    local expected
    expected=$(said | grep -v '^[0-9]=')
    rm "$bundle/volume/x"
    refused=("${all[@]}")
    create_container
    has_status "$id" created
    assert_equal "$(cat "$TARE_TEST_CGROUP/tare/$id/cgroup.procs")" "$(tare state "$id" | jq .pid)"
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    output=$(cat "$BATS_TEST_TMPDIR/output")
    assert_equal "$(said | grep -v '^[0-9]=')" "$expected"
    tare delete "$id"
    nothing_left
}

# has_processes COUNT: in its cgroup.
has_processes() {
    [ "$(wc -l <"$TARE_TEST_CGROUP/tare/$id/cgroup.procs")" = "$1" ]
}

@test "without cgroup.kill, all processes of a container are killed one by one" {
    needs mounts pidfd_open
    local word
    if ! lacks cgroup.kill; then
        "$helpers/forget" cgroup.kill "$TARE" >"$BATS_TEST_TMPDIR/tare"
        chmod 755 "$BATS_TEST_TMPDIR/tare"
        TARE=$BATS_TEST_TMPDIR/tare
    fi
    config 'del(.linux.namespaces[] | select(.type == "pid")) | del(.linux.devices)'
    for word in kill pause delete; do
        start_container chain spawn sleep 100 ';' spawn sleep 100 ';' sleep 100
        wait_until 5 has_processes 3
        case $word in
        kill)
            tare kill --all "$id" KILL
            wait_until 5 has_processes 0
            tare delete "$id"
            ;;
        pause)
            echo 1 >"$TARE_TEST_CGROUP/tare/$id/cgroup.freeze"
            tare delete --force "$id"
            ;;
        delete) tare delete --force "$id" ;;
        esac
        nothing_left
    done
}

@test "without keyctl, the session keyring stays the caller's" {
    local error
    config 'del(.process.args[-2:])'
    same_without keyctl
    for error in EPERM ENOSYS; do
        witness_runs keyring
        lacking "$error" keyctl
        assert_output "session keyring: $error"
        assert_stderr ''
    done
    witness_runs say hello
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    [[ $stderr != *keyring* ]] || fail "a kernel without keys needs no warning: $stderr"
    refused=(EPERM keyctl)
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_stderr_has "warning: the session keyring stays the caller's, with its keys: a filter refuses keyctl(2) (EPERM)"
    run_tare --log-level warn run --no-new-keyring --bundle "$bundle" "$id"
    assert_success
    [[ $stderr != *keyring* ]] || fail "none was asked for: $stderr"
    nothing_left
}

@test "without mounts by descriptor, nothing is started" {
    local call
    for call in open_tree fsopen fsmount move_mount; do
        fails_without "$call" <<<'unknown to this kernel (ENOSYS)
hint: tare needs Linux 5.10'
        fails_without EPERM "$call" <<<'not permitted (EPERM)'
    done
}

@test "where the kernel says too little of its mounts, nothing is started" {
    fails_without statx <<<'unknown to this kernel (ENOSYS)
hint: tare needs Linux 5.10'
}

@test "where mount_setattr is not missing but forbidden, nothing is started" {
    fails_without EPERM mount_setattr <<<'change a mount: not permitted (EPERM)'
}

@test "without memory files, nothing is started" {
    fails_without memfd_create <<<'make a file in memory: unknown to this kernel (ENOSYS)'
    fails_without EPERM memfd_create <<<'make a file in memory: not permitted (EPERM)'
}

@test "where init cannot be executed, nothing is left" {
    fails_without execveat <<<'execute the init program: unknown to this kernel (ENOSYS)'
    fails_without clone3 EPERM execveat <<<'execute the init program: not permitted (EPERM)'
}

@test "where devices cannot be filtered, nothing is started" {
    fails_late_without bpf <<<'linux.resources.devices: filter devices: '
    fails_late_without EPERM bpf <<<'linux.resources.devices: filter devices: '
}

@test "a process that could not be found again is not started" {
    fails_without pidfd_open <<<'unknown to this kernel (ENOSYS)
hint: tare needs Linux 5.10'
}

@test "where processes cannot be found, those that are there are not taken for dead" {
    local word
    witness_runs sleep 100
    create_container
    refused=(pidfd_open)
    for word in start kill delete; do
        run_tare "$word" "$id"
        assert_failure 1
        assert_stderr_has 'unknown to this kernel (ENOSYS)'
    done
    refused=()
    has_status "$id" created
    tare delete --force "$id"
    nothing_left
}

# executed_by PID: what the kernel executes there: its filesystem and its name.
executed_by() {
    echo "$(stat --file-system --dereference --format=%T "/proc/$1/exe")" \
        "$(readlink "/proc/$1/exe")" "$(stat --dereference --format=%h "/proc/$1/exe")"
}

@test "(T22) what waits in a container is a file that nobody can open by a name, or write" {
    ! is_other_runtime || skip "it is tare's own file; that of others: tests/security/program.bats"
    local pid
    create_container
    pid=$(tare state "$id" | jq .pid)
    assert_equal "$(executed_by "$pid")" 'tmpfs /memfd:tare-init (deleted) 0'
    run bash -c "echo x >>/proc/$pid/exe"
    assert_failure
    tare delete --force "$id"
    nothing_left
}

needs_memfd_noexec() {
    needs mount_setattr # or the file could not be made read-only
    [ -e /proc/sys/vm/memfd_noexec ] || skip "needs vm.memfd_noexec (Linux 6.3)"
}

# where_memfds_do_not_run COMMAND...: in a pid namespace with vm.memfd_noexec=2, which cannot be
# lowered again.
where_memfds_do_not_run() {
    unshare --pid --fork --mount-proc --kill-child bash -c '
        echo 2 >/proc/sys/vm/memfd_noexec && "$@"' _ "$@"
}

@test "(T22) where memory files may not be executed, the container is the same" {
    ! is_other_runtime || skip "whether others go on then is theirs"
    needs_memfd_noexec
    local expected
    lacking
    expected=$(said | grep -v '^[0-9]=')
    rm "$bundle/volume/x"
    run --separate-stderr where_memfds_do_not_run \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_equal "$stderr" ''
    assert_equal "$(said | grep -v '^[0-9]=')" "$expected"
    nothing_left
}

@test "(T22) where memory files may not be executed, init is a file without a name" {
    ! is_other_runtime || skip "it is tare's own way"
    needs_memfd_noexec
    export -f executed_by
    run where_memfds_do_not_run bash -ec '
        "$1" --root "$2" create --bundle "$3" "$4" </dev/null
        pid=$("$1" --root "$2" state "$4" | jq .pid)
        executed_by "$pid"
        { echo x >>"/proc/$pid/exe" && echo written; } 2>/dev/null || :
        "$1" --root "$2" delete --force "$4"' _ "$TARE" "$state" "$bundle" "$id"
    assert_success
    assert_output 'tmpfs /tare-init (deleted) 0'
    nothing_left
}

@test "without openat2, clone3 and memory files that may be executed" {
    needs_memfd_noexec
    run --separate-stderr where_memfds_do_not_run "$refuse" openat2 clone3 -- \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_line 0::/
    new_namespaces
    nothing_left
}
