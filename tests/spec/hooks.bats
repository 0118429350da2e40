#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016 # variables of tare.bash; $ of the hooks' own shells

load ../helpers/tare

setup() {
    setup_bundle
    trace=$BATS_TEST_TMPDIR/trace
}

# hook KIND SCRIPT [MEMBERS]: one more hook of this kind, a shell script of the host.
hook() {
    config '.hooks[$kind] += [{ path: "/bin/sh", args: ["sh", "-c", $script] } + $members]' \
        --arg kind "$1" --arg script "$2" --argjson members "${3:-"{}"}"
}

# witness_hook KIND PATH WORD...: the same with the witness.
witness_hook() {
    local kind=$1 path=$2
    shift 2
    config '.hooks[$kind] += [{ path: $path, args: (["witness"] + $ARGS.positional) }]' \
        --arg kind "$kind" --arg path "$path" --args -- "$@"
}

# hooks_of_all_kinds: each says its name and its state.
hooks_of_all_kinds() {
    local kind
    for kind in prestart createRuntime createContainer poststart poststop; do
        hook "$kind" "printf '%s %s\\n' $kind \"\$(cat)\" >>$trace" # in one write, beside that of others
    done
    config '.mounts += [{ destination: "/trace", source: $trace, options: ["bind"] }]' \
        --arg trace "$trace"
    : >"$trace"
    witness_hook startContainer /witness into /trace chain say startContainer ';' cat - ';' say ''
}

# hook_that_waits: a startContainer hook that says `begun` into $trace, and then does not end.
hook_that_waits() {
    : >"$trace"
    config '.mounts += [{ destination: "/trace", source: $trace, options: ["bind"] }]' \
        --arg trace "$trace"
    witness_hook startContainer /witness into /trace chain say begun ';' sleep 60
}

# The witness says its name and its state on two lines.
join_lines() {
    sed -i '/^startContainer$/{N;s/\n/ /}' "$trace"
}

# of KIND JQ-PROGRAM: from the state that a hook of this kind has got.
of() {
    sed -n "s/^$1 //p" "$trace" | jq -r "$2"
}

# has_gone PATTERN: the process with that command line has been killed, and takes its moment to leave.
has_gone() {
    wait_until 5 is_gone "$1"
}

is_gone() {
    ! pgrep -fx "$1"
}

# fails COMMAND... : it fails, with this on standard error; nothing is left.
fails() {
    "$@"
    assert_failure 1
    assert_output ''
    nothing_left
}

@test "[E0.5.5] [H7] [H10] [H11] [H12] [H13] [H14] [H15] all six kinds, in order" {
    hooks_of_all_kinds
    hook createRuntime "echo second >>$trace"
    config '.process.args = ["/witness", "into", "/trace", "say", "program"]'
    create_container
    echo created >>"$trace"
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    wait_until 5 grep -q ^program "$trace"
    tare delete "$id"
    # The program runs beside the poststart hook.
    assert_equal "$(grep -v ^program "$trace" | grep -o '^[a-zA-Z]\+' | xargs)" \
        'prestart createRuntime second createContainer created startContainer poststart poststop'
    nothing_left
}

@test "[H7] run plays them all too" {
    hooks_of_all_kinds
    run_container
    assert_success
    assert_equal "$(grep -o '^[a-zA-Z]\+' "$trace" | xargs)" \
        'prestart createRuntime createContainer startContainer poststart poststop'
    nothing_left
}

@test "[H8] [H9] [H14] [H15] each hook reads the state" {
    local kind pid
    hooks_of_all_kinds
    config '.annotations = { "org.example.key": "value \"\n" }'
    create_container sleep 30
    pid=$(tare state "$id" | jq .pid)
    tare start "$id"
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    tare delete "$id"
    join_lines
    for kind in prestart createRuntime createContainer startContainer poststart poststop; do
        assert_equal "$(of "$kind" '[.ociVersion, .id, .bundle] | join(" ")')" \
            "1.3.0 $id $bundle"
        assert_equal "$(of "$kind" '.annotations["org.example.key"] + "."')" $'value "\n.'
    done
    assert_equal "$(of prestart '"\(.status) \(.pid)"')" "created $pid"
    assert_equal "$(of createRuntime '"\(.status) \(.pid)"')" "created $pid"
    assert_equal "$(of createContainer '"\(.status) \(.pid)"')" 'created 1'
    assert_equal "$(of startContainer '"\(.status) \(.pid)"')" 'created 1'
    assert_equal "$(of poststart '"\(.status) \(.pid)"')" "running $pid"
    assert_equal "$(of poststop '"\(.status) \(.pid)"')" 'stopped 0'
}

@test "[H9] without a pid namespace the pid is the host's everywhere" {
    hooks_of_all_kinds
    config 'del(.linux.namespaces[] | select(.type == "pid"))
        | del(.mounts[] | select(.destination == "/proc"))'
    run_container
    assert_success
    join_lines
    assert_equal "$(of createContainer .pid)" "$(of prestart .pid)"
    assert_equal "$(of startContainer .pid)" "$(of prestart .pid)"
}

