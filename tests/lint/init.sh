#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the init program is made of: no allocator, no stdio, no locale, no users, no loading of code,
# and at most 100 KB.  Built with another libc than musl it cannot hold this (the libc's own start
# needs them); then our own objects are judged alone.

set -eu
# shellcheck source=tests/lint/report.sh
. "$(dirname "$0")/report.sh"

banned='(malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|aligned_alloc'
banned="$banned|posix_memalign"
banned="$banned|_*v?[a-z]*printf(_chk)?|puts|putchar|perror|fopen|fdopen|fwrite|fputs|fgets|getline"
banned="$banned|setlocale|nl_langinfo|iconv_open|strerror|strerror_r|dlopen|dlsym"
banned="$banned|getpw[a-z_]*|getgr(nam|gid|ent|ouplist)[a-z_]*|initgroups|getaddrinfo|qsort"
banned="$banned|oci_[a-z_]*|yajl_[a-z_]*|cap_[a-z_]*"
banned="$banned|seccomp_(init|reset|load|release|merge)"
banned="$banned|seccomp_(arch|attr|syscall|rule|notify|api)_[a-z_]*)"

# Its sources, as object names below the build's top folder.
list_objects() {
    list_init | sed 's,\.c$,.o,' | while read -r object; do
        [ ! -f "$build/$object" ] || echo "$build/$object"
    done
}

program=$build/src/tare-init
if [ ! -f "$program.full" ]; then
    report_skip "the contents of the init program" "it is not built"
elif nm "$program.full" | grep -qw '__init_libc'; then
    nm --defined-only "$program.full" | awk '{ print $3 }' | grep -xE "$banned" |
        report "the init program holds no allocator, stdio, locale, users or loader"
    if grep -q '^INIT_SANITIZERS = .' "$build/Makefile" 2>/dev/null; then
        report_skip "the init program is no larger than 100 KB" "it checks itself"
    else
        find "$program" -size +100k | report "the init program is no larger than 100 KB"
    fi
else
    list_objects | xargs nm --undefined-only | awk '{ print $NF }' | sort -u | grep -xE "$banned" |
        report "the init program's own objects call no allocator, stdio, locale, users or loader"
    report_skip "the init program is no larger than 100 KB" "it is not built with musl"
fi

# Every inside file is in the list, so that none of them escapes the judgement.
find src -name '*_inside.c' | sort | while read -r file; do
    grep -q "%D%/${file#src/}\\>" src/local.mk || echo "$file"
done | report "every inside file is part of the init program"

finish
