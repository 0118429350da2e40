/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For targets whose input is a file that stands somewhere: a directory in memory, called "0" as
 * that of a process in /proc, which is made once and removed at the end. */

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

static char fuzz_path[] = "/dev/shm/tare-fuzz-XXXXXX";
static int fuzz_parent = -1, fuzz_directory = -1;
static const char *fuzz_file; /* the one that it holds */

static void fuzz_remove_directory(void)
{
    unlinkat(fuzz_directory, fuzz_file, 0);
    unlinkat(fuzz_parent, "0", AT_REMOVEDIR);
    rmdir(fuzz_path);
}

static inline void fuzz_make_directory(const char *file)
{
    if (fuzz_directory >= 0)
        return;
    if (!mkdtemp(fuzz_path))
        abort();
    fuzz_file = file;
    fuzz_parent = open(fuzz_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fuzz_parent < 0 || mkdirat(fuzz_parent, "0", 0700))
        abort();
    fuzz_directory = openat(fuzz_parent, "0", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fuzz_directory < 0 || atexit(fuzz_remove_directory))
        abort();
}

static inline void fuzz_write_file(const void *bytes, size_t size)
{
    int fd = openat(fuzz_directory, fuzz_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, bytes, size) != (ssize_t) size || close(fd))
        abort();
}