@test "[H3] args are argv, and the path when there are none" {
    witness_hook prestart "$witness" into "$trace" args
    config '.hooks.prestart[0].args[0] = "other name"'
    hook createRuntime 'exit 0'
    cat >"$BATS_TEST_TMPDIR/script" <<SCRIPT
#!/bin/sh
echo "\$# \$0" >>$trace
SCRIPT
    chmod +x "$BATS_TEST_TMPDIR/script"
    config '.hooks.createRuntime = [{ path: $path }, { path: $path, args: [] }]' \
        --arg path "$BATS_TEST_TMPDIR/script"
    run_container
    assert_success
    assert_equal "$(cat "$trace")" "[0]=other name
[1]=into
[2]=$trace
[3]=args
0 $BATS_TEST_TMPDIR/script
0 $BATS_TEST_TMPDIR/script"
}

@test "[H4] (R19) (T65) the environment is that of the hook alone" {
    local kind
    config '.process.env += ["LD_PRELOAD=/evil.so", "LD_LIBRARY_PATH=/evil", "IFS=x"]'
    for kind in prestart createRuntime createContainer poststart poststop; do
        witness_hook "$kind" "$witness" into "$trace" env
        witness_hook "$kind" "$witness" into "$trace" env
        config '.hooks[$kind][1].env = ["A=1", "PATH=/somewhere", "A=2"]' --arg kind "$kind"
    done
    : >"$trace"
    config '.mounts += [{ destination: "/trace", source: $trace, options: ["bind"] }]' \
        --arg trace "$trace"
    witness_hook startContainer /witness into /trace env
    LEAK=1 run_container
    assert_success
    assert_equal "$(cat "$trace")" "$(for kind in 1 2 3 4 5; do
        printf 'A=1\nPATH=/somewhere\nA=2\n'
    done)"
}

@test "[H1] (R19) hooks run in the bundle, in a session of their own, with descriptors 0 to 2" {
    local kind
    witness_runs say hello
    for kind in prestart createRuntime createContainer poststart poststop; do
        witness_hook "$kind" "$witness" into "$trace" chain cwd ';' fds ';' signals
    done
    : >"$trace"
    config '.mounts += [{ destination: "/trace", source: $trace, options: ["bind"] }]
        | .process.cwd = "/tmp"' --arg trace "$trace"
    witness_hook startContainer /witness into /trace chain cwd ';' fds ';' signals
    run bash -c 'exec "$@" 3>&- 4</dev/null 5</dev/null' _ \
        "$TARE" --root "$state" run --preserve-fds 3 --bundle "$bundle" "$id"
    assert_success
    expected() {
        printf '%s\n' "cwd=$1" 0=fifo 1=file 2=fifo blocked=0000000000000000 \
            ignored=0000000000000000
    }
    assert_equal "$(cat "$trace")" "$(for kind in 1 2 3; do expected "$bundle"; done
        expected /
        for kind in 1 2; do expected "$bundle"; done)"
}

@test "[H8] hooks that do not read, and what they write to descriptors 1 and 2" {
    config '.annotations = { large: ("x" * 300000) }'
    hook prestart 'exec <&-; head -c 300000 /dev/zero; echo said'
    hook createRuntime "head -c 300000 /dev/zero >&2; wc -c >$trace"
    hook createContainer 'exec <&- >&- 2>&-'
    witness_hook startContainer /witness say said
    hook poststart 'echo said'
    hook poststop 'echo said >&2'
    run_container
    assert_success
    assert_output hello
    assert_stderr ''
    [ "$(cat "$trace")" -gt 300000 ]
    nothing_left
}

@test "[H5] a hook that takes too long is killed with what it has started" {
    local began=$SECONDS
    hook createRuntime "echo hanging; (sleep 61; : >$trace) & sleep 62; :" '{ "timeout": 2 }'
    cd "$BATS_TEST_TMPDIR"
    fails run_tare create --bundle bundle "$id"
    [ $((SECONDS - began)) -lt 60 ]
    assert_stderr_has 'hooks.createRuntime[0]: /bin/sh did not end within 2 s, and was killed: hang'
    has_gone 'sleep 6[12]'
}

@test "[H5] timeouts bind the hooks inside as well" {
    hook createContainer 'echo hanging; sleep 61' '{ "timeout": 1 }'
    fails run_tare create --bundle "$bundle" "$id"
    assert_stderr_has 'hooks.createContainer[0]: /bin/sh did not end within 1 s, and was killed'
    config 'del(.hooks)'
    witness_hook startContainer /witness sleep 61
    config '.hooks.startContainer[0].timeout = 1'
    create_container
    fails run_tare start "$id"
    assert_stderr_has 'hooks.startContainer[0]: /witness did not end within 1 s, and was killed'
}

@test "[H2] [H6] wrong hooks are refused before anything is made" {
    while IFS='|' read -r edit expected; do
        bad_config "$edit" "$expected"
    done <<'ROWS'
.hooks.prestart = [{ path: "bin/true" }]|hooks.prestart[0].path: it must be absolute
.hooks.poststop = [{ path: "" }]|hooks.poststop[0].path: it must be absolute
.hooks.poststart = [{ path: "/x", timeout: 0 }]|hooks.poststart[0].timeout: it must be greater than zero
.hooks.createContainer = [{ path: "/x", timeout: -1 }]|hooks.createContainer[0].timeout: it must be
.hooks.startContainer = [{ args: ["x"] }]|path
.hooks.createRuntime = [{ path: "/x", timeout: 2147483648 }]|timeout
ROWS
}

