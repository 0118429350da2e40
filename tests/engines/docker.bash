# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2119,SC2120,SC2154
#
# dockerd with the runtime under test as its default; besides daemons.bash:
#
#     load ../helpers/tare
#     load ../engines/runtime
#     load ../engines/daemons
#     load ../engines/docker

engine=docker

docker_lacks() {
    daemons_lack dockerd containerd containerd-shim-runc-v2 /usr/bin/docker docker-init
}

docker_begin() {
    docker_start
    docker load --quiet --input "$daemons_world/images.tar" >/dev/null
    docker tag localhost/box box
    docker run --rm box true # what is made once and kept: the parent cgroup
}

# docker_start OPTION...: with the file that users are told to write.
docker_start() {
    daemons_start dockerd dockerd --config-file "$daemons_contrib/docker/daemon.json" "$@"
    daemons_await 30 dockerd docker version
}

# docker WORD...: the client of the same package, not another that the machine may have.
docker() {
    DOCKER_CONFIG=$daemons_world/docker DOCKER_HOST=unix:///run/docker.sock DOCKER_BUILDKIT=0 \
        timeout --foreground --kill-after 1 60 /usr/bin/docker "$@"
}

# docker_box [OPTION...] box [COMMAND...]: `docker run` to the end, without a network, which takes
# most of its time.
docker_box() {
    docker run --rm --network none "$@"
}

# docker_start_box [OPTION...] [-- COMMAND...]: a container called $name that goes on.
docker_start_box() {
    local options words
    runtime_words "$@"
    docker run --detach --network none --name "$name" "${options[@]}" box "${words[@]}" >/dev/null
}

# docker_seen FIELD: what dockerd knows of $name, `docker_seen State.Status`.
docker_seen() {
    docker inspect --format "{{.$1}}" "$name"
}

docker_is() {
    [ "$(docker_seen "$1")" = "$2" ]
}

# docker_says LINE [COUNT]: waits until $name has said that, so many times.
docker_says() {
    wait_until 20 docker_has_said "$@"
}

docker_has_said() {
    [ "$(docker logs "$name" 2>&1 | grep -cx "$1")" -ge "${2:-1}" ]
}

# Removes all containers and what they kept.
docker_clear() {
    docker ps --all --quiet | xargs -r "$BASH" -c \
        'timeout 60 /usr/bin/docker --host unix:///run/docker.sock rm --force --volumes "$@"' - \
        >/dev/null
    docker volume prune --force >/dev/null
}

docker_end() {
    docker_clear
    daemons_stop dockerd
}
