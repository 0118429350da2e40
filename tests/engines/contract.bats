#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# What engines expect of every runtime (tests/engines/contract), without an engine.

load ../helpers/tare

setup() {
    setup_bundle
    log=$BATS_TEST_TMPDIR/log.json
}

# bare WORD...: as podman calls, with exactly one variable, which is empty, and without --root.
bare() {
    env -i XDG_RUNTIME_DIR= "$TARE" "$@"
}

bare_delete() {
    bare delete --force "$id" || :
    teardown_bundle
}

teardown() {
    bare_delete
}

# says_nothing COMMAND...: it succeeds, and prints nothing at all.
says_nothing() {
    "$@" >"$BATS_TEST_TMPDIR/said" 2>&1 </dev/null || fail "$* fails: $(<"$BATS_TEST_TMPDIR/said")"
    [ ! -s "$BATS_TEST_TMPDIR/said" ] || fail "$* says: $(<"$BATS_TEST_TMPDIR/said")"
}

# as_caller SCRIPT: Python with `tare(WORD...)`, in a process that gets the orphans of those below.
as_caller() {
    python3 - "$TARE" "$state" "$bundle" "$id" 3>&- <<SCRIPT
import ctypes, os, signal, subprocess, sys
program, state, bundle, id = sys.argv[1:]
libc = ctypes.CDLL(None)
assert libc.prctl(36, 1, 0, 0, 0) == 0 # PR_SET_CHILD_SUBREAPER

def tare(*words, **more):
    return subprocess.run([program, "--root", state, *words], check=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **more)

def children():
    return [int(pid) for task in os.listdir("/proc/self/task")
            for pid in open("/proc/self/task/%s/children" % task).read().split()]

def pid_in(name):
    return int(open(name).read())

def status_of(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
$1
SCRIPT
}

@test "[E0.1.4] global options come in any order" {
    run_tare --log-format=json --log "$log" run --bundle "$bundle" "$id"
    assert_output hello
    run_tare --log "$log" --log-format json run --bundle="$bundle" "$id"
    assert_output hello
    run_tare --log="$log" --log-format json --debug --rootless=false run --bundle "$bundle" "$id"
    assert_output hello
    run_tare --rootless auto run -bundle="$bundle" -no-subreaper --no-subreaper "$id"
    assert_output hello
    nothing_left
}

@test "[E0.2.1] [E0.2.2] one empty variable is environment enough, and the id is found again" {
    env -i CONTAINERS_CONF=/x HOME=/root PATH=/usr/bin:/bin XDG_RUNTIME_DIR= _OCI_SYNCPIPE=3 \
        _OCI_STARTPIPE=4 "$TARE" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    assert_equal "$(bare state "$id" | jq -r .status)" created
    says_nothing bare pause "$id"
    says_nothing bare resume "$id"
    echo '{}' >"$log"
    says_nothing env -i PATH=/bin "$TARE" update --resources "$log" "$id"
    says_nothing env -i PATH=/bin "$TARE" kill "$id" 9
    wait_until 5 has_ended
    says_nothing bare delete "$id"
    nothing_left
}

has_ended() {
    [ "$(env -i "$TARE" state "$id" | jq -r .pid)" = 0 ]
}

@test "[E0.2.4] nothing of the caller's environment reaches the container" {
    witness_runs env
    run env _OCI_SYNCPIPE=3 _OCI_STARTPIPE=4 _OCI_ATTACHPIPE=5 _CONTAINERS_USERNS_CONFIGURED=done \
        CONTAINERS_CONF=/x CRI_O_EXTERNAL=1 XDG_RUNTIME_DIR=/x NOTIFY_SOCKET= LISTEN_PID=1 \
        "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_output $'PATH=/\nHOME=/'
    start_container sleep 60
    run env _OCI_SYNCPIPE=3 _OCI_STARTPIPE=4 _OCI_ATTACHPIPE=5 _CONTAINERS_USERNS_CONFIGURED=done \
        CONTAINERS_CONF=/x CRI_O_EXTERNAL=1 XDG_RUNTIME_DIR=/x \
        "$TARE" --root "$state" exec "$id" /witness env
    assert_output $'PATH=/\nHOME=/'
    tare delete --force "$id"
    nothing_left
}

@test "[E0.3.1] [E0.3.2] the container's process ends up with the nearest subreaper, alone" {
    witness_runs exit 7
    as_caller '
name = bundle + "/pid"
tare("create", "--bundle", bundle, "--pid-file", name, id)
assert children() == [pid_in(name)], (children(), pid_in(name))
tare("start", id)
assert status_of(pid_in(name)) == 7
assert children() == []
tare("delete", id)
'
    nothing_left
}

@test "[E0.3.3] so do those of run --detach and exec --detach, which their caller waits for" {
    witness_runs sleep 60
    as_caller '
init, other = bundle + "/init", bundle + "/other"
tare("run", "--detach", "--bundle", bundle, "--pid-file", init, id)
tare("exec", "--detach", "--pid-file", other, id, "/witness", "exit", "5")
assert status_of(pid_in(other)) == 5
assert children() == [pid_in(init)]
tare("kill", id, "15")
tare("kill", id, "KILL")
assert status_of(pid_in(init)) == -signal.SIGKILL
tare("delete", id)
'
    nothing_left
}

@test "[E0.3.4] a runtime that dies with its caller leaves a process that does not" {
    witness_runs sleep 60
    as_caller '
dying = lambda: libc.prctl(1, signal.SIGKILL) # PR_SET_PDEATHSIG
middle = os.fork()
if middle == 0:
    tare("create", "--bundle", bundle, id, preexec_fn=dying)
    os._exit(0)
os.waitpid(middle, 0)
'
    has_status "$id" created
    tare start "$id"
    has_status "$id" running
    tare delete --force "$id"
    nothing_left
}

# leads_its_own PID: a session and a process group.
leads_its_own() {
    assert_equal "$(awk '{ print $5, $6 }' "/proc/$1/stat")" "$1 $1"
}

@test "[E0.4.1] init and exec have a session of their own, without a terminal too" {
    start_container sleep 60
    leads_its_own "$(tare state "$id" | jq .pid)"
    tare exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$id" /witness sleep 60 \
        </dev/null >/dev/null 2>&1
    leads_its_own "$(<"$BATS_TEST_TMPDIR/pid")"
    tare delete --force "$id"
    nothing_left
}

@test "[E0.5.1] [E0.5.2] when create returns, the pid file names a process in its namespaces" {
    local pid kind
    witness_runs sleep 60
    tare create --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" \
        </dev/null >/dev/null 2>&1
    pid=$(<"$BATS_TEST_TMPDIR/pid")
    assert_equal "$(tare state "$id" | jq .pid)" "$pid"
    for kind in pid mnt ipc uts net cgroup; do
        [ "$(readlink "/proc/$pid/ns/$kind")" != "$(readlink "/proc/self/ns/$kind")" ] ||
            fail "the namespace $kind is ours"
    done
    assert_equal "$(sed -n 's/^0:://p' "/proc/$pid/cgroup")" "/tare/$id"
    nsenter --net="/proc/$pid/ns/net" true
    # What is mounted is that of the config, and the program is not there yet.
    assert_equal "$(awk '{ print $5 }' "/proc/$pid/mountinfo" | xargs)" '/ /proc /dev'
    [[ $(readlink "/proc/$pid/exe") != *witness* ]] || fail "the program runs already"
    has_status "$id" created
    tare delete --force "$id"
    nothing_left
}

@test "[E1.create.5] [E0.6.3] a command that succeeds says nothing" {
    witness_runs sleep 60
    says_nothing tare create --bundle "$bundle" --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$id"
    says_nothing tare start "$id"
    says_nothing tare exec --detach "$id" /witness sleep 60
    says_nothing tare pause "$id"
    says_nothing tare resume "$id"
    says_nothing tare kill "$id" CONT
    says_nothing tare kill --all "$id" 9
    wait_until 5 has_status "$id" stopped
    says_nothing tare kill --all "$id" 9
    says_nothing tare delete "$id"
    says_nothing tare delete --force "$id"
    says_nothing tare run --detach --bundle "$bundle" "$id"
    says_nothing tare delete --force "$id"
    says_nothing tare --log "$log" --log-format json delete --force never-there
    [ ! -s "$log" ] || fail "the log says: $(<"$log")"
    nothing_left
}

# fails_once STATUS WORD...: with that status, one message, and one record that says the same.
fails_once() {
    local status=$1
    shift
    rm -f "$log"
    expected_status=$status run_tare --log "$log" --log-format json "$@"
    assert_failure "$status"
    assert_output ''
    assert_equal "$(jq -s length "$log")" 1
    assert_equal "$(jq -r .level "$log")" error
    assert_equal "$(jq -r '"tare: \(.msg)" + if has("hint") then "\nhint: \(.hint)" else "" end +
        if has("cause") then " [\(.cause)]" else "" end' "$log")" "$stderr"
    date --date "$(jq -r .time "$log")" >/dev/null
}

@test "[E0.6.1] [E0.7.4] [E6.1] every command on a container that is not there fails the same" {
    local command
    for command in state start kill delete pause resume ps 'update --pids-limit 5' \
        'events --stats' "exec --process $bundle/config.json"; do
        # shellcheck disable=SC2086 # an option
        fails_once 1 $command nobody
        assert_stderr_has 'container "nobody" does not exist'
    done
    fails_once 1 exec nobody /witness
    assert_stderr_has 'container "nobody" does not exist'
    nothing_left
}

@test "[E0.7.3] a directory, and what lies below a file, in the words that docker knows" {
    config '.process.args = ["/etc"]'
    fails_once 126 create --bundle "$bundle" "$id"
    assert_stderr_has 'permission denied'
    assert_stderr_has 'is a directory'
    echo text >"$rootfs/etc/text"
    config '.process.args = ["/etc/text/x"]'
    fails_once 127 create --bundle "$bundle" "$id"
    assert_stderr_has 'not a directory'
    nothing_left
}

@test "[E1.start.3] [E6.3] a command that is not there fails create, and exec likewise" {
    config '.process.args = ["nowhere"]'
    fails_once 127 create --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id"
    assert_stderr_has 'exec: "nowhere": executable file not found in $PATH'
    [ ! -e "$BATS_TEST_TMPDIR/pid" ]
    start_container sleep 60
    fails_once 127 exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$id" nowhere
    assert_stderr_has 'exec: "nowhere": executable file not found in $PATH'
    fails_once 127 exec "$id" /nowhere
    assert_stderr_has 'exec: "/nowhere": stat /nowhere: no such file or directory'
    [ ! -e "$BATS_TEST_TMPDIR/pid" ]
    tare delete --force "$id"
    nothing_left
}

# has_none_of_the_words WHAT: what has failed did so without the words that mean something else.
has_none_of_the_words() {
    local phrase
    for phrase in 'permission denied' 'operation not permitted' 'executable file not found in' \
        'no such file or directory' 'open executable' 'does not exist' 'no such process' \
        'container not running' 'invalid process' 'is a directory' 'not a directory' \
        'process already finished' 'flag needs an argument' 'requires an argument' '`'; do
        [[ ${stderr,,} != *"$phrase"* ]] || fail "$1: $stderr"
    done
}

@test "[E0.7.6] words by which engines know a missing or refused command are used for nothing else" {
    local program kept
    kept=$(<"$bundle/config.json")
    echo text >"$rootfs/etc/text"
    while read -r program; do
        config "$program"
        fails_once 1 create --bundle "$bundle" "$id"
        printf '%s\n' "$kept" >"$bundle/config.json"
        has_none_of_the_words "$program"
    done <<'ROWS'
.root.path = "nowhere"
.root.path = "config.json"
.mounts += [{ destination: "/a", source: "/nowhere", options: ["bind"] }]
.mounts += [{ destination: "/etc/text", type: "tmpfs" }]
.mounts += [{ destination: "/etc/text/x", type: "tmpfs" }]
.mounts += [{ destination: "/etc/text", source: "/etc", options: ["bind"] }]
.linux.intelRdt = { closID: "info" }
.linux.namespaces[4] = { type: "network", path: "/nowhere" }
.linux.cgroupsPath = "/tests"
.hooks.createRuntime = [{ path: "/nowhere" }]
.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 1, hard: 99999999999 }]
.linux.sysctl = { "kernel.msgmax": "x" }
ROWS
    nothing_left
}

