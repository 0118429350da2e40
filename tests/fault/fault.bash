# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# What the tests share in which calls of tare fail, besides tare.bash and engines.bash:
#
#     load ../helpers/tare
#     load ../engines/engines
#     load fault
#
# A command is named by a word W, for which there are functions:
#
#     before_W     makes what the command needs, if it is not there
#     ask_W        sets $words, what tare is called with
#     worked_W     asserts that the command did what it is for, and takes away what it made
#     may_leave_W  whether a container may be left, which `delete --force` takes away: after this
#                  error, or since the host was killed ($is_killed)
#
# and strike_all goes through all that can fail in it.

fault=$build/tests/fault/fault
fault_files=${BASH_SOURCE[0]%/*}

# Of all faults only each of so many is tried; 1 for all.
every=${TARE_FAULT_EVERY:-120}

setup_faults() {
    setup_engines
    recorded podman-plain
    fit_controllers
    fit_rlimits
    config --arg hook "$sources/hook" 'del(.linux.namespaces[].path)
        | .process.rlimits = [{ type: "RLIMIT_NOFILE", hard: 512, soft: 256 }]
        | .process.noNewPrivileges = true
        | .hooks.prestart = [{ path: $hook }]'
    observe
    mapfile -t observing < <(asked '.process.args[]')
    mkdir -p "$TARE_TEST_CGROUP/libpod_parent"
    snapshot_before=$(snapshot)
    heard=$BATS_TEST_TMPDIR/heard
    faults=0 leaks=0 hangs=0 unclear=0 wrong=0
}

teardown_faults() {
    teardown_engines
    remove_parents
}

# strike_all W: each fault of the command.
strike_all() {
    local actor number nth error name
    "before_$1"
    "ask_$1"
    "$fault" list "$heard.calls" -- "$TARE" --root "$state" "${words[@]}" \
        </dev/null >"$heard.out" 2>"$heard.err"
    "worked_$1"
    awk -v machine="$(uname -m)" -f "$fault_files/kinds.awk" \
        "$fault_files/../../contrib/syscalls/syscalls.csv" "$heard.calls" |
        awk -v every="$every" '(NR - 1) % every == 0' >"$heard.faults"
    [ -s "$heard.faults" ]
    while read -r actor number nth error name <&4; do
        what="$1: call $nth of $name by actor $actor: $error"
        strike "$1" "$actor" "$number" "$nth" "$error"
    done 4<"$heard.faults"
    sum_up "$1"
}

# strike W ACTOR NUMBER NTH ERROR: one fault, and what comes of it.
strike() {
    "before_$1"
    "ask_$1"
    status=0 is_killed=false
    "$fault" at "${@:2}" "$heard.tally" -- "$TARE" --root "$state" "${words[@]}" \
        </dev/null >"$heard.out" 2>"$heard.err" || status=$?
    [ ! -s "$heard.tally" ] || faults=$((faults + 1))
    : >"$heard.why"
    if [ "$status" = 124 ]; then
        blame hangs
    elif [ "$2 $5 $status" = '0 KILL 137' ]; then
        is_killed=true
    elif [ "$status" != 0 ]; then
        is_one_error || blame unclear
    else
        # Not as a condition, where no failure would end it.
        "worked_$1" >"$heard.why" 2>&1 &
        wait "$!" || blame wrong
    fi
    clean_up "$1"
}

# Exactly one error, which says what failed and why.
is_one_error() {
    local line errors=0
    while read -r line; do
        case $line in
        "tare: warning: "*) ;;
        "tare: "*": "?*) errors=$((errors + 1)) ;;
        esac
    done <"$heard.err"
    [ "$errors" = 1 ]
}

# An error leaves nothing; but who was killed, or could not delete, leaves what is to be deleted.
clean_up() {
    if [ "$status" != 0 ] && "may_leave_$1"; then
        tare delete --force "$id" >"$heard.why" 2>&1 || blame leaks
    fi
    is_as_before || {
        diff <(echo "$snapshot_before") <(echo "$left") >"$heard.why" || :
        blame leaks
        start_afresh "$1"
    }
}

# So that one leak is not blamed for each fault that comes.
start_afresh() {
    tare delete --force "$id" >/dev/null 2>&1 || :
    id=$id-again
    "before_$1"
    snapshot_before=$(snapshot)
}

is_as_before() {
    local pause
    for pause in 0.0{1,2,3,5,8} 0.{1,2,3,5,8} 1 2 3; do
        left=$(snapshot)
        [ "$left" != "$snapshot_before" ] || return 0
        sleep "$pause"
    done
    return 1
}

# blame KIND: counts it, and shows what is known of it.
blame() {
    eval "$1=\$(($1 + 1))"
    {
        echo "$1: $what: status $status"
        sed 's/^/    /' "$heard.err"
        sed 's/^/    > /' "$heard.why"
    } | sed 's/^/# /' >&3
}

# sum_up W: for who runs the test and for inject.
sum_up() {
    echo "# $1: faults $faults, leaks $leaks, hangs $hangs, unclear $unclear, wrong $wrong" >&3
    [ -z "${TARE_FAULT_SUMS:-}" ] ||
        echo "$faults $leaks $hangs $unclear $wrong" >>"$TARE_FAULT_SUMS"
    [ "$faults" != 0 ]
    [ "$leaks $hangs $unclear $wrong" = '0 0 0 0' ]
}

# What the commands share -------------------------------------------------------------------------

# What the container says is what the config says.  That takes long, but is known of what it has
# said before.
observed() {
    local known
    output=$(<"$heard.out")
    seen | sort -u >"$heard.seen"
    for known in "$heard".known.*; do
        ! cmp -s "$heard.seen" "$known" || return 0
    done
    compare
    cp "$heard.seen" "$heard.known.$EPOCHREALTIME"
}

# A container that runs and runs.
run_on() {
    ! is_there running || return 0
    config --arg id "$id" '.process.args = ["/witness", "sleep", "1000"]
        | .linux.cgroupsPath = "/libpod_parent/libpod-\($id)"'
    tare run --detach --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    config '.process.args = $ARGS.positional' --args -- "${observing[@]}"
}

is_there() {
    tare state "$id" >"$heard.state" 2>/dev/null && grep -q "\"status\": *\"$1\"" "$heard.state"
}
