#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A new user's first hour, typed as README.md, the manual page and the hints say: the host is
# checked, a container is run without a config.json and with one, looked at before, meanwhile and
# afterwards; and ten times something is wrong, as users of runtimes complain most, where the last
# line must say what to do.  What the user sees is the log.
set -eu
umask 022
# shellcheck source=tests/accept/tap.bash
. "$(dirname "$0")/tap.bash"
isolate
need_cgroup
# shellcheck source=tests/helpers/rootless.bash
. "$top/tests/helpers/rootless.bash"

# In /run, which is the script's own, names are short.  The user 1000 has there what systemd gives.
home=/run/home
mkdir -p $home/{bin,contrib,user} $home/image/{bin,dev,proc,sys,tmp} /run/user/1000
cp "$tare" $home/bin/
cp "$top/contrib/quickstart" $home/contrib/
cp /bin/busybox $home/image/bin/
for name in sh cat id hostname ls sleep; do
    ln -s busybox "$home/image/bin/$name"
done
chown 1000:1000 $home/user /run/user/1000
export PATH=$home/bin:$PATH
unset XDG_RUNTIME_DIR
cd $home
seen=/run/seen runner=

# Where a command is typed.
as_root() { "$@"; }

as_user() {
    (cd user && plain env XDG_RUNTIME_DIR=/run/user/1000 "$@")
}

# In a cgroup to which no controller was handed down.
in_cgroup() {
    # shellcheck disable=SC2016 # expanded by the inner shells
    "$BASH" -ec 'echo $$ >/sys/fs/cgroup/tests/bare/cgroup.procs
        exec unshare --mount --cgroup "$BASH" -ec "
            mount --bind /sys/fs/cgroup/tests/bare /sys/fs/cgroup
            exec \"\$@\"" bare "$@"' bare "$@"
}

# As root of a user namespace, like in an engine's container, with a part of /proc and /sys masked.
in_container() { masked "$@"; }

# The same with all of /sys masked.
in_sandbox() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    masked "$BASH" -ec 'mount -t tmpfs -o ro sandbox /sys && exec "$@"' sandbox "$@"
}

