#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# More of tests/engines/contract: engines' calls word by word, by which name and from where the
# runtime is called, and where containers lie among the cgroups.

load ../helpers/tare
load ../helpers/terminal

setup() {
    setup_bundle
}

# called WORD...: succeeds as an engine calls, and says nothing.
called() {
    "$TARE" "$@" </dev/null >"$BATS_TEST_TMPDIR/said" 2>&1 || fail "$* fails: $(<"$BATS_TEST_TMPDIR/said")"
    [ ! -s "$BATS_TEST_TMPDIR/said" ] || fail "$* says: $(<"$BATS_TEST_TMPDIR/said")"
}

# waits: whether it is created, with that pid in the file; then it is gone.
waits() {
    assert_equal "$("$TARE" --root "$state" state "$1" | jq -r '"\(.status) \(.pid)"')" \
        "created $(<"$2")"
    called --root "$state" delete --force "$1"
}

@test "[E1.create.6] create as conmon, go-runc and Buildah call it, word by word" {
    local long other=$BATS_TEST_TMPDIR/other
    printf -v long %064x 4711
    mkdir "$other"
    with_terminal say hello
    listen
    called --root="$state" --log-format=json --log "$other/oci-log" create --bundle "$bundle" \
        --pid-file "$other/pidfile" --no-pivot --no-new-keyring --preserve-fds 2 \
        --console-socket "$socket" "$long"
    waits "$long" "$other/pidfile"
    run_listener # who has the terminal is gone
    assert_success
    [ ! -s "$other/oci-log" ]

    config '.process.terminal = false'
    cd "$bundle"
    called --root "$state" --log "$bundle/log.json" --log-format json --rootless=false \
        create --bundle "$bundle" --pid-file "$bundle/init.pid" --no-pivot --no-new-keyring \
        --detach --preserve-fds 1 "$long"
    waits "$long" "$bundle/init.pid"
    [ ! -s "$bundle/log.json" ]

    called --root "$state" create --bundle "$bundle" --pid-file "$bundle/pid" --no-pivot \
        --no-new-keyring "$id"
    waits "$id" "$bundle/pid"
    nothing_left
}

@test "[E0.3.5] the pid is a number of the caller's pid namespace" {
    witness_runs sleep 60
    # shellcheck disable=SC2016 # the words are the inner shell's
    run unshare --pid --fork --mount-proc bash -c 'set -e
        tare=$1 state=$2 bundle=$3 id=$4
        "$tare" --root "$state" create --bundle "$bundle" --pid-file "$bundle/pid" "$id" \
            </dev/null >/dev/null 2>&1
        pid=$(<"$bundle/pid")
        [ "$("$tare" --root "$state" state "$id" | jq .pid)" = "$pid" ]
        [ "$("$tare" --root "$state" ps --format json "$id" | jq -c .)" = "[$pid]" ]
        grep -q "/tare/$id\$" "/proc/$pid/cgroup"
        echo "$pid"
        "$tare" --root "$state" delete --force "$id"' _ "$TARE" "$state" "$bundle" "$id"
    assert_success
    [ "$output" -lt 100 ]
    nothing_left
}

@test "[E1.delete.8] delete where nobody has waited yet for the container's process" {
    python3 - "$TARE" "$state" "$bundle" "$id" 3>&- <<'SCRIPT'
import ctypes, os, subprocess, sys
program, state, bundle, id = sys.argv[1:]
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0 # PR_SET_CHILD_SUBREAPER

def tare(*words):
    subprocess.run([program, "--root", state, *words], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)

tare("run", "--detach", "--bundle", bundle, "--pid-file", bundle + "/pid", id)
pid = int(open(bundle + "/pid").read())
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
tare("delete", id)
assert open("/proc/%d/stat" % pid).read().split()[2] == "Z"
assert os.waitpid(pid, 0)[1] == 0
SCRIPT
    nothing_left
}

@test "[E2.7] LISTEN_* of the config are passed on with --preserve-fds, whatever the caller's are" {
    witness_runs chain fds ';' env
    config '.process.env += ["LISTEN_PID=1", "LISTEN_FDS=2", "LISTEN_FDNAMES=web:admin"]'
    run env LISTEN_PID=1 LISTEN_FDS=7 "$TARE" --root "$state" run --preserve-fds 2 \
        --bundle "$bundle" "$id" 3</dev/zero 4</dev/zero 5</dev/zero </dev/null
    assert_success
    assert_equal "$(grep '^[345]=' <<<"$output" | xargs)" '3=char 4=char'
    assert_equal "$(grep ^LISTEN <<<"$output" | sort | xargs)" \
        'LISTEN_FDNAMES=web:admin LISTEN_FDS=2 LISTEN_PID=1'
    nothing_left
}

@test "[E3.2] --cgroups=split: beside the caller, below the cgroup that it was started in" {
    local own=$TARE_TEST_CGROUP/split
    mkdir -p "$own/runtime"
    config --arg path "/split/libpod-payload-$id" '.linux.cgroupsPath = $path'
    witness_runs sleep 60
    # shellcheck disable=SC2016 # the words are the inner shell's
    bash -c 'echo 0 >"$1/runtime/cgroup.procs" && shift && exec "$@"' _ "$own" \
        "$TARE" --root "$state" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    assert_equal "$(sed -n 's/^0:://p' "/proc/$(tare state "$id" | jq .pid)/cgroup")" \
        "/split/libpod-payload-$id"
    tare start "$id"
    tare delete --force "$id"
    assert_equal "$(find "$own" -mindepth 1 -type d)" "$own/runtime"
    rmdir "$own/runtime" "$own"
    nothing_left
}

@test "[E4.1] whatever the name is by which it is called, it is the same program" {
    local name
    for name in krun crun-wasm runc oci-runtime.real; do
        ln -s "$TARE" "$BATS_TEST_TMPDIR/$name"
        run "$BATS_TEST_TMPDIR/$name" --root "$state" run --bundle "$bundle" "$id"
        assert_success
        assert_output hello
        run "$BATS_TEST_TMPDIR/$name" --version
        assert_line --index 0 --regexp '^tare version '
        rm "$BATS_TEST_TMPDIR/$name"
    done
    nothing_left
}

@test "[E4.2] runtimes_flags stand before every command, also where they mean nothing" {
    local flags=(--root "$state" --systemd-cgroup=false --log-level=error --debug=false)
    witness_runs sleep 60
    called "${flags[@]}" create --bundle "$bundle" "$id"
    called "${flags[@]}" start "$id"
    called "${flags[@]}" exec --detach "$id" /witness sleep 60
    called "${flags[@]}" pause "$id"
    called "${flags[@]}" resume "$id"
    echo '{}' >"$BATS_TEST_TMPDIR/resources"
    called "${flags[@]}" update --resources "$BATS_TEST_TMPDIR/resources" "$id"
    called "${flags[@]}" kill "$id" KILL
    called "${flags[@]}" delete --force "$id"
    "$TARE" "${flags[@]}" features >/dev/null
    "$TARE" "${flags[@]}" --version >/dev/null
    nothing_left
}
