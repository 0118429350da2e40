# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of tare.bash
#
# What the tests share that run configs which engines wrote (data/, see there), besides tare.bash:
#
#     load ../helpers/tare
#     load ../engines/engines
#
# setup_engines prepares the bundle, recorded makes a config of data/ the bundle's, observe gives
# it the witness to run, and compare holds what that said against what the config says.

engines_data=${BASH_SOURCE[0]%/*}/data

setup_engines() {
    setup_bundle
    # Root of a user namespace is a stranger here, and finds its root filesystem by its name.
    chmod go+x "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR" "$bundle"
    sources=$BATS_TEST_TMPDIR/sources
    mkdir "$sources"
    mount --bind "$sources" "$sources"
    mount --make-shared "$sources" # as a machine's mounts are: rslave and rshared tell them apart
    snapshot_before=$(snapshot)
}

teardown_engines() {
    [ -z "${neighbour:-}" ] || kill -KILL "$neighbour" 2>/dev/null || :
    teardown_bundle
    [ -z "${sources:-}" ] || umount --lazy "$sources"
}

# The config ---------------------------------------------------------------------------------------

# recorded NAME: makes data/NAME.json the bundle's config, and what its place-holders stand for.
recorded() {
    local file=$engines_data/$1.json
    make_sources "$file"
    make_hook
    ! grep -q @NAMESPACES@ "$file" || make_neighbour
    sed -e "s|@ROOTFS@|$rootfs|g; s|@SOURCES@|$sources|g; s|@HOOK@|$sources/hook|g" \
        -e "s|@NAMESPACES@|/proc/${neighbour:-}/ns|g; s|@ID@|$id|g; s|@SHORT_ID@|short-id|g" \
        "$file" >"$bundle/config.json"
    give_to_root
}

# What is made for a user namespace belongs to its root.
give_to_root() {
    local owner
    grep -q uidMappings "$bundle/config.json" || return 0
    owner=$(asked '.linux.uidMappings // [] | .[] | select(.containerID == 0) | .hostID')
    [ -z "$owner" ] || chown -R "$owner:$owner" "$rootfs"
}

# Those of these names are directories; the others are files with their name in them.
make_sources() {
    local name
    while read -r name; do
        case $name in
        shm | bound | _data) mkdir -p "$sources/$name" ;;
        *) echo "$name" >"$sources/$name" ;;
        esac
    done < <(grep -o '@SOURCES@/[^"]*' "$1" | sed 's,.*/,,')
}

# Docker's hook makes the network; this one leaves what it was told.
make_hook() {
    printf '#!%s\ncat >%s/hook-was-told\n' "$BASH" "$sources" >"$sources/hook"
    chmod +x "$sources/hook"
}

# A process in namespaces of its own, as the first container of a pod.
make_neighbour() {
    [ -z "${neighbour:-}" ] || return 0
    unshare --net --ipc --uts sleep 1000 3>&- &
    neighbour=$!
    wait_until 5 is_apart
    snapshot_before=$(snapshot)
}

is_apart() {
    [ "$(</proc/"$neighbour"/comm)" = sleep ]
}