@test "[H2] hooks that are not there" {
    config '.hooks.prestart = [{ path: "/nowhere/x" }]'
    fails run_tare create --bundle "$bundle" "$id"
    assert_stderr_has 'hooks.prestart[0]: execute /nowhere/x: not found (ENOENT)'
    config '.hooks = { createContainer: [{ path: "/nowhere/x" }] }'
    fails run_tare create --bundle "$bundle" "$id"
    assert_stderr_has 'hooks.createContainer[0]: open /nowhere/x: not found (ENOENT)'
    config '.hooks = { startContainer: [{ path: "/nowhere/x" }] }'
    fails run_container
    assert_stderr_has 'hooks.startContainer[0]: execute /nowhere/x: not found (ENOENT)'
}

@test "[LC3] [LC4] [LC5] [ER2] a hook of create that fails undoes it all; then the poststop hooks run" {
    local kind
    for kind in prestart createRuntime createContainer; do
        config 'del(.hooks)'
        hook "$kind" 'exit 0'
        hook "$kind" 'echo one; echo "the reason" >&2; exit 3'
        hook "$kind" "echo not this >>$trace"
        hook poststop "$TARE --root $state state $id >/dev/null 2>&1; echo \$? >>$trace; cat >>$trace"
        rm -f "$trace"
        cd "$BATS_TEST_TMPDIR"
        fails run_tare create --bundle bundle "$id"
        assert_stderr_has "hooks.${kind}[1]: /bin/sh exited with status 3: the reason"
        assert_stderr_has "tare: create '$id': bundle/config.json:"
        assert_equal "$(wc -l <<<"$stderr")" 2 # with a hint
        assert_equal "$(head -1 "$trace")" 1 # there was no container any more
        assert_equal "$(sed 1d "$trace" | jq -r .status)" stopped
    done
}

@test "[LC3] poststop hooks run after what fails behind the hooks, not before them" {
    hook createRuntime 'exit 0'
    hook poststop "echo poststop >>$trace"
    config '.mounts += [{ destination: "/a", source: "nowhere", options: ["bind"] }]'
    fails run_tare create --bundle "$bundle" "$id"
    [ ! -e "$trace" ]
    config 'del(.mounts[-1]) | .process.args = ["/nowhere"]'
    expected_status=127 run_tare create --bundle "$bundle" "$id"
    assert_failure 127
    assert_equal "$(cat "$trace")" poststop
    nothing_left
}

@test "[LC7] [LC12] [LC13] a startContainer hook that fails is the end of the container" {
    witness_hook startContainer /witness chain complain 'the reason' ';' exit 4
    hook poststop "cat >>$trace"
    create_container
    fails run_tare start "$id"
    assert_stderr "tare: start '$id': run the startContainer hooks: hooks.startContainer[0]: \
/witness exited with status 4: the reason
hint: the message ends with the last line that it wrote, if any: mend what that says, or leave \
hooks.startContainer[0] out [E-HOOK-FAILED]"
    assert_equal "$(jq -r .status "$trace")" stopped
    rm "$trace"
    fails run_container
    assert_stderr_has 'hooks.startContainer[0]: /witness exited with status 4: the reason'
    assert_equal "$(jq -r .status "$trace")" stopped
}

@test "[LC7] an init that is killed in a startContainer hook of run is not launched again" {
    local run
    hook_that_waits
    hook poststop "echo poststop >>$trace"
    tare run --bundle "$bundle" "$id" >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" &
    run=$!
    wait_until 5 grep -q begun "$trace"
    kill -KILL "$(tare state "$id" | jq .pid)"
    wait "$run" && fail "run has not failed"
    grep -q 'it was killed by signal 9' "$BATS_TEST_TMPDIR/stderr"
    assert_equal "$(xargs <"$trace")" 'begun poststop'
    nothing_left
}

# hangs_behind COMMAND...: a poststop hook has begun behind the container's end, and goes on.
hangs_behind() {
    hook poststop "echo begun >>$trace; exec sleep 1000"
    hook poststop "echo poststop >>$trace"
    "$@" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    run=$!
    wait_until 10 grep -q begun "$trace"
}

is_dead() {
    ! kill -0 "$1" 2>/dev/null
}

@test "[H1] run hears signals while a poststop hook hangs: that one ends, the next runs" {
    local run ended signal
    # bash has those in the background ignore INT, and nohup(1) all HUP.
    for signal in TERM HUP; do
        : >"$trace"
        config 'del(.hooks)'
        witness_runs exit 3
        hangs_behind env --default-signal=HUP "$TARE" --root "$state" --log-level warn \
            run --bundle "$bundle" "$id"
        kill "-$signal" "$run"
        ended=0
        wait_until 10 is_dead "$run"
        wait "$run" || ended=$?
        assert_equal "$ended" 3
        assert_equal "$(xargs <"$trace")" 'begun poststop'
        grep -q 'hooks.poststop\[0\]: /bin/sh was killed, since signal' "$BATS_TEST_TMPDIR/stderr"
        nothing_left
    done
}