@test "[E0.7.6] nor do processes that could not be executed, or images that are none, have those words" {
    local changed words
    start_container sleep 60
    jq '.process | .args = ["/witness", "exit", "0"]' "$bundle/config.json" \
        >"$BATS_TEST_TMPDIR/process.json"
    while read -r changed; do
        jq "$changed" "$BATS_TEST_TMPDIR/process.json" >"$BATS_TEST_TMPDIR/changed.json"
        fails_once 255 exec --process "$BATS_TEST_TMPDIR/changed.json" "$id"
        has_none_of_the_words "$changed"
    done <<'ROWS'
.user.additionalGids = [4294967295]
.rlimits = [{ type: "RLIMIT_NOFILE", soft: 1, hard: 99999999999 }]
.ioPriority = { class: "none" }
.execCPUAffinity = { initial: "9999" }
ROWS
    while read -r words; do
        # shellcheck disable=SC2086 # words
        fails_once 255 exec $words "$id" /witness exit 0
        assert_stderr_has "'/nowhere"
        has_none_of_the_words "$words"
    done <<'ROWS'
--pid-file /nowhere/pid
--console-socket /nowhere --tty
--pidfd-socket /nowhere
ROWS
    tare delete --force "$id"
    fails_once 1 restore --bundle "$bundle" --image-path "$BATS_TEST_TMPDIR" "$id"
    has_none_of_the_words restore
    fails_once 1 restore --bundle "$bundle" --image-path /nowhere "$id"
    has_none_of_the_words restore
    nothing_left
}

