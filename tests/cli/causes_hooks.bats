#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2016 # variables of tare.bash; $ of the hooks' own shells
#
# The causes of hooks that fail (src/cli/causes.c), each made to happen; and that `tare check` finds
# what it can of them, without running one, in the words of a start.

load ../helpers/tare
load ../helpers/causes
load ../helpers/rootless
load ../helpers/check

setup() {
    setup_bundle
    program=$BATS_TEST_TMPDIR/hook
}

# hooks_are KIND PATH [WORD...]: the only hook, of that kind.
hooks_are() {
    config '.hooks = { ($kind): [{ path: $path, args: (["hook"] + $ARGS.positional) }] }' \
        --arg kind "$1" --arg path "$2" --args -- "${@:3}"
}

# found_by_check ROW CODE: `tare check` finds it in that row, in the words with which the start that
# was last has failed.
found_by_check() {
    needs mounts pidfd_open
    local start=$stderr reason
    checks -- "$bundle"
    assert_failure 1
    assert_equal "$(row "$1")/$(row "$1" cause)" "missing/$2"
    reason=$(row "$1" reason)
    case $start in
    *"hooks.${reason#*hooks.}"*) ;;
    *) fail "check says: $reason" ;;
    esac
    case $start in
    *"$(row "$1" mend)"*) ;;
    *) fail "check has another hint: $(row "$1" mend)" ;;
    esac
    nothing_left
}

@test "[E-HOOK-MISSING] a hook that is not on the host" {
    local kind
    for kind in prestart createRuntime createContainer; do
        hooks_are "$kind" "$BATS_TEST_TMPDIR/nowhere/hook"
        fails 1 E-HOOK-MISSING "$BATS_TEST_TMPDIR/nowhere, of the hook's path, is missing on the host: put "
        assert_stderr_has "hooks.${kind}[0]: "
        found_by_check hooks E-HOOK-MISSING
    done
    hooks_are poststart /nowhere/hook
    fails 1 E-HOOK-MISSING "/nowhere, of the hook's path, is missing on the host: put the hook there"
    found_by_check hooks E-HOOK-MISSING
}

@test "[E-HOOK-MISSING] a hook that is not in the container" {
    hooks_are startContainer /nowhere/hook
    fails 1 E-HOOK-MISSING \
        'hooks.startContainer[0].path leads nowhere in the container, or to a file whose'
    found_by_check 'startContainer hooks' E-HOOK-MISSING
}

@test "[E-HOOK-INTERPRETER] a hook without what is to run it" {
    printf '#!/nowhere/python3 -u\n' >"$program"
    chmod 755 "$program"
    hooks_are createRuntime "$program"
    fails 1 E-HOOK-INTERPRETER "the hook's interpreter, /nowhere/python3, is missing: install it"
    found_by_check hooks E-HOOK-INTERPRETER
    cp -p "$program" "$rootfs/hook"
    hooks_are startContainer /hook
    fails 1 E-HOOK-INTERPRETER "the hook's interpreter, /nowhere/python3, is missing: install it"
    found_by_check 'startContainer hooks' E-HOOK-INTERPRETER
}

@test "[E-HOOK-REFUSED] a hook that may not be executed" {
    printf '#!/bin/sh\n' >"$program"
    hooks_are createRuntime "$program"
    fails 1 E-HOOK-REFUSED 'hooks.createRuntime[0].path has to be a file that may be executed '
    found_by_check hooks E-HOOK-REFUSED
    hooks_are prestart "$BATS_TEST_TMPDIR"
    fails 1 E-HOOK-REFUSED 'hooks.prestart[0].path has to be a file that may be executed '
    found_by_check hooks E-HOOK-REFUSED
    cp "$program" "$rootfs/hook"
    hooks_are startContainer /hook
    fails 1 E-HOOK-REFUSED 'hooks.startContainer[0].path has to be a file that may be executed '
    found_by_check 'startContainer hooks' E-HOOK-REFUSED
}

@test "[E-HOOK-REFUSED] a hook in a directory of somebody else's" {
    local closed=$BATS_TEST_TMPDIR/closed
    maps_ids 1000 1
    mkdir "$closed"
    printf '#!/bin/sh\n' >"$closed/hook"
    chmod 755 "$closed/hook"
    hooks_are createRuntime "$closed/hook"
    make_users_own
    chown 0:0 "$closed"
    chmod 700 "$closed"
    chown 1000:1000 "$BATS_TEST_TMPDIR"
    fails 1 E-HOOK-REFUSED "$closed, above the hook, may not be entered by us: chmod +x it" plain
}

@test "[E-HOOK-FORMAT] a hook that is no program" {
    echo 'echo hello' >"$program"
    chmod 755 "$program"
    hooks_are createContainer "$program"
    fails 1 E-HOOK-FORMAT 'what hooks.createContainer[0] names is no program for this machine; a script has'
    found_by_check hooks E-HOOK-FORMAT
    cp -p "$program" "$rootfs/hook"
    hooks_are startContainer /hook
    fails 1 E-HOOK-FORMAT 'what hooks.startContainer[0] names is no program for this machine; a script has'
    found_by_check 'startContainer hooks' E-HOOK-FORMAT
}

@test "[E-HOOK-FAILED] a hook that says no" {
    hooks_are createRuntime /bin/sh -c 'echo no room >&2; exit 3'
    fails 1 E-HOOK-FAILED 'the message ends with the last line that it wrote, if any: mend what that says'
    assert_stderr_has 'hooks.createRuntime[0]: /bin/sh exited with status 3: no room'
    hooks_are startContainer /witness exit 4
    fails 1 E-HOOK-FAILED 'the message ends with the last line that it wrote'
    assert_stderr_has 'or leave hooks.startContainer[0] out'
}

@test "[E-HOOK-KILLED] a hook that crashes" {
    hooks_are createContainer /bin/sh -c 'kill -SEGV $$'
    fails 1 E-HOOK-KILLED 'it crashed, or somebody ended it, as the kernel does when memory runs out'
    assert_stderr_has 'hooks.createContainer[0]: /bin/sh was killed by signal 11'
}

@test "[E-HOOK-LATE] a hook that hangs" {
    hooks_are createRuntime /bin/sh -c 'sleep 60; :'
    config '.hooks.createRuntime[0].timeout = 1'
    fails 1 E-HOOK-LATE 'find out what the hook waits for, or raise hooks.createRuntime[0].timeout'
}

@test "what ends a hook with the start is no cause of the hook's" {
    hooks_are createRuntime /bin/sh -c 'kill -TERM $PPID; sleep 60; :'
    run_tare run --bundle "$bundle" "$id"
    assert_failure
    assert_stderr_has 'hooks.createRuntime[0]: /bin/sh was killed, since signal 15 came'
    case $stderr in
    *E-HOOK*) fail "a cause is named" ;;
    esac
}

@test "hooks that can be executed are found, also by a link of procfs as Docker has them" {
    needs mounts pidfd_open
    hooks_are prestart "/proc/$$/exe" -c true
    checks -- "$bundle"
    assert_success
    assert_equal "$(row hooks)" ok
    run_container
    assert_success
}
