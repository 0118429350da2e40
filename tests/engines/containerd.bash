# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of daemons.bash, or for it
#
# containerd, driven by ctr; besides daemons.bash:
#
#     load ../helpers/tare
#     load ../engines/runtime
#     load ../engines/daemons
#     load ../engines/containerd

engine=containerd

containerd_lacks() {
    daemons_lack containerd containerd-shim-runc-v2 ctr
}

containerd_begin() {
    containerd_config
    containerd_start
    ctr images import "$daemons_world/images.tar" >/dev/null
    containerd_box true # what is made once and kept: the parent cgroup
}

# What a distribution ships, and then what users are told to add.
containerd_config() {
    mkdir -p "$daemons_world/cni"
    cat - "$daemons_contrib/containerd/tare.toml" >"$daemons_world/config.toml" <<TOML
version = 2

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:latest"
  disable_apparmor = true
  disable_tcp_service = true
  restrict_oom_score_adj = true
  tolerate_missing_hugetlb_controller = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$daemons_world/cni"

TOML
}

containerd_start() {
    daemons_start containerd containerd --config "$daemons_world/config.toml"
    daemons_await 20 containerd ctr version
}

# ctr WORD...: the real one, which may hang.
ctr() {
    timeout --kill-after 1 60 ctr "$@"
}

# containerd_run OPTION[=VALUE]... ID [COMMAND...]: `ctr run` of the image, with the runtime under
# test.  ctr asks for 1024 shares of the processor where nobody says another number, and so for a
# controller.
containerd_run() {
    local options=()
    while [ "${1#-}" != "$1" ]; do
        options+=("$1")
        shift
    done
    ctr run --runc-binary /usr/local/bin/tare --cpu-shares 0 "${options[@]}" \
        localhost/box:latest "$@"
}

# containerd_box [OPTION=VALUE...] COMMAND...: a container called $name that is run to its end.
containerd_box() {
    local options=(--rm)
    while [ "${1#-}" != "$1" ]; do
        options+=("$1")
        shift
    done
    containerd_run "${options[@]}" "${name:-box}" "$@"
}

# containerd_start_box [OPTION=VALUE...] [COMMAND...]: one that goes on; its output goes to $said.
containerd_start_box() {
    local options=(--detach "--log-uri=file://$daemons_world/$name.said")
    said=$daemons_world/$name.said
    while [ $# != 0 ] && [ "${1#-}" != "$1" ]; do
        options+=("$1")
        shift
    done
    [ $# != 0 ] || set -- sleep 1000
    containerd_run "${options[@]}" "$name" "$@"
}

# The task's status, as ctr has it: RUNNING, PAUSED, STOPPED.
containerd_status() {
    ctr tasks list | awk -v name="$1" '$1 == name { print $3 }'
}

containerd_is() {
    [ "$(containerd_status "$1")" = "$2" ]
}

containerd_pid() {
    ctr tasks list | awk -v name="$1" '$1 == name { print $2 }'
}

# Removes all containers.
containerd_clear() {
    local container
    for container in $(ctr tasks list --quiet); do
        ctr tasks delete --force "$container" >/dev/null 2>&1 || :
    done
    for container in $(ctr containers list --quiet); do
        ctr containers delete "$container" || :
    done
}

containerd_end() {
    containerd_clear
    daemons_stop containerd
}