@test "[E0.8.5] [E0.8.6] a warning is no part of the log; a failing run leaves one object" {
    config 'del(.process.user.umask) | .process.args = ["/missing"]'
    umask 0
    expected_status=127 run_tare --log "$log" --log-format=json create --bundle "$bundle" "$id"
    assert_failure 127
    assert_equal "$(jq -s length "$log")" 1
    [[ $(stat -c %a "$log") == 6[04][04] ]] || fail "others can write to the log"
    run_tare --log "file:$log" --log-format=json state nobody
    assert_equal "$(jq -s length "$log")" 2
    nothing_left
}

@test "[E0.9.1] zero and empty are unset in resources, and need no controller" {
    config '.linux.resources = { memory: {}, cpu: { shares: 0, quota: 0, period: 0 }, pids: {},
        blockIO: { weight: 0 }, network: {}, devices: [{ allow: false, access: "rwm" }] }'
    run_container
    assert_success
    assert_output hello
    nothing_left
}

@test "[E0.10.1] without the right to raise limits the container starts, and a higher limit fails" {
    local hard
    ulimit -Sl 64
    hard=$(ulimit -Hn)
    [ "$hard" != unlimited ] || skip "needs a limit of open files"
    config '.linux.resources.devices = [{ allow: false, access: "rwm" }]'
    poorer() {
        setpriv --bounding-set=-sys_resource "$TARE" --root "$state" run --bundle "$bundle" "$id"
    }
    run --separate-stderr poorer
    assert_success
    assert_output hello
    config '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: $n, hard: $n }]' \
        --argjson n "$((hard + 1))"
    run --separate-stderr poorer
    assert_failure 1
    assert_stderr_has RLIMIT_NOFILE
    nothing_left
}

