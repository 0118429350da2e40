#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real root file system with the config that `tare spec` writes: programs, scripts, exit status.
set -eu
# shellcheck source=tests/accept/tap.bash
. "$(dirname "$0")/tap.bash"

[ "$(id -u)" = 0 ] || skip_all "needs root: it makes a root file system with debootstrap"
isolate
command -v debootstrap >/dev/null || skip_all "needs debootstrap"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bundle=$work/bundle
# Kept beside the build, since it takes a minute: made again when it is gone.
tree=$build/debian-minbase.tar

make_tree() {
    local mirror
    [ -s "$tree" ] && return
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
    mirror=${mirror:-http://deb.debian.org/debian}
    debootstrap --variant=minbase bookworm "$work/debian" "$mirror" >"$work/log" 2>&1 ||
        { tail -n 20 "$work/log" && return 1; }
    tar --create --directory "$work/debian" --file "$tree.new" . && mv "$tree.new" "$tree"
}

make_bundle() {
    mkdir -p "$bundle/rootfs" && tar --extract --directory "$bundle/rootfs" --file "$tree" &&
        "$tare" spec --bundle "$bundle"
}

# run_in_debian WORD...: the words as process.args, without a terminal; the rest is what spec wrote.
run_in_debian() {
    local words
    words=$(jq --null-input '$ARGS.positional' --args -- "$@")
    jq --argjson words "$words" '.process.terminal = false | .process.args = $words' \
        "$bundle/config.json" >"$work/config.json"
    "$tare" --root "$work/state" run --bundle "$bundle" --config "$work/config.json" "debian-$$" \
        </dev/null
}

runs_apt() {
    run_in_debian apt-get --version | grep -E '^apt [0-9.]+ \(amd64|^apt [0-9.]+'
}

runs_script() {
    local said
    cat >"$bundle/rootfs/usr/local/bin/hello" <<'SCRIPT'
#!/bin/bash
set -e
echo "hello from $(. /etc/os-release && echo "$PRETTY_NAME"), pid $$"
for n in 1 2 3; do echo "$n"; done | paste -s -d +
SCRIPT
    chmod 755 "$bundle/rootfs/usr/local/bin/hello"
    said=$(run_in_debian hello)
    [ "$said" = "hello from Debian GNU/Linux 12 (bookworm), pid 1
1+2+3" ]
}

passes_status() {
    local status=0
    run_in_debian sh -c 'exit 42' || status=$?
    [ "$status" = 42 ]
}

passes_signal() {
    local status=0
    run_in_debian bash -c 'sh -c "kill -TERM \$\$"; exit $?' || status=$?
    [ "$status" = 143 ]
}

leaves_nothing() {
    [ -z "$("$tare" --root "$work/state" list --quiet)" ]
}

claim "a Debian root file system is there" make_tree
claim "tare spec writes a config for it" make_bundle
claim "apt-get --version runs" runs_apt
claim "a shell script runs" runs_script
claim "the exit status is passed on" passes_status
claim "the status of a shell whose child died of a signal is passed on" passes_signal
claim "nothing is left" leaves_nothing
finish
