#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Images that say more than the config: each is what a container with that config left, changed as
# whoever sends them could (R21).  None of them comes to run, and nothing of it is left.

load ../helpers/tare
load vm

setup() {
    setup_vm_bundle
    images=$BATS_TEST_TMPDIR/images
    count=$bundle/volume/count
    mkdir -p "$bundle/volume/below" "$bundle/other"
    config 'del(.process.noNewPrivileges)
        | .process.user = { uid: 0, gid: 0, additionalGids: [5] }
        | .process.capabilities = (["CAP_KILL"] | { bounding: ., permitted: ., effective: . })
        | .process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 100, hard: 200 }]
        | .linux.maskedPaths = ["/proc/uptime", "/proc/irq"]
        | .linux.readonlyPaths = ["/proc/sys", "/proc/bus"]
        | .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
            syscalls: [{ names: ["ptrace"], action: "SCMP_ACT_ERRNO" }] }
        | .mounts += [
            { destination: "/sys", type: "sysfs", source: "sysfs",
              options: ["nosuid", "noexec", "nodev", "ro"] },
            { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
              options: ["nosuid", "noexec", "nodev", "ro"] },
            { destination: "/tmp", source: "volume", options: ["rbind", "nosuid"] },
            { destination: "/etc", source: "other", options: ["bind", "ro"] }]
        | (.mounts[] | select(.destination == "/proc") | .options) += ["hidepid=2"]'
    chmod 777 "$bundle/volume"
}

teardown() {
    local place
    ! mountpoint -q "$bundle/volume" || umount "$bundle/volume"
    uncover
    for place in "${elsewhere:-}"/source{/below,}; do
        ! mountpoint -q "$place" || umount "$place"
    done
    [ -z "${elsewhere:-}" ] || rm -r "$elsewhere"
    [ -z "${other:-}" ] || kill -KILL "$other" 2>/dev/null || :
    teardown_bundle
}