@test "[E1.pidfile.4] the pid file of exec is there although the process has ended" {
    start_container sleep 60
    : >"$BATS_TEST_TMPDIR/pid"
    tare exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" "$id" /witness exit 0 \
        </dev/null >/dev/null 2>&1
    [[ $(<"$BATS_TEST_TMPDIR/pid") =~ ^[0-9]+$ ]]
    tare delete --force "$id"
    nothing_left
}

@test "[E1.exec.10] exec as conmon and go-runc call it, whose document is gone afterwards" {
    local process=$BATS_TEST_TMPDIR/process
    start_container sleep 60
    jq '.process | .args = ["/witness", "say", "from exec"]' "$bundle/config.json" >"$process"
    tare exec --pid-file "$BATS_TEST_TMPDIR/pid" --process "$process" --detach "$id" \
        </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1
    rm "$process"
    wait_until 5 grep -qx 'from exec' "$BATS_TEST_TMPDIR/out"
    jq '.process | .args = ["/witness", "exit", "3"]' "$bundle/config.json" >"$process"
    run "$TARE" --root "$state" exec --process "$process" "$id"
    assert_failure 3
    tare delete --force "$id"
    nothing_left
}

@test "[E1.delete.6] delete --force behind delete, and behind a create that failed, is silent" {
    start_container exit 0
    wait_until 5 has_status "$id" stopped
    says_nothing tare delete "$id"
    says_nothing tare delete --force "$id"
    config '.process.args = ["/missing"]'
    fails_once 127 create --bundle "$bundle" "$id"
    says_nothing tare delete --force "$id"
    nothing_left
}

