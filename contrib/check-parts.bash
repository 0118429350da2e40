# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154,SC2164 # contrib/check has set -e
#
# The parts of contrib/check, what they need of Debian's packages, and how each is run: in a shell
# of its own, whose standard output is the part's log; part_NAME ends with a status, and what it
# prints as PASS:, FAIL: or SKIP: is counted.

default_parts=(build-gcc lint unit bats engines accept vm)
more_parts=(engines-all old-kernels vm-5.10 vm-6.12 vm-7 vm-engines vm-engines-trixie build-clang
    dynamic lto without-seccomp fuzzing no-musl plain-user sanitizers valgrind analysers attacks
    faults load reproducible distcheck packages)

packages=(autoconf automake gcc make libc6-dev linux-libc-dev libcap-dev libseccomp-dev libyajl-dev
    libsystemd-dev musl-tools
    libcmocka-dev bats bats-support bats-assert bats-file shellcheck clang-format-14 jq
    busybox-static dbus-daemon debootstrap fish iproute2 mandoc procps python3 strace systemd uidmap
    util-linux valgrind zsh)
engine_packages=(podman buildah conmon netavark aardvark-dns iptables catatonit socat
    containerd docker.io tini runc containernetworking-plugins python3-grpcio)
vm_packages=(qemu-system-x86 mmdebstrap e2fsprogs kmod cpio xz-utils zstd debian-archive-keyring)
package_packages=(debhelper lintian rpm rpmlint)
more_packages=(clang llvm libclang-rt-14-dev clang-tidy-14 cppcheck xz-utils git)

# build NAME [CONFIGURE-OPTION...]: configures and builds in a folder of its own, and goes there.
build() {
    local folder=$work/$1
    shift
    mkdir -p "$folder"
    cd "$folder"
    echo "folder: $folder"
    # What was configured in the same way before is only brought up to date.
    if [ ! -f Makefile ] || [ "$(cat options 2>/dev/null)" != "$*" ]; then
        "$source/configure" --enable-werror "$@"
        echo "$*" >options
    fi
    make -j"$parallel"
}

part_build-gcc() {
    build gcc CC=gcc
    judge_size
    echo "PASS: it builds with gcc"
}

part_lint() {
    build gcc CC=gcc
    make -j"$parallel" check-lint
}

part_unit() {
    build gcc CC=gcc
    make -j"$parallel" check-unit
}

part_bats() {
    build gcc CC=gcc
    make -j"$parallel" check-bats
}

# The tests of the program that ask most of the kernel, and of how it was built: for parts that
# would learn little from the others, and there are many such.
core_tests=$(printf 'tests/%s.bats ' \
    cli/{exec,kill,pause,run,wait} rootless/{foreign,nested,user_namespace} \
    spec/{cgroup,device_rules,devices,fallbacks,hooks,masked_paths,mount_options,mounts} \
    spec/{namespaces,namespaces_joined,seccomp,seccomp_notify,sysctl,time_namespace} \
    security/{descriptors,image_links,proc_links})

check_core() {
    make -j"$parallel" check-unit
    make -j"$parallel" check-bats bats_tests="$core_tests"
}

# What older kernels and sandboxes lack, see tests/run-isolated: all that has another way; and, with
# the tests alone that it matters to, one by one, and all, where nothing can be started.
other_ways='openat2 close_range clone3 mount_setattr cgroup.kill faccessat2 fchmodat2'
other_ways+=' lsm_get_self_attr lsm_set_self_attr EINVAL MFD_EXEC MFD_NOEXEC_SEAL F_SEAL_EXEC'
other_ways+=' ENOTTY PIDFD_GET_INFO'
lacking=(openat2 close_range clone3 mounts mount_setattr pidfd_open cgroup.kill)
lacking+=("mounts pidfd_open $other_ways")

# lack WORDS [MAKE-ARGUMENT...]: that a start was refused is what was wanted.  What fails sets the
# $status of the caller, and is in $kept.
lack() {
    echo "Where the kernel lacks: $1"
    if ! TARE_REFUSED=$1 make -j"$parallel" check-bats "${@:2}" |
        sed '/^SKIP: .*# SKIP refused, as it must be$/s/^SKIP/PASS/'; then
        status=1
        keep_failed "$kept"
    fi
}

part_old-kernels() {
    local words kept=$work/old-kernels status=0
    set -o pipefail
    rm -rf "$kept"
    build gcc CC=gcc
    for words in "${lacking[@]}"; do
        lack "$words" bats_tests="$core_tests"
    done
    lack "$other_ways"
    [ "$status" = 0 ] || echo "folder: $kept"
    return $status
}

# keep_failed FOLDER: the logs of the tests that failed, which the next run would write anew; those
# of the first run that did are kept.
keep_failed() {
    local result
    { grep -rlE '^:test-result: (FAIL|ERROR|XPASS)' tests --include='*.trs' || :; } |
        while read -r result; do
            mkdir -p "$1/${result%/*}"
            cp --no-clobber "${result%.trs}.log" "$1/${result%/*}/"
        done
}

part_engines() {
    build gcc CC=gcc
    make -j"$parallel" check-engines
}

part_engines-all() {
    build gcc CC=gcc
    make -j"$parallel" check-engines-all
}

part_accept() {
    build gcc CC=gcc
    make -j"$parallel" check-accept
}

