# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # variables of tare.bash or tap.bash
#
# Real Podman, as root, with a runtime of choice.  Everything it reads and writes is in one folder
# and below the /run of tests/run-isolated; the machine's /etc and /var/lib/containers are neither
# used nor changed, and nothing is fetched.
#
#     load ../helpers/tare
#     load ../engines/podman
#
# In the tests `podman` and `buildah` are the real ones in a network namespace of their own, with
# the runtime of runtime.bash, and `in_network COMMAND...` runs a command there.

podman_files=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/engines/runtime.bash
. "$podman_files/runtime.bash"
podman_network=/run/podman-network # the network namespace

# podman_lacks: says what is missing here; is silent if the tests can be run.
podman_lacks() {
    local program
    runtime_lacks
    for program in podman conmon /usr/lib/podman/netavark iptables nsenter; do
        command -v "$program" >/dev/null || { echo "needs $program" && return; }
    done
    if [ ! -x /bin/busybox ] || ldd /bin/busybox >/dev/null 2>&1; then
        echo "needs a static /bin/busybox"
    elif ! unshare --net sh -c \
        '/bin/busybox ip link add probe type bridge && iptables -t nat -n -L' >/dev/null 2>&1; then
        echo "needs a kernel with bridges and address translation"
    fi
}

# podman_begin FOLDER: makes Podman's world there, with the image `box`.
podman_begin() {
    world=$1
    mkdir -p "$world"/{bin,home/.config/containers,networks,storage,tmp}
    chmod go+x "$world" "$world/storage"
    podman_mounts
    podman_configs
    podman_wrapper
    export PATH="$world/bin:$PATH" HOME=$world/home TMPDIR=$world/tmp XDG_RUNTIME_DIR=
    export CONTAINERS_CONF=$world/containers.conf CONTAINERS_STORAGE_CONF=$world/storage.conf
    export CONTAINERS_REGISTRIES_CONF=$world/registries.conf DISABLE_HC_SYSTEMD=true
    : >"$podman_network"
    unshare --net="$podman_network" /bin/busybox ip link set lo up
    podman_image
    podman import --quiet --change 'ENV IMAGE=says' --change 'CMD ["sh"]' "$world/box.tar" \
        box >/dev/null
    podman run --rm box true # what it makes once and keeps: a bridge, rules, the parent cgroup
}

# The mount namespace is the test run's: Podman keeps its locks in /dev/shm, and reads in /etc which
# ids are free for --userns=auto.
podman_mounts() {
    local file
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm
    echo containers:1000000:1000000 >"$world/ids"
    for file in /etc/subuid /etc/subgid; do
        [ ! -e "$file" ] || mount --bind "$world/ids" "$file"
    done
}

podman_configs() {
    local folder=$podman_files/../../contrib/podman
    # What users are told to write, and what a test needs besides.
    sed -e "/^tare = /s|\[.*|[\"$TARE\"]|" -e "/^\[engine\]/r /dev/stdin" \
        "$folder/tare.conf" >"$world/containers.conf" <<CONF
cgroup_manager = "cgroupfs"
events_logger = "file"
static_dir = "$world/storage/libpod"
tmp_dir = "/run/libpod"
volume_path = "$world/storage/volumes"
CONF
    cat >>"$world/containers.conf" <<CONF

[containers]
pids_limit = 0
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"

[network]
network_backend = "netavark"
network_config_dir = "$world/networks"
CONF
    cat >"$world/storage.conf" <<CONF
[storage]
driver = "$(podman_driver)"
graphroot = "$world/storage"
runroot = "/run/containers/storage"
CONF
    echo 'unqualified-search-registries = []' >"$world/registries.conf"
    echo '{ "default": [{ "type": "insecureAcceptAnything" }] }' \
        >"$world/home/.config/containers/policy.json"
}

