#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    needs_seccomp
    setup_bundle
}

# seccomp JQ: linux.seccomp; what it does not say is allowed.
seccomp() {
    config ".linux.seccomp = ({ defaultAction: \"SCMP_ACT_ALLOW\" } + $1)"
}

# rule JQ: one rule, for getppid unless it says otherwise.
rule() {
    seccomp "{ syscalls: [{ names: [\"getppid\"] } + $1] }"
}

# Without and with process.noNewPrivileges the filter is loaded at different places.
at_both_places() {
    for late in false true; do
        config ".process.noNewPrivileges = $late"
        "$@"
    done
}

# status_line NAME: what /proc/self/status says here, where there may be filters too.
status_line() {
    sed -n "s/^$1:\t//p" /proc/self/status
}

is_filtered() {
    run_container chain cat /proc/self/status ';' call getppid ';' call getuid
    assert_success
    assert_line $'Seccomp:\t2'
    assert_line $'Seccomp_filters:\t'"$((1 + $(status_line Seccomp_filters)))"
    assert_equal "${lines[-2]}" ENOSYS
    assert_equal "${lines[-1]}" ok
}

@test "[S1] [S10] the process has the filter, wherever it was loaded" {
    rule '{ action: "SCMP_ACT_ERRNO", errnoRet: 38 }'
    at_both_places is_filtered
}

@test "[S1] without linux.seccomp there is no filter" {
    run_container cat /proc/self/status
    assert_line $'Seccomp:\t'"$(status_line Seccomp)"
    assert_line $'Seccomp_filters:\t'"$(status_line Seccomp_filters)"
}

@test "[S1] a filter that forbids and allows nothing of its own is one" {
    seccomp '{}'
    run_container cat /proc/self/status
    assert_line $'Seccomp:\t2'
}

@test "[S1] a container that waits for start is filtered already" {
    rule '{ action: "SCMP_ACT_ERRNO" }'
    for late in false true; do
        config ".process.noNewPrivileges = $late"
        create_container call getppid
        grep -qx $'Seccomp:\t2' "/proc/$(tare state "$id" | jq .pid)/status"
        tare start "$id"
        wait_until 5 has_status "$id" stopped
        assert_equal "$(cat "$BATS_TEST_TMPDIR/output")" EPERM
        tare delete "$id"
    done
}

@test "[S1] every thread and child of the process is filtered" {
    rule '{ action: "SCMP_ACT_ERRNO" }'
    run_container chain spawn call getppid ';' wait
    assert_output EPERM
}

is_killed() {
    rule "{ action: \"$1\" }"
    run_container chain say before ';' call getppid ';' say after
    assert_output before
    assert_failure 159 # 128 + SIGSYS
    nothing_left
}

@test "[S12] KILL, KILL_THREAD and KILL_PROCESS kill by SIGSYS" {
    is_killed SCMP_ACT_KILL
    is_killed SCMP_ACT_KILL_THREAD
    is_killed SCMP_ACT_KILL_PROCESS
}

@test "[S12] TRAP sends a signal that tells the call" {
    is_killed SCMP_ACT_TRAP
    run_container chain trap-calls ';' call getppid ';' say after
    assert_success
    # Code 1 is SYS_SECCOMP.
    assert_equal "${lines[0]% call=*}" "signal=31 code=1 errno=0"
    assert_equal "${lines[-1]}" after
}

@test "[S12] TRACE without a tracer fails with ENOSYS" {
    rule '{ action: "SCMP_ACT_TRACE", errnoRet: 7 }'
    run_container call getppid
    assert_output ENOSYS
}

@test "[S12] LOG and ALLOW let the call through" {
    for action in SCMP_ACT_LOG SCMP_ACT_ALLOW; do
        seccomp '{ defaultAction: "SCMP_ACT_LOG", syscalls: [
            { names: ["getppid"], action: "'$action'" }, { names: ["getuid"], action: "SCMP_ACT_ERRNO" }] }'
        run_container chain call getppid ';' call getuid
        assert_output $'ok\nEPERM'
    done
}

