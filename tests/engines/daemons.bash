# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of tare.bash and for the engines
#
# What the tests of real daemons share: containerd (ctr, and Kubernetes' socket) and dockerd, as
# root, with a runtime of choice.
#
#     load ../helpers/tare
#     load ../engines/runtime
#     load ../engines/daemons
#
# The daemons have their usual paths, so that contrib/'s files serve as they are: /run is that of
# tests/run-isolated, and /var/lib/containerd, /var/lib/docker and /usr/local/bin are empty file
# systems in the mount namespace of the test run, which ends with them.  They live in a network
# namespace of their own.  Nothing is fetched; the images are made of busybox.
#
# The runtime under test stands at /usr/local/bin/tare, where contrib/ looks for it, whichever it
# is.

daemons_files=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
daemons_network=/run/daemons-network # the network namespace
daemons_world=/run/daemons           # what the daemons and the tests keep there
daemons_contrib=$daemons_files/../../contrib

# daemons_lack PROGRAM...: says what is missing here; is silent if the tests can be run.
daemons_lack() {
    local program
    runtime_lacks
    for program in "$@" iptables nsenter; do
        command -v "$program" >/dev/null || { echo "needs $program" && return; }
    done
    if [ ! -x /bin/busybox ] || ldd /bin/busybox >/dev/null 2>&1; then
        echo "needs a static /bin/busybox"
    elif ! unshare --net sh -c \
        '/bin/busybox ip link add probe type bridge && iptables -t nat -n -L' >/dev/null 2>&1; then
        echo "needs a kernel with bridges and address translation"
    fi
}

# daemons_begin: the world, with the runtime and the image's archive in it, and no daemon yet.
daemons_begin() {
    local folder
    for folder in /var/lib/containerd /var/lib/docker /var/lib/cni; do
        mkdir -p "$folder" # packages make some of them, engines the others
        mount -t tmpfs -o mode=711 tmpfs "$folder"
    done
    mount -t tmpfs -o mode=755 tmpfs /usr/local/bin
    # dockerd and the shim write their numbers where the host's would.
    [ /var/run -ef /run ] || mount --rbind /run /var/run
    ln -s "$runtime_path" /usr/local/bin/tare
    mkdir -p "$daemons_world"
    : >"$daemons_network"
    unshare --net="$daemons_network" /bin/busybox ip link set lo up
    daemons_image
}

in_network() {
    nsenter --net="$daemons_network" "$@"
}

# daemons_start NAME COMMAND...: a daemon whose words go to a log of that name.
daemons_start() {
    local name=$1
    shift
    nsenter --net="$daemons_network" "$@" >>"$daemons_world/$name.log" 2>&1 </dev/null 3>&- 4>&- &
    echo $! >"$daemons_world/$name.pid"
}

# daemons_stop NAME: ends it, and waits until it has; what it has borne goes on.
daemons_stop() {
    local pid
    pid=$(<"$daemons_world/$1.pid")
    kill "$pid"
    wait_until 20 daemons_has_ended "$pid"
}

daemons_has_ended() {
    ! kill -0 "$1" 2>/dev/null
}

# daemons_await SECONDS NAME COMMAND...: as wait_until; where that fails it shows the daemon's log.
daemons_await() {
    local deadline=$((SECONDS + 6 * $1)) name=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        if [ "$SECONDS" -gt "$deadline" ]; then
            tail -n 30 "$daemons_world/$name.log" >&2
            return 1
        fi
        sleep 0.05
    done
}

# Images -----------------------------------------------------------------------------------------