# An overlay cannot be made on every file system, an overlay above all.
podman_driver() {
    local tried=$world/tried
    mkdir -p "$tried"/{lower,upper,work,merged}
    if mount -t overlay -o "lowerdir=$tried/lower,upperdir=$tried/upper,workdir=$tried/work" \
        overlay "$tried/merged" 2>/dev/null; then
        umount "$tried/merged"
        echo overlay
    else
        echo vfs
    fi
}

# A program and not a function, since some of the tests hand it to another program.  Warnings tell
# of the machine: that it has no controllers, for one.
podman_wrapper() {
    cat >"$world/bin/podman" <<SCRIPT
#!/bin/sh
exec nsenter --net=$podman_network $(command -v podman) --log-level=error \\
    --runtime='${RUNTIME:-tare}' "\$@"
SCRIPT
    cat >"$world/bin/buildah" <<SCRIPT
#!/bin/sh
exec nsenter --net=$podman_network $(command -v buildah || echo buildah) --log-level=error "\$@"
SCRIPT
    chmod +x "$world/bin/podman" "$world/bin/buildah"
    # Buildah looks for the name that the file says in PATH; another is a path that it is told.
    if is_tare; then
        ln -s "$runtime_path" "$world/bin/tare"
    else
        export BUILDAH_RUNTIME=$runtime_path
    fi
}

in_network() {
    nsenter --net="$podman_network" "$@"
}

# Podman resizes a terminal when the process runs already: what a shell in a container does to have
# the size of tests/helpers/terminal.bash, and to say it.
# shellcheck disable=SC2016,SC2034 # the words are the inner shell's; for the tests
podman_sized='for attempt in $(seq 100); do
    [ "$(stty size)" != "24 80" ] || break
    sleep 0.1
done; stty size'

# podman_fetch ADDRESS PORT: the page of a web server, from where ports are published.  (The busybox
# of Debian 12 has a wget that crashes where there is no libc.)
podman_request='GET / HTTP/1.0\r\n\r\n'
podman_fetch() {
    # shellcheck disable=SC2016 # the words are the inner shell's
    in_network timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2" && printf "$3" >&3 && cat <&3' - \
        "$1" "$2" "$podman_request"
}

# The image: busybox, a user, files that cannot be run.
podman_image() {
    local root=$world/box name
    mkdir -p "$root"/{bin,dev,etc,home/user,proc,root,sys,tmp,www}
    cp /bin/busybox "$root/bin/busybox"
    for name in $(/bin/busybox --list); do
        [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"
    done
    printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'user:x:1000:1000::/home/user:/bin/sh' \
        >"$root/etc/passwd"
    printf '%s\n' 'root:x:0:' 'user:x:1000:' 'extra:x:2000:user' >"$root/etc/group"
    chown 1000:1000 "$root/home/user"
    chmod 1777 "$root/tmp"
    echo 'the page' >"$root/www/index.html"
    tar --create --directory "$root" --file "$world/box.tar" .
}

# Removes all containers.
podman_clear() {
    podman pod rm --all --force >/dev/null
    podman rm --all --force --time 0 >/dev/null
}

# Lets the folder be removed: Podman may have left it a mount.  The cgroups and mounts elsewhere go
# with the test run's namespaces.
podman_end() {
    local mount
    podman_clear
    awk -v world="$world/" -v network="$podman_network" \
        '$5 ~ "^/(dev/shm|etc/sub[ug]id)$" || $5 == network || index($5, world) == 1 { print $5 }' \
        /proc/self/mountinfo | sort -r | while read -r mount; do umount --lazy "$mount"; done
}

# Everything that a container could leave, as lines; the processes by their cgroup and by name.
podman_snapshot() {
    local process name
    find /run/tare /run/crun /run/runc -mindepth 1 -not -path '*/.cache*' \
        -printf 'state: %p\n' 2>/dev/null
    find /run/netns -mindepth 1 -printf 'network namespace: %p\n' 2>/dev/null
    find /run/containers/storage/overlay-containers "$world/storage"/{overlay,vfs}-containers \
        -mindepth 1 -maxdepth 1 -type d -printf 'container: %p\n' 2>/dev/null
    # The parent of all belongs to whoever came first, Podman or the runtime, and stays or goes.
    find /sys/fs/cgroup -mindepth 1 -type d -not -path /sys/fs/cgroup/libpod_parent \
        -printf 'cgroup: %p\n'
    find /dev/shm -mindepth 1 -printf 'shared memory: %p\n'
    podman_snapshot_network
    # Podman makes its folder of overlays a mount, and lets it be none, as it likes.
    awk -v own="$world/storage/overlay" '$5 != own { print "mount: " $5 " " $4 }' \
        /proc/self/mountinfo
    for process in /proc/[0-9]*; do
        { read -r name <"$process/comm"; } 2>/dev/null || continue
        case $name in
        tare* | conmon | crun* | runc* | catatonit | netavark | aardvark-dns | podman) ;;
        *) grep -qs '^0::.*libpod' "$process/cgroup" || continue ;;
        esac
        echo "process: ${process#/proc/} $name"
    done
    return 0
}

