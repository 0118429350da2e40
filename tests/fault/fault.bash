# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
#
# What the tests share in which calls of tare fail, besides tare.bash, engines.bash, terminal.bash:
#
#     load ../helpers/tare
#     load ../helpers/terminal
#     load ../engines/engines
#     load fault
#
# A command is named by a word W, for which there are functions:
#
#     before_W     makes what the command needs, if it is not there
#     ask_W        sets $words, what tare is called with
#     worked_W     asserts that the command did what it is for, and takes away what it made
#     failed_W     asserts what holds after an error, if there is such a function
#     may_leave_W  whether a container may be left, which one `delete --force` takes away: after
#                  this error, or since the host was killed ($is_killed)
#
# and strike_all goes through all that can fail in it.

fault=$build/tests/fault/fault
fault_files=${BASH_SOURCE[0]%/*}

# Of all faults only each of so many is tried, from the first on (0) or another; 1 for all.
every=${TARE_FAULT_EVERY:-120}
first=${TARE_FAULT_FIRST:-0}

# So often each is tried until it strikes.  Only of calls that come the oftener the later others
# answer, be it init or systemd, or a cgroup is empty, so many in a hundred planned faults, rounded
# up, may be calls that never come.
tries=3
timed=(poll ppoll epoll_wait epoll_pwait pread64 rmdir nanosleep clock_nanosleep)
may_miss=5

impossible= # a call and an error that no kernel has for it

setup_faults() {
    needs_own_calls
    setup_engines
    heard=$BATS_TEST_TMPDIR/heard
    ours=$(namespaces_of self)
    within=()                     # what tare is started through
    options=()                    # what it is told before the command
    parent=/libpod_parent/libpod- # cgroupsPath, but for the id
    cgroups=$TARE_TEST_CGROUP     # below which something might be left
    manager=()                    # systemctl, where it knows of units that might be
    mkdir -p "$TARE_TEST_CGROUP/libpod_parent"
    typical podman-plain
    planned=0 faults=0 missed=() leaks=0 hangs=0 unclear=0 wrong=0
}

teardown_faults() {
    let_go
    teardown_engines
    remove_parents
}

# typical NAME: makes that recorded config the bundle's, with a hook, limits and the witness.
typical() {
    recorded "$1"
    fit_controllers
    fit_rlimits
    config --arg hook "$sources/hook" 'del(.linux.namespaces[].path)
        | .process.rlimits = [{ type: "RLIMIT_NOFILE", hard: 512, soft: 256 }]
        | .process.noNewPrivileges = true
        | .hooks.prestart = [{ path: $hook }]'
    has_seccomp || config 'del(.linux.seccomp)'
    observe
    config '.process.args |= .[:-3] + [";", "say", "# fds", ";", "fds"] + .[-3:]'
    mapfile -t observing < <(asked '.process.args[]')
    keep_look
}

# list_calls W TALLY: what the command calls, without any fault.
list_calls() {
    "before_$1"
    "ask_$1"
    "${within[@]}" "$fault" list "$heard.$2" -- "$TARE" --root "$state" \
        "${options[@]}" "${words[@]}" </dev/null >"$heard.out" 2>"$heard.err"
    "worked_$1"
}

# strike_all W [CALLS]: each fault of the command, and in a sample all those of these calls.  How
# often it looks who has something to say, as with a terminal, depends on time: what only one of two
# runs has called is not planned.
strike_all() {
    local actor number nth error name
    list_calls "$1" once
    list_calls "$1" again
    awk 'NR == FNR { before[$0]++; next } before[$0]-- > 0' "$heard.once" "$heard.again" \
        >"$heard.calls"
    awk -v machine="$(uname -m)" -f "$fault_files/kinds.awk" \
        "$fault_files/../../contrib/syscalls/syscalls.csv" "$heard.calls" |
        awk -v every="$every" -v first="$first" -v always=" ${2:-} " \
            '(NR - 1) % every == first % every || index(always, " " $5 " ")' >"$heard.faults"
    [ -s "$heard.faults" ]
    while read -r actor number nth error name <&4; do
        [ "$name $error" != "$impossible" ] || continue
        what="$1: call $nth of $name by actor $actor: $error"
        taken_away_by=gc
        attempt "$1" "$actor" "$number" "$nth" "$error" "$name"
        ! "$is_killed" || {
            taken_away_by=delete
            attempt "$1" "$actor" "$number" "$nth" "$error" "$name"
        }
    done 4<"$heard.faults"
    sum_up
}

# attempt W ACTOR NUMBER NTH ERROR NAME: one fault that is planned; what never strikes is named.
attempt() {
    local try
    planned=$((planned + 1))
    for ((try = 0; try < tries; try++)); do
        strike "${@:1:5}"
        [ ! -s "$heard.tally" ] || return 0
    done
    [ "${missed[*]: -1}" = "$2 $4 $6" ] || missed+=("$2 $4 $6")
    echo "# not struck: $what" >&3
}

# strike W ACTOR NUMBER NTH ERROR: one fault, and what comes of it.
strike() {
    "before_$1"
    "ask_$1"
    status=0 is_killed=false
    "${within[@]}" "$fault" at "${@:2}" "$heard.tally" -- "$TARE" --root "$state" \
        "${options[@]}" "${words[@]}" </dev/null >"$heard.out" 2>"$heard.err" || status=$?
    [ ! -s "$heard.tally" ] || faults=$((faults + 1))
    note
    : >"$heard.why"
    if [ "$status" = 124 ]; then
        blame hangs
    elif [ "$5 $status $(<"$heard.tally")" = 'KILL 137 struck command' ]; then
        is_killed=true
    elif [ "$status" = 0 ]; then
        is_silent "$5" || blame unclear
        does "worked_$1"
        [ "$result" = 0 ] || blame wrong
    else
        is_clear "$5" || blame unclear
        does "failed_$1"
        [ "$result" = 0 ] || blame wrong
    fi
    clean_up "$1"
}

# does FUNCTION: what it ends with is in $result.  Not as a condition, where no failure would end
# it, nor may this be called as one.
does() {
    result=0
    if ! declare -F "$1" >/dev/null; then
        return
    fi
    "$1" >"$heard.why" 2>&1 &
    wait "$!" || result=$?
}

# is_clear ERROR: exactly one was told, and names the one that was made.  It does not for prctl(2),
# by which libcap asks what capabilities there are, for mmap(2), of which musl says ENOMEM, and for
# who cannot say it: a child that is not yet init, and an init to which nobody has come yet; nor for
# a map that we may not write, since others may (newuidmap).  Of a child that was killed it is said
# by what; `start` is not the parent of init, and who gives it a device hears only that it is gone.
# A keeper says nothing, what may not be read of /proc is hidden (hidepid), and by stat(2) and
# statfs(2) tare sees whether it is the machine's root.
is_clear() {
    local line errors=()
    while read -r line; do
        case $line in
        "tare: warning: "*) ;;
        "tare: "*": "?*) errors+=("$line") ;;
        esac
    done <"$heard.err"
    [ ${#errors[@]} = 1 ] || return 1
    case $what:$1:${errors[0]#tare: } in
    *":KILL:start '"*': init ended without a word'*) ;;
    *":KILL:start '"*': cannot start a container that has stopped'*) ;;
    *:KILL:*) grep -q 'killed by signal 9' "$heard.err" ;;
    *' of stat'*': there is no user session to ask systemd in'*) ;;
    *': its keeper exited with status '*) ;;
    *' of prctl '* | *' of mmap '* | *': init ended without a word'*) ;;
    *' of write '*:EPERM:*'/new'[ug]'idmap exited with '*) ;;
    *' of read '*:EPERM:*': process '*' is there, but /proc does not show whether it is '*) ;;
    *' of recvmsg by actor '[13]:*': cannot start a container that has stopped'*) ;;
    nothing:* | *"($1)"*) ;;
    *) return 1 ;;
    esac
}

# is_silent ERROR: what has worked told no error, and warned of none but this one.  Of EPERM it may
# say that a new proc or sysfs is refused, and the host's is bound.
is_silent() {
    local named="($1)"
    [ "$1" != KILL ] || named='was killed by signal 9'
    [ "$1" != EPERM ] || named+=$'\n'': the kernel refuses a new '
    ! grep '^tare: ' "$heard.err" | grep -vF "$named" | grep -q .
}

# An error leaves nothing; but who was killed, or could not delete, leaves what is to be deleted.
clean_up() {
    if [ "$status" != 0 ] && "may_leave_$1"; then
        take_away >"$heard.why" 2>&1 || blame leaks
    fi
    is_as_before || {
        diff <(echo "$before") <(echo "$left") >"$heard.why" || :
        blame leaks
        start_afresh
    }
}

# By `delete --force`; the first time that the command is killed by `gc`, but for what is whole.
take_away() {
    if "$is_killed" && [ "$taken_away_by" = gc ]; then
        tare gc || return
        is_there 'created|running|stopped' || return 0
    fi
    tare delete --force "$id"
}

# So that one leak is not blamed for each fault that comes.
start_afresh() {
    tare delete --force "$id" >/dev/null 2>&1 || :
    id=$id-again
    [ -z "${lives_on:-}" ] || run_on
    keep_look
}

is_as_before() {
    local pause
    for pause in ${patience:-0.01 0.02 0.03 0.05 0.08 0.1 0.2 0.3 0.5 0.8 1 2 3}; do
        look
        [ "$left" != "$before" ] || return 0
        sleep "$pause"
    done
    return 1
}

# What snapshot sees, in $left, without other programs: there are thousands of faults.
look() {
    local mount path
    left=''
    while read -r _ _ _ mount path _; do
        left+="mount: $path $mount"$'\n'
    done </proc/self/mountinfo
    shopt -s globstar dotglob nullglob
    for path in "$state"/**/* /run/tare/**/* "$cgroups"/**/; do
        left+="${path/#"$TARE_TEST_CGROUP"/cgroup: }"$'\n'
    done
    shopt -u globstar dotglob nullglob
    left+=$(list_processes)
    [ ${#manager[@]} = 0 ] || left+=$'\n'$(list_units)
}

# Which systemd knows, be it that they have failed.
list_units() {
    "${manager[@]}" list-units --all --plain --no-legend 'tare-*.scope'
}

# For the looks that come.
keep_look() {
    look
    before=$left
}

# What is told of it -------------------------------------------------------------------------------

# blame KIND: counts it, and shows what is known of it.
blame() {
    eval "$1=\$(($1 + 1))"
    {
        echo "$1: $what: status $status"
        sed 's/^/    /' "$heard.err"
        sed 's/^/    > /' "$heard.why"
    } | sed 's/^/# /' >&3
}

# What came of the fault, for who reads all of them.
note() {
    local error
    [ -n "${TARE_FAULT_LOG:-}" ] || return 0
    error=$(grep '^tare: ' "$heard.err" | tail -n 1) || :
    echo "$what: $(<"$heard.tally"): status $status: $error" >>"$TARE_FAULT_LOG"
}

# For who runs the test and for inject.
sum_up() {
    local sum="planned $planned, faults $faults, leaks $leaks"
    sum+=", hangs $hangs, unclear $unclear, wrong $wrong"
    echo "# ${BATS_TEST_DESCRIPTION%%:*}: $sum" >&3
    [ -z "${TARE_FAULT_SUMS:-}" ] ||
        echo "$planned $faults $leaks $hangs $unclear $wrong" >>"$TARE_FAULT_SUMS"
    [ "$faults" != 0 ]
    judge_missed
    [ "$leaks $hangs $unclear $wrong" = '0 0 0 0' ]
}

judge_missed() {
    local call
    for call in "${missed[@]}"; do
        [[ " ${timed[*]} " == *" ${call##* } "* ]] || fail "a fault of ${call##* } has not struck"
    done
    ((${#missed[@]} <= (planned * may_miss + 99) / 100)) ||
        fail "the faults of ${#missed[@]} calls have not struck, of $planned planned"
}

# What the commands share -------------------------------------------------------------------------

# What the container says is what the config says, and no descriptor but the standard streams is
# open in it.  To compare takes long, but is known of what it has said before.
observed() {
    local known
    output=$(<"$heard.out")
    output=${output//$'\r'/} # of a terminal
    opens_no_other
    awk -v ours="$ours" -f "${engines_data%/data}/seen.awk" <<<"$output" | sort -u >"$heard.seen"
    for known in "$heard".known.*; do
        [ ! -e "$known" ] || [ "$(<"$known")" != "$(<"$heard.seen")" ] || return 0
    done
    compare
    cp "$heard.seen" "$heard.known.$EPOCHREALTIME"
}

opens_no_other() {
    local said=${output#*'# fds'$'\n'}
    [[ ${said%%'# end'*} =~ ^0=[^$'\n']*$'\n'1=[^$'\n']*$'\n'2=[^$'\n']*$'\n'$ ]] ||
        fail "open descriptors: $said"
}

# The same, and its hook has run.
observed_all() {
    observed
    [[ $(<"$sources/hook-was-told") == *"\"$id\""* ]] || fail "no hook was run"
    : >"$sources/hook-was-told"
}

# A container that runs and runs.
run_on() {
    ! is_there running || return 0
    config --arg path "$parent$id" '.process.args = ["/witness", "sleep", "1000000"]
        | .linux.cgroupsPath = $path'
    tare run --detach --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    config '.process.args = $ARGS.positional' --args -- "${observing[@]}"
}

# The container of this test is there before each fault, and has to be there behind it.
live_on() {
    lives_on=1
    run_on
    keep_look
}

# is_there PATTERN: of its status.
is_there() {
    tare state "$id" >"$heard.state" 2>/dev/null &&
        [[ $(<"$heard.state") =~ \"status\":\ *\"($1)\" ]]
}

# An engine at the console's socket, or an agent of seccomp: each serves one container.
attend() {
    let_go
    "$@"
}

let_go() {
    local other
    for other in ${listener:-} ${agent:-}; do
        kill -KILL "$other" 2>/dev/null || :
        wait "$other" || :
    done
    listener='' agent=''
    rm -f "${socket:-}"
}