@test "[LC13] poststop hooks run when a program cannot be executed behind startContainer hooks" {
    : >"$trace"
    config '.mounts += [{ destination: "/trace", source: $trace, options: ["bind"] }]' \
        --arg trace "$trace"
    witness_hook startContainer /witness into /trace say begun
    hook poststop "echo poststop >>$trace"
    printf '#!/nowhere/interpreter\n' >"$rootfs/script"
    chmod +x "$rootfs/script"
    config '.process.args = ["/script"]'
    expected_status=127 run_tare run --bundle "$bundle" "$id"
    assert_failure 127
    assert_equal "$(xargs <"$trace")" 'begun poststop'
    nothing_left
}

@test "[LC9] [H14] a poststart hook that fails is the end of the container" {
    hook poststart 'echo "the reason" >&2; exit 5'
    hook poststart "echo not this >>$trace"
    hook poststop "cat >>$trace"
    create_container sleep 60
    fails run_tare start "$id"
    assert_stderr "tare: start '$id': run the poststart hooks: hooks.poststart[0]: \
/bin/sh exited with status 5: the reason
hint: the message ends with the last line that it wrote, if any: mend what that says, or leave \
hooks.poststart[0] out [E-HOOK-FAILED]"
    assert_equal "$(jq -r .status "$trace")" stopped
    rm "$trace"
    fails run_container
    assert_stderr_has 'hooks.poststart[0]: /bin/sh exited with status 5: the reason'
    fails run_tare run --detach --bundle "$bundle" "$id"
    assert_equal "$(jq -r .status "$trace" | xargs)" 'stopped stopped'
}

@test "[H13] a startContainer hook may hang, and the container still be killed" {
    local start way
    for way in kill delete; do
        hook_that_waits
        create_container
        tare start "$id" 2>"$BATS_TEST_TMPDIR/start.err" &
        start=$!
        wait_until 5 grep -q begun "$trace"
        has_status "$id" created
        run_tare start "$id"
        assert_failure 1
        assert_stderr_has 'cannot start an already running container'
        if [ "$way" = kill ]; then
            timeout 60 "$TARE" --root "$state" kill "$id" KILL
            wait "$start" && fail "start has not failed"
            wait_until 5 has_status "$id" stopped
            tare delete "$id"
        else
            timeout 60 "$TARE" --root "$state" delete --force "$id"
            wait "$start" && fail "start has not failed"
        fi
        assert_equal "$(cat "$BATS_TEST_TMPDIR/start.err")" \
            "tare: start '$id': init ended without a word"
        nothing_left
        config 'del(.hooks, .mounts[-1])'
    done
}

@test "[H14] a poststart hook may hang, and the container still be killed" {
    local start
    hook poststart "echo waiting >$trace; sleep 30"
    create_container sleep 60
    tare start "$id" 2>"$BATS_TEST_TMPDIR/start.err" &
    start=$!
    wait_until 5 test -s "$trace"
    tare kill "$id" KILL
    wait_until 5 has_status "$id" stopped
    tare delete "$id"
    wait_until 5 pkill -fx 'sleep 30'
    wait "$start" && fail "start has not failed"
    assert_equal "$(grep -c 'killed by signal\|exited with status' "$BATS_TEST_TMPDIR/start.err")" 1
    nothing_left
}

@test "[E1.delete.7] [LC13] [H15] a poststop hook that fails is a warning, and the others still run" {
    hook poststop 'echo "the reason" >&2; exit 6'
    hook poststop "pwd >$trace"
    create_container
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    run_tare --log-level warn delete "$id"
    assert_success
    assert_stderr "tare: warning: '$id': run the poststop hooks: hooks.poststop[0]: \
/bin/sh exited with status 6: the reason"
    assert_equal "$(cat "$trace")" "$bundle"
    nothing_left
}

@test "[LC13] the warning of a poststop hook that is not there says so" {
    config '.hooks.poststop = [{ path: "/nowhere/hook" }]'
    create_container
    run_tare --log-level warn delete --force "$id"
    assert_success
    assert_stderr "tare: warning: '$id': run the poststop hooks: hooks.poststop[0]: \
execute /nowhere/hook: not found (ENOENT)"
    nothing_left
}

@test "[LC13] poststop hooks run for run, and for delete --force, also without the bundle" {
    hook poststop "echo \"\$PWD\" >>$trace"
    run_container
    assert_success
    create_container sleep 60
    mv "$bundle" "$bundle.gone"
    tare delete --force "$id"
    mv "$bundle.gone" "$bundle"
    assert_equal "$(cat "$trace")" "$bundle
/"
    nothing_left
}

# has_ended WORDS: nobody is called so.
has_ended() {
    ! pgrep -fx -- "$1" >/dev/null
}