# Devices by name, since their states come and go; rules without counters.
podman_snapshot_network() {
    in_network /bin/busybox ip -o link | awk '{ print "network device: " $2 }'
    {
        in_network iptables-save || :
        in_network ip6tables-save || :
        ! command -v nft >/dev/null || in_network nft --stateless list ruleset || :
    } 2>/dev/null | sed -nE -e 's/ \[[0-9]+:[0-9]+\]$//' -e 's/^[^#]/rule: &/p' | sort
}

# podman_left_nothing SNAPSHOT: all is as it was then; conmon and Podman's own clean-up take their
# time.
podman_left_nothing() {
    comes_back_to "$1" podman_snapshot
}

# For bats --------------------------------------------------------------------------------------

setup_file() {
    # Not all versions of bats can skip here: setup does.
    [ -n "${TARE_TEST_CGROUP:-}" ] || return 0
    runtime_retries
    podman_missing=$(podman_lacks)
    export podman_missing
    [ -z "$podman_missing" ] || return 0
    chmod go+x "$BATS_RUN_TMPDIR" "${BATS_FILE_TMPDIR%/*}" "$BATS_FILE_TMPDIR"
    podman_begin "$BATS_FILE_TMPDIR/podman"
    export world
}

teardown_file() {
    [ -z "${world:-}" ] || podman_end
}

setup_podman() {
    need_root
    runtime_attempt
    [ -z "$podman_missing" ] || skip "$podman_missing"
    name=test-$BATS_TEST_NUMBER
    podman_before=$(podman_snapshot)
}

setup() {
    setup_podman
}

# Containers of a test need not be removed by it; what is left after that is a fault.
teardown_podman() {
    [ -n "${podman_before:-}" ] || return 0
    runtime_unmount
    if [ "$(podman_snapshot)" != "$podman_before" ]; then
        podman_clear
    fi
    podman_left_nothing "$podman_before"
}

# start_box [OPTION...] [-- COMMAND...]: a container called $name that runs until it is stopped.
start_box() {
    local options words
    runtime_words "$@"
    podman run --detach --name "$name" "${options[@]}" box "${words[@]}" >/dev/null
}

# described LINE...: what Kubernetes would be given for a pod with one container, which Podman calls
# $name; the lines are the container's, beside its name and its image.
described() {
    printf '%s\n' 'apiVersion: v1' 'kind: Pod' 'metadata:' "  name: ${name%-*}" 'spec:' \
        '  containers:' "  - name: \"${name##*-}\"" '    image: localhost/box' \
        '    imagePullPolicy: Never'
    printf '    %s\n' "$@"
}

# seen FIELD: what Podman knows of $name, `seen Status`.
seen() {
    podman inspect --format "{{.State.$1}}" "$name"
}

# podman_says NAME LINE [COUNT]: waits until the container has said that, so many times.
podman_says() {
    wait_until 20 has_said "$@"
}

has_said() {
    [ "$(podman logs "$1" 2>&1 | grep -cx "$2")" -ge "${3:-1}" ]
}

teardown() {
    teardown_podman
}
