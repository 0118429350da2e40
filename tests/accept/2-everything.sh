#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Containers that ask for everything at once, as engines do: a user namespace, a time namespace with
# offsets, joined namespaces, hooks of all kinds, a filter, limits of the process; by the hundred,
# and nothing is left.
set -eu
# shellcheck source=tests/accept/tap.bash
. "$(dirname "$0")/tap.bash"
# shellcheck source=tests/accept/lives.bash
. "$(dirname "$0")/lives.bash"

IN_A_ROW=${TARE_ACCEPT_IN_A_ROW:-100}
SIDE_BY_SIDE=${TARE_ACCEPT_SIDE_BY_SIDE:-20}

# Who counts the hooks that run, on the host's side.
cat >"$work/hook" <<'HOOK'
#!/bin/sh
cat >/dev/null
echo "$1" >>"$2"
HOOK
chmod 755 "$work/hook"
: >"$work/count"
chown -R 100000:100000 "$bundle/rootfs"

hook() {
    echo "[{ path: \"$work/hook\", args: [\"hook\", \"$1\", \"$work/count\"], timeout: 20 }]"
}

config '.linux.namespaces += [{ type: "user" }]
    | .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
    | .linux.gidMappings = .linux.uidMappings
    | .process.scheduler = { policy: "SCHED_BATCH", nice: 3 }
    | .process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 5 }
    | .process.oomScoreAdj = 100
    | .process.rlimits += [{ type: "RLIMIT_CORE", soft: 0, hard: 0 }]
    | .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["keyctl", "add_key"], action: "SCMP_ACT_ERRNO", errnoRet: 38 }] }
    | .hooks = { prestart: '"$(hook prestart)"', createRuntime: '"$(hook createRuntime)"',
        poststart: '"$(hook poststart)"', poststop: '"$(hook poststop)"' }'
if [ -e /proc/self/ns/time ]; then
    config '.linux.namespaces += [{ type: "time" }]
        | .linux.timeOffsets = { boottime: { secs: 1000 } }'
fi

hooks_ran() {
    local kind
    for kind in prestart createRuntime poststart poststop; do
        [ "$(grep -cx "$kind" "$work/count")" = "$1" ] || {
            echo "$kind ran $(grep -cx "$kind" "$work/count") times, not $1"
            return 1
        }
    done
}

# Namespaces of a first container, which others join: what engines call a pod.
live_in_a_pod() {
    local n pid plain
    plain=$(cat "$bundle/config.json")
    run_tare run --detach --bundle "$bundle" pod </dev/null || return
    pid=$(run_tare state pod | jq .pid)
    config ".linux.namespaces |=
            map(select(.type | IN(\"network\", \"ipc\", \"uts\", \"user\") | not))
        | .linux.namespaces += [{ type: \"network\", path: \"/proc/$pid/ns/net\" },
            { type: \"ipc\", path: \"/proc/$pid/ns/ipc\" },
            { type: \"uts\", path: \"/proc/$pid/ns/uts\" },
            { type: \"user\", path: \"/proc/$pid/ns/user\" }]"
    for n in $(seq "$1"); do
        live "member-$n" || { echo "member $n failed" && return 1; }
    done
    printf '%s\n' "$plain" >"$bundle/config.json"
    run_tare delete --force pod
}

before=$(snapshot)
claim "$IN_A_ROW lives in a row" live_in_a_row "$IN_A_ROW"
claim "each hook ran once a life" hooks_ran "$IN_A_ROW"
claim "$SIDE_BY_SIDE lives side by side" live_side_by_side "$SIDE_BY_SIDE"
claim "$SIDE_BY_SIDE lives in the namespaces of another" live_in_a_pod "$SIDE_BY_SIDE"
claim "nothing is left" nothing_is_left
finish