@test "[LC12] [LC13] delete after a create that was killed in its hooks" {
    local create
    hook createRuntime "echo begun >$trace; exec sleep 64"
    hook poststop "jq -r .status >>$trace"
    "$TARE" --root "$state" create --bundle "$bundle" "$id" >/dev/null 2>&1 &
    create=$!
    wait_until 5 test -s "$trace"
    kill -KILL "$create"
    wait "$create" && fail "create has not been killed"
    wait_until 5 has_status "$id" stopped # init does not outlive its creator
    wait_until 5 has_ended 'sleep 64'
    tare delete "$id"
    assert_equal "$(xargs <"$trace")" 'begun stopped'
    nothing_left
}

# The zombie of a process that came into its pid namespace from outside keeps init from ending, as
# long as its parent does not reap it.
@test "[LC12] [LC13] an init that does not end is left to delete" {
    local create parent
    hook createRuntime "jq .pid >$trace; until [ -e $trace.go ]; do sleep 0.05; done; exit 3"
    hook poststop "echo poststop >>$trace"
    tare --log-level warn create --bundle "$bundle" "$id" </dev/null >/dev/null \
        2>"$BATS_TEST_TMPDIR/stderr" &
    create=$!
    wait_until 5 test -s "$trace"
    nsenter --target "$(cat "$trace")" --pid sleep 1000 3>&- &
    parent=$!
    wait_until 5 pgrep -P "$parent" -x sleep
    kill -STOP "$parent"
    touch "$trace.go"
    wait "$create" && fail "create has not failed"
    grep -q 'did not end within 10000 ms; it stays' "$BATS_TEST_TMPDIR/stderr"
    grep -q 'hooks.createRuntime\[0\]: /bin/sh exited with status 3' "$BATS_TEST_TMPDIR/stderr"
    has_status "$id" creating
    refute grep -q poststop "$trace"
    kill -CONT "$parent"
    wait "$parent" && fail "the process from outside has not been killed"
    tare delete --force "$id"
    assert_equal "$(tail -1 "$trace")" poststop
    nothing_left
}

# cut_off COMMAND...: it is killed in a poststop hook, when the container has gone.
cut_off() {
    local run
    rm -f "$trace"*
    "$TARE" --root "$state" "$@" </dev/null >/dev/null 2>&1 3>&- &
    run=$!
    wait_until 5 test -s "$trace"
    assert_equal "$(tare gc)" '' # somebody is at work on it
    kill -KILL "$run"
    ! wait "$run" || fail "it has not been killed"
    run_tare state "$id"
    assert_failure 1
    assert_equal "$(tare list --quiet)" ''
    touch "$trace.go"
}

@test "[LC13] poststop hooks that were cut off by a kill run with gc, or with delete --force" {
    hook poststop "cat >/dev/null; echo begun >>$trace; until [ -e $trace.go ]; do sleep 0.05; done"
    hook poststop "jq -r .status >>$trace"
    create_container
    cut_off delete --force "$id"
    assert_equal "$(tare gc)" "$id"
    assert_equal "$(xargs <"$trace")" 'begun begun stopped'
    nothing_left
    create_container
    cut_off delete --force "$id"
    create_container # the name is free
    tare delete --force "$id"
    assert_equal "$(xargs <"$trace")" 'begun begun stopped'
    tare delete --force "$id"
    assert_equal "$(xargs <"$trace")" 'begun begun stopped begun stopped'
    nothing_left
    hook createRuntime 'exit 3'
    cut_off create --bundle "$bundle" "$id"
    tare delete --force "$id"
    assert_equal "$(xargs <"$trace")" 'begun begun stopped'
    nothing_left
    assert_equal "$(tare gc)" ''
}

@test "[LC13] what is kept for poststop hooks goes also when it cannot be read, with a warning" {
    hook poststop "cat >/dev/null; echo begun >>$trace; until [ -e $trace.go ]; do sleep 0.05; done"
    create_container
    cut_off delete --force "$id"
    : >"$state/.$id.0/state.json"
    run_tare --log-level warn gc
    assert_success
    assert_output "$id"
    assert_stderr_has 'the poststop hooks are not run: what they are told is lost'
    nothing_left
}

@test "[LC13] without a record that can be read, poststop hooks cannot run: a warning" {
    hook poststop "echo ran >$trace"
    create_container sleep 60
    tare kill "$id" KILL
    echo garbage >"$state/$id/state.json"
    run_tare --log-level warn delete --force "$id"
    assert_success
    assert_stderr_has "delete '$id': the poststop hooks are not run: what they are told is lost"
    [ ! -e "$trace" ]
    nothing_left
}

@test "[LC2] [H15] the hooks are those of the config that create has read" {
    hook poststart "echo poststart >>$trace"
    hook poststop "echo poststop >>$trace"
    create_container
    config 'del(.hooks)'
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    tare delete "$id"
    assert_equal "$(xargs <"$trace")" 'poststart poststop'
}