@test "[S13] the errno of a rule: EPERM, or what it says, zero and the highest too" {
    while read -r says answer; do
        rule "{ action: \"SCMP_ACT_ERRNO\" } + $says"
        run_container call getppid
        assert_output "$answer"
    done <<'END'
{} EPERM
{errnoRet:38} ENOSYS
{errnoRet:0} ok
{errnoRet:4095} errno 4095
END
}

# allow_only NAME...: all else fails with ENOSYS.
allow_only() {
    config '.linux.seccomp = { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38,
        syscalls: [{ names: $ARGS.positional, action: "SCMP_ACT_ALLOW" }] }' --args -- "$@"
}

# What the witness needs itself, to say a word; glibc begins with more, and writes in another way.
own=(arch_prctl set_tid_address ioctl writev exit_group execve)
! grep -qa 'glibc\.malloc' "$build/tests/helpers/witness" ||
    own+=(brk set_robust_list rseq prlimit64 readlink getrandom mprotect newfstatat write)

@test "[S2] [S3] (T67) the default action and its errno are the profile's, also for unknown numbers" {
    config '.process.user = { uid: 1000, gid: 1000 }'
    allow_only "${own[@]}" sendto
    run_container chain call getppid ';' call 5000 ';' say said
    assert_success
    assert_output $'ENOSYS\nENOSYS\nsaid'
}

@test "[S1] with noNewPrivileges, a filter has to allow sendto and execve alone for run" {
    allow_only "${own[@]}" sendto
    run_container say said
    assert_success
    assert_output said
    config '.linux.seccomp.defaultAction = "SCMP_ACT_KILL_PROCESS" |
        del(.linux.seccomp.defaultErrnoRet)'
    run_container say said
    assert_success
    assert_output said
}

@test "[S1] with noNewPrivileges, waiting for start takes close and recvmsg more" {
    allow_only "${own[@]}" sendto close recvmsg
    config '.linux.seccomp.defaultAction = "SCMP_ACT_KILL_PROCESS" |
        del(.linux.seccomp.defaultErrnoRet)'
    create_container say said
    assert_equal "$(status_of "$id")" created
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    assert_equal "$(cat "$BATS_TEST_TMPDIR/output")" said
}

@test "a filter that init cannot live with is an error that says so" {
    for action in SCMP_ACT_KILL SCMP_ACT_ERRNO SCMP_ACT_TRAP; do
        for late in true false; do
            config ".process.noNewPrivileges = $late"
            seccomp "{ defaultAction: \"$action\" }"
            run_container
            assert_failure 1
            assert_output ''
            assert_stderr_has 'linux.seccomp: hear init hang up: init ended without a word'
            assert_stderr_has 'hint: the seccomp filter has to let through what init still does'
            nothing_left
        done
    done
}

@test "[S1] without noNewPrivileges the filter meets what init does to become the user" {
    config '.process.noNewPrivileges = false | .process.user = { uid: 1000, gid: 1000 }'
    seccomp '{ syscalls: [{ names: ["setresuid"], action: "SCMP_ACT_ERRNO", errnoRet: 95 }] }'
    run_container
    assert_failure 1
    assert_stderr_has 'become the user: '
    nothing_left
    config '.process.noNewPrivileges = true'
    run_container say said
    assert_output said
}