# Takes out the limits of controllers that no cgroup of a test can have.
fit_controllers() {
    local part lacking=()
    for part in memory:memory cpu:cpu cpuset:cpu pids:pids io:blockIO; do
        grep -qw "${part%:*}" "$TARE_TEST_CGROUP/cgroup.subtree_control" ||
            lacking+=(".linux.resources.${part#*:}")
    done
    [ ${#lacking[@]} = 0 ] || config "del($(IFS=, && echo "${lacking[*]}"))"
}

# Lowers the limits that the caller has not the right to give.
fit_rlimits() {
    local most
    most=$("$witness" limits | sed -n 's/^RLIMIT_\(.*\)=.*:\(.*\)/"RLIMIT_\1": "\2"/p' | paste -sd,)
    ! setpriv --dump | grep -q '^Effective.*sys_resource' || return 0
    config --argjson most "{$most}" '(.process.rlimits | select(.))[] |= (
        ($most[.type] | if . == "infinity" then infinite else tonumber end) as $most
        | .hard = ([.hard, $most] | min) | .soft = ([.soft, $most] | min))'
}

# The cgroups above a container's are the engine's, and stay.
remove_parents() {
    rmdir "$TARE_TEST_CGROUP"/{libpod_parent,docker,default} 2>/dev/null || :
}

# What is seen -------------------------------------------------------------------------------------

# observe: the witness tells all that compare asks for, part by part.
observe() {
    local devices=() sysctls=() kind name
    while read -r kind name; do
        case $kind in
        device) devices+=("$name") ;;
        sysctl) sysctls+=(';' say "# sysctl $name" ';' sysctl "$name") ;;
        esac
    done < <(asked '(.linux.devices // [] | .[] | "device \(.path)"),
        (.linux.sysctl // {} | keys[] | "sysctl \(.)")')
    local words=(chain say '# plain' ';' ids ';' caps ';' limits ';' oom ';' cwd ';' hostname
        ';' say '# env' ';' env ';' say '# session' ';' session
        ';' say '# namespaces' ';' ns ';' say '# status' ';' cat /proc/self/status
        ';' say '# cgroup' ';' cat /proc/self/cgroup
        ';' say '# maps' ';' cat /proc/self/uid_map ';' cat /proc/self/gid_map
        ';' say '# mounts' ';' mounts ';' say '# devices' ';' stat /dev/null "${devices[@]}"
        ';' say '# mknod' ';' mknod /dev/probe c 10 229)
    witness_runs "${words[@]}" "${sysctls[@]}" ';' say '# end'
}

# asked JQ-PROGRAM: what the config says.
asked() {
    jq -r "$1" "$bundle/config.json"
}

# Comparison ---------------------------------------------------------------------------------------

# compare: what the config says is what the witness said, which is $output.
compare() {
    local lacking
    output=${output//$'\r'/} # of a terminal
    [ "${output##*$'\n'}" = '# end' ] || fail "the witness said only this: $output"
    wanted | what_exists | sort -u >"$BATS_TEST_TMPDIR/wanted"
    seen | sort -u >"$BATS_TEST_TMPDIR/seen"
    lacking=$(comm -23 "$BATS_TEST_TMPDIR/wanted" "$BATS_TEST_TMPDIR/seen")
    [ -z "$lacking" ] || fail "$(explain "$lacking")"
    same_environment
    compare_hooks
}

wanted() {
    local maps seccomp
    seccomp=$(sed -n 's/^Seccomp:\t//p' /proc/self/status)
    maps=$(awk '{ print "\"" $1, $2, $3 "\"" }' /proc/self/uid_map /proc/self/gid_map | paste -sd,)
    jq -r -f "${engines_data%/data}/wanted.jq" \
        --argjson own "{ \"oom\": $(</proc/self/oom_score_adj), \"seccomp\": $seccomp,
            \"maps\": [$maps] }" \
        --argjson givable "[$(givable | paste -sd,)]" \
        "$bundle/config.json"
}

# The numbers of the capabilities that we have.
givable() {
    local bits number
    bits=0x$(sed -n 's/^CapBnd:\t//p' /proc/self/status)
    for number in {0..63}; do
        [ $((bits >> number & 1)) = 0 ] || echo "$number"
    done
}

# Paths that this kernel does not have cannot be masked or made read-only.
what_exists() {
    local fact
    while read -r fact; do
        case $fact in
        /proc/*' is '* | /sys/*' is '*) [ -e "${fact%% is *}" ] || continue ;;
        esac
        echo "$fact"
    done
}

seen() {
    local theirs=''
    [ -z "${neighbour:-}" ] || theirs=$(namespaces_of "$neighbour")
    awk -v ours="$(namespaces_of self)" -v theirs="$theirs" -f "${engines_data%/data}/seen.awk" \
        <<<"$output"
}

# namespaces_of PROCESS: as words NAME=IDENTITY.
namespaces_of() {
    local file
    for file in cgroup ipc mnt net pid user uts; do
        echo "$file=$(readlink "/proc/$1/ns/$file")"
    done | xargs
}

# explain FACTS: with what was seen of the same things.
explain() {
    local fact
    while read -r fact; do
        echo "the config says: $fact"
        grep -F "${fact%%[= ]*}" "$BATS_TEST_TMPDIR/seen" | sed 's/^/    seen: /' || :
    done <<<"$1"
}

# Nothing else is in the environment than what the config has, and HOME.
same_environment() {
    assert_equal "$(grep '^env ' "$BATS_TEST_TMPDIR/seen")" \
        "$(grep '^env ' "$BATS_TEST_TMPDIR/wanted")"
}

compare_hooks() {
    [ "$(asked '.hooks.prestart // [] | length')" != 0 ] || return 0
    assert_equal "$(jq -r .id "$sources/hook-was-told")" "$id"
}