@test "[H12] createContainer hooks see the container's namespaces and mounts, and the host's files" {
    local outside=$BATS_TEST_TMPDIR/outside
    echo outside >"$outside"
    hook createContainer "{ hostname; cat $outside; readlink /proc/self/ns/uts
        awk '\$5 ~ \"^$rootfs\" { print \$5 }' /proc/self/mountinfo
        echo made >rootfs/dev/shm.hook; echo made >rootfs/etc/made; umask; } >$trace"
    config '.mounts += [{ destination: "/etc", type: "tmpfs", source: "tmpfs" }]'
    run_container chain cat /dev/shm.hook ';' ls /etc ';' stat /dev/shm.hook ';' mounts
    assert_success
    assert_line made
    assert_line --partial '/dev/shm.hook: file mode=0644'
    refute_line --partial "$BATS_TEST_TMPDIR/outside"
    [ ! -e "$rootfs/etc/made" ] # it lies on the container's own /etc
    assert_equal "$(sed -n 1,2p "$trace" | xargs)" 'container outside'
    assert_not_equal "$(sed -n 3p "$trace")" "$(readlink /proc/self/ns/uts)"
    assert_equal "$(sed -n '4,$p' "$trace")" "$rootfs
$rootfs/proc
$rootfs/dev
$rootfs/etc
0022"
}

@test "[H10] [H16] what createRuntime mounts in the container's namespace is there" {
    mkdir "$BATS_TEST_TMPDIR/files"
    echo text >"$BATS_TEST_TMPDIR/files/file"
    hook createRuntime "pid=\$(jq .pid)
        nsenter --mount=/proc/\$pid/ns/mnt mount --bind $BATS_TEST_TMPDIR/files $rootfs/tmp"
    run_container cat /tmp/file
    assert_success
    assert_output text
    nothing_left
}

@test "[H12] (R19) createContainer runs the file that the host has, not one of the image" {
    mkdir "$rootfs/bin"
    cp "$witness" "$rootfs/bin/hook"
    cat >"$BATS_TEST_TMPDIR/hook" <<SCRIPT
#!/bin/sh
echo host >>$trace
SCRIPT
    chmod +x "$BATS_TEST_TMPDIR/hook"
    # The mount covers, in the container, the very file that the path leads to for the host.
    cp "$BATS_TEST_TMPDIR/hook" "$rootfs/tmp/hook"
    config '.mounts += [{ destination: "/tmp", source: $bin, options: ["bind"] }]
        | .hooks.createContainer = [{ path: $path }]' \
        --arg bin "$rootfs/bin" --arg path "$rootfs/tmp/hook"
    run_container
    assert_success
    assert_equal "$(cat "$trace")" host
}

@test "[H13] startContainer hooks run inside, as the process's user" {
    mkdir -m 777 "$rootfs/out"
    config '.process.user = { uid: 1000, gid: 1000, umask: 23 }'
    witness_hook startContainer /witness into /out/said chain ids ';' hostname ';' session
    run_container
    assert_success
    assert_equal "$(grep -E '^(uid|gid|hostname|umask)' "$rootfs/out/said" | xargs)" \
        'uid=1000:1000:1000 gid=1000:1000:1000 umask=0027 hostname=container'
    assert_equal "$(grep ^ppid "$rootfs/out/said")" ppid=1
}

@test "[H13] the program finds nothing of the hooks before it" {
    witness_hook startContainer /witness spawn exit 0
    run_container chain fds ';' session ';' ls /proc
    assert_success
    assert_line pid=1
    refute_line --partial '=fifo cloexec'
}

@test "[H5] run ends a hook when it gets a signal, and undoes it all" {
    local kind run
    hook poststop "jq -r .status >>$trace"
    for kind in createRuntime poststart; do
        config 'del(.hooks.createRuntime)'
        hook "$kind" "echo begun >$trace; sleep 63"
        rm -f "$trace"
        "$TARE" --root "$state" run --bundle "$bundle" "$id" >/dev/null \
            2>"$BATS_TEST_TMPDIR/stderr" &
        run=$!
        wait_until 5 test -s "$trace"
        kill -TERM "$run"
        wait "$run" && fail "run has not failed"
        grep -q "hooks.$kind\[0\]: /bin/sh was killed, since signal 15 came" \
            "$BATS_TEST_TMPDIR/stderr"
        assert_equal "$(xargs <"$trace")" 'begun stopped'
        has_gone 'sleep 63'
        nothing_left
    done
}

# gives_up COMMAND...: SIGTERM, once the hook that hangs has begun, undoes all that COMMAND does.
gives_up() {
    "$TARE" --root "$state" "$@" >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    local pid=$!
    wait_until 5 test -s "$trace"
    kill -TERM "$pid"
    if wait "$pid"; then
        fail "$1 has not failed"
    else
        assert_equal "$?" 1
    fi
    has_gone '(sleep|witness sleep) 64'
    nothing_left
}

