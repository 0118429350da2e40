#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every lint finds what it is for: each of the faults below is planted alone into a small clean
# tree.

set -eu
lints=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

TARE_LINT_ROOT=$scratch/tree
TARE_BUILD=$scratch/build
export TARE_LINT_ROOT TARE_BUILD
spdx='/* SPDX-License-Identifier: Apache-2.0 */'

make_clean_tree() {
    rm -rf "$TARE_LINT_ROOT" "$TARE_BUILD"
    mkdir -p "$TARE_LINT_ROOT/libocispec" "$TARE_LINT_ROOT/src/base" "$TARE_LINT_ROOT/src/os" \
        "$TARE_LINT_ROOT/src/process" "$TARE_LINT_ROOT/src/rootfs" "$TARE_LINT_ROOT/tests/spec" \
        "$TARE_LINT_ROOT/tests/engines" \
        "$TARE_LINT_ROOT/contrib" "$TARE_LINT_ROOT/.ci" "$TARE_LINT_ROOT/.github" \
        "$TARE_BUILD/src/os"
    cd "$TARE_LINT_ROOT"
    cp "$lints/../../.clang-format" .
    {
        echo "# SPDX-License-Identifier: Apache-2.0"
        echo "init_sources = \\"
        echo "    %D%/os/clean_inside.c \\"
        echo "    %D%/os/fd.c %D%/process/bad.c"
    } >src/local.mk
    {
        echo "#!/bin/sh"
        echo "# SPDX-License-Identifier: Apache-2.0"
        echo "set -eu"
        echo "echo clean"
    } >tests/clean.sh
    printf '| R3 | a rule |\n| T20 T21 | attacks |\n' >tests/README.md
    printf 'A1 one\nA2 another\nA3 a third\nA4 advice\n' >tests/spec/rows
    printf 'E0.1.1 a word\nE0.name.2 another word\n' >tests/engines/contract
    printf '%s\n@test "[A1-A3] [E0.1.1 E0.name.2] (T20 T21) all of them" {\n    :\n}\n' \
        '# SPDX-License-Identifier: Apache-2.0' >tests/spec/clean.bats
    printf '## Requirements that no test can show\n\n| A4 | it is advice |\n' >src/README.md
    cat >.github/SECURITY.md <<'END'
| R3 | a rule | `src/os/clean_inside.c: base_clean`, also `src/base/clean.h` | `tests/clean.sh` |
| T20 T21 | attacks | `tests/spec/clean.bats: (T20 T21)` |
| CVE-2000-1 (CVE-2000-2) | a fault | R3 | `tests/spec/clean.bats: (T20 T21) all of` |
| CVE-2000-4 | a fault | R3 | `tests/clean.sh: echo clean` |
### What tare has no part of
| CVE-2000-3 | another one |
END
    printf '%s\n#pragma once\n' "$spdx" |
        tee libocispec/clean.h src/rootfs/clean.h >src/base/clean.h
    printf '\nint base_clean(int number);\n' >>src/base/clean.h
    cat >src/os/clean_inside.c <<END
$spdx
#include <fcntl.h>

#include "base/clean.h"

/* system("in a comment"), typedef, open(2) */
int base_clean(int number)
{
    if (number > 0)
        return "malloc(1)"[number];
    return number;
}
END
    cp src/os/clean_inside.c src/process/clean.c
}

# judge LINT: its output, whatever its status; the tree is its own root.
judge() {
    "$lints/$1.sh" 2>&1 || :
}

# plant LINT WORDS FILE: standard input becomes the rest of FILE; the lint must say WORDS.
plant() {
    make_clean_tree
    case $3 in
    *.[ch]) [ -f "$3" ] || echo "$spdx" >"$3" ;;
    esac
    cat >>"$3"
    expect "$1" "$2" "$3"
}

expect() {
    verdict=$(judge "$1")
    if echo "$verdict" | grep '^# ' | grep -qF -- "$2" && echo "$verdict" | grep -q '^not ok'; then
        : | report "$1 finds: $2 in $3"
    else
        echo "$verdict" | report "$1 finds: $2 in $3"
    fi
}

# repeat COUNT TEXT
repeat() {
    yes "$2" | head -n "$1"
}

make_clean_tree
for lint in layers sizes calls style headers scripts format init promises rows; do
    judge "$lint" | grep -E '^(not ok|#)' | report "a clean tree passes $lint"
done

# layers
echo '#include "process/clean.h"' | plant layers "os may not include process/" src/os/clean_inside.c
echo '#include "rootfs/clean.h"' |
    plant layers "process may not include rootfs/" src/process/clean.c
echo '#include "base/clean.h"' | plant layers "libocispec may not include base/" libocispec/clean.h
echo '#include "clean.h"' | plant layers "is not written from the root" src/os/clean_inside.c
make_clean_tree && mkdir src/things && echo "$spdx" >src/things/a.c
expect layers "src/things is no layer" src/things/a.c