# save [WORD...]: writes a container down, as `saved`; the words come before it counts.
save() {
    rm -rf "$BATS_TEST_TMPDIR/saved" "$count"
    start_container chain "$@" ${1:+';'} count /tmp/count
    [ $# = 0 ] || assert_equal "$(<"$BATS_TEST_TMPDIR/output")" ok
    wait_until 20 has_counted 5
    tare checkpoint --image-path "$images" "$id" || tail -n 30 "$images/dump.log"
    mv "$images" "$BATS_TEST_TMPDIR/saved"
    cp "$bundle/config.json" "$BATS_TEST_TMPDIR/config.json"
    before=$(head -n 1 "$count")
}

has_counted() {
    [ -s "$count" ] && [ "$(head -n 1 "$count")" -ge "$1" ]
}

# edit IMAGE STATEMENT: see helpers/edit_image.
edit() {
    # shellcheck disable=SC2086 # a pattern
    /usr/bin/python3 "$helpers/edit_image" "$images/"$1.img "$2"
}

# The images as they were saved, and the config.
afresh() {
    rm -rf "$images"
    cp -r "$BATS_TEST_TMPDIR/saved" "$images"
    cp "$BATS_TEST_TMPDIR/config.json" "$bundle/config.json"
}

restore() {
    run --separate-stderr restore_in_time "$@"
    [ -z "$stderr" ] || echo "standard error: $stderr"
}

# One that hangs fails.  The file that was standard output has to be as long as it was.
restore_in_time() {
    local result=0 errors=$BATS_TEST_TMPDIR/errors
    timeout 60 "$TARE" --root "$state" restore --image-path "$images" --bundle "$bundle" \
        --detach "$@" "$id" </dev/null >>"$BATS_TEST_TMPDIR/output" 2>"$errors" || result=$?
    cat "$errors" >&2
    return "$result"
}

# refused MESSAGE: what stands in $images is refused, and has not run.
refused() {
    restore
    assert_failure 1
    assert_stderr_has "$1"
    assert_equal "$(head -n 1 "$count")" "$before"
    nothing_left
}

# hostile IMAGE STATEMENT MESSAGE
hostile() {
    afresh
    edit "$1" "$2"
    refused "$3"
}

# hostile_again IMAGE STATEMENT MESSAGE: without the images as they were.
hostile_again() {
    edit "$1" "$2"
    refused "$3"
}

# host_ids: the numbers that criu gave the host's namespaces, as Python has them.
host_ids() {
    /usr/bin/python3 -c 'import pycriu, sys
with open(sys.argv[1], "rb") as file:
    ids = pycriu.images.load(file)["entries"][0]["root_ids"]
print({ name: ids[name] for name in ids if name.endswith("_ns_id") })' "$images/inventory.img"
}

# cover: two mounts of the host, one of which hides the other.
cover() {
    mkdir -p "$bundle/covered/below"
    mount -t tmpfs tmpfs "$bundle/covered/below"
    mount -t tmpfs tmpfs "$bundle/covered"
    mkdir "$bundle/covered/below"
}

uncover() {
    ! mountpoint -q "$bundle/covered" || umount "$bundle/covered"
    ! mountpoint -q "$bundle/covered/below" || umount "$bundle/covered/below"
}

@test "unchanged images go on" {
    save
    afresh
    cover
    restore
    uncover
    assert_success
    assert_stderr ''
    wait_until 20 has_counted $((before + 3))
    tare delete --force "$id"
    nothing_left
}

@test "mounts: more of them, others, without their flags (R21)" {
    save
    # The flags: read-only is 1, nosuid is 2.
    hostile 'mountpoints-*' 'for m in e:
        if m["mountpoint"] == "/proc/sys": m["flags"] &= ~1' \
        '/proc/sys can be written to'
    hostile 'mountpoints-*' 'for m in e:
        if m["mountpoint"] == "/tmp": m["flags"] &= ~2' \
        '/tmp is mounted without its flags'
    hostile 'mountpoints-*' 'for m in e:
        if m["mountpoint"] == "/etc": m["flags"] &= ~1' \
        '/etc is mounted without its flags'
    hostile 'mountpoints-*' 'e[:] = [m for m in e if m["mountpoint"] != "/proc/sys"]' \
        '/proc/sys can be written to'
    hostile 'mountpoints-*' 'e[:] = [m for m in e if m["mountpoint"] != "/proc/uptime"]' \
        '/proc/uptime is not masked'
    hostile 'mountpoints-*' 'e[:] = [m for m in e if m["mountpoint"] != "/etc"]' \
        '/etc is not mounted'
    # Below what is read-only, and below a bind with all below.
    hostile 'mountpoints-*' 'sys = [m for m in e if m["mountpoint"] == "/proc/sys"][0]
m = copy(sys); m.update(mnt_id=9001, parent_mnt_id=sys["mnt_id"], root="/sys/kernel",
    mountpoint="/proc/sys/kernel", flags=sys["flags"] & ~1); e.insert(0, m)' \
        'do not keep to the config: /proc/sys/kernel is mounted, and not in the config'
    hostile 'mountpoints-*' 'top = [m for m in e if m["mountpoint"] == "/tmp"][0]
m = copy(top); m.update(mnt_id=9001, parent_mnt_id=top["mnt_id"], mountpoint="/tmp/below",
    ext_key="/etc", flags=top["flags"] | 1); e.insert(0, m)' \
        '/tmp/below is mounted, and not in the config'
    # A bind of the config in another place than its own, and in the place of a mask.
    hostile 'mountpoints-*' 'for m in e:
        if m["mountpoint"] == "/etc": m["ext_key"] = "/tmp"; m["flags"] |= 2' \
        '/etc is not its source'
    hostile 'mountpoints-*' 'etc = [m for m in e if m["mountpoint"] == "/etc"][0]
for i, m in enumerate(e):
    if m["mountpoint"] == "/proc/irq":
        e[i] = copy(etc)
        e[i].update({ n: m[n] for n in ("mnt_id", "parent_mnt_id", "mountpoint") })
        e[i]["flags"] |= 8' \
        '/proc/irq is not masked'
    # Options of the filesystem.
    hostile 'mountpoints-*' 'for m in e:
        if m["mountpoint"] == "/dev": m["options"] = m["options"].replace("64k", "10m")' \
        '/dev has room for more'
    hostile 'mountpoints-*' 'for m in e:
        if m["source"] == "proc": m["options"] = ""' \
        '/proc has another hidepid'
}

# As a slave it would get what the host mounts later.
@test "mounts: of a private one a slave of the host's (R21)" {
    mount --bind "$bundle/volume" "$bundle/volume"
    mount --make-shared "$bundle/volume"
    save
    afresh
    edit 'mountpoints-*' 'for m in e:
        if m["mountpoint"] == "/tmp": m["master_id"] = 77; m["flags"] |= 1 << 19'
    restore
    umount "$bundle/volume"
    assert_failure 1
    assert_stderr_has '/tmp is not private'
    nothing_left
}

# damaging MOUNT EDIT MESSAGE: what stands in $images would empty the canary where criu comes to it.
damaging() {
    afresh
    edit files "for f in e:
        if 'reg' in f and 'file' in f['reg']['name']:
            f['reg'].update(name='/etc/canary', flags='O_RDWR|O_TRUNC', mnt_id=$1)
            f['reg'].pop('ext', None); f['reg'].pop('size', None); f['reg'].pop('mode', None)"
    rm "$images/descriptors.json"
    hostile_again 'mountpoints-*' "at = { m['mountpoint']: m for m in e }
$2" "$3"
    assert_equal "$(<"$bundle/other/canary")" precious
}

# criu opens files as root as soon as it has mounted what the images say.
@test "mounts: what would write to the host before anybody compares it (R21)" {
    local etc
    echo precious >"$bundle/other/canary"
    save
    etc=$(/usr/bin/python3 -c 'import pycriu, sys
with open(sys.argv[1], "rb") as file:
    print([m["mnt_id"] for m in pycriu.images.load(file)["entries"]
           if m["mountpoint"] == "/etc"][0])' "$BATS_TEST_TMPDIR/saved/"mountpoints-*.img)

    # A bind without its flags, in both of the ways in which criu has them.
    damaging "$etc" "at['/etc']['flags'] &= ~1" '/etc is mounted without its flags'
    damaging "$etc" "del at['/etc']['sb_flags']" '/etc is mounted without its flags'
    # With all that is below the source.
    damaging "$etc" "at['/etc']['flags'] |= 16384" '/etc would be more than a mount'
    # A new filesystem that is a bind of the host's directory.
    damaging "$etc" "m = at['/etc']; del m['ext_key']
m.update(fstype=5, root='/', root_dev=77, flags=0, sb_flags=4096, source='$bundle/other',
    options='')" \
        '/etc would be more than a mount'
    # A part of a filesystem, which leads to the host from criu's mounts.
    damaging "$etc" "m = at['/etc']; proc = at['/proc']; del m['ext_key']
m.update(fstype=1, source='proc', options=proc['options'], root_dev=proc['root_dev'], flags=0,
    root='/self/root$bundle/other')" \
        '/etc is mounted, and not in the config'
    damaging "$etc" "m = at['/etc']; proc = at['/proc']; del m['ext_key']
m.update(fstype=1, source='proc', options=proc['options'], root_dev=proc['root_dev'], flags=0,
    root='/../../../../../../../../../..$bundle/other')" \
        '/etc would be more than a mount'
    # By the device of a bind: one more of its source.
    damaging 9001 "m = copy(at['/etc']); del m['ext_key']; m['source'] = 'tmpfs'
at['/etc']['root'] = '/'
m.update(mnt_id=9001, parent_mnt_id=$etc, fstype=5, root='/', flags=0); e.insert(0, m)" \
        '/etc is mounted without its flags'
    # By another of its source with the same flags: criu gives one of them none.
    damaging "$etc" "m = copy(at['/etc'])
m.update(mnt_id=9001, parent_mnt_id=at['/proc']['mnt_id'], mountpoint='/proc/irq')
e[:] = [m] + [n for n in e if n['mountpoint'] != '/proc/irq']" \
        "Can't open file etc/canary: Read-only file system"
    # More than one root, or one by another name.
    damaging "$etc" "m = copy(at['/']); m['mnt_id'] = 9001
m['parent_mnt_id'] = at['/']['mnt_id']; e.append(m)" '/ lies on another mount'
    damaging "$etc" "m = copy(at['/']); m['mnt_id'] = 9001; e.append(m)" '/ is not mounted once'
    damaging "$etc" "at['/']['mountpoint'] = '//'" '// would be more than a mount'
    damaging "$etc" "at['/etc']['mountpoint'] = '/etc/'" '/etc/ would be more than a mount'
    damaging "$etc" "at['/etc']['mountpoint'] = '/./etc'" '/./etc would be more than a mount'
    # A terminal that is something else.
    damaging "$etc" "m = at['/etc']; del m['ext_key']
m.update(fstype=6, root='/ptmx', root_dev=77, source='devpts', options='')" \
        '/etc is mounted, and not in the config'
    # What the config does not bind, and a disk of the host's.
    damaging "$etc" "at['/etc']['ext_key'] = '/elsewhere'" '/etc is mounted, and not in the config'
    damaging "$etc" "m = at['/etc']; del m['ext_key']
m.update(fstype=16, fsname='ext4', root='/', root_dev=77, source='/dev/vda', options='')" \
        '/etc is mounted, and not in the config'
}

# write_image NAME MAGIC ENTRY [CONTENT]
write_image() {
    /usr/bin/python3 - "$images/$1.img" "$2" "$3" <<'END'
import sys
import pycriu
with open(sys.argv[1], 'wb') as file:
    pycriu.images.dump({'magic': sys.argv[2], 'entries': [eval(sys.argv[3])]}, file)
END
}

# deleted MOUNT MODE [PATH]: the program is a file that had been deleted there.
deleted() {
    afresh
    edit files "for f in e:
        if f['id'] == 1: f['reg'].update(name='${3:-$1/gone}', mnt_id=$(mount_number "$1"))"
    write_image remap-fpath REMAP_FPATH "{'orig_id': 1, 'remap_id': 7, 'remap_type': 'GHOST'}"
    write_image ghost-file-7 GHOST_FILE "{'uid': 0, 'gid': 0, 'mode': $2, 'extra': ''}"
}

mount_number() {
    /usr/bin/python3 -c 'import pycriu, sys
with open(sys.argv[1], "rb") as file:
    print([m["mnt_id"] for m in pycriu.images.load(file)["entries"]
           if m["mountpoint"] == sys.argv[2]][0])' "$images/"mountpoints-*.img "$1"
}

@test "files: deleted ones, which criu would make on the host (R21)" {
    save
    deleted /etc 0o100644
    refused 'has a deleted file on a mount that is read-only'
    deleted /tmp 0o104755
    refused 'ghost-file-7.img of the images is a set-user-ID or set-group-ID program'
    deleted /tmp 0o060666
    refused 'ghost-file-7.img of the images is no plain file'
    deleted /tmp 0o100644
    edit files "for f in e:
        if f['id'] == 1: del f['reg']['mnt_id']"
    refused 'has a deleted file that is on no mount'
    assert_equal "$(find "$bundle/other" "$bundle/volume" -name '*gone*')" ''

    # A link of the container's, which leads criu to the host.
    elsewhere=$(mktemp -d /var/tmp/elsewhere.XXXXXX)
    ln -s "$elsewhere" "$rootfs/link"
    deleted / 0o100644 /link/gone
    refused "Can't create ghost regfile: Read-only file system"
    assert_equal "$(ls "$elsewhere")" ''
}

# What is mounted below a source is another directory of the host's.  Two binds of the same are what
# criu binds from a copy that has the flags of the config.
@test "mounts: below a bound source nothing of the host is written to (R21)" {
    elsewhere=$(mktemp -d /var/tmp/elsewhere.XXXXXX)
    mkdir -p "$elsewhere/source/below"
    mount -t tmpfs tmpfs "$elsewhere/source/below"
    echo precious >"$elsewhere/source/below/canary"
    # shellcheck disable=SC2034 # nothing_left reads it
    snapshot_before=$(snapshot)
    ln -s "$elsewhere/source/below" "$rootfs/link"
    config --arg source "$elsewhere/source" '.mounts += [
        { destination: "/one", source: $source, options: ["bind", "rw"] },
        { destination: "/two", source: $source, options: ["bind", "rw"] }]'
    save
    deleted / 0o100644 /link/gone
    refused "Can't create ghost regfile: Read-only file system"
    assert_equal "$(ls "$elsewhere/source/below")" canary
}

@test "mounts: a bind is as read-only as its source, if the config does not say rw (R21)" {
    elsewhere=$(mktemp -d /var/tmp/elsewhere.XXXXXX)
    mkdir "$elsewhere/source"
    mount -t tmpfs -o ro tmpfs "$elsewhere/source"
    mount -o remount,bind,ro "$elsewhere/source"
    # shellcheck disable=SC2034 # nothing_left reads it
    snapshot_before=$(snapshot)
    config --arg source "$elsewhere/source" '.mounts += [
        { destination: "/plain", source: $source, options: ["bind"] }]'
    save
    hostile 'mountpoints-*' 'for m in e:
        if m["mountpoint"] == "/plain": m["flags"] &= ~1' \
        '/plain is mounted without its flags'
    afresh
    restore
    assert_success
    wait_until 20 has_counted $((before + 3))
    tare delete --force "$id"
    nothing_left
}