@test "[E1.update.2] update takes its document by all names that callers have for it" {
    create_container
    echo '{}' >"$BATS_TEST_TMPDIR/resources"
    says_nothing tare update "--resources=$BATS_TEST_TMPDIR/resources" "$id"
    says_nothing tare update -r "$BATS_TEST_TMPDIR/resources" "$id"
    run bash -c 'echo "{}" | "$@"' _ "$TARE" --root "$state" update --resources - "$id"
    assert_success
    assert_output ''
    run bash -c 'echo "{}" | "$@"' _ "$TARE" --root "$state" update --resources=- "$id"
    assert_success
    assert_output ''
    tare delete --force "$id"
    nothing_left
}

@test "[E1.features.3] features and --version print nothing besides, without any environment" {
    env -i "$TARE" features >"$log" 2>&1
    jq -e '.ociVersionMin and .ociVersionMax and (.linux.namespaces | index("user")) and
        (.mountOptions | index("rro")) and .linux.mountExtensions.idmap.enabled' "$log" >/dev/null
    env -i "$TARE" --version >"$log" 2>&1
    assert_equal "$(grep -c version "$log")" 1
    grep -qE '^tare version [0-9.]+$' "$log"
    grep -q '^commit: ' "$log"
}

@test "[E3.1] cgroups lie where engines say" {
    local path
    for path in "/libpod_parent/libpod-$id" "/docker/$id" "/kubepods/burstable/pod1/crio-$id" \
        "/machine.slice/libpod-$id.scope/container"; do
        config '.linux.cgroupsPath = $path' --arg path "$path"
        create_container
        assert_equal "$(sed -n 's/^0:://p' "/proc/$(tare state "$id" | jq .pid)/cgroup")" "$path"
        tare delete --force "$id"
    done
    nothing_left
}

@test "[E6.2] [E6.4] exit statuses by what went wrong" {
    start_container sleep 60
    fails_once 1 start "$id"
    assert_stderr_has 'cannot start an already running container'
    fails_once 1 resume "$id"
    fails_once 1 delete "$id"
    fails_once 1 create --bundle "$bundle" "$id"
    has_status "$id" running
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    fails_once 1 kill "$id"
    assert_stderr_has 'container not running'
    fails_once 1 exec "$id" /witness
    assert_stderr_has 'cannot exec in a stopped container'
    tare delete "$id"
    assert_equal "$(tare list --format json | jq -c .)" '[]'
    run_tare --nonsense list
    assert_failure 64
    run_tare state --nonsense "$id"
    assert_failure 64
    run_tare nonsense
    assert_failure 64
    nothing_left
}