part_vm() {
    build gcc CC=gcc
    TARE_VM_KERNEL=${1:-6.1} make -j"$parallel" check-vm
}

# The oldest kernel, also with those tests that find what newer ones have done another way.
part_vm-5.10() {
    part_vm 5.10
    TARE_VM_KERNEL=5.10 make -j"$parallel" check-bats-vm bats_tests="$core_tests"
}

part_vm-6.12() {
    part_vm 6.12
}

part_vm-7() {
    part_vm 7
}

part_vm-engines() {
    build gcc CC=gcc
    make -j"$parallel" check-vm-engines
}

# Newer engines and a newer criu, rootless and as root; tests/engines have the older ones' turn on
# the host.
part_vm-engines-trixie() {
    build gcc CC=gcc
    TARE_VM_SUITE=trixie TARE_VM_KERNEL=6.12 make -j"$parallel" check-vm-engines \
        vm_engine_tests="$(printf 'tests/%s.bats ' \
            vm/{apparmor,podman{,_checkpoint,_nested,_root,_rootless}} \
            vm/{checkpoint{,_options,_scope},criu,hostile_images,restored_rights} \
            engines/podman_{build,exec,life,network,run})"
}

part_build-clang() {
    build clang CC=clang
    check_core
}

part_dynamic() {
    build dynamic --disable-static
    check_core
}

part_lto() {
    build lto --enable-lto
    check_core
}

part_without-seccomp() {
    build without-seccomp --without-seccomp
    make -j"$parallel" check-unit
    make -j"$parallel" check-bats
}

# What it has found worth keeping is where the next run begins.
part_fuzzing() {
    build fuzzing CC=clang --enable-fuzzing
    make -j"$parallel" check-unit
    make check TESTS=tests/fuzz/replay.sh
    FUZZ_FOUND=$work/fuzzed make fuzz
}

part_no-musl() {
    build no-musl --with-init-cc=gcc
    check_core
}

part_sanitizers() {
    build sanitizers --enable-sanitizers
    make -j"$parallel" check
}

part_valgrind() {
    build gcc CC=gcc
    make -j"$parallel" check-valgrind
}

part_analysers() {
    "$source/contrib/analysers/analyse"
}

# Builds that differ in all but the sources, see there.
part_reproducible() {
    rm -rf "$work/reproducible"
    TARE_PARALLEL=$parallel "$source/contrib/reproduce" "$work/reproducible"
}

# The tests of attacks are a part of bats too, where each raced place sees few starts.
part_attacks() {
    build gcc CC=gcc
    make -j"$parallel" check TESTS=
    TARE_BUILD=$PWD "$source/tests/security/attack" --starts 1000 |
        sed -u -E -e 's/^ok [0-9]+ (.*) # skip/SKIP: \1/' -e 's/^ok [0-9]+ /PASS: /' \
            -e 's/^not ok [0-9]+ /FAIL: /'
    return "${PIPESTATUS[0]}"
}

# The same for system calls that fail, of which bats tries a sample.
part_faults() {
    build gcc CC=gcc
    make -j"$parallel" check TESTS=
    TARE_BUILD=$PWD "$source/tests/fault/inject" |
        sed -u -E -e 's/^ok [0-9]+ (.*) # skip/SKIP: \1/' -e 's/^ok [0-9]+ /PASS: /' \
            -e 's/^not ok [0-9]+ /FAIL: /'
    return "${PIPESTATUS[0]}"
}

# Containers by the thousand, and a soak of ten minutes.
part_load() {
    build gcc CC=gcc
    make -j"$parallel" tare tests/helpers/reaper tests/helpers/witness
    TARE_LOAD_TIMES=1 TARE_BUILD=$PWD "$source/tests/load/load" \
        leaks lives at-once crowds soak=600 |
        sed -u -E -e 's/^ok [0-9]+ /PASS: /' -e 's/^not ok [0-9]+ /FAIL: /' \
            -e 's/^1\.\.0 # SKIP /SKIP: load: /'
    return "${PIPESTATUS[0]}"
}

# In a folder that nobody can reach and write.
part_plain-user() {
    local folder status=0
    folder=$(mktemp -d)
    cp -r "$source" "$folder/source"
    chown -R nobody "$folder"
    cd "$folder/source"
    setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$folder" \
        sh -c "./configure && make -j$parallel && make -j$parallel check" || status=$?
    [ "$status" = 0 ] || sed 's/^/    /' test-suite.log
    cd /
    rm -rf "$folder"
    return $status
}

part_distcheck() {
    build gcc CC=gcc
    make -j"$parallel" distcheck
}

# What it needs of a build are the tarball, and the harness for the container and the attacks.
part_packages() {
    build gcc CC=gcc
    make -j"$parallel" dist
    make -j"$parallel" check TESTS=
    mkdir -p "$work/packages"
    mv tare-*.tar.xz "$work/packages/"
    TARE_BUILD=$PWD "$source/contrib/packaging/check" "$source" "$work/packages"
}

judge_size() {
    local stripped=$work/tare.stripped
    strip -o "$stripped" tare
    echo "tare: $(stat -c %s "$stripped") bytes stripped; init: $(stat -c %s src/tare-init) bytes"
    if [ "$(stat -c %s "$stripped")" -gt 1572864 ]; then
        echo "FAIL: tare is larger than 1.5 MB"
        return 1
    fi
}