# shows COMMAND: the line that is typed, and who types it, if it is not root.
shows() {
    local prompt=${where#*_}
    prompt=${prompt/#root/}
    echo "# $prompt\$ ${1//$'\n'/$'\n# '}"
}

# types COMMAND STATUS: what the user types, and what the terminal shows.
types() {
    local status=0
    shows "$1"
    "$where" "$BASH" -o pipefail -c "$1" <<<"$keys" >"$seen" 2>&1 || status=$?
    sed -i 's/\r//g; s/\x1b\[[0-9;]*[A-Za-z]//g' "$seen"
    sed 's/^/# /; s/ *$//' "$seen"
    [ "$status" = "$2" ] || {
        echo "# exit status $status, not $2"
        return 1
    }
}

# types_on COMMAND: the same in the background; its process is $runner.
types_on() {
    echo "#"
    shows "$1 &"
    # shellcheck disable=SC2086 # its words
    $1 </dev/null >/dev/null 2>&1 &
    runner=$!
}

# ends_it: what runs in the background is killed; its exit status is $status then.
ends_it() {
    echo "#"
    shows "kill -KILL %1"
    kill -KILL "$runner"
    status=0
    wait "$runner" 2>/dev/null || status=$?
}

# sees TEXT...: each of them, as it is, in what the last command has said.
sees() {
    local text
    for text in "$@"; do
        grep -qF -e "$text" "$seen" || {
            echo "not seen: $text"
            return 1
        }
    done
}

# claims TEXT STATUS COMMAND SEEN...: the command is typed, ends so, and shows all of that.
where=as_root keys=
claims() {
    local text=$1 status=$2 command=$3
    shift 3
    echo "#"
    if types "$command" "$status"; then
        claim "$text" sees "$@"
    else
        claim "$text" false
    fi
}

# users_claims TEXT...: claims of what needs user namespaces of plain users.
users_claims() {
    if plain unshare --user --map-root-user true 2>/dev/null; then
        claims "$@"
    else
        claim "$1 # SKIP plain users get no user namespaces here" true
    fi
}

# told TEXT...: claims of a command that stands so in README.md, where the image is elsewhere.
told() {
    sed -n 's|/some/root/filesystem|image|g; s/^    //p' "$top/README.md" |
        sed 's/ *# .*//' | grep -qxF -e "$3" || claim "README.md has the command: $3" false
    claims "$@"
}

# edits FILTER [BUNDLE]: the bundle with one thing changed, by jq.
edits() {
    rm -rf wrong
    cp -a "${2:-bundle}" wrong
    jq "$1" "${2:-bundle}/config.json" >wrong/config.json
}

# waits_for COMMAND ID: until a start waits for that.
waits_for() {
    local _
    for _ in {1..600}; do
        ! tare state --explain "$2" 2>/dev/null |
            jq -e --arg command "$1" '.waitsFor.command == $command' >/dev/null || return 0
        sleep 0.1
    done
    return 1
}

# What there is of what containers are made of, and of what tare notes of them.
lists_all() {
    cut -d' ' -f5- /proc/self/mountinfo | sort | sed 's/^/mount /'
    find /sys/fs/cgroup -mindepth 1 -type d | sort | sed 's/^/cgroup /'
    ps -e -o args= >/run/processes
    grep -vxF 'ps -e -o args=' /run/processes | sort | sed 's/^/process /'
    find /run -path '*/tare/*' | sort | sed 's/^/state /'
}

# What was killed may take its time to go.
nothing_is_left() {
    local _
    for _ in {1..100}; do
        lists_all >/run/after
        ! diff /run/before /run/after >/run/left || return 0
        sleep 0.1
    done
    cat /run/left
    return 1
}
mkdir /sys/fs/cgroup/tests/bare
lists_all >/run/before

echo "# -- The quickstart; what it installs and builds first, tests/accept/1-quickstart.sh has seen"
claims "the quickstart runs a container" 0 "contrib/quickstart bin/tare" \
    "This is feather, I am uid=0"
claim "README.md begins with it" grep -q '^    contrib/quickstart ' "$top/README.md"

echo "# -- The host"
claims "the host is checked" 0 "tare check" "nothing is missing of what containers need"

echo "# -- The first container"
told "a command runs in an image, without a config" 0 \
    "tare run --rootfs image -- ls -l /" "bin"
told "and tells how long each step took" 0 \
    "tare run --trace start.json --rootfs image -- ls -l /" "bin"
claims "here the longest of them" 0 "jq -r '.traceEvents[] | select(.dur) |
    \"\(.dur | floor) us  \(.name)\"' start.json | sort -rn | sed 3q" "us  "
told "the image is copied into a bundle" 0 "mkdir -p shell/rootfs && cp -a image/. shell/rootfs"
told "which gets a config" 0 "tare spec --bundle shell"
keys='id; exit 3'
told "and is a shell, whose status is passed on" 3 "tare run --bundle shell shell" "uid=0"
keys=
told "a config that runs something else in the image as it is" 0 \
    "tare spec --bundle bundle --rootfs image -- sleep 1000"
claims "whether this host can start it" 0 "tare check bundle | sed -n '/^config/,\$p'" \
    "nothing is missing of what was tried"
told "what a start would do is shown, step by step" 0 "tare run --dry-run --bundle bundle web" \
    "make the cgroup" "load the seccomp filter" "take leave"
told "it runs on its own" 0 "tare create --bundle bundle web && tare start web"
claims "it is listed" 0 "tare list" "running" "$home/bundle"
claims "another process in it" 0 "tare exec web id" "uid=0"
told "its processes" 0 "tare ps web" "sleep 1000"
told "all of them halt, and go on" 0 "tare pause web && tare resume web"
told "what it uses" 0 "tare stats" "CPU" "web"
claims "the same for who collects it" 0 \
    "tare stats --format openmetrics | grep -E '^tare_container_(status|cpu_seconds)|EOF'" \
    'tare_container_status{id="web",status="running"} 1' "# EOF"
claims "it waits for nothing" 0 "tare state --explain web | jq 'has(\"waitsFor\")'" false

echo "# -- Ten things that go wrong"
claims "1. the folder is no bundle" 1 "tare run --bundle image first" \
    "open image/config.json: not found" "'tare spec --bundle image' writes one"
edits . && sed -i 's/"args": \[/"args": [,/' wrong/config.json
claims "2. a slip in the JSON" 1 "tare run --bundle wrong first" \
    "wrong/config.json:$(grep -n '"args"' wrong/config.json | cut -d: -f1)"
edits '.root.path = "rotfs"'
claims "3. the root filesystem is elsewhere" 1 "tare run --bundle wrong first" \
    "root.path" "open rotfs: not found" "or mend root.path"
edits '.mounts += [{ destination: "/data", source: "/srv/no-data", options: ["bind"] }]'
claims "4. a volume that is not there" 1 "tare run --bundle wrong first" \
    "mounts[" "/srv/no-data is missing on the host"
edits '.process.args = ["nginx"]'
claims "which a check would have found" 1 "tare check wrong | grep -A1 '^  missing'" \
    'exec: "nginx": executable file not found in $PATH'
claims "5. a program that the image has not" 127 "tare run --bundle wrong first" \
    'exec: "nginx": executable file not found in $PATH' "PATH was"
printf '#!/usr/bin/python3\n' >image/bin/app
chmod 755 image/bin/app
edits '.process.args = ["app"]'
claims "6. a script whose interpreter the image has not" 127 "tare run --bundle wrong first" \
    "its interpreter, /usr/bin/python3, is not in the image"

echo "# -- The same host, to a plain user, to whom no cgroup was delegated"
where=as_user
claims "a bundle of root's asks for what a user may not make" 1 \
    "tare run --bundle ../bundle first" \
    "uid 1000 may not make these without a user namespace" 'add {"type": "user"}'
claims "one of the user's own does not" 0 "tare spec --bundle own --rootfs ../image -- id"
users_claims "so that it runs" 0 "tare run --bundle own first" "uid=0"
claims "what is lacking here, a check tells" 0 "tare check | grep -A2 '^  degraded    cgroup2'" \
    "cannot be made: access refused" "Delegate=yes"
edits '.linux.resources.pids.limit = 20' user/own
claims "7. a limit, and no cgroup to set it in" 1 "tare run --bundle ../wrong first" \
    "linux.resources.pids.limit: needs a cgroup" "Delegate=yes" "[E-CGROUP-NOT-DELEGATED]"

echo "# -- Root again, in a cgroup that was given no controllers"
where=in_cgroup
edits '.linux.resources.memory.limit = 268435456'
claims "8. a limit whose controller is not there" 1 "tare run --bundle wrong first" \
    "linux.resources.memory.limit: " "controller memory" "hint: "

echo "# -- A hook that does not end"
where=as_root
edits '.hooks.createRuntime = [{ path: "/bin/sleep", args: ["sleep", "1000"] }]'
types_on "tare create --bundle wrong stuck"
claim "a container is being made" waits_for "sleep 1000" stuck
claims "and what it waits for can be asked" 0 "tare state --explain stuck | jq .waitsFor" \
    '"what": "hook"' '"hook": "createRuntime"' '"command": "sleep 1000"'
claims "9. a start that takes longer than it may" 1 \
    "tare --timeout 3s create --bundle wrong first" \
    "hooks.createRuntime[0]: /bin/sleep was killed, since the time of --timeout is over"
ends_it
claim "the other, which may take as long as it likes, is killed" [ "$status" = 137 ]

echo "# -- Inside of a container of an engine, which has a user namespace and masks"
where=in_container
users_claims "what cannot be as it was asked is told, and what would lift it" 0 \
    "tare --log-level warn run --rootfs image -- id" \
    "the kernel refuses a new proc" "Podman: --security-opt unmask=ALL" "uid=0"
where=in_sandbox
users_claims "10. a filesystem for which there is no other way" 1 "tare run --bundle bundle first" \
    "mounts[5].type" "make filesystem sysfs: " "not permitted (EPERM)" \
    "Podman: --security-opt unmask=ALL"

echo "# -- The end"
where=as_root
claims "a command with a slip" 64 "tare stat web" "did you mean"
claims "what a code means" 0 "tare explain E-CGROUP-NOT-DELEGATED" "E-CGROUP-NOT-DELEGATED"
claims "a container that runs is not deleted by accident" 1 "tare delete web" "--force"
told "it is ended and deleted" 0 \
    "tare state web && tare kill web KILL && tare wait web && tare delete web" \
    '"status": "running"'
told "what the start that was killed has left is found and removed" 0 "tare gc" "stuck"
claim "and then there are no more mounts, cgroups, processes and files of state than before" \
    nothing_is_left
finish
