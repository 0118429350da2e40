# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of daemons.bash, or for it
#
# containerd as Kubernetes sees it, driven by cri/client in the kubelet's place; besides:
#
#     load ../helpers/tare
#     load ../engines/runtime
#     load ../engines/daemons
#     load ../engines/containerd
#     load ../engines/cri

engine=cri

# Nothing else of the machine has its packages.
cri_lacks() {
    containerd_lacks
    [ -x /usr/lib/cni/bridge ] || echo "needs the plugins of CNI"
    /usr/bin/python3 -c 'import grpc' 2>/dev/null || echo "needs python3-grpcio"
}

cri_begin() {
    cri_fit
    cri_world=$daemons_world/cri
    mkdir -p "$cri_world/logs"
    export cri_world CRI_PROXY=$cri_world/proxy
    containerd_config
    cri_network
    containerd_start
    ctr --namespace k8s.io images import "$daemons_world/images.tar" >/dev/null
    daemons_start proxy "$daemons_files/cri/client" \
        serve /run/containerd/containerd.sock "$CRI_PROXY"
    daemons_await 20 proxy [ -S "$CRI_PROXY" ]
    daemons_await 20 containerd cri_has_image
    cri_begin_pod . # what is made once and kept: the bridge, rules, the parent cgroup
    cri_clear
}

cri_has_image() {
    ctr --namespace k8s.io images list --quiet | grep -qx localhost/box:latest
}

# containerd asks for a share of the processor in each pod.
cri_fit() {
    local controller
    for controller in memory cpu pids io; do
        grep -qw "$controller" /sys/fs/cgroup/cgroup.subtree_control || break
    done
    if ! grep -qw "$controller" /sys/fs/cgroup/cgroup.subtree_control; then
        export FITTED_RUNTIME=$runtime_path
        ln -sf "$daemons_files/fitted" /usr/local/bin/tare
    fi
}

# A bridge of our own, whose addresses are remembered in our folder.
cri_network() {
    cat >"$daemons_world/cni/10-pods.conflist" <<JSON
{ "cniVersion": "0.4.0", "name": "pods", "plugins": [
    { "type": "bridge", "bridge": "pods", "isGateway": true, "ipMasq": true, "ipam": {
        "type": "host-local", "dataDir": "$daemons_world/cni-addresses",
        "ranges": [[{ "subnet": "10.211.0.0/16" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
    { "type": "portmap", "capabilities": { "portMappings": true } }] }
JSON
}

# cri WORD...: the client, from where containerd lets streams be fetched.
cri() {
    in_network timeout --foreground --kill-after 1 60 "$daemons_files/cri/client" "$@"
}

# cri_pod_config JQ-PROGRAM: the pod's configuration, edited.
cri_pod_config() {
    jq -nc --arg name "${name:-first}" --arg logs "$cri_world/logs" '{
        metadata: { name: $name, uid: $name, namespace: "tests" }, hostname: $name,
        log_directory: $logs, labels: { test: $name },
        linux: { security_context: { namespace_options: { pid: 1 } } }
    } | '"$1"
}

# cri_begin_pod JQ-PROGRAM: a pod, whose id is $pod and whose configuration $pod_config.
cri_begin_pod() {
    pod_config=$(cri_pod_config "$1")
    pod=$(cri call RunPodSandbox "{\"config\": $pod_config}" | jq -r .pod_sandbox_id)
    [ -n "$pod" ]
}

# cri_on_node: makes a pod's network that of the node, which takes no time.
cri_on_node='.linux.security_context.namespace_options.network = 2 | del(.hostname)'

# cri_create [JQ-PROGRAM] COMMAND...: a container of the pod, whose id is $container.
cri_create() {
    local edit=$1 config
    shift
    config=$(jq -nc --arg name "box-$RANDOM" '{
        metadata: { name: $name }, image: { image: "localhost/box:latest" },
        command: $ARGS.positional, log_path: "\($name).log",
        linux: { security_context: { namespace_options: { pid: 1 } } }
    } | '"$edit" --args -- "$@")
    container=$(cri call CreateContainer "$(jq -nc --arg pod "$pod" --argjson config "$config" \
        --argjson pod_config "$pod_config" \
        '{ pod_sandbox_id: $pod, config: $config, sandbox_config: $pod_config }')" |
        jq -r .container_id)
    said=$cri_world/logs/$(jq -r .log_path <<<"$config")
    [ -n "$container" ]
}

# cri_start JQ-PROGRAM COMMAND...: one that is started as well; its output goes to $said.
cri_start() {
    cri_create "$@"
    cri_of_container StartContainer
}

# cri_of_container METHOD [MEMBERS]: a call about $container, `cri_of_container StopContainer
# '"timeout": 1'`.
cri_of_container() {
    cri call "$1" "{\"container_id\": \"$container\"${2:+, $2}}"
}

# cri_state: of $container: created, running, exited.
cri_state() {
    cri_of_container ContainerStatus |
        jq -r '["created", "running", "exited", "unknown"][.status.state // 0]'
}

cri_is() {
    [ "$(cri_state)" = "$1" ]
}

# What the container has said, without the times of the kubelet's format.
cri_said() {
    sed -E 's/^[^ ]+ std(out|err) [FP] //' "$said"
}

cri_has_said() {
    cri_said 2>/dev/null | grep -qx "$1"
}

# cri_runs JQ-PROGRAM COMMAND...: a container that is run to its end, and what it says.
cri_runs() {
    cri_start "$@" >/dev/null
    wait_until 20 cri_is exited
    cri_said
    return "$(cri_of_container ContainerStatus | jq '.status.exit_code // 0')"
}

cri_exec() {
    cri call ExecSync "$(jq -nc --arg container "$container" \
        '{ container_id: $container, cmd: $ARGS.positional, timeout: 20 }' --args -- "$@")"
}

# Removes all pods, with what is in them.
cri_clear() {
    local left
    for left in $(cri call ListPodSandbox | jq -r '.items // [] | .[].id'); do
        cri call StopPodSandbox "{\"pod_sandbox_id\": \"$left\"}" >/dev/null
        cri call RemovePodSandbox "{\"pod_sandbox_id\": \"$left\"}" >/dev/null
    done
}

cri_end() {
    cri_clear
    daemons_stop containerd
    daemons_stop proxy
}
