#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash

load ../helpers/tare
load ../helpers/terminal

setup() {
    setup_bundle
}

# run_another ID WORD...: a container more, of the same bundle; the words are for the witness.
run_another() {
    witness_runs "${@:2}"
    tare run --detach --bundle "$bundle" "$1" </dev/null >/dev/null 2>&1
}

# The samples of a page, as helpers/openmetrics prints them.
samples() {
    command -v python3 >/dev/null || skip "python3 is not installed"
    "$helpers/openmetrics"
}

# has_burnt ID: a moment of CPU.
has_burnt() {
    tare events --stats "$1" | jq -e '.data.cpu.usage.total > 100000000' >/dev/null
}

@test "stats shows a table with all containers, and how much CPU each uses" {
    run_another busy burn 100
    run_another idle sleep 100
    run_tare stats --interval 300ms
    assert_success
    assert_stderr ''
    assert_equal "${#lines[@]}" 3
    assert_equal "$(awk 'NR == 1' <<<"$output" | xargs)" \
        'ID STATUS CPU MEMORY/MAX PIDS/MAX READ/WRITTEN PSI:CPU/MEM/IO'
    assert_line --regexp '^busy +running +([1-9][0-9]*\.[0-9]|0\.[1-9])% '
    assert_line --regexp '^idle +running +0\.0% '
}

@test "stats --format json tells of all containers, or of those that are named" {
    local page
    run_another busy burn 100
    run_another idle sleep 100
    page=$(tare stats --format json --interval 300ms)
    jq -e '[.[] | .id, .status] == ["busy", "running", "idle", "running"]
        and .[0].cpu.percent > 0 and .[1].cpu.percent == 0
        and all(.cpu.user >= 0 and .cpu.kernel >= 0 and (.memory | type) == "object"
            and (.pids | type) == "object")' <<<"$page"
    if [ -e "$TARE_TEST_CGROUP/tests/cpu.pressure" ]; then
        jq -e 'all(.psi[] | .some.avg10 >= 0 and .some.total >= 0)' <<<"$page"
    fi
    run_tare stats --format json --interval 1ms idle idle
    assert_equal "$(jq -c 'map(.id)' <<<"$output")" '["idle"]'
    run_tare stats idle --interval=1ms busy -f json
    assert_equal "$(jq -c 'map(.id)' <<<"$output")" '["busy","idle"]'
}

@test "stats --format openmetrics is a page that scrapers can read" {
    local page
    run_another busy burn 100
    create_container sleep 100
    wait_until 20 has_burnt busy
    page=$(tare stats --format openmetrics | samples)
    assert_equal "$(jq -rs 'map(select(.[0] == "tare_container_status") | .[1] | .id, .status)[]' \
        <<<"$page" | xargs)" "busy running $id created"
    jq -es 'map(select(.[0] == "tare_container_cpu_seconds_total" and .[1].id == "busy")[2] |
        tonumber) | length == 2 and add >= 0.1 and add < 1000' <<<"$page"
    # What is a resource without a controller has no sample, rather than one of 0.
    if [ ! -e "$TARE_TEST_CGROUP/tare/busy/memory.current" ]; then
        jq -es 'all(.[0] | test("memory|pids|swap|oom") | not)' <<<"$page"
    fi
}

@test "a page of no container, and pages that are none" {
    local page bad
    page=$(tare stats --format openmetrics)
    assert_equal "$(samples <<<"$page")" ''
    assert_equal "$(tail -n 1 <<<"$page")" '# EOF'
    tare stats --interval 1ms --format json | jq -e '. == []'
    # The reader of the tests would have found what is wrong.
    for bad in '' 'a 1' $'# TYPE a gauge\na 1' $'# TYPE a counter\na 1\n# EOF' \
        $'# TYPE a gauge\na{b="\\x"} 1\n# EOF' $'# TYPE a gauge\na{b="1"} 1\na{b="1"} 2\n# EOF' \
        $'# TYPE a gauge\na{b="c"d"} 1\n# EOF' $'# TYPE a gauge\n# UNIT a bytes\n# EOF' \
        $'# TYPE a gauge\na 1\n# TYPE b gauge\na 1\n# EOF' $'# TYPE a gauge\na -\n# EOF'; do
        run "$helpers/openmetrics" <<<"$bad"
        assert_failure 1
    done
}