# What criu opens it opens as root, and in the host's tree where the images have no namespaces.
@test "namespaces: the host's, before anything of the images is opened (R21)" {
    local canary=$BATS_TEST_TMPDIR/canary name
    local opened="for f in e:
        if 'reg' in f: f['reg'].update(name='$canary', flags='O_RDWR|O_TRUNC')"
    save
    echo precious >"$canary"
    for name in pid net ipc uts mnt; do
        afresh
        edit files "$opened"
        hostile_again ids-1 "e[0]['${name}_ns_id'] = $(host_ids)['${name}_ns_id']" \
            "look at the images: the images do not keep to the config: the process has the host's"
    done
    afresh
    edit files "$opened"
    hostile_again ids-1 "e[0].update($(host_ids))" "the process has the host's pid namespace"
    assert_equal "$(<"$canary")" precious

    # To criu that is a number as any other.
    for name in "e[0]['mnt_ns_id'] = 0" "del e[0]['mnt_ns_id']"; do
        afresh
        edit files "$opened"
        mv "$images"/mountpoints-*.img "$images/mountpoints-0.img"
        hostile_again ids-1 "$name" 'ids-1.img of the images has no mount namespace'
    done
    assert_equal "$(<"$canary")" precious

    # criu would look for the numbers of another process then.
    hostile pstree "e[0].update(pid=7, pgid=7, sid=7, threads=[7])" \
        'pstree.img of the images has a first process that is not process 1'
    hostile pstree "e[0]['ppid'] = 1" 'pstree.img of the images does not begin with the first'
    hostile inventory "del e[0]['root_ids']" 'inventory.img of the images does not say once'
    afresh
    rm "$images/ids-1.img"
    refused 'ids-1.img of the images is not there'
}