# PR_CAPBSET_DROP and PR_CAPBSET_READ; "not there" is what the second would have to say.
@test "[S1] (R14) a filter that only says that capabilities were dropped stops the start" {
    config '.process.noNewPrivileges = false'
    for option in 23 24; do
        rules+=" { names: [\"prctl\"], action: \"SCMP_ACT_ERRNO\", errnoRet: 0,
                   args: [{ index: 0, value: $option, op: \"SCMP_CMP_EQ\" }] },"
    done
    seccomp "{ syscalls: [${rules%,}] }"
    run_container
    assert_failure 1
    assert_stderr_has 'read back who it is: the bounding set has capability'
    nothing_left
}

@test "[S1] a filter does not need privileges of the process, and gives none" {
    rule '{ action: "SCMP_ACT_ERRNO" }'
    config '.process.user = { uid: 1000, gid: 1000 }'
    at_both_places run_container chain caps ';' call getppid
    assert_line effective=0000000000000000
    assert_line EPERM
    config '.process.noNewPrivileges = false'
    run_container nnp
    assert_output no_new_privileges=0
}

# lseek on a descriptor that is none: EBADF when the filter lets it through.
judge() {
    local op=$1 value=$2 two=$3 argument=$4 answer=$5 text
    witness_runs call lseek 99 "$argument"
    seccomp '{ syscalls: [{ names: ["lseek"], action: "SCMP_ACT_ERRNO", errnoRet: 38,
        args: [{ index: 1, op: "SCMP_CMP_'"$op"'", value: "HERE", valueTwo: "THERE" }] }] }'
    text=$(cat "$bundle/config.json") # jq would round the numbers
    text=${text/\"HERE\"/$value}
    printf '%s\n' "${text/\"THERE\"/$two}" >"$bundle/config.json"
    run_container
    assert_equal "$op $value $two $argument: $output" "$op $value $two $argument: $answer"
}

@test "[S14] [S15] [S16] [S17] [S18] every operator, with all 64 bits" {
    while read -r op value two hit miss; do
        judge "$op" "$value" "$two" "$hit" ENOSYS
        judge "$op" "$value" "$two" "$miss" EBADF
    done <<'END'
EQ 5 0 5 6
EQ 18446744073709551615 0 0xffffffffffffffff 0xffffffff
EQ 4294967296 0 0x100000000 0
NE 5 0 0x100000005 5
LT 4294967296 0 0xffffffff 0x100000000
LE 4294967296 0 0x100000000 0x100000001
GT 4294967296 0 0x100000001 0x100000000
GE 4294967296 0 0x100000000 0xffffffff
MASKED_EQ 18374686479671623680 1224979098644774912 0x11ffffffffffffff 0x1200000000000000
MASKED_EQ 3 2 0xfe 0xff
END
}

@test "[S17] valueTwo is 0 where it is absent" {
    seccomp '{ syscalls: [{ names: ["lseek"], action: "SCMP_ACT_ERRNO", errnoRet: 38,
        args: [{ index: 1, op: "SCMP_CMP_MASKED_EQ", value: 3 }] }] }'
    run_container chain call lseek 99 4 ';' call lseek 99 5
    assert_output $'ENOSYS\nEBADF'
}

@test "[S14] all conditions of a rule must hold; of several rules one is enough" {
    seccomp '{ syscalls: [
        { names: ["lseek"], action: "SCMP_ACT_ERRNO", errnoRet: 38, args: [
            { index: 1, op: "SCMP_CMP_EQ", value: 1 }, { index: 2, op: "SCMP_CMP_EQ", value: 2 }] },
        { names: ["lseek"], action: "SCMP_ACT_ERRNO", errnoRet: 38, args: [
            { index: 1, op: "SCMP_CMP_EQ", value: 7 }] }] }'
    run_container chain call lseek 99 1 2 ';' call lseek 99 1 3 ';' call lseek 99 0 2 ';' \
        call lseek 99 7
    assert_output $'ENOSYS\nEBADF\nEBADF\nENOSYS'
}

@test "[S14] of several conditions on one argument each is enough, with a warning" {
    seccomp '{ syscalls: [{ names: ["lseek"], action: "SCMP_ACT_ERRNO", errnoRet: 38, args: [
        { index: 1, op: "SCMP_CMP_EQ", value: 1 }, { index: 1, op: "SCMP_CMP_EQ", value: 2 }] }] }'
    witness_runs chain call lseek 99 1 ';' call lseek 99 2 ';' call lseek 99 3
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_output $'ENOSYS\nENOSYS\nEBADF'
    assert_stderr_has 'linux.seccomp.syscalls[0].args: with several conditions on one argument'
}

