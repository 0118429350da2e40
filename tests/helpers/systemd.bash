# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of tare.bash and of the tests
#
# A systemd that makes scopes, besides tare.bash: in the test machine its own, for a test file with
# the line "# In the machine itself."; elsewhere a `systemd --user` that has a part of the test's
# cgroups, and a bus of its own, where tare is made to look for the system's.
#
#     manager      how it is asked: "${manager[@]}" list-units
#     slices       the directory of the cgroup that has its slices
#
# setup_systemd goes behind setup_bundle, teardown_systemd behind teardown_bundle.

setup_systemd() {
    "$TARE" features | jq -e .linux.cgroup.systemd >/dev/null || skip "built without libsystemd"
    manager=(systemctl) slices=$TARE_TEST_CGROUP
    [ -n "${TARE_TEST_VM:-}" ] || start_systemd
}

start_systemd() {
    local home=$BATS_TEST_TMPDIR/systemd environment
    [ -x /lib/systemd/systemd ] || skip "needs systemd"
    type dbus-daemon systemctl >/dev/null || skip "needs dbus-daemon and systemctl"
    slices=$TARE_TEST_CGROUP/manager
    mkdir -p /run/systemd/system "$home" "$slices" # the first says that systemd is in charge
    write_units "$home/units"
    export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$home/bus
    environment=(env -i PATH="$PATH" HOME="$home" XDG_RUNTIME_DIR="$home"
        DBUS_SESSION_BUS_ADDRESS="$DBUS_SYSTEM_BUS_ADDRESS" SYSTEMD_UNIT_PATH="$home/units")
    manager=("${environment[@]}" systemctl --user)
    {
        echo 0 >"$slices/cgroup.procs"
        exec "${environment[@]}" /lib/systemd/systemd --user --unit=bus.target
    } </dev/null >/dev/null 2>&1 3>&- &
    systemd=$!
    wait_until 20 has_answered
    kill -0 "$systemd" 2>/dev/null || skip "systemd does not run here"
}

# write_units DIRECTORY: all that there are.  systemd looks for its bus where it runs one by these
# names.
write_units() {
    mkdir -p "$1"
    printf '[Unit]\nDefaultDependencies=no\nWants=dbus.socket dbus.service\n' >"$1/bus.target"
    printf '[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=%%t/bus\n' >"$1/dbus.socket"
    printf '[Unit]\nDefaultDependencies=no\nRequires=dbus.socket\n[Service]\nType=notify\n%s\n' \
        "ExecStart=$(type -P dbus-daemon) --session --address=systemd: --nofork --nopidfile" \
        >"$1/dbus.service"
}

# On its bus; or has ended.
has_answered() {
    ! kill -0 "$systemd" 2>/dev/null ||
        "${manager[@]/%systemctl/busctl}" status org.freedesktop.systemd1 >/dev/null 2>&1
}

teardown_systemd() {
    local processes
    [ -n "${systemd:-}" ] || return 0
    mapfile -t processes < <(find "$slices" -name cgroup.procs -exec cat {} +)
    kill -KILL "$systemd" "${processes[@]}" 2>/dev/null || : # whoever has ended
    wait "$systemd" || :
    wait_until 5 remove_slices
}

remove_slices() {
    find "$slices" -depth -type d -exec rmdir {} + 2>/dev/null
    [ ! -e "$slices" ]
}