@test "apparmor.img: policy that criu would load into the host (R21)" {
    save
    afresh
    printf '\x19\x43\x56\x54\x47\x30\x42\x59' >"$images/apparmor.img"
    restore
    assert_success
    tare delete --force "$id"
    before=$(head -n 1 "$count")
    printf '\2\0\0\0\012\0' >>"$images/apparmor.img"
    refused 'apparmor.img of the images has AppArmor policy'
}

@test "seccomp: another filter (R21)" {
    save
    # All that is allowed: BPF_RET|BPF_K, SECCOMP_RET_ALLOW.
    hostile seccomp 'for f in e[0]["seccomp_filters"]:
        f["filter"] = "BgAAAAAA/38=\n"' \
        'has another seccomp filter'
    # None, of which no word is lost in the status.
    afresh
    config '.linux.seccomp.syscalls[0].names += ["mount"]'
    refused 'has another seccomp filter'
}

@test "processes: more rights than the config gives (R21)" {
    save
    hostile core-1 'c = e[0]["thread_core"]["creds"]
for n in "uid", "euid", "suid", "fsuid": c[n] = 7' \
        'is another user'
    hostile core-1 'c = e[0]["thread_core"]["creds"]
for n in "gid", "egid", "sgid", "fsgid": c[n] = 7' \
        'is in another group'
    hostile core-1 'e[0]["thread_core"]["creds"]["groups"] = [5, 7]' \
        'is in more groups'
    hostile core-1 'c = e[0]["thread_core"]["creds"]
c["cap_bnd"] = [0xffffffff, 0x1ff]' \
        'has more capabilities'
    hostile core-1 'c = e[0]["thread_core"]["creds"]
for n in "cap_bnd", "cap_prm", "cap_eff", "cap_inh": c[n] = [0x21, 0]' \
        'has more capabilities'
    hostile core-1 'e[0]["tc"]["rlimits"]["rlimits"][7]["max"] = 100000' \
        'has a higher limit'
    hostile core-1 't = e[0]["thread_core"]; t["sched_policy"] = 1; t["sched_prio"] = 50' \
        'comes before others'
}