@test "[H5] a signal ends what waits for the hooks inside, and undoes it all" {
    local reason='gave up, since signal 15 came' command
    hook poststop "echo stopped >>$trace"
    hook createContainer "echo begun >$trace; sleep 64"
    for command in create run; do
        rm -f "$trace"
        gives_up "$command" --bundle "$bundle" "$id"
        grep -q "$reason" "$BATS_TEST_TMPDIR/stderr"
        assert_equal "$(xargs <"$trace")" 'begun stopped'
    done
    config 'del(.hooks.createContainer) | .mounts += [{ destination: "/trace", source: $trace,
        options: ["bind"] }]' --arg trace "$trace"
    witness_hook startContainer /witness into /trace chain say begun ';' sleep 64
    : >"$trace"
    gives_up run --bundle "$bundle" "$id"
    grep -q "$reason" "$BATS_TEST_TMPDIR/stderr"
    assert_equal "$(xargs <"$trace")" 'begun stopped'
    : >"$trace"
    create_container
    gives_up start "$id"
    grep -q "$reason" "$BATS_TEST_TMPDIR/stderr"
    assert_equal "$(xargs <"$trace")" 'begun stopped'
}

@test "[H5] a signal ends the hooks that create and start run" {
    hook createRuntime "echo begun >$trace; sleep 64"
    gives_up create --bundle "$bundle" "$id"
    grep -q 'hooks.createRuntime\[0\]: /bin/sh was killed, since signal 15 came' \
        "$BATS_TEST_TMPDIR/stderr"
    config 'del(.hooks)'
    rm -f "$trace"
    hook poststart "echo begun >$trace; sleep 64"
    create_container
    gives_up start "$id"
    grep -q 'hooks.poststart\[0\]: /bin/sh was killed, since signal 15 came' \
        "$BATS_TEST_TMPDIR/stderr"
}

@test "[H5] a signal that is ignored ends nothing" {
    hook createContainer "echo begun >$trace; until [ -e $trace.go ]; do sleep 0.05; done"
    (
        trap '' HUP
        exec "$TARE" --root "$state" create --bundle "$bundle" "$id" >/dev/null 2>&1 </dev/null 3>&-
    ) &
    local pid=$!
    wait_until 5 test -s "$trace"
    kill -HUP "$pid"
    : >"$trace.go"
    wait "$pid"
    tare delete --force "$id"
    nothing_left
}

@test "[H12] [H13] [N13] hooks with a user namespace" {
    [ -e /proc/self/ns/user ] || skip "the kernel has no user namespaces"
    config '.linux.namespaces += [{ type: "user" }] | .linux.uidMappings =
        [{ containerID: 0, hostID: 100000, size: 65536 }] | .linux.gidMappings = .linux.uidMappings
        | .mounts = [{ destination: "/proc", source: "/proc", options: ["rbind"] },
            { destination: "/dev", source: "/dev", options: ["rbind"] }]'
    chmod 755 "$BATS_TEST_TMPDIR" "$bundle"
    mkdir -m 777 "$rootfs/out"
    hook createRuntime "id -u >>$trace"
    hook createContainer "{ id -u; ls /; pwd; } >rootfs/out/inside"
    witness_hook startContainer /witness into /out/inside ids
    if [ "$(stat -c %a "$BATS_RUN_TMPDIR")" = 700 ]; then
        run_tare create --bundle "$bundle" "$id"
        assert_failure 1
        assert_stderr_has "attach the root filesystem on $rootfs: access refused (EACCES)"
        nothing_left
        chmod 711 "$BATS_RUN_TMPDIR"
    fi
    run_container
    assert_success
    assert_output hello
    assert_equal "$(cat "$trace")" 0
    assert_equal "$(grep -x 0 "$rootfs/out/inside")" 0
    grep -qx "$bundle" "$rootfs/out/inside"
    grep -qx uid=0:0:0 "$rootfs/out/inside"
    assert_equal "$(stat -c %u "$rootfs/out/inside")" 100000
    nothing_left
}

@test "[H12] [N3] createContainer hooks in a mount namespace that is joined" {
    local keeper other
    unshare --mount --fork sleep 1000 3>&- &
    keeper=$!
    wait_until 5 pgrep -P "$keeper"
    other=$(pgrep -P "$keeper")
    hook createContainer "{ pwd; readlink /proc/self/ns/mnt; hostname; } >$trace"
    hook createRuntime "readlink /proc/self/ns/mnt >$trace.outside"
    config '(.linux.namespaces[] | select(.type == "mount")).path = $path' \
        --arg path "/proc/$other/ns/mnt"
    run_container
    assert_success
    assert_output hello
    assert_equal "$(cat "$trace")" "/
$(readlink "/proc/$other/ns/mnt")
container"
    assert_equal "$(cat "$trace.outside")" "$(readlink /proc/self/ns/mnt)"
    kill -KILL "$other"
    nothing_left
}

@test "[H1] a hook may call tare on its own container" {
    hook createRuntime "$TARE --root $state state $id >>$trace"
    hook poststart "$TARE --root $state state $id >>$trace; $TARE --root $state kill $id KILL"
    create_container sleep 60
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(jq -r .status "$trace" | xargs)" 'creating running'
    tare delete "$id"
    nothing_left
}

