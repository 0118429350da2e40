#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Podman, as root, writes containers down and lets them go on, by criu.  What a container counts is
# in its memory alone: who has counted on has not been started anew.

load ../helpers/tare
load ../engines/podman
load vm

setup() {
    need_vm
    setup_podman
    archive=$BATS_TEST_TMPDIR/archive.tar.gz
}

# shellcheck disable=SC2016 # the words are the inner shell's
counting='i=0; while :; do i=$((i + 1)); echo "$i" >/tmp/count; echo "$i"; sleep 0.1; done'

# start_counting [OPTION...]
start_counting() {
    start_box "$@" -- sh -c "$counting"
    wait_until 20 has_counted 5
}

counted() {
    podman exec "${1:-$name}" cat /tmp/count
}

has_counted() {
    local now
    now=$(counted "${2:-$name}" 2>/dev/null) && [ "${now:-0}" -ge "$1" ]
}

checkpoint() {
    podman container checkpoint "$@" "$name" >/dev/null
}

# goes_on [NAME]: from where it was, as the logs tell, not from the beginning.
goes_on() {
    local last=
    until [ "$last" ]; do # it is written anew each time, and is empty for a moment
        last=$(counted "${1:-$name}")
    done
    [ "$last" -ge 5 ]
    wait_until 20 has_counted $((last + 3)) "${1:-$name}"
}

@test "podman checkpoint: a container is written down, has stopped, and goes on" {
    local before
    start_counting --volume "$BATS_TEST_TMPDIR:/volume:ro" --tmpfs /scratch \
        --security-opt seccomp=unconfined
    podman exec "$name" sh -c 'echo kept >/scratch/file'
    checkpoint
    assert_equal "$(seen Status) $(seen Checkpointed)" 'exited true'
    before=$(podman logs "$name" | tail -n 1)
    podman container restore "$name" >/dev/null
    assert_equal "$(seen Status)" running
    goes_on
    # One after the other, each once.
    podman logs "$name" | head -n $((before + 3)) | cmp - <(seq $((before + 3)))
    assert_equal "$(podman exec "$name" cat /scratch/file)" kept
    podman rm --force --time 0 "$name" >/dev/null
}

@test "podman checkpoint: of one with the seccomp filter, capabilities and masks of Podman" {
    start_counting --publish 8080:80
    checkpoint
    podman container restore "$name" >/dev/null
    goes_on
    run podman exec "$name" sh -c \
        'grep -e ^Seccomp: -e ^CapEff /proc/1/status; echo x >/proc/sys/kernel/domainname'
    assert_failure
    assert_line --regexp '^Seccomp:[[:space:]]2$'
    refute_line --regexp '^CapEff:[[:space:]]000001ff'
    podman rm --force --time 0 "$name" >/dev/null
}

@test "podman checkpoint: --leave-running, and stop and start behind it" {
    start_counting
    checkpoint --leave-running
    assert_equal "$(seen Status)" running
    goes_on
    podman stop --time 0 "$name" >/dev/null
    podman start "$name" >/dev/null
    wait_until 20 has_counted 1
    podman rm --force --time 0 "$name" >/dev/null
}

@test "podman checkpoint: --keep leaves what was written, and the log" {
    local folder
    start_counting
    checkpoint --keep --print-stats
    folder=$(podman inspect --format '{{.StaticDir}}' "$name")
    [ -s "$folder/dump.log" ]
    [ -s "$folder/stats-dump" ]
    [ -s "$folder/checkpoint/inventory.img" ]
    podman container restore --keep "$name" >/dev/null
    goes_on
    [ -s "$folder/restore.log" ]
    [ -s "$folder/checkpoint/inventory.img" ]
    podman rm --force --time 0 "$name" >/dev/null
}

@test "podman checkpoint: --export, and restore --import under its name and another" {
    start_counting --tty
    checkpoint --export "$archive"
    podman rm "$name" >/dev/null
    podman container restore --import "$archive" >/dev/null
    goes_on
    podman container restore --import "$archive" --name "$name-other" >/dev/null
    goes_on "$name-other"
    podman rm --force --time 0 "$name" "$name-other" >/dev/null
}

@test "podman checkpoint: --pre-checkpoint and --with-previous" {
    if ! is_dirty_tracked; then
        skip "needs a kernel that tracks what is written to"
    fi
    start_counting
    checkpoint --pre-checkpoint --export "$BATS_TEST_TMPDIR/pre.tar.gz"
    assert_equal "$(seen Status)" running
    goes_on
    checkpoint --with-previous --export "$archive"
    podman rm "$name" >/dev/null
    podman container restore --import-previous "$BATS_TEST_TMPDIR/pre.tar.gz" --import "$archive" \
        >/dev/null
    goes_on
    podman rm --force --time 0 "$name" >/dev/null
}

is_dirty_tracked() {
    criu check --feature mem_dirty_track >/dev/null 2>&1
}

@test "podman checkpoint: a connection is kept with --tcp-established, and asks for that" {
    # shellcheck disable=SC2016 # the words are the inner shell's
    start_box -- sh -c 'nc -l -p 99 -e sh -c "while read -r line; do echo \$line; done" &
        until grep -q ":0063 0*:0000 0A" /proc/net/tcp /proc/net/tcp6; do sleep 0.1; done
        i=0; mkfifo /tmp/in; nc 127.0.0.1 99 </tmp/in | while read -r line; do
            echo "$line" >/tmp/count; echo "$line"; done &
        exec 3>/tmp/in; while :; do i=$((i + 1)); echo $i >&3; sleep 0.1; done'
    wait_until 20 has_counted 5
    run podman container checkpoint "$name"
    assert_failure
    ! is_tare || assert_output --regexp 'let criu write it down: criu: .*--tcp-established'
    assert_equal "$(seen Status)" running
    goes_on
    checkpoint --tcp-established
    podman container restore --tcp-established "$name" >/dev/null
    goes_on
    podman rm --force --time 0 "$name" >/dev/null
}

make_pod() {
    podman pod create --share-parent=false --infra-command '/bin/sleep 1000' --infra-image box \
        --name "$1"
}

@test "podman checkpoint: from one pod into another" {
    local pod
    make_pod "$name-before" >/dev/null
    start_counting --pod "$name-before"
    checkpoint --export "$archive"
    podman pod rm --force --time 0 "$name-before" >/dev/null
    pod=$(make_pod "$name-pod")
    podman container restore --import "$archive" --pod "$pod" --name "$name-in-pod" >/dev/null
    goes_on "$name-in-pod"
    podman pod rm --force --time 0 "$name-pod" >/dev/null
}
