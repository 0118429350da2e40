# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of tare.bash and rootless.bash, read and set
#
# What the tests of `tare check` share; loaded behind tare and rootless.

refuse=$build/tests/helpers/refuse

# checks [COMMAND...] -- [ARGUMENT...]: `check --json`, by the command; its object is in $object.
checks() {
    local by=()
    while [ "$1" != -- ]; do
        by+=("$1")
        shift
    done
    run --separate-stderr apart "${by[@]}" "$TARE" --root "$state" check --json "${@:2}"
    printf '%s\n' "status: $status, output: $output" "standard error: $stderr" # if the test fails
    object=$output
}

# row NAME [MEMBER]: the status of that row, or another member.
row() {
    jq -r --arg name "$1" --arg member "${2:-status}" \
        '[.checks[] | select(.name == $name)[$member]][0] // ""' <<<"$object"
}

# says NAME MEMBER TEXT: it has that text in it.
says() {
    case $(row "$1" "$2") in
    *"$3"*) ;;
    *) fail "$2 of $1 is: $(row "$1" "$2")
it lacks: $3" ;;
    esac
}

# lacking COMMAND...: where the kernel lacks what $refused says.
lacking() {
    "$refuse" "${refused[@]}" -- "$@"
}