@test "of a container that has ended stats knows no numbers" {
    start_container exit 0
    wait_until 20 has_status "$id" stopped
    run_tare stats --interval 1ms
    assert_line --regexp "^$id +stopped +- +- +- +- +-\$"
    run_tare stats --format openmetrics
    assert_equal "$(samples <<<"$output" | jq -c '.[0:2]')" \
        "[\"tare_container_status\",{\"id\":\"$id\",\"status\":\"stopped\"}]"
    run_tare stats --format json --interval 1ms
    assert_equal "$(jq -c '.[0] | [.status, .cpu, .memory, .pids, .io]' <<<"$output")" \
        '["stopped",{},{},{},null]'
}

@test "stats passes over a container that goes meanwhile, is damaged, or is being made" {
    run_another a-one sleep 100
    run_another b-two sleep 100
    run_another c-three sleep 100
    echo broken >"$state/b-two/state.json"
    mkdir "$state/d-four" # as create makes it, before there is a record
    (flock 9 && exec sleep 100) 9<"$state/d-four" 3>&- &
    local holder=$! looker
    wait_until 5 bash -c '! flock --nonblock "$1" true' . "$state/d-four"
    "$TARE" --root "$state" stats --format json --interval 2s >"$BATS_TEST_TMPDIR/page" 2>&1 3>&- &
    looker=$!
    tare delete --force c-three
    wait "$looker"
    assert_equal "$(jq -c 'map(.id)' "$BATS_TEST_TMPDIR/page")" '["a-one"]'
    run_tare --log-level warn stats --format openmetrics
    assert_success
    assert_stderr_has "tare: warning: stats 'b-two': "
    kill "$holder"
    rmdir "$state/d-four"
    tare delete --force b-two
}

# A number of more than 128 KiB is none.
@test "counters that cannot be read cost stats those of their container alone" {
    local page format
    run_another a-one sleep 100
    run_another b-two sleep 100
    head -c 200000 /dev/zero | tr '\0' 0 >"$BATS_TEST_TMPDIR/number"
    # shellcheck disable=SC2016 # expanded by the inner shell
    local hidden=(unshare --mount "$BASH" -ec 'mount --bind "$1" "$2"; shift 2; exec "$@"' hidden
        "$BATS_TEST_TMPDIR/number" "$TARE_TEST_CGROUP/tare/a-one/cpu.stat"
        "$TARE" --root "$state" --log-level warn stats)
    for format in table json; do
        run --separate-stderr "${hidden[@]}" --interval 1ms --format "$format"
        assert_success
        assert_stderr "tare: warning: stats 'a-one': a file of the cgroup has more than 131072 bytes"
        printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/$format"
    done
    assert_equal "$(awk 'NR > 1 { print $1, $2, $3 }' "$BATS_TEST_TMPDIR/table" | xargs)" \
        'a-one running - b-two running 0.0%'
    jq -e 'map(.id, .status) == ["a-one", "running", "b-two", "running"]
        and .[0].cpu == {} and .[0].io == null and .[1].cpu.user >= 0' "$BATS_TEST_TMPDIR/json"
    page=$("${hidden[@]}" --format openmetrics 2>/dev/null | samples)
    assert_equal "$(jq -rs 'map(select(.[0] == "tare_container_status")[1].id)[]' <<<"$page" |
        xargs)" 'a-one b-two'
    assert_equal "$(jq -rs 'map(select(.[0] == "tare_container_cpu_seconds_total")[1].id) |
        unique[]' <<<"$page")" b-two
}

