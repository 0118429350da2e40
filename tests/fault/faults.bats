#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of tare.bash and fault.bash
#
# (T51) A system call fails, or the runtime is killed: each call of the host and of init, one after
# the other, with each error that it can have.  Then the command says one error, in 10 s at most, and
# nothing is left; or it works in another way.  Here is a sample; tests/fault/inject tries all.

load ../helpers/tare
load ../helpers/terminal
load ../engines/engines
load fault
load commands

setup() {
    setup_faults
}

teardown() {
    teardown_faults
}

# How often a terminal is read and written depends on how much comes at once.  A kernel that says
# that nothing is there means it: what it still had could not be known of.
relays() {
    timed+=(read write ioctl)
    impossible='read EAGAIN'
}

# run ---------------------------------------------------------------------------------------------

@test "run: (T51) whatever call fails, it works or says one error" {
    strike_all run "statfs faccessat2 keyctl"
}

@test "run_userns: (T51) the same in a user namespace of its own" {
    typical podman-uidmap
    strike_all run
}

@test "run_terminal: (T51) the same with a terminal" {
    typical podman-terminal
    relays
    strike_all run read
}

# create and start --------------------------------------------------------------------------------

@test "create: (T51) whatever call fails in it or in start, it works or says one error" {
    strike_all create recvmsg
}

before_console() {
    attend listen
}

ask_console() {
    words=(create --console-socket "$socket" --bundle "$bundle" "$id"
        -- "$TARE" --root "$state" start "$id")
}

worked_console() {
    wait_until 5 is_there stopped
    listener_ends >"$heard.out"
    observed_all
    tare delete "$id"
}

may_leave_console() {
    may_leave_create
}

@test "create_console: (T51) the same with a terminal that an engine takes" {
    typical podman-terminal
    strike_all console
}

# hooks and an agent ------------------------------------------------------------------------------

hear_agent() {
    rm -rf "$heard.agent" "$sources/ran" "$rootfs/started"
    socket=$BATS_TEST_TMPDIR/agent.sock
    "$build/tests/helpers/seccomp_agent" "$socket" "$heard.agent" allow 3>&- &
    agent=$!
    wait_until 5 test -S "$socket"
}

before_agent() {
    attend hear_agent
}

ask_agent() {
    ask_create
}

worked_agent() {
    wait_until 5 is_there stopped
    observed_all
    tare delete "$id"
    assert_equal "$(xargs <"$sources/ran")" 'createRuntime createContainer poststart poststop'
    [ -d "$rootfs/started" ]
    grep -q '^call=' "$heard.agent"
}

may_leave_agent() {
    may_leave_create
}

@test "create_agent: (T51) the same with hooks of each kind and an agent of seccomp" {
    needs_seccomp
    printf '#!%s\necho "$1" >>%s/ran\n' "$BASH" "$sources" >"$sources/tell"
    chmod +x "$sources/tell"
    config --arg tell "$sources/tell" --arg socket "$BATS_TEST_TMPDIR/agent.sock" '
        .hooks += (["createRuntime", "createContainer", "poststart", "poststop"] | map(
            { (.): [{ path: $tell, args: ["tell", .] }] }) | add)
        | .hooks.startContainer = [{ path: "/witness", args: ["witness", "mkdir", "/started"] }]
        | .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerPath: $socket,
            syscalls: [{ names: ["getppid"], action: "SCMP_ACT_NOTIFY" }] }'
    strike_all agent seccomp
}

# exec --------------------------------------------------------------------------------------------

@test "exec: (T51) whatever call fails, it works or says one error, and the container lives" {
    live_on
    strike_all exec
}

@test "exec_userns: (T51) the same in a user namespace" {
    typical podman-uidmap
    live_on
    strike_all exec
}

before_shell() {
    run_on
}

ask_shell() {
    words=(--log-level warn exec --tty "$id"
        /witness chain session ';' say '# fds' ';' fds ';' say '# end')
}

worked_shell() {
    output=$(tr -d '\r' <"$heard.out")
    opens_no_other
    [[ $output == *terminal=yes* ]]
    assert_equal "${output##*$'\n'}" '# end'
}

may_leave_shell() {
    false
}

@test "exec_terminal: (T51) the same with a terminal" {
    live_on
    relays
    strike_all shell write
}

