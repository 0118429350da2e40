#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The files of contrib that no engine here reads, or not in every way they can be read.

load ../helpers/tare

contrib=${helpers%/tests/helpers}/contrib

# toml FILE...: the files one after the other, as JSON.
toml() {
    cat "$@" | python3 -c 'import json, sys, tomllib
json.dump(tomllib.loads(sys.stdin.read()), sys.stdout)'
}

need_toml() {
    python3 -c 'import tomllib' 2>/dev/null || skip "needs Python 3.11"
}

@test "[E4.3] drop-ins: Podman's has the keys that Podman reads" {
    need_toml
    run jq -c '.engine | .runtime, (.runtimes | keys),
        ([.runtime_supports_json, .runtime_supports_nocgroup] | map(index("tare") != null)),
        has("runtime_supports_nocgroups")' <(toml "$contrib/podman/tare.conf")
    assert_success
    assert_output '"tare"
["tare"]
[true,true]
false'
}

@test "drop-ins: CRI-O's is what its configuration can have, and names this program" {
    need_toml
    run jq -c .crio.runtime <(toml "$contrib/crio/10-tare.conf")
    assert_success
    assert_output "$(jq -nc '{ default_runtime: "tare", runtimes: { tare: {
        runtime_path: "/usr/local/bin/tare", runtime_type: "oci", runtime_root: "/run/tare" } } }')"
}

@test "drop-ins: what CRI-O asks of the runtime that its file names" {
    local root=$BATS_TEST_TMPDIR/root words
    # It reads standard output and standard error together.
    words=$("$TARE" features 2>&1)
    run jq -r '.ociVersionMin, .ociVersionMax, (.linux.mountExtensions.idmap.enabled | type)' \
        <<<"$words"
    assert_success
    refute_line null
    # Before pods, and after those that could not be made.
    "$TARE" --root "$root" delete --force never-made
    run "$TARE" --root="$root" state never-made
    assert_failure
}

@test "drop-ins: containerd's can be added to the file that Debian ships, and twice is an error" {
    need_toml
    cat >"$BATS_TEST_TMPDIR/debian.toml" <<'TOML'
version = 2

[plugins]
  [plugins."io.containerd.grpc.v1.cri"]
    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/usr/lib/cni"
      conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.internal.v1.opt"]
    path = "/var/lib/containerd/opt"
TOML
    run jq -r '.plugins["io.containerd.grpc.v1.cri"] | .cni.bin_dir,
        .containerd.default_runtime_name, .containerd.runtimes.tare.options.BinaryName' \
        <(toml "$BATS_TEST_TMPDIR/debian.toml" "$contrib/containerd/tare.toml")
    assert_success
    assert_output '/usr/lib/cni
tare
/usr/local/bin/tare'
    run toml "$contrib/containerd/tare.toml" "$contrib/containerd/tare.toml"
    assert_failure
}

@test "drop-ins: Docker's is JSON, and has what dockerd knows" {
    run jq -c . "$contrib/docker/daemon.json"
    assert_success
    assert_output \
        '{"runtimes":{"tare":{"path":"/usr/local/bin/tare"}},"default-runtime":"tare"}'
}
