#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A new user's first hour, typed as README.md and the hints say: the host is checked, a container is
# run without a config.json and with one, looked at before, meanwhile and afterwards; and ten times
# something is wrong, where the last line must say what to do.  What the user sees is the log.
set -eu
# shellcheck source=tests/accept/tap.bash
. "$(dirname "$0")/tap.bash"
isolate
need_cgroup

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/image"/{bin,dev,proc,sys,tmp}
ln -s "$tare" "$work/bin/tare"
cp /bin/busybox "$work/image/bin/"
for name in sh cat id hostname ls sleep; do
    ln -s busybox "$work/image/bin/$name"
done
export PATH=$work/bin:$PATH
cd "$work"

# types COMMAND [STATUS]: what the user types, and what the terminal shows.
types() {
    local status=0
    echo "# \$ ${1//$'\n'/$'\n# '}"
    bash -o pipefail -c "$1" >"$work/seen" 2>&1 </dev/null || status=$?
    sed 's/^/# /' "$work/seen"
    [ "$status" = "${2:-0}" ] || {
        echo "# exit status $status, not ${2:-0}"
        return 1
    }
}

# sees TEXT...: each of them, as it is, in what the last command has said.
sees() {
    local text
    for text in "$@"; do
        grep -qF -e "$text" "$work/seen" || {
            echo "not seen: $text"
            return 1
        }
    done
}

# claims TEXT STATUS COMMAND SEEN...: the command is typed, ends so, and shows all of that.
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

# edits FILTER: the bundle with one thing changed, by jq.
edits() {
    rm -rf wrong
    cp -a web wrong
    jq "$1" web/config.json >wrong/config.json
}

echo "# -- The host"
claims "the host is checked" 0 "tare check" "nothing is missing of what containers need"

echo "# -- The first container"
claims "a command runs in an image, without a config" 0 \
    "tare run --rootfs image -- id" "uid=0 gid=0"
claims "the same as a bundle" 0 \
    "tare spec --bundle web --rootfs image -- sh -c 'hostname; sleep 1000'"
claims "whether this host can start it" 0 "tare check web | sed -n '/^config/,\$p'" \
    "nothing is missing of what was tried"
claims "what a start would do is shown, step by step" 0 \
    "tare run --dry-run --bundle web one" \
    "make the cgroup" "load the seccomp filter" "take leave"
claims "and how long each step took" 0 "tare run --trace one.json --rootfs image -- hostname &&
    jq -r '.traceEvents[] | select(.dur) | \"\(.dur) us  \(.name)\"' one.json | sort -rn | sed 3q" \
    "us  "
claims "it runs on its own" 0 "tare run --detach --bundle web web >/dev/null; tare list" \
    "running" "$work/web"
claims "another process in it" 0 "tare exec web id" "uid=0"
claims "its processes" 0 "tare ps web" "sleep 1000"
claims "what it uses" 0 "tare stats --no-stream" "CPU" "web"
claims "the same for who collects it" 0 \
    "tare stats --format openmetrics | grep -E '^tare_container_(status|cpu_seconds)|EOF'" \
    'tare_container_status{id="web",status="running"} 1' "# EOF"

echo "# -- Ten things that go wrong"
claims "1. the folder is no bundle" 1 "tare run --bundle image first" \
    "open image/config.json: not found" "'tare spec --bundle image' writes one"
edits . && sed -i 's/"args": \[/"args": [,/' wrong/config.json
claims "2. a slip in the JSON" 1 "tare run --bundle wrong first" \
    "wrong/config.json:$(grep -n '"args"' wrong/config.json | cut -d: -f1)"
edits '.process.args = "ls"'
claims "3. a value of the wrong type" 1 "tare run --bundle wrong first" \
    "process.args: expected array, got string"
edits '.root.path = "rotfs"'
claims "4. the root filesystem is elsewhere" 1 "tare run --bundle wrong first" \
    "root.path" "open rotfs: not found" "or mend root.path"
edits '.mounts += [{ destination: "/data", source: "/srv/no-data", options: ["bind"] }]'
claims "5. a volume that is not there" 1 "tare run --bundle wrong first" \
    "mounts[" "/srv/no-data is missing on the host"
edits '.process.args = ["nginx"]'
claims "which a check would have found" 1 "tare check wrong | grep -A1 '^  missing'" \
    'exec: "nginx": executable file not found in $PATH'
claims "6. a program that the image has not" 127 "tare run --bundle wrong first" \
    'exec: "nginx": executable file not found in $PATH' "PATH was"
printf '#!/usr/bin/python3\n' >image/bin/app
chmod 755 image/bin/app
edits '.process.args = ["app"]'
claims "7. a script whose interpreter the image has not" 127 "tare run --bundle wrong first" \
    "its interpreter, /usr/bin/python3, is not in the image"
chmod 644 image/bin/app
edits '.process.args = ["/bin/app"]'
claims "8. a program that is not executable" 126 "tare run --bundle wrong first" \
    "permission denied" "its mode is 0644: chmod +x it in the image"
edits '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 4096, hard: 1024 }]'
claims "9. a limit above its limit" 1 "tare run --bundle wrong first" \
    "process.rlimits[0].soft: 4096 is above the hard limit 1024"
claims "10. a name that is taken" 1 "tare run --bundle web web" \
    "already exists" "tare delete"
claims "and a command with a slip" 64 "tare stat web" "did you mean"

echo "# -- The end"
claims "what a code means" 0 "tare explain E-NO-INTERPRETER" "E-NO-INTERPRETER"
claims "a container that runs is not deleted by accident" 1 "tare delete web" "--force"
# shellcheck disable=SC2016 # expanded by the user's shell
claims "it is ended and deleted" 0 \
    'tare delete --force web && test -z "$(tare list --quiet)" && echo gone' "gone"
edits '.hooks.prestart = [{ path: "/bin/sleep", args: ["sleep", "60"] }]'
# shellcheck disable=SC2016
claims "what a start that was killed has left is found and removed" 0 \
    '{ timeout -s KILL 3 tare create --bundle wrong half-made; } 2>/dev/null
    echo "gone: $(tare gc)"' \
    "gone: half-made"
# shellcheck disable=SC2016
claims "and then nothing is left" 0 'test -z "$(tare gc; ls /run/tare)" && echo nothing' "nothing"
finish
