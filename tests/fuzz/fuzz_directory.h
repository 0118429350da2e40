/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For targets whose input is files that stand somewhere: a directory in memory, in which is another
 * one for them.  They are made once and removed at the end. */

#include <fcntl.h>
#include <sys/stat.h>

#include "os/directory.h"
#include "tests/fuzz/fuzz.h"

static char fuzz_path[] = "/dev/shm/tare-fuzz-XXXXXX";
static int fuzz_parent = -1, fuzz_directory = -1;

static void fuzz_remove_directory(void)
{
    if (directory_remove(AT_FDCWD, fuzz_path))
        abort();
}

/* NAME is that of the inner one: "0", say, as that of a process in /proc. */
static inline void fuzz_make_directory(const char *name)
{
    if (fuzz_directory >= 0)
        return;
    if (!mkdtemp(fuzz_path) || atexit(fuzz_remove_directory))
        abort();
    fuzz_parent = open(fuzz_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fuzz_parent < 0 || mkdirat(fuzz_parent, name, 0700))
        abort();
    fuzz_directory = openat(fuzz_parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fuzz_directory < 0)
        abort();
}

/* In the inner one. */
static inline void fuzz_write_file(const char *name, const void *bytes, size_t size)
{
    int fd = openat(fuzz_directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, bytes, size) != (ssize_t) size || close(fd))
        abort();
}
