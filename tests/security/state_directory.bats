#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare

setup() {
    setup_bundle
}

# A process that is nobody's container.
start_bystander() {
    sleep 100 >/dev/null 2>&1 3>&- &
    bystander=$!
}

teardown() {
    teardown_bundle
    [ -z "${bystander:-}" ] || kill "$bystander" 2>/dev/null || :
}

@test "(T31) the directories of the state are for their owner alone" {
    create_container
    assert_equal "$(stat -c '%a %u' "$state" "$state/$id" | xargs)" '700 0 700 0'
    find "$state/$id" -type f -perm /077 | grep . && fail "others may read a file"
    [ "$(jq -r .id "$state/$id/state.json")" = "$id" ]
}

@test "(T31) a record that points at another process: it is not signalled" {
    start_bystander
    start_container exit 0
    wait_until 5 has_status "$id" stopped
    jq --argjson pid "$bystander" '.pid = $pid' "$state/$id/state.json" >"$BATS_TEST_TMPDIR/new"
    cat "$BATS_TEST_TMPDIR/new" >"$state/$id/state.json"
    has_status "$id" stopped
    run_tare kill "$id" KILL
    assert_failure 1
    assert_stderr "tare: kill '$id': container not running"
    tare kill --all "$id" KILL
    tare delete --force "$id"
    kill -0 "$bystander"
    nothing_left
}

of_boot() {
    jq --arg boot "$1" '.boot = $boot' "$state/$id/state.json" >"$BATS_TEST_TMPDIR/new"
    cat "$BATS_TEST_TMPDIR/new" >"$state/$id/state.json"
}

@test "(T31) a record of another boot: the process that has that number now is not signalled" {
    local boot here
    boot=$(cat /proc/sys/kernel/random/boot_id)
    create_container sleep 100
    here=$(jq -r .boot "$state/$id/state.json")
    case $(stat --file-system --format %T "$state") in
    tmpfs | ramfs) assert_equal "$here" null ;;
    *) assert_equal "$here" "$boot" ;;
    esac
    bystander=$(tare state "$id" | jq .pid)
    of_boot "00000000${boot:8}"
    has_status "$id" stopped
    run_tare kill "$id" KILL
    assert_failure 1
    assert_stderr "tare: kill '$id': container not running"
    kill -0 "$bystander"
    of_boot "$boot"
    has_status "$id" created
    tare delete --force "$id"
    nothing_left
}

@test "(R22) a state directory below another user's is warned of" {
    local above=$BATS_TEST_TMPDIR/above
    mkdir "$above"
    chown 4242 "$above"
    "$TARE" --root "$above/state" --log-level warn create --bundle "$bundle" "$id" \
        </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/said" 3>&-
    assert_equal "$(head -1 "$BATS_TEST_TMPDIR/said")" \
        "tare: warning: user 4242 could exchange the state directory: $above is his"
    "$TARE" --root "$above/state" delete --force "$id"
    nothing_left
}

# within MOUNT... -- COMMAND...: it sees that mount.
within() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    run unshare --mount "$BASH" -ec 'while [ "$1" != -- ]; do mount+=("$1"); shift; done
        shift
        mount "${mount[@]}"
        exec "$@"' within "$@"
    assert_success
}

@test "(T31) a container is known where something is mounted on the boot's number, or hides it" {
    local mount
    create_container sleep 100
    of_boot "$(cat /proc/sys/kernel/random/boot_id)"
    for mount in '--bind /proc/sys /proc/sys' '-t tmpfs tmpfs /proc/sys/kernel/random'; do
        # shellcheck disable=SC2086 # words
        within $mount -- "$TARE" --root "$state" state "$id"
        assert_output --partial '"created"'
    done
    tare delete --force "$id"
    # shellcheck disable=SC2016 # expanded by the inner shell
    within --bind /proc/sys /proc/sys -- "$BASH" -c '"$0" "$@" </dev/null >/dev/null 2>&1' \
        "$TARE" --root "$state" create --bundle "$bundle" "$id"
    has_status "$id" created
    tare delete --force "$id"
    nothing_left
}

@test "(T31) a record that is broken, cut, empty or for all to write is an error, but for --force" {
    local how command pid
    for how in 'truncate -s 20' 'truncate -s 0' 'tee' 'truncate -s 1G' 'chmod 777'; do
        create_container sleep 100
        pid=$(tare state "$id" | jq .pid)
        # shellcheck disable=SC2086 # words
        echo '{"id": 5}' | $how "$state/$id/state.json" >/dev/null
        for command in state start kill delete; do
            run_tare "$command" "$id"
            assert_failure 1
            assert_output ''
            assert_stderr_has "container \"$id\""
        done
        run_tare list --quiet
        assert_success
        assert_output ''
        kill -0 "$pid"
        run_tare delete --force "$id"
        assert_success
        nothing_left
    done
}