@test "[H12] [ROOT2] hooks with other kinds of roots" {
    local file=$BATS_TEST_TMPDIR/seen
    hook createContainer "ls >$file"
    config '.linux.rootfsPropagation = "slave"'
    run_container
    assert_success
    config '.linux.rootfsPropagation = "shared" | .root.readonly = true'
    run_container mounts
    assert_success
    assert_output --regexp ' / ro,[a-z,]* shared:'
    run_tare run --no-pivot --bundle "$bundle" "$id"
    assert_success
    cp "$witness" "$bundle/witness"
    mkdir -p "$bundle"/{proc,dev}
    config '.root = { path: "." } | del(.linux.rootfsPropagation)'
    run_container ls /
    assert_success
    assert_line config.json
    assert_equal "$(cat "$file")" "$(ls "$bundle")"
    nothing_left
}

@test "[H12] hooks without a mount namespace" {
    hook createContainer "ls >$trace"
    config '.mounts = [] | del(.linux.namespaces[] | select(.type == "mount"))'
    run_container
    assert_success
    assert_output hello
    assert_equal "$(xargs <"$trace")" 'config.json rootfs'
    nothing_left
}

@test "--dry-run shows the hooks, and runs none" {
    hooks_of_all_kinds
    run_tare run --dry-run --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(grep '^  =' <<<"$output" | sort | uniq -c | awk '{ print $1 }' | xargs)" '2 2 2'
    assert_line --regexp '^    run the prestart hooks +\[\{"path":"/bin/sh",'
    assert_line --regexp '^    run the startContainer hooks +\[\{"path":"/witness",'
    assert_line --regexp '^    enter the root after hooks '
    refute_line --regexp '^    enter the root  '
    assert_equal "$(cat "$trace")" ''
}

@test "a container with no hook of create has no meeting for hooks" {
    hook poststart 'exit 0'
    hook poststop 'exit 0'
    witness_hook startContainer /witness say hello
    run_tare run --dry-run --bundle "$bundle" "$id"
    assert_success
    refute_line --partial 'mounts are in place'
    refute_line --partial 'hooks have run'
    assert_line --regexp '^    enter the root  '
}

# both_streams KIND: a hook of the host that writes to both.
both_streams() {
    hook "$1" "echo $1; echo $1 error >&2"
}

@test "[E5.8] run.oci.hooks.stdout and run.oci.hooks.stderr: files that hooks write to" {
    local kind
    for kind in prestart createRuntime createContainer poststart poststop; do
        both_streams "$kind"
    done
    witness_hook startContainer /witness chain say startContainer ';' \
        complain 'startContainer error'
    config '.annotations = { "run.oci.hooks.stdout": ($trace + ".out"),
        "run.oci.hooks.stderr": ($trace + ".err") }' --arg trace "$trace"
    echo before >"$trace.out"
    create_container fds
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(awk -F= '$1 > 2' "$BATS_TEST_TMPDIR/output")" ''
    tare delete "$id"
    assert_equal "$(xargs <"$trace.out")" \
        'before prestart createRuntime createContainer poststart poststop'
    assert_equal "$(grep -c ' error$' "$trace.err")" 5
    assert_equal "$(stat -c %a "$trace.err")" 600
    nothing_left
}

@test "[E5.8] (R9) hooks that are programs of the image get no file of the host to write to" {
    witness_hook startContainer /witness into /seen fds
    touch "$rootfs/seen"
    config '.annotations = { "run.oci.hooks.stdout": $trace, "run.oci.hooks.stderr": $trace }' \
        --arg trace "$trace"
    create_container exit 0
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(xargs <"$rootfs/seen")" '0=fifo 1=file 2=fifo'
    [ ! -s "$trace" ]
}

@test "[E5.8] what a hook says elsewhere is not told when it fails; a file that cannot be had is" {
    hook createRuntime 'echo said; exit 3'
    config '.annotations = { "run.oci.hooks.stdout": $trace }' --arg trace "$trace"
    bad_config . 'hooks.createRuntime[0]: /bin/sh exited with status 3'
    [[ $stderr != *said* ]] || fail "it was said elsewhere"
    assert_equal "$(cat "$trace")" said
    config '.annotations = { "run.oci.hooks.stderr": "/nowhere/file" }'
    bad_config . 'run.oci.hooks.stderr: open /nowhere/file'
    mkfifo "$trace.fifo"
    config '.annotations = { "run.oci.hooks.stderr": $trace }' --arg trace "$trace.fifo"
    bad_config . "run.oci.hooks.stderr: open $trace.fifo"
    config 'del(.hooks.createRuntime)'
    hook poststop "echo >$trace.ran"
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_success
    assert_stderr_has "run.oci.hooks.stderr: open $trace.fifo"
    [ -e "$trace.ran" ]
    nothing_left
}

@test "a hook ends with a tare that is killed" {
    local kind create
    for kind in prestart createRuntime createContainer; do
        config 'del(.hooks)'
        case $kind in
        createContainer) witness_hook "$kind" "$witness" sleep 1000 ;;
        *) hook "$kind" "exec '$witness' sleep 1000" ;;
        esac
        "$TARE" --root "$state" create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1 3>&- &
        create=$!
        wait_until 20 pgrep -fx -- '.*witness sleep 1000' >/dev/null
        kill -KILL "$create"
        wait "$create" || :
        tare gc
        wait_until 5 has_ended '.*witness sleep 1000'
        nothing_left
    done
}
