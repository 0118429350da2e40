#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# The program `scope` (src/scope.c), between tare and systemd: what it makes of a request, and of
# what systemd answers or does not.  In systemd's place is tests/helpers/fake_systemd.

load ../helpers/tare

setup() {
    scope=$build/src/scope
    systemd=$build/tests/helpers/fake_systemd
    [ -x "$scope" ] || skip "needs libsystemd"
    bus=$BATS_TEST_TMPDIR/bus
}

teardown() {
    [ -z "${listener:-}" ] || kill "$listener" 2>/dev/null || :
}

# systemd_is [REACTION...]: it listens, and reacts so.
systemd_is() {
    teardown
    rm -f "$bus"
    "$systemd" "$bus" "$@" >"$BATS_TEST_TMPDIR/called" 2>&1 </dev/null 3>&- &
    listener=$!
    wait_until 20 [ -S "$bus" ]
}

# asked VERB [LINE...]: one question; systemd has gone then.
asked() {
    printf '%s\n' "bus unix:path=$bus" 'unit u-1.scope' "seconds ${patience:-20}" "${@:2}" |
        timeout 30 "$scope" "$1"
}

# called [METHOD]: what systemd was asked, each with its values in one line.
called() {
    awk '/^[A-Z]/ { printf "%s%s", (NR > 1 ? "\n" : ""), $0; next } { printf "|%s", $0 }
        END { print "" }' "$BATS_TEST_TMPDIR/called" | grep "^${1:-}" | grep -v ^AddMatch
}

properties=('property Delegate b' '=b 1' 'property DeviceAllow a(ss)' 'a (ss)' 'r ss' '=s /dev/x' '=s rw'
    . . 'property AllowedCPUs ay' 'a y' '=y 3' '=y 255' . 'property N i' '=i -5' 'property M n'
    '=n -6' 'property T t' '=t 18446744073709551615' 'property X x' '=x -7' 'property D d' '=d 1.5'
    'property O o' '=o /a/b' 'property S s' '=s two words')

@test "scope start: the unit, its properties, the end of the job, the cgroup" {
    systemd_is StartTransientUnit=job:done Get=/s.slice/u-1.scope
    run asked start "${properties[@]}"
    assert_success
    assert_output 'ok /s.slice/u-1.scope'
    run called
    assert_line --index 0 Hello
    assert_line --index 1 Subscribe
    assert_line --index 2 'GetUnit|s u-1.scope'
    assert_line --index 3 'StartTransientUnit|s u-1.scope|s fail|a (sv)|r sv|s Delegate|v b|b 1|.|.|r sv|s DeviceAllow|v a(ss)|a (ss)|r ss|s /dev/x|s rw|.|.|.|.|r sv|s AllowedCPUs|v ay|a y|y 3|y 255|.|.|.|r sv|s N|v i|i 4294967291|.|.|r sv|s M|v n|n 65530|.|.|r sv|s T|v t|t 18446744073709551615|.|.|r sv|s X|v x|x 18446744073709551609|.|.|r sv|s D|v d|d 1.5|.|.|r sv|s O|v o|o /a/b|.|.|r sv|s S|v s|s two words|.|.|.|a (sa(sv))|.'
    assert_line --index 4 'Get|s org.freedesktop.systemd1.Scope|s ControlGroup'
}

@test "scope start: a job that has ended before the answer is heard is seen as well" {
    systemd_is StartTransientUnit=job-before:done Get=/s.slice/u-1.scope
    run asked start "${properties[@]}"
    assert_output 'ok /s.slice/u-1.scope'
}

@test "scope start: a job that fails is told with its result" {
    for result in failed canceled timeout dependency skipped; do
        systemd_is "StartTransientUnit=job:$result"
        run asked start "${properties[@]}"
        assert_success
        assert_output "error job $result"
    done
    systemd_is StartTransientUnit=job:done Get=
    run asked start "${properties[@]}"
    assert_output 'error job the scope has no cgroup: its process may have ended'
}

@test "scope start: neither a job nor an answer is waited for for ever" {
    local verb
    patience=3 # each answer may take that long on a busy machine
    systemd_is StartTransientUnit=job-never:
    run asked start "${properties[@]}"
    assert_output 'error late its job has not ended in time'
    systemd_is StartTransientUnit=never:
    run asked start "${properties[@]}"
    assert_output --regexp '^error late .*[Tt]imed out$'
    for verb in set attach stop; do
        systemd_is {SetUnitProperties,AttachProcessesToUnit,GetUnit}=never:
        run asked "$verb" 'description x' 'pid 1' "${properties[@]}"
        assert_output --regexp '^error late .*[Tt]imed out$'
    done
    systemd_is Subscribe=never:
    run asked start "${properties[@]}"
    assert_output --regexp '^error bus .*[Tt]imed out$'
}

@test "scope start: a name that is taken, by a unit that lives or is made meanwhile" {
    systemd_is GetUnit=unit: GetUnit=unit: Get=active
    run asked start "${properties[@]}"
    assert_output 'error exists there is such a unit'
    refute [ -n "$(called StartTransientUnit)" ]
    systemd_is StartTransientUnit='error:systemd1.UnitExists:Unit u-1.scope was already loaded.'
    run asked start "${properties[@]}"
    assert_output 'error exists Unit u-1.scope was already loaded.'
}

