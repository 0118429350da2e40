# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of tap.bash, and for podman.bash
#
# Podman as root with tare, in $work: what the tests of it begin with.

# shellcheck source=tests/accept/tap.bash
. "$(dirname "${BASH_SOURCE[0]}")/tap.bash"
# shellcheck source=tests/engines/podman.bash
. "$top/tests/engines/podman.bash"

isolate
need_cgroup
missing=$(podman_lacks)
[ -z "$missing" ] || skip_all "$missing"

work=$(mktemp -d)
chmod 755 "$work"
TARE=$tare
trap 'podman_end; rm -rf "$work"' EXIT
podman_begin "$work/podman" >&2
