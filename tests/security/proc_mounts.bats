#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables of tare.bash
#
# Mounts over parts of /proc, as a volume of the image brings them.  What the runtime writes to
# /proc has to arrive in the real one, or the start has to fail; all is looked at from outside.

load ../helpers/tare
load attack

setup() {
    setup_bundle
    setup_canary
    fake=$BATS_TEST_TMPDIR/fake
    # A /proc as an image would build it: whoever writes there is told nothing.
    mkdir -p "$fake"/{self,thread-self,1}/attr/{apparmor,selinux} "$fake/self/fd" \
        "$fake/sys/net/ipv4" "$fake/sys/kernel"
    local file
    for file in self/oom_score_adj thread-self/oom_score_adj 1/oom_score_adj self/uid_map \
        self/setgroups sys/net/ipv4/ip_default_ttl sys/kernel/msgmax \
        self/attr/{exec,current,apparmor/exec,selinux/exec} self/status; do
        echo fake >"$fake/$file"
    done
    ln -s "$canary" "$fake/self/root"
    fake_before=$(look_at_fake)
    host_before=$(cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/msgmax)
    config '.process.oomScoreAdj = 321 | .linux.sysctl = {
        "net.ipv4.ip_default_ttl": "77", "kernel.msgmax": "4321" }'
}

look_at_fake() {
    (cd "$fake" && find . -printf '%p %y %m %U %G %s %T@ %C@ %l\n' && grep -r . --exclude-dir=root .)
}

# of_container COMMAND...: in the network and ipc namespaces of the container, with the host's /proc.
of_container() {
    nsenter --net="/proc/$pid/ns/net" --ipc="/proc/$pid/ns/ipc" "$@"
}

teardown() {
    [ -z "${keeper:-}" ] || kill "$keeper" 2>/dev/null || :
    teardown_bundle
}

# arrives_or_fails: creates the container; it has what was asked for, or is not there.
arrives_or_fails() {
    local pid
    run_tare create --bundle "$bundle" "$id"
    assert_equal "$(look_at_fake)" "$fake_before"
    host_is_untouched
    assert_equal "$(cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/msgmax)" "$host_before"
    if [ "$status" != 0 ]; then
        [ -n "$stderr" ] || fail "it failed without a word"
        refused=$((${refused:-0} + 1))
        return
    fi
    pid=$(tare state "$id" | jq .pid)
    assert_equal "$(<"/proc/$pid/oom_score_adj")" 321
    assert_equal "$(of_container cat /proc/sys/net/ipv4/ip_default_ttl)" 77
    assert_equal "$(of_container cat /proc/sys/kernel/msgmax)" 4321
    arrived=$((${arrived:-0} + 1))
    tare delete --force "$id"
}

# What refuses all would show nothing.  Ours refuses a directory over a file, and what this kernel
# has no place for or cannot make read-only; others mount nothing there.
most_arrived() {
    is_other_runtime || ((${arrived:-0} > ${refused:-0})) ||
        fail "${refused:-0} starts were refused, and ${arrived:-0} were not"
}

@test "(T10) control: what is asked for arrives when nothing is in its way" {
    arrives_or_fails
    [ -z "${refused:-}" ]
    nothing_left
}

@test "(T10) a tmpfs over a part of /proc" {
    local destination kept
    kept=$(<"$bundle/config.json")
    for destination in /proc/self/attr /proc/sys /proc/self /proc/1 /proc/self/attr/exec \
        /proc/thread-self /proc/sys/net /proc/sys/kernel /proc; do
        echo "$destination"
        printf '%s\n' "$kept" >"$bundle/config.json"
        config --arg to "$destination" '.mounts += [{ destination: $to, type: "tmpfs" }]'
        arrives_or_fails
    done
    most_arrived
    nothing_left
}

@test "(T10) a folder of the image over a part of /proc" {
    local part kept
    kept=$(<"$bundle/config.json")
    for part in self/attr sys self 1 thread-self sys/net sys/kernel self/oom_score_adj \
        sys/kernel/msgmax sys/net/ipv4/ip_default_ttl self/fd ''; do
        echo "$part"
        printf '%s\n' "$kept" >"$bundle/config.json"
        config --arg to "/proc/$part" --arg from "$fake/$part" '.mounts += [{
            destination: $to, type: "bind", source: $from, options: ["rbind", "rw"] }]'
        arrives_or_fails
    done
    most_arrived
    nothing_left
}

@test "(T10) /proc is a volume of the image, and no procfs" {
    config --arg from "$fake" '.mounts |= map(select(.destination != "/proc")) | .mounts += [{
        destination: "/proc", type: "bind", source: $from, options: ["rbind", "rw"] }]'
    arrives_or_fails
    most_arrived
    config '.linux.maskedPaths = ["/proc/sys/kernel", "/proc/self"]
        | .linux.readonlyPaths = ["/proc/sys"]'
    arrives_or_fails
    nothing_left
}