@test "scope start: a unit that has failed is forgotten first" {
    systemd_is GetUnit=unit: GetUnit=unit: Get=failed StartTransientUnit=job:done Get=/s/u-1.scope
    run asked start "${properties[@]}"
    assert_output 'ok /s/u-1.scope'
    assert_equal "$(called ResetFailedUnit)" 'ResetFailedUnit|s u-1.scope'
}

@test "scope: an older systemd that lacks a property, and one that forbids, in their own words" {
    local text='Cannot set property ManagedOOMSwap, or unknown property.'
    systemd_is "StartTransientUnit=error:DBus.Error.PropertyReadOnly:$text"
    run asked start "${properties[@]}"
    assert_output "error refused $text"
    systemd_is "SetUnitProperties=error:DBus.Error.PropertyReadOnly:$text"
    run asked set "${properties[@]}"
    assert_output "error refused $text"
    systemd_is 'SetUnitProperties=error:DBus.Error.AccessDenied:two
lines'
    run asked set "${properties[@]}"
    assert_output 'error refused two lines'
}

@test "scope: no bus, a bus that ends, and one that no systemd is behind" {
    run asked start "${properties[@]}"
    assert_success
    assert_output --regexp '^error bus '
    refute_output --partial 'ok'
    systemd_is Subscribe=close:
    run asked start "${properties[@]}"
    assert_output --regexp '^error bus '
    systemd_is StartTransientUnit=close:
    run asked start "${properties[@]}"
    assert_output --regexp '^error bus '
    systemd_is 'Subscribe=error:DBus.Error.ServiceUnknown:The name is not activatable'
    run asked set "${properties[@]}"
    assert_output 'error bus The name is not activatable'
}

@test "scope set: until the unit ends, and heard before it returns" {
    systemd_is
    run asked set 'property TasksMax t' '=t 5'
    assert_output ok
    assert_equal "$(called | tail -2)" 'SetUnitProperties|s u-1.scope|b 1|a (sv)|r sv|s TasksMax|v t|t 5|.|.|.
GetUnit|s u-1.scope'
    systemd_is
    run asked set
    assert_output ok
    assert_equal "$(called SetUnitProperties)" 'SetUnitProperties|s u-1.scope|b 1|a (sv)|.'
}

@test "scope attach: a process, below the unit's cgroup or into it" {
    systemd_is
    run asked attach 'subgroup /container' 'pid 4711'
    assert_output ok
    assert_equal "$(called AttachProcessesToUnit)" \
        'AttachProcessesToUnit|s u-1.scope|s /container|a u|u 4711|.'
    systemd_is 'AttachProcessesToUnit=error:DBus.Error.AccessDenied:not yours'
    run asked attach 'pid 4711'
    assert_output 'error refused not yours'
    assert_equal "$(called AttachProcessesToUnit)" 'AttachProcessesToUnit|s u-1.scope|s |a u|u 4711|.'
}

@test "scope stop: ours alone, and until its name is free" {
    systemd_is GetUnit=unit: Get='container x of tare' StopUnit=job:done
    run asked stop 'description container x'
    assert_output ok
    assert_equal "$(called StopUnit)" 'StopUnit|s u-1.scope|s replace'
    systemd_is GetUnit=unit: Get="somebody else's"
    run asked stop 'description container x'
    assert_output ok
    assert_equal "$(called StopUnit)" ''
    systemd_is
    run asked stop 'description container x'
    assert_output ok
    assert_equal "$(called StopUnit)" ''
}

@test "scope stop: what goes meanwhile is gone, what cannot be read or does not go is an error" {
    systemd_is GetUnit=unit: Get='container x' \
        'StopUnit=error:systemd1.NoSuchUnit:Unit u-1.scope not loaded.'
    run asked stop 'description container x'
    assert_output ok
    systemd_is GetUnit=unit: GetUnit=unit: 'Get=error:DBus.Error.AccessDenied:no'
    run asked stop 'description container x'
    assert_output 'error refused the description of the unit cannot be read'
    systemd_is GetUnit=unit: Get='container x' 'StopUnit=error:DBus.Error.AccessDenied:not yours'
    run asked stop 'description container x'
    assert_output 'error refused not yours'
    systemd_is GetUnit=unit: Get='container x' StopUnit=job:done GetUnit=unit: Get=active
    run asked stop 'description container x'
    assert_output 'error late it does not go away'
}

@test "scope stop: that its name is free is waited for as long as for an answer, however slow" {
    local reactions=()
    for _ in {1..450}; do
        reactions+=(GetUnit=unit: Get=inactive)
    done
    systemd_is GetUnit=unit: Get='container x' StopUnit=job:done "${reactions[@]}"
    patience=1 run asked stop 'description container x'
    assert_output 'error late it does not go away'
    [ "$(called GetUnit | wc -l)" -lt 300 ] # there are 5 ms between two of them
}

@test "scope: a request that is none is refused before anything is asked of systemd" {
    local line
    for line in nonsense 'property' 'property X' $'property X s\n=q' $'property X s\n=i 5' \
        $'property X a(s\n.' $'property X s\n=s a\n.' $'property X s\n=s \xff' 'unit'; do
        systemd_is
        run asked set "$line"
        assert_success
        assert_output --regexp '^error request '
        refute [ -n "$(called SetUnitProperties)" ]
    done
    run "$scope" start <<<'unit u-1.scope'
    assert_output 'error request bus, unit or seconds is missing'
    run "$scope" nonsense
    assert_failure 64
    run "$scope"
    assert_failure 64
}