# lead_record PATH: of a new container, which --force removes.
lead_record() {
    create_container
    jq --arg path "$1" '.cgroupPath = $path' "$state/$id/state.json" >"$BATS_TEST_TMPDIR/new"
    cat "$BATS_TEST_TMPDIR/new" >"$state/$id/state.json"
    run_tare delete --force "$id"
    kill -0 "$bystander"
    [ -d "$TARE_TEST_CGROUP/bystander-$id" ]
    # What could not be removed by its record is removed without it.
    rm -rf "${state:?}/$id"
    if [ -e "$TARE_TEST_CGROUP/tare/$id/cgroup.kill" ]; then
        echo 1 >"$TARE_TEST_CGROUP/tare/$id/cgroup.kill"
        wait_until 5 rmdir "$TARE_TEST_CGROUP/tare/$id"
    fi
}

# Without a PID namespace it is by the cgroup that a container's processes are found and killed.
@test "(T31) paths in a record lead to nothing outside" {
    local edit path before
    before=$(find "$TARE_TEST_CGROUP" -type d | sort)
    mkdir "$TARE_TEST_CGROUP/bystander-$id"
    start_bystander
    echo "$bystander" >"$TARE_TEST_CGROUP/bystander-$id/cgroup.procs"
    for edit in . 'del(.linux.namespaces[] | select(.type == "pid"))'; do
        config "$edit"
        for path in "/tare/../bystander-$id" "/../../tmp" "tare" "" "/"; do
            lead_record "$path"
        done
    done
    kill "$bystander"
    wait_until 5 rmdir "$TARE_TEST_CGROUP/bystander-$id"
    rmdir "$TARE_TEST_CGROUP/tare" 2>/dev/null || :
    assert_equal "$(find "$TARE_TEST_CGROUP" -type d | sort)" "$before"
}

@test "(T31) the directory of a container replaced by a link" {
    mkdir -p "$state" "$BATS_TEST_TMPDIR/canary"
    echo text >"$BATS_TEST_TMPDIR/canary/state.json"
    ln -s "$BATS_TEST_TMPDIR/canary" "$state/$id"
    local command
    for command in state start kill delete 'delete --force' "create --bundle $bundle"; do
        # shellcheck disable=SC2086 # an option may be there
        run_tare $command "$id"
        [ "$command" = 'delete --force' ] || assert_failure 1
        assert_output ''
    done
    assert_equal "$(ls -A "$BATS_TEST_TMPDIR/canary")" state.json
    assert_equal "$(cat "$BATS_TEST_TMPDIR/canary/state.json")" text
}

@test "(T31) a record replaced by a link or a fifo" {
    local kind
    for kind in link fifo; do
        create_container
        rm "$state/$id/state.json"
        case $kind in
        link) ln -s /dev/zero "$state/$id/state.json" ;;
        fifo) mkfifo "$state/$id/state.json" ;;
        esac
        run timeout 60 "$TARE" --root "$state" state "$id"
        assert_failure 1
        run timeout 60 "$TARE" --root "$state" delete --force "$id"
        assert_success
        nothing_left
    done
}

@test "(T31) the record of somebody else is not believed" {
    create_container
    chown 1000 "$state/$id/state.json"
    run_tare state "$id"
    assert_failure 1
    assert_output ''
    chown 0 "$state/$id/state.json"
    has_status "$id" created
}

# The names of abstract sockets in a /proc/net/unix.
list_abstract() {
    awk '$8 ~ /^@/ { print $8 }' "$@" | sort -u
}

@test "(R22) the container cannot reach the state directory or the start socket" {
    local known
    known=$(list_abstract /proc/net/unix)
    config '.linux.namespaces |= map(select(.type != "network"))'
    create_container chain ls / ';' cat /proc/net/unix
    assert_equal "$(list_abstract /proc/net/unix)" "$known"
    tare start "$id"
    wait_until 5 has_status "$id" stopped
    run cat "$BATS_TEST_TMPDIR/output"
    assert_output --partial RefCount
    refute_output --partial "$state"
    assert_equal "$(list_abstract "$BATS_TEST_TMPDIR/output")" "$known"
}