@test "(T10) a part of /proc that is another file of /proc" {
    local from to kept
    kept=$(<"$bundle/config.json")
    for to in self/oom_score_adj sys/net/ipv4/ip_default_ttl sys/kernel/msgmax; do
        for from in self/sched sys/net/ipv4/ip_no_pmtu_disc self/coredump_filter; do
            echo "$from on $to"
            printf '%s\n' "$kept" >"$bundle/config.json"
            config --arg to "/proc/$to" --arg from "/proc/$from" '.mounts += [{
                destination: $to, type: "bind", source: $from, options: ["bind", "rw"] }]'
            arrives_or_fails
        done
    done
    most_arrived
    nothing_left
}

# of_network COMMAND...: in the network namespace of the process $keeper.
of_network() {
    nsenter --net="/proc/$keeper/ns/net" "$@"
}

has_own_network() {
    [ "$(readlink "/proc/$keeper/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# step_through STARTS CALLS: the exchange is before calls chosen evenly.
step_through() {
    local number exchanges ttl discovery
    for ((number = 0; number < $1; number++)); do
        start_once "$swap" at $((number * $2 / $1 + 1)) 1 \
            "$ipv4/ip_default_ttl" "$ipv4/other" "$tally" --
        read -r _ exchanges <"$tally"
        [ "$exchanges" = 0 ] || hits=$((hits + 1))
        of_network sh -c 'cd /proc/sys/net/ipv4 && cat ip_default_ttl ip_no_pmtu_disc &&
            echo 64 >ip_default_ttl' >"$BATS_TEST_TMPDIR/values"
        { read -r ttl && read -r discovery; } <"$BATS_TEST_TMPDIR/values"
        [ "$status" != 0 ] || [ "$ttl" = 77 ] || bad=$((bad + 1))
        [ "$discovery" = 0 ] || bad=$((bad + 1))
    done
}

# Both names lead to true files of /proc, so that who only asks for the filesystem takes either.
@test "(T11) the file of a sysctl is exchanged with another one of /proc, call by call" {
    local calls exchanges hits=0 bad=0 ipv4=$fake/sys/net/ipv4 tally=$BATS_TEST_TMPDIR/tally
    unshare --net sleep 1000 3>&- &
    keeper=$!
    wait_until 5 has_own_network
    ln -sf /proc/self/sched "$ipv4/ip_default_ttl"
    ln -sf /proc/sys/net/ipv4/ip_no_pmtu_disc "$ipv4/other"
    fake_before=$(look_at_fake)
    config --arg from "$ipv4" --arg network "/proc/$keeper/ns/net" '
        .linux.sysctl = { "net.ipv4.ip_default_ttl": "77" }
        | .linux.namespaces |= map(if .type == "network" then .path = $network else . end)
        | .mounts += [{ destination: "/proc/sys/net/ipv4", type: "bind", source: $from,
            options: ["rbind", "rw"] }]'
    start_once "$swap" at 0 0 "$ipv4/ip_default_ttl" "$ipv4/other" "$tally" --
    if [ "$status" != 0 ] && is_other_runtime; then
        skip "the runtime mounts nothing there"
    fi
    [ "$status" = 0 ] || fail "not attacked, it ends with $status: $output"
    read -r calls exchanges <"$tally"
    [ "$calls" -gt 20 ]
    of_network sh -c 'echo 64 >/proc/sys/net/ipv4/ip_default_ttl'
    quickly step_through "$starts" "$calls"
    kill "$keeper"
    assert_equal "$(cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/msgmax)" "$host_before"
    host_is_untouched
    count 'the file of a sysctl' "$starts" "$hits" "$bad"
    [ "$hits" -gt 0 ] || fail "the attack has never hit, and shows nothing"
    nothing_left
}

@test "(T10) in a user namespace, with /proc as a volume" {
    in_user_namespace
    chmod -R a+rwX "$fake"
    fake_before=$(look_at_fake)
    config --arg from "$fake" 'del(.linux.sysctl["kernel.msgmax"]) | .mounts += [{
        destination: "/proc", type: "bind", source: $from, options: ["rbind", "rw"] }]'
    run_tare create --bundle "$bundle" "$id"
    assert_equal "$(look_at_fake)" "$fake_before"
    is_other_runtime || assert_success
    [ "$status" != 0 ] || {
        pid=$(tare state "$id" | jq .pid)
        assert_equal "$(<"/proc/$pid/oom_score_adj")" 321
        assert_equal "$(awk '{ print $1, $2, $3 }' "/proc/$pid/uid_map")" '0 100000 65536'
        assert_equal "$(of_container cat /proc/sys/net/ipv4/ip_default_ttl)" 77
        tare delete --force "$id"
    }
    nothing_left
}
