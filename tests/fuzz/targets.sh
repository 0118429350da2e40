# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# What there is to fuzz: whoever reads this file goes through list_targets, and runs whatever is to
# be run.

# list_targets FOLDER BUILD: for each target that has a source or a corpus in this folder a line
#
#     TARGET run|skip|fail WHY
#
# where only a build without libseccomp may lack a target, and only that of seccomp.
list_targets() {
    {
        find "$1" -maxdepth 1 -name 'fuzz_*.c' | sed -e 's/.*fuzz_//' -e 's/\.c$//'
        find "$1/corpus" -mindepth 1 -maxdepth 1 | sed 's/.*\///'
    } | sort -u | while read -r target; do
        if [ ! -f "$1/fuzz_$target.c" ]; then
            echo "$target fail there is a corpus, and no fuzz_$target.c"
        elif [ -z "$(find "$1/corpus/$target" -type f 2>/dev/null | head -n 1)" ]; then
            echo "$target fail it has no inputs in corpus/$target"
        elif [ -x "$2/tests/fuzz/fuzz_$target" ]; then
            echo "$target run"
        elif [ "$target" = seccomp ] && ! grep -q '^SECCOMP_LIBS = .' "$2/Makefile"; then
            echo "$target skip built without libseccomp"
        else
            echo "$target fail it was not built"
        fi
    done
}