@test "[S11] unknown names are left out with a warning, known ones beside them count" {
    rule '{ names: ["no_such_call", "getppid", "oldstat32"], action: "SCMP_ACT_ERRNO" }'
    witness_runs call getppid
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_output EPERM
    assert_stderr_has 'linux.seccomp.syscalls[0].names[0]: "no_such_call" is unknown and left out'
    assert_stderr_has 'linux.seccomp.syscalls[0].names[2]: "oldstat32" is unknown and left out'
}

@test "[S11] names of other architectures alone are no error" {
    rule '{ names: ["socketcall", "s390_pci_mmio_read", "getppid", "breakpoint"],
        action: "SCMP_ACT_ERRNO" }'
    run_container call getppid
    assert_success
    assert_output EPERM
}

@test "[S4] (T67) without its architecture a 32-bit call and one of x32 are killed, with it filtered" {
    [ "$(uname -m)" = x86_64 ] || skip "needs x86_64"
    witness_runs call32 64 # getppid
    run_tare run --bundle "$bundle" "$id"
    [ "$output" = ok ] || skip "this kernel has no 32-bit calls"
    rule '{ action: "SCMP_ACT_ERRNO", errnoRet: 38 }'
    run_container call32 64
    assert_failure 159
    run_container call 0x4000006e
    assert_failure 159
    config '.linux.seccomp.architectures = ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]'
    run_container chain call32 64 ';' call32 20 ';' call getppid ';' call getuid ';' call 0x4000006e
    assert_success
    assert_output $'ENOSYS\nok\nENOSYS\nok\nENOSYS'
}

@test "[S4] architectures of another byte order are left out with a warning" {
    rule '{ action: "SCMP_ACT_ERRNO" }'
    config '.linux.seccomp.architectures = ["SCMP_ARCH_S390X", "SCMP_ARCH_X86_64",
        "SCMP_ARCH_AARCH64", "SCMP_ARCH_X86_64"]'
    witness_runs call getppid
    run_tare --log-level warn run --bundle "$bundle" "$id"
    assert_output EPERM
    assert_stderr_has 'linux.seccomp.architectures[0]: SCMP_ARCH_S390X has another byte order'
}

speculates() {
    run_container cat /proc/self/status
    grep -o 'Speculation_Store_Bypass:.*' <<<"$output"
}

@test "[S5] absent flags mean SPEC_ALLOW, an empty list none" {
    local without
    without=$(speculates)
    rule '{ action: "SCMP_ACT_ERRNO" }'
    assert_equal "$(speculates)" "$without"
    config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]'
    assert_equal "$(speculates)" "$without"
    config '.linux.seccomp.flags = []'
    run_container call getppid
    assert_output EPERM
}

@test "[S5] TSYNC and LOG are taken" {
    rule '{ action: "SCMP_ACT_ERRNO" }'
    config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG"]'
    at_both_places run_container call getppid
    assert_output EPERM
}

@test "[F11] all that features lists is accepted in a config" {
    local word
    features=$(tare features | jq .linux.seccomp)
    jq -e '.enabled' <<<"$features"
    assert_equal "$(jq '[.actions, .operators, .knownFlags | length]' -c <<<"$features")" '[9,7,4]'
    while read -r word; do
        rule "{ action: \"$word\" }"
        config '.linux.seccomp.listenerPath = "/x"'
        tare create --dry-run --bundle "$bundle" "$id" >/dev/null
        config ".linux.seccomp.defaultAction = \"$word\""
        tare create --dry-run --bundle "$bundle" "$id" >/dev/null
    done < <(jq -r '.actions[]' <<<"$features")
    while read -r word; do
        rule "{ action: \"SCMP_ACT_ERRNO\", args: [{ index: 0, value: 1, op: \"$word\" }] }"
        tare create --dry-run --bundle "$bundle" "$id" >/dev/null
    done < <(jq -r '.operators[]' <<<"$features")
    rule '{ action: "SCMP_ACT_NOTIFY" }'
    config '.linux.seccomp.listenerPath = "/x"'
    while read -r word; do
        config ".linux.seccomp.flags = [\"$word\"]"
        tare create --dry-run --bundle "$bundle" "$id" >/dev/null
    done < <(jq -r '.supportedFlags[]' <<<"$features")
    config 'del(.linux.seccomp.flags)'
    while read -r word; do
        config ".linux.seccomp.architectures = [\"$word\"]"
        tare create --dry-run --bundle "$bundle" "$id" >/dev/null
    done < <(jq -r '.archs[]' <<<"$features")
}