# sizes
repeat 400 'extern int x;' | plant sizes "401 lines" src/os/long.c
{ echo 'int f(void)' && echo '{' && repeat 61 '    g();' && echo '}'; } |
    plant sizes "f has 61 lines" src/os/long.c
{ for i in 1 2 3; do echo "int f$i(void)" && echo '{' && repeat 40 '    g();' && echo '}'; done; } |
    plant sizes "3 of 5 functions have 35 lines or more" src/os/long.c
printf 'int f(int a, int b, int (*c)(int, int),\n      int d, int e, int g)\n{\n}\n' |
    plant sizes "f has 6 parameters" src/os/wide.c
printf 'int f(int a)\n{\n                while (a)\n                    a--;\n}\n' |
    plant sizes "nested more than three deep" src/os/deep.c
printf '/* %0100d */\n' 0 | plant sizes "106 columns" src/os/wide.c

# calls
while read -r words; do
    printf 'int f(void)\n{\n    %s\n}\n' "$words" |
        plant calls "${words%%(*}(" src/process/bad.c
done <<'END'
system("ls");
return sprintf(a, b);
strcpy(a, b);
getpwnam(a);
setlocale(0, a);
dlopen(a, 0);
sigfillset(a);
x = sched_getscheduler(a);
return faccessat(a, b, F_OK, AT_SYMLINK_NOFOLLOW);
x = realpath(a, b);
pipe(a);
x = malloc(3);
free(x);
umount2(a, 0);
open_tree(a, b, OPEN_TREE_CLOEXEC);
if (pivot_root(a, b))
chdir(a);
x = openat(a, b, O_CLOEXEC);
mknod(a, b, c);
symlink(a, b);
!stat(a, b);
END
printf '    auto_close int null = open("%s", O_RDWR | O_CLOEXEC | O_NOCTTY);\n' \
    /dev/null /etc/passwd |
    plant calls '"/etc/passwd"' src/os/fd.c
echo 'int f(void) { return syscall(SYS_move_mount, 1); }' |
    plant calls "SYS_move_mount" src/process/bad.c
printf 'int f(void)\n{\n    return openat(a, g(b,\n        c), O_RDONLY);\n}\n' |
    plant calls "openat(a, g(b," src/process/bad.c
echo 'int f(void) { return open(a, O_CLOEXEC) + socket(a, SOCK_STREAM, 0); }' |
    plant calls "socket(a, SOCK_STREAM, 0)" src/process/bad.c
echo 'int f(void) { return fcntl(a, F_DUPFD, 3); }' | plant calls "F_DUPFD" src/process/bad.c

# style
make_clean_tree && echo 'int x;' >src/os/bare.c
expect style "src/os/bare.c" src/os/bare.c
printf '#ifndef X\n#define X\n#endif\n' | plant style "src/os/guard.h" src/os/guard.h
printf 'int f(void)\n{\n#if X\n    g();\n#endif\n}\n' | plant style "#if X" src/os/cut.c
echo 'typedef int number;' | plant style "typedef" src/os/type.c
echo 'int x;' | plant style "src/os/path_utils.c" src/os/path_utils.c
echo '/* TO''DO */' | plant style "TO""DO" src/os/later.c
printf 'int x; \n' | plant style "int x; " src/os/spaces.c

# rows: none is forgotten, also if a comment speaks of it; each has one place; no other is quoted
echo 'A5 a fifth' | plant rows "A5 a fifth" tests/spec/rows
make_clean_tree && echo 'A5 a fifth' >>tests/spec/rows && echo '# [A5]' >>tests/spec/clean.bats
expect rows "A5 a fifth" tests/spec/clean.bats
echo 'E0.1 no word' | plant rows "E0.1 no word" tests/engines/contract
echo '@test "[A1, E0.1] a part of an id"' | plant rows "tests/b.bats: E0.1" tests/b.bats
echo 'A1 again' | plant rows "A1" tests/spec/rows
echo '| A4 | again |' | plant rows "A4" src/README.md
echo '| A2 | a reason |' | plant rows "A2" src/README.md
printf '## Another table\n| A4 | a reason |\n' >"$scratch/table"
make_clean_tree && cp "$scratch/table" src/README.md
expect rows "A4 advice" src/README.md
echo '| B9 | a reason |' | plant rows "src/README.md: B9" src/README.md
echo '@test "[B9] what is no row"' | plant rows "tests/b.bats: B9" tests/b.bats
echo '@test "[A1 A2, B7] a list"' | plant rows "tests/b.bats: B7" tests/b.bats
echo '@test "[A1-5] a range"' | plant rows "tests/b.bats: A5" tests/b.bats
echo 'static int f(void) /* [B9] */' | plant rows "tests/b.c: B9" tests/b.c
for number in $(seq 5 29); do
    echo "| A$number | one of too many |"
