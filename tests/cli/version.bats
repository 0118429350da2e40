#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load ../helpers/tare

@test "[E1.version.1] --version prints the program's version, its commit and the specification's" {
    run_tare --version
    assert_success
    assert_line --index 0 --regexp '^tare version [0-9]+\.[0-9]+\.[0-9]+$'
    assert_line --index 1 --regexp '^commit: ([0-9a-f]{40}|unknown)$'
    assert_line --index 2 'spec: 1.3.0'
    assert_equal "${#lines[@]}" 3
}

# make_at TREE TARGET: by the rules of the build, in a build folder of its own, of other sources.
make_at() {
    local folder=$BATS_TEST_TMPDIR/build
    mkdir -p "$folder"
    grep -v am--include-marker "$build/Makefile" >"$folder/Makefile"
    (unset MAKEFLAGS MFLAGS MAKELEVEL && make --no-print-directory -C "$folder" -o Makefile \
        srcdir="$1" top_srcdir="$1" VPATH="$1" "$2") >&2
}

# names COMMIT: the object that says which commit it is of has this one.
names() {
    grep -qF "$1" "$BATS_TEST_TMPDIR/build/src/cli/version.o"
}

commit_once() {
    git -C "$1" -c user.name=tare -c user.email=tare@localhost commit --quiet --allow-empty \
        --message "$2"
    commit=$(git -C "$1" rev-parse HEAD)
}

@test "[E1.version.1] the commit is that of the sources, also of a build that is brought up to date" {
    local commit first before tree=$BATS_TEST_TMPDIR/tree part=src/cli/version.o
    if [ ! -f "$build/Makefile" ] || ! command -v git make >/dev/null; then
        skip "needs git, make and a build"
    fi
    git init --quiet "$tree"
    mkdir -p "$tree/src/cli"
    echo 'const char *const commit = PACKAGE_COMMIT;' >"$tree/src/cli/version.c"
    commit_once "$tree" first
    first=$commit
    make_at "$tree" "$part"
    names "$first"
    before=$(stat -c %i.%y "$BATS_TEST_TMPDIR/build/$part")
    make_at "$tree" "$part" # nothing is new
    assert_equal "$(stat -c %i.%y "$BATS_TEST_TMPDIR/build/$part")" "$before"
    commit_once "$tree" second
    make_at "$tree" "$part"
    names "$commit"

    # A work tree, whose .git is a file.
    git -C "$tree" worktree add --quiet "$tree-other" "$first"
    mkdir -p "$tree-other/src/cli"
    cp "$tree/src/cli/version.c" "$tree-other/src/cli"
    make_at "$tree-other" "$part"
    names "$first"
    commit_once "$tree-other" third
    make_at "$tree-other" "$part"
    names "$commit"

    # A tarball, whose commit lies in a file; then one that git is not allowed to know.
    mkdir -p "$tree-packed/src/cli"
    cp "$tree/src/cli/version.c" "$tree-packed/src/cli"
    echo "$first 1700000000" >"$tree-packed/.commit"
    make_at "$tree-packed" "$part"
    names "$first"
    rm "$tree-packed/.commit"
    make_at "$tree-packed" "$part"
    names "$first"
}