@test "[S4] an architecture that libseccomp does not know is refused by its name" {
    local word
    rule '{ action: "SCMP_ACT_ERRNO" }'
    for word in LOONGARCH64 M68K SH SHEB; do
        tare features | jq -e ".linux.seccomp.archs | index(\"SCMP_ARCH_$word\")" && continue
        bad_config ".linux.seccomp.architectures = [\"SCMP_ARCH_X86\", \"SCMP_ARCH_$word\"]" \
            "linux.seccomp.architectures[1]: this libseccomp does not know SCMP_ARCH_$word"
    done
}

@test "bad configs are errors before anything is made" {
    rule '{ action: "SCMP_ACT_ERRNO" }'
    while IFS='|' read -r edit expected; do
        bad_config ".linux.seccomp$edit" "$expected"
    done <<'END'
.defaultErrnoRet = 1|linux.seccomp.defaultErrnoRet: SCMP_ACT_ALLOW takes no errno
.syscalls[0].errnoRet = 4096|linux.seccomp.syscalls[0].errnoRet: 4096 is above 4095
.syscalls[0] += { action: "SCMP_ACT_TRACE", errnoRet: 65536 }|linux.seccomp.syscalls[0].errnoRet: 65536 is above 65535
.syscalls[0] += { action: "SCMP_ACT_KILL", errnoRet: 0 }|linux.seccomp.syscalls[0].errnoRet: SCMP_ACT_KILL takes no errno
.syscalls[0].names = []|linux.seccomp.syscalls[0].names: there is no name
.syscalls[0].args = [{ index: 6, value: 0, op: "SCMP_CMP_EQ" }]|linux.seccomp.syscalls[0].args[0].index: 6 is above 5
.listenerMetadata = "x"|linux.seccomp.listenerMetadata: there is no linux.seccomp.listenerPath
.syscalls[0].action = "SCMP_ACT_NOTIFY"|linux.seccomp.listenerPath: is missing
.defaultAction = "SCMP_ACT_NOTIFY"|linux.seccomp.listenerPath: is missing
.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]|linux.seccomp.flags[0]: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs an action SCMP_ACT_NOTIFY
END
}

@test "a program that is too long for the kernel is an error" {
    bad_config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [range(1200) |
        { names: ["lseek"], action: "SCMP_ACT_ERRNO", args: [
            { index: 1, op: "SCMP_CMP_EQ", value: (. * 4294967296 + .) }] }] }' \
        'instructions, the kernel takes at most 4096'
}

@test "the dry run shows at which place the filter is loaded" {
    rule '{ action: "SCMP_ACT_ERRNO" }'
    tare create --dry-run --bundle "$bundle" "$id" >"$BATS_TEST_TMPDIR/late"
    grep -q 'load the seccomp filter  .*instructions' "$BATS_TEST_TMPDIR/late"
    config '.process.noNewPrivileges = false'
    tare create --dry-run --bundle "$bundle" "$id" | grep -q 'load the seccomp filter early'
}

@test "[S1] [P7] a filter that is loaded early may forbid getcwd, by which the cwd is proved" {
    config 'del(.process.noNewPrivileges) | .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["getcwd"], action: "SCMP_ACT_ERRNO" }] }'
    run_container chain cwd
    assert_failure 1
    assert_output 'cwd: EPERM'
}

@test "[S1] [P9] a filter that is loaded early and forbids getcwd leaves absolute names alone" {
    config 'del(.process.noNewPrivileges) | .process.args = ["./witness", "cwd"]
        | .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
            syscalls: [{ names: ["getcwd"], action: "SCMP_ACT_ERRNO" }] }'
    run_container
    assert_failure 126
    assert_stderr_has 'exec: "./witness": not permitted (EPERM)'
}
