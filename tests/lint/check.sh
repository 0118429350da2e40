#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# contrib/check tells by its status what its last line says: in a tree whose parts print what is
# planted, and do nothing.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

tree=$scratch/tree
mkdir -p "$tree/contrib" "$tree/tests/vm" "$scratch/bin"
cp "$root/contrib/check" "$tree/contrib/"
printf '#!/bin/sh\n' | tee "$scratch/bin/autoreconf" "$tree/contrib/install-missing" \
    "$tree/tests/vm/vm" >/dev/null
chmod 755 "$scratch/bin/autoreconf" "$tree/contrib/install-missing" "$tree/tests/vm/vm"

# plant COMMANDS: what the part before the last does; the last needs the machine's image.
plant() {
    cat >"$tree/contrib/check-parts.bash" <<END
default_parts=(first vm)
more_parts=(third)
packages=()
engine_packages=()
vm_packages=()
package_packages=()
more_packages=()
part_first() {
    $1
}
part_vm() {
    echo "PASS: b"
}
part_third() {
    echo "PASS: c"
}
END
}

# expect STATUS LAST-LINE NAME [WORD...]
expect() {
    wanted="$1: $2"
    name=$3
    shift 3
    status=0
    PATH="$scratch/bin:$PATH" TARE_CHECK_DIR="$scratch/work" TARE_CHECK_PART='' \
        "$tree/contrib/check" "$@" >"$scratch/said" 2>&1 || status=$?
    said="$status: $(tail -n 1 "$scratch/said")"
    if [ "$said" = "$wanted" ]; then
        : | report "$name"
    else
        { echo "wanted: $wanted" && cat "$scratch/said" && echo "status $status"; } | report "$name"
    fi
}

plant 'echo "PASS: a"'
expect 0 "2 passed, 0 failed" "all passed"
plant 'echo "PASS: a"; echo "SKIP: a2 # SKIP why"'
expect 0 "2 passed, 0 failed, 1 skipped" "one was left out"
plant 'echo "PASS: a"; echo "FAIL: a2"'
expect 1 "2 passed, 1 failed" "a test failed"
plant 'echo "PASS: a"; false'
expect 1 "2 passed, 1 failed" "a part broke off"
plant ':'
expect 1 "1 passed, 1 failed" "a part counted nothing"
plant 'echo "PASS: a"'
expect 0 "1 passed, 0 failed" "one part alone" third
expect 0 "3 passed, 0 failed" "all parts" --all

mkdir -p "$scratch/build/tests"
echo '# attempt 2 of: a' >"$scratch/build/tests/a.log"
plant "echo 'folder: $scratch/build'; echo 'PASS: tests/a.bats 1 a'"
expect 0 "2 passed, 0 failed" "one was tried again"
{ grep -qx '    attempt 2 of: a' "$scratch/said" || cat "$scratch/said"; } | report "that is told"

finish
