# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the tests of the program share.  A test file begins with
#
#     load ../helpers/tare
#
# and is run by `make check`, or by hand as `tests/run-isolated bats tests/cli/version.bats`.
# Every test has $BATS_TEST_TMPDIR to itself: the bundle is its bundle/, the state directory state/.

helpers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${TARE_BUILD:-${helpers%/tests/helpers}}
TARE=${TARE:-$build/tare}
witness=$build/tests/helpers/witness

# Of a build with sanitizers leaks are judged in the unit tests: a command frees nothing at its end
# (src/scope.c), and whom strace or tests/fault look at cannot look at itself.
export ASAN_OPTIONS=detect_leaks=0

# needs_own_calls: skips where sanitizers call the kernel and want memory, besides tare.
needs_own_calls() {
    ! grep -q __asan_init "$TARE" || skip "is built with sanitizers"
}

bats_require_minimum_version 1.5.0

# What its load.bash would source, without a `dirname` for each file: that takes longer than most
# tests.
bats_load_from() {
    local directory file
    for directory in ${BATS_LIB_PATH//:/ } /usr/lib/bats /usr/lib /usr/local/lib; do
        if [ -d "$directory/$1/src" ]; then
            for file in "$directory/$1"/src/*.bash; do
                # shellcheck source=/dev/null
                source "$file"
            done
            return
        fi
    done
    echo "$1 is missing: install it, or say where it is in BATS_LIB_PATH" >&2
    return 1
}
bats_load_from bats-support
bats_load_from bats-assert
bats_load_from bats-file

# What a test needs ------------------------------------------------------------------------------

# Skips where a container cannot be run at all.
need_root() {
    [ "$EUID" = 0 ] || skip "needs root"
    [ -n "${TARE_TEST_ISOLATED:-}" ] || skip "needs new namespaces (tests/run-isolated)"
    [ -n "${TARE_TEST_CGROUP:-}" ] || skip "needs a cgroup2 in which a cgroup can be made"
}

# need_controller NAME: skips where no cgroup of a test could have that controller.
need_controller() {
    grep -qw "$1" "$TARE_TEST_CGROUP/cgroup.subtree_control" ||
        skip "needs the cgroup controller $1"
}

has_seccomp() {
    "$TARE" features | jq -e .linux.seccomp.enabled >/dev/null
}

needs_seccomp() {
    has_seccomp || skip "built without libseccomp"
}

# What the kernel is made to lack ----------------------------------------------------------------

# kernel_since VERSION: whether the kernel is of that version or newer.
kernel_since() {
    [ "$(printf '%s\n' "$1" "$(uname -r)" | sort --version-sort | head -n 1)" = "$1" ]
}

# lacks WORD: whether TARE_REFUSED (see tests/run-isolated) has that word, or the kernel is older.
lacks() {
    case " ${TARE_REFUSED:-} " in
    *" $1 "*) return 0 ;;
    esac
    case $1 in
    mount_setattr) ! kernel_since 5.12 ;;
    fchmodat2) ! kernel_since 6.6 ;;
    PIDFD_GET_INFO) ! kernel_since 6.15 ;;
    *) return 1 ;;
    esac
}

# needs WORD...: skips where it is missing, since the test asks for what has no other way.
needs() {
    local word
    for word in "$@"; do
        ! lacks "$word" || skip "needs $word"
    done
}

# needs_cgroup_file NAME: skips where the kernel's cgroups have no such file.
needs_cgroup_file() {
    [ -e "$TARE_TEST_CGROUP/tests/$1" ] || skip "needs $1 of a newer kernel"
}

# Where nothing can be started tests/helpers/unstarted stands in tare's place: whether it has
# seen in this test that a start was refused as it must be.
is_refused() {
    [ -e "/run/unstarted/refused/$BATS_SUITE_TEST_NUMBER" ]
}

# A test that could not go on since a start was refused is no failure; in bats' own terms, since
# nothing else can say so once it has stopped.
forgive_refusal() {
    if is_refused && [ -z "$BATS_TEST_COMPLETED" ]; then
        # shellcheck disable=SC2034 # bats' own
        BATS_TEST_COMPLETED=1 BATS_TEST_SKIPPED='refused, as it must be'
    fi
}

# The bundle -------------------------------------------------------------------------------------

# Makes $BATS_TEST_TMPDIR/bundle: a root filesystem with the witness alone, and a config that runs
# it.  Takes a snapshot of the machine for nothing_left.
setup_bundle() {
    need_root
    bundle=$BATS_TEST_TMPDIR/bundle
    rootfs=$bundle/rootfs
    state=$BATS_TEST_TMPDIR/state
    id=test-$$-$BATS_TEST_NUMBER
    mkdir -p "$rootfs"/{proc,dev,sys,etc,tmp}
    cp "$witness" "$rootfs/witness"
    print_config >"$bundle/config.json"
    ! is_other_runtime || config '.ociVersion = "1.0.2"' # some know no later one
    snapshot_before=$(snapshot)
}

print_config() {
    cat <<'JSON'
{
    "ociVersion": "1.3.0",
    "root": { "path": "rootfs" },
    "hostname": "container",
    "process": {
        "args": ["/witness", "say", "hello"],
        "env": ["PATH=/"],
        "cwd": "/",
        "user": { "uid": 0, "gid": 0, "umask": 18 },
        "noNewPrivileges": true
    },
    "mounts": [
        {
            "destination": "/proc", "type": "proc", "source": "proc",
            "options": ["nosuid", "noexec", "nodev"]
        },
        {
            "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
            "options": ["nosuid", "mode=755", "size=64k"]
        }
    ],
    "linux": {
        "namespaces": [
            { "type": "pid" }, { "type": "mount" }, { "type": "ipc" },
            { "type": "uts" }, { "type": "network" }, { "type": "cgroup" }
        ]
    }
}
JSON
}

# config [JQ-OPTION...] PROGRAM: edits the bundle's config.json, `config '.hostname = "x"'`.
config() {
    local edited
    edited=$(jq "$@" <"$bundle/config.json")
    printf '%s\n' "$edited" >"$bundle/config.json"
}

# witness_runs WORD...: what the container's process does, `witness_runs chain ids ';' exit 3`.
witness_runs() {
    config '.process.args = ["/witness"] + $ARGS.positional' --args -- "$@"
}

# in_user_namespace: gives the container one, whose ids are 100000 and on outside.
in_user_namespace() {
    config '.linux.namespaces += [{ type: "user" }] | .linux.uidMappings =
        [{ containerID: 0, hostID: 100000, size: 65536 }] | .linux.gidMappings = .linux.uidMappings'
    chmod 755 "$BATS_TEST_TMPDIR" "$bundle" # the container's root is a stranger to the host's
}

# The program ------------------------------------------------------------------------------------

# tare ARGUMENT...: the built program with this test's state directory.
tare() {
    "$TARE" --root "${state:-$BATS_TEST_TMPDIR/state}" "$@"
}

# Whether it is not the built one but another runtime, given as TARE: its words and its neatness are
# not judged then (see tests/security/attack).
is_other_runtime() {
    [ "$TARE" != "$build/tare" ]
}

# run_tare ARGUMENT...: the same under bats' run, with standard error in $stderr.  bats warns of the
# status 127, unless it is said before: `expected_status=127 run_tare run ...`.
run_tare() {
    run ${expected_status:+"-$expected_status"} --separate-stderr tare_apart "$@"
    # shellcheck disable=SC2154 # set by run --separate-stderr
    [ -z "$stderr" ] || echo "standard error: $stderr" # shown if the test fails
}

# Through files: run would wait for as long as a container that is left behind holds its pipes.
tare_apart() {
    local result=0 files=$BATS_TEST_TMPDIR/run_tare
    tare "$@" >"$files.out" 2>"$files.err" || result=$?
    [ ! -s "$files.out" ] || printf '%s\n' "$(<"$files.out")"
    [ ! -s "$files.err" ] || printf '%s\n' "$(<"$files.err")" >&2
    return "$result"
}

# run_container [WORD...]: runs the bundle to its end; the words are for the witness.
run_container() {
    [ $# = 0 ] || witness_runs "$@"
    run_tare run --bundle "$bundle" "$id"
}

# create_container [WORD...]: creates it; its output goes to $BATS_TEST_TMPDIR/output.
create_container() {
    local output=$BATS_TEST_TMPDIR/output
    [ $# = 0 ] || witness_runs "$@"
    tare create --bundle "$bundle" "$id" </dev/null >"$output" 2>&1 ||
        { cat "$output" && return 1; }
}

# start_container [WORD...]: creates and starts it.
start_container() {
    create_container "$@"
    tare start "$id"
}

# status_of ID: the word that `state` says.
status_of() {
    tare state "$1" | jq -r .status
}

# wait_until SECONDS COMMAND...: until the command succeeds; fails when the time is over, six times
# over, since a machine that has other work may be so slow.
wait_until() {
    local deadline=$((SECONDS + 6 * $1))
    shift
    until "$@"; do
        if [ "$SECONDS" -gt "$deadline" ]; then
            fail "waited in vain for: $*"
            return 1 # where errexit is off, as in "wait_until ... || ..."
        fi
        sleep 0.02
    done
}

has_status() {
    [ "$(status_of "$1")" = "$2" ]
}

assert_stderr() {
    ! is_other_runtime || return 0
    # shellcheck disable=SC2154 # set by run --separate-stderr
    assert_equal "$stderr" "$1"
}

assert_stderr_has() {
    ! is_other_runtime || return 0
    # shellcheck disable=SC2154
    case $stderr in
    *"$1"*) ;;
    *) fail "standard error lacks: $1
it is: $stderr" ;;
    esac
}

# bad_config JQ-PROGRAM EXPECTED: the edited config is refused with a message that has EXPECTED,
# and nothing has been made, in the root filesystem neither.
bad_config() {
    local kept files
    kept=$(cat "$bundle/config.json")
    files=$(find "$rootfs")
    config "$1"
    run_tare create --bundle "$bundle" "$id"
    printf '%s\n' "$kept" >"$bundle/config.json"
    assert_failure 1
    assert_output ''
    assert_stderr_has "$2"
    assert_equal "$(find "$rootfs")" "$files"
    nothing_left
}

# refuses [JQ-PROGRAM] <EXPECTED: the config, edited or as it is, is refused by `run` with exactly
# this on standard error, where the container is called `bad` and the bundle `bundle`; nothing is
# left.
refuses() {
    local kept files
    kept=$(cat "$bundle/config.json")
    files=$(find "$rootfs")
    [ $# = 0 ] || config "$1"
    cd "$BATS_TEST_TMPDIR" || return
    run_tare run --bundle bundle bad </dev/null
    printf '%s\n' "$kept" >"$bundle/config.json"
    assert_stderr "$(cat)"
    assert_failure 1
    assert_output ''
    assert_equal "$(find "$rootfs")" "$files"
    nothing_left
}

# Whether a process of ours has confined itself (security/confine.h).  A build that is checked as it
# runs has no filter (confine_reach_none.c).
is_confined() {
    local filter=2
    ! grep -qa '__asan_init\|__gcov_' "$TARE" || filter='[0-2]'
    [ "$(grep -cE "^(Cap(Eff|Prm|Bnd):\s+0+|NoNewPrivs:\s+1|Seccomp:\s+$filter)$" \
        "/proc/$1/status")" = 5 ]
}

# What is left -----------------------------------------------------------------------------------

# Everything that a container could leave on this (isolated) machine, as lines: state and cgroups,
# mounts, processes.
snapshot() {
    local root point
    find "$state" /run/tare "$TARE_TEST_CGROUP" -mindepth 1 \( -type d -o ! -path '/sys/*' \) \
        -printf 'made: %p\n' 2>/dev/null || :
    while read -r _ _ _ root point _; do
        echo "mount: $point $root"
    done </proc/self/mountinfo
    list_processes
}

# The processes that are the witness, tare or one of its programs; the harness's own do not matter.
list_processes() {
    local process name
    for process in /proc/[0-9]*; do
        { read -r name <"$process/comm"; } 2>/dev/null || continue
        case $name in
        tare* | witness* | scope) echo "process: ${process#/proc/} $name" ;;
        esac
    done
}

# Asserts that the test has left nothing: no state, cgroup, mount or process.
nothing_left() {
    local after pause
    ! is_other_runtime || return 0
    # A killed process takes its moment to leave: here 60 s at most, for busy machines.
    for pause in 0.0{1..9} 0.{1..9} 1{,,,,}{,,,,,,,,,,}; do
        after=$(snapshot)
        [ "$after" != "$snapshot_before" ] || return 0
        sleep "$pause"
    done
    diff <(printf '%s\n' "$snapshot_before") <(printf '%s\n' "$after") >&2 || :
    fail "the test has left something behind, see above"
}

# Removes what a failed test has left, so that it harms no other.
teardown_bundle() {
    local left
    forgive_refusal
    [ -n "${bundle:-}" ] || return 0
    for left in $(tare list --quiet 2>/dev/null); do
        tare delete --force "$left" || :
    done
}

teardown() {
    teardown_bundle
}

# kill_at MOMENT ARGUMENT...: tare, which is killed after that many seconds.
kill_at() {
    local runner
    "$TARE" --root "$state" "${@:2}" </dev/null >/dev/null 2>&1 3>&- &
    runner=$!
    sleep "$1"
    kill -KILL "$runner" 2>/dev/null || : # it may have been faster
    wait "$runner" || :
}