@test "descriptors: a raw socket, and none of the rights for it (R21)" {
    config '.process.capabilities |= map_values(. + ["CAP_NET_RAW"])'
    save call socket 2 3 255
    [ -e "$BATS_TEST_TMPDIR/saved/core-1.img" ] ||
        skip "criu cannot write down sockets of this kernel"
    config '.process.capabilities |= map_values(. - ["CAP_NET_RAW"])'
    cp "$bundle/config.json" "$BATS_TEST_TMPDIR/config.json"
    hostile core-1 'c = e[0]["thread_core"]["creds"]
for n in "cap_bnd", "cap_prm", "cap_eff": c[n] = [0x20, 0]' \
        'has a raw socket, and no CAP_NET_RAW'
}

@test "descriptors: on their way, and of what is not the container's (R21)" {
    local outside
    # A file that is open nowhere but on its way through a socket.
    save send-descriptor /tmp/below
    afresh
    refused 'has descriptors on their way through a socket'

    # What is watched is found by a handle: here of a directory of the host's.
    save watch /tmp/below
    afresh
    restore
    assert_success
    tare delete --force "$id"
    before=$(head -n 1 "$count")
    outside=$(/usr/bin/python3 - "$BATS_TEST_TMPDIR" <<'END'
import ctypes, struct, sys
handle = ctypes.create_string_buffer(struct.pack('Ii', 128, 0), 136)
mount = ctypes.c_int()
assert ctypes.CDLL(None).name_to_handle_at(-100, sys.argv[1].encode(), handle,
                                           ctypes.byref(mount), 0) == 0
size, kind = struct.unpack('Ii', handle.raw[:8])
numbers = struct.unpack('16Q', handle.raw[8:136])
print(f'h.update(bytes={size}, type={kind}, handle={list(numbers)})')
END
    )
    hostile files "for f in e:
    for w in f.get('ify', {}).get('wd', []):
        h = w['f_handle']; h.pop('path', None)
        $outside" \
        'watches a file that is not the container'
}