done | plant rows "26 reasons" src/README.md
echo 'static int f(void) /* (R3 R4) */' | plant rows "R4" src/process/b.c
echo '@test "[A1] (T21 T22) two attacks"' | plant rows "T22" tests/b.bats

# promises: what the page names is there, under that name; no rule, fault or attack is forgotten
while IFS='|' read -r words named; do
    echo "\`$named\`" | plant promises "$words" .github/SECURITY.md
done <<'END'
src/os/gone.c is not there|src/os/gone.c
src/os/gone.c is not there|src/os/gone.c: base_clean
src/os/clean_inside.c has no: base|src/os/clean_inside.c: base_clean, base
src/os/clean_inside.c has no: malloc|src/os/clean_inside.c: malloc
tests/spec/clean.bats has no: SPDX|tests/spec/clean.bats: SPDX
tests/clean.sh has no: echo dirty|tests/clean.sh: echo dirty
END
echo '`tests/none.bats: a name`' | plant promises "tests/none.bats is not there" tests/README.md
printf 'static void forgotten(void **state)\n{\n}\n' >"$scratch/test.c"
make_clean_tree && cp "$scratch/test.c" tests/a.c
echo '`tests/a.c: forgotten`' >>.github/SECURITY.md
expect promises "tests/a.c has no: forgotten" tests/a.c
echo '| R4 | another rule |' | plant promises "> R4" .github/SECURITY.md
echo '| R4 | another rule |' | plant promises "< R4" tests/README.md
echo '| T22 | an attack |' | plant promises "< T22" tests/README.md
echo '| T22 | an attack | `tests/clean.sh` |' | plant promises "> T22" .github/SECURITY.md
echo '| T20 | an attack | `tests/clean.sh` |' | plant promises "T20" .github/SECURITY.md
make_clean_tree && sed -i 's/attacks | `tests.*/attacks | nobody |/' .github/SECURITY.md
expect promises "| T20 T21 | attacks | nobody |" .github/SECURITY.md
for file in tests/spec/clean.bats tests/a.c; do
    make_clean_tree
    echo '| T22 | an attack | `tests/clean.sh` |' | tee -a tests/README.md >>.github/SECURITY.md
    echo '# (T22) in a comment' >>$file
    expect promises "T22" "the comments of $file"
done
printf '@test "(R3 T21) another" {\n    :\n}\n' | plant promises "tests/spec/new.bats tries T21" \
    tests/spec/new.bats
echo '| CVE-2000-2 | a fault | R3 | `tests/clean.sh` |' |
    plant promises "CVE-2000-2" .github/SECURITY.md
make_clean_tree && sed -i 's,`tests/spec.*`,nothing,' .github/SECURITY.md
expect promises "CVE-2000-1" .github/SECURITY.md

# headers
if command -v gcc >/dev/null; then
    printf '#pragma once\nsize_t f(void);\n' | plant headers "size_t" src/os/alone.h
fi

# scripts
if command -v shellcheck >/dev/null; then
    printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\nset -eu\nrm -rf $1\n' |
        plant scripts "SC2086" tests/bad.sh
fi
printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\necho\n' |
    plant scripts "tests/careless.sh" tests/careless.sh

# format
if clang-format-14 --version >/dev/null 2>&1; then
    echo 'int  x ;' | plant format "src/os/ugly.c:2" src/os/ugly.c
fi

# init: a program with an allocator, one that is too large, objects that print, a file left out
echo 'int x;' | plant init "src/os/forgotten_inside.c" src/os/forgotten_inside.c
if command -v musl-gcc >/dev/null; then
    make_clean_tree
    echo 'extern void *malloc(unsigned long); char big[200000] = { 1 };
        int main(void) { return !malloc(1) + big[0]; }' >"$scratch/bad.c"
    musl-gcc -w -static -o "$TARE_BUILD/src/tare-init.full" "$scratch/bad.c"
    cp "$TARE_BUILD/src/tare-init.full" "$TARE_BUILD/src/tare-init"
    expect init "malloc" tare-init.full
    expect init "build/src/tare-init" tare-init
fi
make_clean_tree
echo 'int printf(const char *, ...); int f(void) { return printf("%d", 1); }' >"$scratch/bad.c"
"${CC:-cc}" -w -c -o "$TARE_BUILD/src/os/clean_inside.o" "$scratch/bad.c"
cp "$TARE_BUILD/src/os/clean_inside.o" "$TARE_BUILD/src/tare-init.full"
cp "$TARE_BUILD/src/os/clean_inside.o" "$TARE_BUILD/src/tare-init"
expect init "printf" os/clean_inside.o

finish
