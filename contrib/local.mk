# SPDX-License-Identifier: Apache-2.0
# What helps around tare.

EXTRA_DIST += %D%/quickstart %D%/check %D%/check-parts.bash %D%/install-missing \
    %D%/podman/README.md %D%/podman/tare.conf