@test "cgroup.img: names that lead out, and what the config has to set (R21)" {
    local controller='[c for c in e[0]["controllers"] if c["cnames"] == [""]][0]'
    local version_2=$controller'["dirs"][0]'
    save
    hostile cgroup "d = $version_2; d['dir_name'] = '../' + d['dir_name']" \
        'has a name that leads out of the cgroup'
    hostile cgroup "d = $version_2; d['dir_name'] = 'elsewhere'" \
        'has cgroups that are not the container'
    hostile cgroup "d = $version_2; c = copy(d); c['dir_name'] = '../../x'; d['children'] = [c]" \
        'has a name that leads out of the cgroup'
    hostile cgroup "d = $version_2; d['properties'][0]['name'] = '../../../x'" \
        'sets what is the config'
    hostile cgroup "d = $version_2; d['properties'][0]['name'] = 'memory.min'" \
        'sets what is the config'
    hostile cgroup "d = $version_2; d['dir_perms']['uid'] = 1000" \
        'gives a cgroup away'
    # Behind another name, which this one begins, criu would leave the second as it is.
    hostile cgroup "d = $version_2; c = copy(d); c['dir_name'] = d['dir_name'].split('/')[0]
${controller}['dirs'].append(c)" \
        'has a cgroup whose name begins that of another'
    hostile cgroup "e[0]['controllers'].append(copy($controller))" \
        'has a cgroup whose name begins that of another'
    # A process in a cgroup of the host's, that of the tests, or beside the container's.
    hostile cgroup "for s in e[0]['sets']:
        s = copy(s); s['id'] = 99
        for m in s['ctls']:
            if m['name'] == '': m['path'] = '/'; m.pop('cgns_prefix', None)
        e[0]['sets'].append(s)
        break" \
        'has processes outside of its cgroups'
    hostile cgroup "for s in e[0]['sets']:
        s = copy(s); s['id'] = 99
        for m in s['ctls']:
            if m['name'] == '': m['path'] += 'x'; m.pop('cgns_prefix', None)
        e[0]['sets'].append(s)
        break" \
        'has processes outside of its cgroups'
    hostile cgroup "for s in e[0]['sets']:
        for m in s['ctls']:
            if m['name'] == '': m['cgns_prefix'] = 0" \
        'has a cgroup namespace that is not of a cgroup'
    # Options of mount(2), and names that lead out.
    hostile cgroup "c = copy($controller); c['cnames'] = ['name=x,release_agent=x']
e[0]['controllers'].append(c)" \
        'has a name that is none'
    hostile cgroup "${controller}['cnames'].append('memory')" \
        'has cgroups of both versions in one'
    # Where criu is itself, of which cgroup.img says nothing.
    hostile core-1 'for n in "tc", "thread_core": e[0][n].pop("cg_set", None)' \
        'see where the processes are: process'
    afresh
    truncate -s 20 "$images/cgroup.img"
    refused 'cgroup.img of the images is damaged'
    afresh
    chown 1000 "$images/core-1.img"
    refused 'core-1.img can be written by others'
    afresh
    ln -s /etc/passwd "$images/parent"
    refused 'parent leads out of the images'
    rm "$images/parent"
    ln -s ../../images "$images/parent"
    refused 'parent leads out of the images'
}

