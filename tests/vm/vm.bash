# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # unit and cgroup are the tests'
#
# What the tests in the test machine share, on top of tests/helpers/tare.bash; see tests/vm/inside.
# Such a test file begins with
#
#     load ../helpers/tare
#     load vm

# Skips outside of the test machine: what is tested needs a whole cgroup v2, AppArmor, systemd ...
need_vm() {
    [ -n "${TARE_TEST_VM:-}" ] || skip "needs the test machine (make check-vm)"
}

# setup_vm_bundle: the bundle of setup_bundle, in the test machine.
setup_vm_bundle() {
    need_vm
    setup_bundle
}

# shown NAME...: properties of the unit $unit, one a line, as the manager has them.
shown() {
    local IFS=,
    systemctl show --property="$*" "$unit" | awk -F = -v wanted="$*" '
        { lines[$1] = lines[$1] $0 "\n" }
        END {
            count = split(wanted, names, ",")
            for (i = 1; i <= count; i++)
                printf "%s", lines[names[i]]
        }'
}

# values FILE...: of the container's cgroup $cgroup, one a line.
values() {
    local file words
    for file in "$@"; do
        read -r -d '' -a words <"$cgroup/$file" || : # to the end of the file
        echo "$file ${words[*]}"
    done
}

# cgroup_of ID: the directory of a container's cgroup, by what the kernel says of its process.
cgroup_of() {
    local process path
    process=$(tare state "$1" | jq .pid)
    path=$(sed -n 's/^0:://p' "/proc/$process/cgroup")
    echo "$TARE_TEST_CGROUP$path"
}
