# SPDX-License-Identifier: Apache-2.0
# What helps around tare.

EXTRA_DIST += %D%/quickstart %D%/check %D%/check-parts.bash %D%/install-missing \
    %D%/syscalls/syscalls.csv %D%/syscalls/table.awk \
    %D%/containerd/README.md %D%/containerd/tare.toml \
    %D%/crio/10-tare.conf %D%/crio/README.md \
    %D%/docker/README.md %D%/docker/daemon.json \
    %D%/podman/README.md %D%/podman/tare.conf