# fails_late [MESSAGE]: the restore does not succeed, in time, and nothing is left.
fails_late() {
    restore
    assert_failure 1
    assert_stderr_has "$1"
    nothing_left
}

@test "whatever fails behind the first process ends it, in time" {
    local hook
    save
    for hook in prestart createRuntime; do
        afresh
        config --arg hook "$hook" '.hooks[$hook] = [{ path: "/bin/false" }]'
        fails_late 'false'
    done

    # It dies before criu goes on, who is not its parent, and waits for it.
    afresh
    config '.hooks.createRuntime = [{ path: "/bin/sh",
        args: ["sh", "-c", "kill -KILL $(jq .pid)"], env: ["PATH=/usr/bin:/bin"] }]'
    fails_late 'let criu restore the rest: '

    # The rest of the images cannot be restored.
    afresh
    : >"$images/mm-1.img"
    fails_late 'let criu restore the rest: '
    afresh
    config '.process.terminal = true
        | .mounts += [{ destination: "/dev/pts", type: "devpts", source: "devpts" }]'
    fails_late 'terminal'

    # It runs already, and is not wanted: there is no place for its number any more.
    afresh
    mkdir "$BATS_TEST_TMPDIR/pids"
    config --arg pids "$BATS_TEST_TMPDIR/pids" \
        '.hooks.createRuntime = [{ path: "/bin/rm", args: ["rm", "-r", $pids] }]'
    restore --pid-file "$BATS_TEST_TMPDIR/pids/pid"
    assert_failure 1
    assert_stderr_has 'write the pid file: '
    nothing_left
}