# box.tar: the files of the image `box`: busybox, a user, a file that cannot be run.  images.tar:
# the images box:latest and pause:latest, as `docker save` writes them.
daemons_image() {
    local root=$daemons_world/box name
    mkdir -p "$root"/{bin,dev,etc,home/user,proc,root,sys,tmp,www,image} "$daemons_world/images"
    cp /bin/busybox "$root/bin/busybox"
    cp "$witness" "$root/bin/witness"
    for name in $(/bin/busybox --list); do
        [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"
    done
    printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'user:x:1000:1000::/home/user:/bin/sh' \
        >"$root/etc/passwd"
    printf '%s\n' 'root:x:0:' 'user:x:1000:' 'extra:x:2000:user' >"$root/etc/group"
    chown 1000:1000 "$root/home/user"
    chmod 1777 "$root/tmp"
    echo 'the page' >"$root/www/index.html"
    tar --create --directory "$root" --file "$daemons_world/box.tar" .
    daemons_archive
}

daemons_archive() {
    local folder=$daemons_world/images layer
    cp "$daemons_world/box.tar" "$folder/layer.tar"
    layer=$(sha256sum <"$folder/layer.tar")
    daemons_image_config "${layer%% *}" '["sh"]' >"$folder/box.json"
    daemons_image_config "${layer%% *}" '["sleep", "1000000"]' >"$folder/pause.json"
    jq -n '["box", "pause"] | map({ Config: "\(.).json", Layers: ["layer.tar"],
        RepoTags: ["localhost/\(.):latest"] })' >"$folder/manifest.json"
    tar --create --directory "$folder" --file "$daemons_world/images.tar" .
}

# daemons_image_config LAYER COMMAND
daemons_image_config() {
    jq -n --arg layer "sha256:$1" --argjson command "$2" '{
        architecture: { x86_64: "amd64", aarch64: "arm64" }[$machine], os: "linux",
        config: { Env: ["PATH=/bin", "IMAGE=says"], Cmd: $command },
        rootfs: { type: "layers", diff_ids: [$layer] } }' --arg machine "$(uname -m)"
}

# What is left -----------------------------------------------------------------------------------

# Everything that a container could leave, as lines; processes by their cgroup and by name.
daemons_snapshot() {
    local process name
    find /run/containerd/runc /run/docker/runtime-* /run/runc /run/tare -mindepth 2 -maxdepth 2 \
        -printf 'state: %p\n' 2>/dev/null
    # (dockerd itself removes those of /run/docker/netns once a minute.)
    find /run/netns -mindepth 1 -printf 'network namespace: %p\n' 2>/dev/null
    find /run/containerd /run/docker -path '*io.containerd.runtime.v2.task/*/*' -prune -type d \
        -printf 'task: %p\n' 2>/dev/null
    find /sys/fs/cgroup -mindepth 2 -type d -printf 'cgroup: %p\n'
    awk '$5 ~ "^/run/(containerd|docker)/|^/var/lib/" && $5 !~ "^/run/docker/netns/" {
        print "mount: " $5 }' /proc/self/mountinfo
    for process in /proc/[0-9]*; do
        { read -r name <"$process/comm"; } 2>/dev/null || continue
        case $name in
        tare* | crun* | runc* | containerd-shim | docker-init | docker-proxy | sleep) ;;
        *) grep -Eqs '^0::/.+/' "$process/cgroup" || continue ;;
        esac
        echo "process: ${process#/proc/} $name"
    done
    return 0
}

# daemons_left_nothing SNAPSHOT: all is as it was then; shims and daemons take their time.
daemons_left_nothing() {
    comes_back_to "$1" daemons_snapshot
}

# For bats ----------------------------------------------------------------------------------------

# A file of tests says which ENGINE it is for: the functions ENGINE_lacks, ENGINE_begin,
# ENGINE_clear and ENGINE_end are of ENGINE.bash.
setup_file() {
    # Not all versions of bats can skip here: setup does.
    [ -n "${TARE_TEST_CGROUP:-}" ] || return 0
    runtime_retries
    daemons_missing=$("${engine}_lacks")
    export daemons_missing
    [ -z "$daemons_missing" ] || return 0
    daemons_begin
    "${engine}_begin"
}

teardown_file() {
    [ ! -d "$daemons_world" ] || "${engine}_end"
}

setup() {
    need_root
    [ -z "$daemons_missing" ] || skip "$daemons_missing"
    runtime_attempt
    name=test-$BATS_TEST_NUMBER
    daemons_before=$(daemons_snapshot)
}

# Containers of a test need not be removed by it; what is left after that is a fault.
teardown() {
    [ -n "${daemons_before:-}" ] || return 0
    runtime_unmount
    if [ "$(daemons_snapshot)" != "$daemons_before" ]; then
        "${engine}_clear"
    fi
    daemons_left_nothing "$daemons_before"
}
