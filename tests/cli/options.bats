#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

@test "[E0.1.2] values stand behind a blank or an equals sign" {
    run "$TARE" "--root=$state" run "--bundle=$bundle" "$id"
    assert_success
    assert_output hello
    run "$TARE" --root "$state" run --bundle "$bundle" "$id"
    assert_success
    assert_output hello
    run "$TARE" --root "$state" run -b "$bundle" "$id"
    assert_success
    assert_output hello
}

@test "[E0.1.1] options stand before or behind the id" {
    run_tare run "$id" --bundle "$bundle"
    assert_success
    assert_output hello
}

@test "[E0.1.3] a long option may have one dash" {
    run_tare run -bundle "$bundle" "$id"
    assert_success
    assert_output hello
}

@test "[E0.2.3] the state directory of root is /run/tare" {
    local XDG_RUNTIME_DIR
    export XDG_RUNTIME_DIR=
    "$TARE" create --bundle "$bundle" "$id" </dev/null >"$BATS_TEST_TMPDIR/output" 2>&1
    [ -d "/run/tare/$id" ]
    assert_equal "$(stat -c %a /run/tare) $(stat -c %a "/run/tare/$id")" '700 700'
    XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR
    assert_equal "$("$TARE" list -q)" "$id"
    "$TARE" delete --force "$id"
    nothing_left
}

@test "--root keeps containers apart" {
    create_container
    run "$TARE" --root "$BATS_TEST_TMPDIR/elsewhere" state "$id"
    assert_failure 1
    run "$TARE" --root "$BATS_TEST_TMPDIR/elsewhere" list -q
    assert_success
    assert_output ''
    has_status "$id" created
}

@test "--root may be relative, and longer than the address of a socket" {
    local root name long
    printf -v name '%0200d' 0
    root=$BATS_TEST_TMPDIR/$name/$name
    mkdir -p "$root"
    cd "$root/.."
    printf -v long '%0128d' 0
    "$TARE" --root "./$name" create --bundle "$bundle" "$long" </dev/null >/dev/null 2>&1
    "$TARE" --root "$name/" start "$long"
    "$TARE" --root "$root" delete --force "$long"
    nothing_left
}

@test "output that cannot be written is an error" {
    create_container
    local words
    for words in "state $id" list 'list -q' 'list -f json' features --version help; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr tare_to_full $words
        assert_failure 1
        assert_stderr_has 'standard output: '
        assert_stderr_has 'no space left (ENOSPC)'
    done
}

tare_to_full() {
    tare "$@" >/dev/full
}

@test "wrong options are usage errors that name them" {
    local status=0
    run_tare run --no-such-option "$id"
    assert_failure 64
    assert_stderr_has no-such-option
    run_tare run --bundel "$bundle" "$id"
    assert_failure 64
    assert_stderr_has --bundle
    run_tare run --bundle
    assert_failure 64
    assert_stderr_has 'flag needs an argument: --bundle'
    run_tare run --detach=yes --bundle "$bundle" "$id"
    assert_failure 64
    assert_stderr_has detach
    run_tare state "$id" too many
    assert_failure 64
    assert_output ''
    nothing_left
}

@test "-- ends the options" {
    run_tare state -- --bundle
    assert_failure 1
    assert_stderr_has -- '--bundle'
}

@test "[E1.create.2] --no-pivot gives the container its root as well" {
    echo outside >"$BATS_TEST_TMPDIR/outside"
    witness_runs chain ls / ';' cat "$BATS_TEST_TMPDIR/outside"
    run_tare run --no-pivot --bundle "$bundle" "$id"
    assert_failure 1
    assert_output "$(printf '%s\n' dev etc proc sys tmp witness)
$BATS_TEST_TMPDIR/outside: ENOENT"
    nothing_left
}

@test "--no-pivot shows no mount of the host" {
    witness_runs mounts
    run_tare run --no-pivot --bundle "$bundle" "$id"
    assert_success
    assert_equal "$(awk '{ print $5 }' <<<"$output" | sort)" $'/\n/dev\n/proc'
}

@test "the process gets a session keyring of its own, but for --no-new-keyring" {
    local caller=("$witness" exec-with-keyring "callers-$$" "$TARE" --root "$state")
    witness_runs keyring
    run --separate-stderr "${caller[@]}" run --bundle "$bundle" "$id"
    assert_success
    assert_output keyring=_ses # what the kernel calls one without a name
    run --separate-stderr "${caller[@]}" run --no-new-keyring --bundle "$bundle" "$id"
    assert_success
    assert_output "keyring=callers-$$"
}

@test "[E3.3] --cgroup-manager disabled makes no cgroup" {
    witness_runs cat /proc/self/cgroup
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    run_tare --cgroup-manager disabled run --bundle "$bundle" "$id"
    assert_success
    assert_line --regexp '^0::/tests$'
    run_tare --cgroup-manager=cgroupfs run --bundle "$bundle" "$id"
    assert_line "0::/tare/$id"
    run_tare --cgroup-manager nonsense run --bundle "$bundle" "$id"
    assert_failure 64
    assert_stderr_has nonsense
    nothing_left
}

@test "[E3.3] --cgroup-manager disabled before exec is taken, and exec goes where the container is" {
    config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
    witness_runs sleep 100
    tare --cgroup-manager disabled create --bundle "$bundle" "$id" </dev/null >/dev/null 2>&1
    run_tare --cgroup-manager disabled exec "$id" /witness cat /proc/self/cgroup
    assert_success
    assert_line --regexp '^0::/tests$'
    tare delete --force "$id"
    create_container
    run_tare --cgroup-manager disabled exec "$id" /witness cat /proc/self/cgroup
    assert_success
    assert_line "0::/tare/$id"
    tare delete --force "$id"
    nothing_left
}

@test "--systemd-cgroup and --cgroup-manager systemd mean the same, and disabled is disabled" {
    local option
    for option in --systemd-cgroup --cgroup-manager=systemd; do
        run_tare "$option" run --bundle "$bundle" "$id" # there is no systemd here
        assert_failure
        assert_output ''
        assert_stderr_has systemd
    done
    run_tare --systemd-cgroup --cgroup-manager disabled run --bundle "$bundle" "$id"
    assert_success
    assert_output hello
    nothing_left
}

@test "letters that crun has for help and the version are known, too" {
    run_tare -V
    assert_success
    assert_output "$(tare --version)"
    run_tare '-?'
    assert_success
    assert_output "$(tare help)"
    run_tare kill '-?'
    assert_success
    assert_output "$(tare help kill)"
}