@test "restored processes have a session keyring of their own (R23)" {
    local keys=$BATS_TEST_TMPDIR/keys
    config '.mounts |= map(select(.destination != "/etc"))'
    mkfifo "$BATS_TEST_TMPDIR/in"
    sleep 100 >"$BATS_TEST_TMPDIR/in" 3>&- &
    writer=$!
    witness_runs chain line ';' keyring
    tare create --bundle "$bundle" "$id" < <(cat <"$BATS_TEST_TMPDIR/in") 2>&1 | cat >/dev/null &
    wait_until 20 has_status "$id" created
    tare start "$id"
    tare checkpoint --image-path "$images" "$id"
    kill "$writer"
    "$witness" exec-with-keyring secret "$TARE" --root "$state" restore --image-path "$images" \
        --bundle "$bundle" "$id" < <(echo first) 2>&1 | cat >"$keys"
    assert_equal "$(<"$keys")" $'line=first\nkeyring=_ses'
    nothing_left
}

# live_in_pids: $keeper lives on, and init of a pid namespace is its child $other.
live_in_pids() {
    unshare --pid --fork env --ignore-signal=CHLD sleep 1000 3>&- &
    keeper=$!
    wait_until 5 pgrep -P "$keeper" >"$BATS_TEST_TMPDIR/other"
    other=$(tail -n 1 "$BATS_TEST_TMPDIR/other")
    config --arg path "/proc/$other/ns/pid" \
        'del(.linux.namespaces[] | select(.type == "pid"))
         | .linux.namespaces += [{ type: "pid", path: $path }]'
}

# Whether $other is all that is in its pid namespace.
is_alone() {
    local all
    all=$(find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/pid' -lname "${1//[][]/?}" 2>/dev/null)
    [ "$all" = "/proc/$other/ns/pid" ]
}

@test "processes outside of the cgroup do not outlive their refusal (R21)" {
    local pids counted core
    live_in_pids
    pids=$(readlink "/proc/$other/ns/pid")
    config '.mounts |= map(select(.destination != "/etc"))'
    save spawn count /tmp/second ';' say ok
    counted=$(<"$bundle/volume/second")
    wait_until 20 is_alone "$pids"
    # They have no set of cgroups, and so stay where criu is.
    afresh
    for core in "$images"/core-*.img; do
        edit "$(basename "$core" .img)" 'e[0]["tc"]["cg_set"] = 0
e[0]["thread_core"].pop("cg_set", None)'
    done
    refused 'is in cgroup /tests, not below'
    is_alone "$pids"
    assert_equal "$(<"$bundle/volume/second")" "$counted"
}