@test "stats on a terminal draws its table anew until somebody interrupts it" {
    run_another busy burn 100
    run_another idle sleep 100
    at_terminal expect '/' expect "0%" expect '%' signal 2 -- \
        env NO_COLOR=1 "$TARE" --root "$state" stats --interval 50ms
    # The first table cannot know, later ones do.
    assert_line --regexp $'^\e\\[H\e\\[JID +STATUS +CPU '
    assert_line --regexp '^busy +running +- '
    assert_line --regexp '^busy +running +[0-9]+\.[0-9]% '
    assert_equal "$(LC_ALL=C.UTF-8 wc -L <<<"$(grep -v '^# ' <<<"${output//$'\e'/}")" |
        awk '{ print $1 <= 82 }')" 1
}

@test "stats on a terminal ends with the containers that it was asked for" {
    run_another web sleep 100
    at_terminal expect '0.0%' shell "'$TARE' --root '$state' delete --force web" -- \
        "$TARE" --root "$state" stats --interval 50ms web
    assert_success
    nothing_left
}

@test "stats on a terminal fits a small one, and --no-stream shows one table" {
    local name
    for name in 1 2 3 4 5; do
        run_another "id-$name" sleep 100
    done
    run bash -c '"$1" pty 6 80 -- "$2" --root "$3" stats --no-stream --interval 1ms' \
        . "$console" "$TARE" "$state"
    assert_success
    assert_equal "$(grep -c '^id-' <<<"$output")" 5
    run bash -c '"$1" pty 6 80 expect "more" signal 2 -- "$2" --root "$3" stats' \
        . "$console" "$TARE" "$state"
    assert_line --partial 'and 2 more'
    refute_line --partial 'id-4'
}

@test "stats on a narrow terminal leaves out its last columns, and keeps each row on one line" {
    run_another one sleep 100
    run "$console" pty 6 60 -- "$TARE" --root "$state" stats --no-stream --interval 1ms
    assert_line --regexp 'ID +STATUS +CPU +MEMORY/MAX +PIDS/MAX +READ/WRITTEN'
    refute_output --partial PSI
    run "$console" pty 6 50 -- "$TARE" --root "$state" stats --no-stream --interval 1ms
    assert_line --regexp 'ID +STATUS +CPU +MEMORY/MAX +PIDS/MAX'
    refute_output --partial WRITTEN
    # Elsewhere, and where there is room, all are there.
    run "$console" pty 6 132 -- "$TARE" --root "$state" stats --no-stream --interval 1ms
    assert_output --partial PSI:CPU/MEM/IO
    run_tare stats --no-stream --interval 1ms
    assert_output --partial PSI:CPU/MEM/IO
}

@test "the status has the colour that list gives it" {
    run_another one sleep 100
    at_terminal -- env TERM=xterm NO_COLOR= "$TARE" --root "$state" stats --no-stream --interval 1ms
    assert_line --regexp $'one +\e\\[32mrunning\e\\[0m +'
    at_terminal -- env TERM=xterm NO_COLOR=1 "$TARE" --root "$state" stats --no-stream --interval 1ms
    assert_line --regexp 'one +running +'
}

@test "stats refuses what it does not know" {
    run_tare stats nobody
    assert_failure 1
    assert_stderr_has 'container "nobody" does not exist'
    run_tare stats '../x'
    assert_failure 1
    run_tare stats --format xml
    assert_failure 64
    assert_stderr_has xml
    run_tare stats --interval 0
    assert_failure 64
    run_tare stats --interval 1s --format openmetrics
    assert_failure 64
    assert_stderr_has 'counters'
    assert_output ''
}

@test "stats works while a container is paused, and without a cgroup" {
    run_another web sleep 100
    tare pause web
    tare --cgroup-manager disabled run --detach --bundle "$bundle" none </dev/null >/dev/null 2>&1
    run_tare stats --format json --interval 1ms
    jq -e 'map({ (.id): . }) | add | .web.status == "paused" and .web.cpu.percent == 0
        and .none.status == "running" and .none.cpu == {}' <<<"$output"
}
