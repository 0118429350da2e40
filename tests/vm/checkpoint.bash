# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # variables of tare.bash
#
# Containers that are written down by criu and go on from that, on top of tare.bash and vm.bash:
#
#     load ../helpers/tare
#     load vm
#     load checkpoint
#
# What they count stands in their memory alone: who has counted on has not been started anew.

setup_checkpoint() {
    criu check --feature get_rseq_conf || skip "this criu and this kernel do not know each other"
    setup_vm_bundle
    config 'del(.process.noNewPrivileges)' # which this criu does not know
    images=$BATS_TEST_TMPDIR/images
    count=$rootfs/tmp/count
    helpers_started=()
}

# criu_since VERSION
criu_since() {
    local found
    found=$(criu --version | sed -n 's/^Version: //p')
    [ "$(printf '%s\n' "$1" "$found" | sort --version-sort | head -n 1)" = "$1" ]
}

# background COMMAND...: ends with the test.
background() {
    "$@" 3>&- &
    helpers_started+=($!)
}

# start_counting [WORD...]: the words come before.
start_counting() {
    start_container chain "$@" ${1:+';'} count /tmp/count
    wait_until 20 has_counted 5
}

# start_counting_inside [WORD...]: in a user namespace, whose root is a stranger to what is ours.
start_counting_inside() {
    chmod 777 "$rootfs/tmp"
    start_counting "$@"
    chmod 666 "$BATS_TEST_TMPDIR/output"
}

has_counted() {
    [ -s "$count" ] && [ "$(head -n 1 "$count")" -ge "$1" ]
}

checkpoint() {
    run_tare checkpoint --image-path "$images" "$@" "$id"
    show_log dump
}

restore() {
    before=$(head -n 1 "$count")
    run --separate-stderr restore_apart "$@"
    [ -z "$stderr" ] || echo "standard error: $stderr"
    show_log restore
}

# A file that was standard output has to be as long as it was: it is the same.
restore_apart() {
    local result=0 errors=$BATS_TEST_TMPDIR/errors
    tare restore --image-path "$images" --bundle "$bundle" --detach "$@" "$id" \
        </dev/null >>"$BATS_TEST_TMPDIR/output" 2>"$errors" || result=$?
    cat "$errors" >&2
    return "$result"
}

# What went wrong, if something did.
show_log() {
    [ "$status" = 0 ] || tail -n 30 "$images/$1.log" 2>/dev/null || :
}

# It has gone on from where it was.
goes_on() {
    assert_equal "$(status_of "$id")" running
    wait_until 20 has_counted $((before + 3))
}

# survives [OPTION...]: it is written down, and restored, with these.
survives() {
    checkpoint "$@"
    assert_success
    restore "$@"
    assert_success
    goes_on
}

gone() {
    tare delete --force "$id"
    nothing_left
}

setup() {
    setup_checkpoint
}

teardown_checkpoint() {
    [ ${#helpers_started[@]} = 0 ] || kill "${helpers_started[@]}" 2>/dev/null || :
    teardown_bundle
}

teardown() {
    teardown_checkpoint
}