# update ------------------------------------------------------------------------------------------

@test "update: (T51) whatever call fails, it works or says one error, and the container lives" {
    mknod "$rootfs/tun" c 10 200
    live_on
    strike_all update bpf
}

# delete ------------------------------------------------------------------------------------------

@test "delete: (T51) whatever call fails, it works or says one error, and can be tried again" {
    strike_all delete
}

@test "gc: (T51) whatever call fails, it works or says one error, and can be tried again" {
    strike_all gc "flock newfstatat"
}

# What the others rely on -------------------------------------------------------------------------

before_nothing() {
    :
}

ask_nothing() {
    :
}

worked_nothing() {
    observed
}

failed_nothing() {
    [ -z "${harm:-}" ]
}

may_leave_nothing() {
    ${plant:+"$plant"}
    false
}

plant_process() {
    "$witness" sleep 1000 3>&- &
    planted=$!
}

plant_cgroup() {
    mkdir "$TARE_TEST_CGROUP/planted"
}

plant_mount() {
    mount --bind "$sources" "$sources/bound"
}

plant_state() {
    mkdir -p "$state/planted"
}

# sees KIND PATTERN WORD...: the words are called, no call fails, and that is blamed once, if there
# is a KIND, and nothing else.
sees() {
    local kind count
    words=("${@:3}") what=nothing patience=0.1
    leaks=0 hangs=0 unclear=0 wrong=0
    strike nothing 0 99999 1 EPERM 3>"$heard.blamed"
    for kind in leaks hangs unclear wrong; do
        count=0
        [ "$kind" != "$1" ] || count=1
        assert_equal "$kind ${!kind}" "$kind $count"
    done
    [ -z "$1" ] || grep -q "$2" "$heard.blamed"
}

@test "what is left, late, unclear or wrong would be seen" {
    local there plant harm
    run_on
    there=$id
    mkdir -p "$sources/bound"
    keep_look
    sees '' '' exec "$there" "${observing[@]}"
    sees '' '' state nobody
    sees wrong 'open descriptors' exec --preserve-fds 1 "$there" "${observing[@]}"
    sees wrong 'descriptors: # plain' exec "$there" "${observing[@]:0:4}"
    harm=1 sees wrong nothing state nobody
    sees unclear 'status 3' exec "$there" /witness exit 3
    sees hangs 'status 124' wait "$there"
    printf '%s\n' 'tare: warning: a file: busy (EBUSY)' >"$heard.err"
    is_silent EBUSY
    ! is_silent ENOMEM || fail "a warning would not be seen"
    echo "tare: run 'there': init ended without a word" >"$heard.err"
    ! is_clear KILL || fail "a death without a cause would not be seen"
    plant=plant_process sees leaks 'process: .* witness' state nobody
    plant=plant_cgroup sees leaks 'cgroup: .*/planted' state nobody
    plant=plant_mount sees leaks 'mount: .*/bound' state nobody
    plant=plant_state sees leaks '/state/planted' state nobody
    kill -KILL "$planted"
    umount "$sources/bound"
    rmdir "$TARE_TEST_CGROUP/planted"
    tare delete --force "$there"
}

# judges_missed WORDS: the sum is bad, and says so; or it is good, without WORDS.
judges_missed() {
    does sum_up 3>"$heard.summed"
    assert_equal "$(<"$heard.why")" "$1"
    [ -z "$1" ] || [ "$result" != 0 ]
    [ -n "$1" ] || [ "$result" = 0 ]
}

@test "a fault that never strikes is named, and is seen" {
    local words what='call 1 of nobody' TARE_FAULT_SUMS=''
    run_on
    keep_look
    words=(exec "$id" "${observing[@]}") faults=1
    attempt nothing 0 99999 1 EPERM nobody 3>"$heard.named"
    assert_equal "$(<"$heard.named")" "# not struck: $what"
    attempt nothing 0 99999 1 KILL nobody 3>"$heard.named"
    assert_equal "$planned ${missed[*]}" '2 0 1 nobody'
    judges_missed 'a fault of nobody has not struck'
    missed=('0 1 poll' '0 2 poll')
    judges_missed 'the faults of 2 calls have not struck, of 2 planned'
    missed=('0 1 poll')
    judges_missed ''
    tare delete --force "$id"
}
