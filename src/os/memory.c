/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the arena of a command lies; host side.
 *
 * F_SEAL_FUTURE_WRITE leaves the one mapping that exists writable, so the host goes on filling an
 * arena that nobody else, init included, can map or write again.
 */
#include "os/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/syscalls.h"

enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL };

static bool is_before_6_3;

bool memory_is_before_6_3(void)
{
    return is_before_6_3;
}

static fallible round_up(size_t size, size_t *rounded)
{
    size_t page = (size_t) sysconf(_SC_PAGESIZE);
    if (size == 0 || size > SIZE_MAX / 2) {
        errno = EINVAL;
        return error_system("reserve %zu bytes", size);
    }
    *rounded = (size + page - 1) / page * page;
    return OK;
}

static fallible map(struct arena *arena, size_t size, int flags, int fd)
{
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (base == MAP_FAILED)
        return error_hint(error_errno(ERROR_MEMORY, "reserve %zu bytes", size),
                          "the caller's limit on addresses may be lower: RLIMIT_AS, ulimit -v");
    *arena = (struct arena){ .base = base, .size = size };
    return OK;
}

fallible memory_open_private(struct arena *arena, size_t size)
{
    size_t rounded = 0;
    try(round_up(size, &rounded));
    return map(arena, rounded, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

fallible memory_open_file(const char *name, int *file)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL) {
        is_before_6_3 = true;
        fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    }
    if (fd < 0)
        return error_errno(ERROR_MEMORY, "make a file in memory");
    *file = fd;
    return OK;
}

fallible memory_open_shared(struct arena *arena, size_t size, int *fd)
{
    size_t rounded = 0;
    try(round_up(size, &rounded));

    auto_close int file = -1;
    try(memory_open_file("tare-plan", &file));
    if (ftruncate(file, (off_t) rounded)) {
        struct error *error =
            error_errno(ERROR_MEMORY, "reserve %zu bytes to share with init", rounded);
        if (error->number == EFBIG)
            error = error_hint(error, "the caller's limit on the size of files, also of those in "
                                      "memory, is lower: RLIMIT_FSIZE, ulimit -f");
        return error;
    }

    struct arena made = { 0 };
    try(map(&made, rounded, MAP_SHARED, file));
    if (fcntl(file, F_ADD_SEALS, SEALS)) {
        struct error *error = error_system("seal the memory shared with init");
        memory_close(&made);
        return error;
    }
    *arena = made;
    *fd = take_fd(&file);
    return OK;
}

void memory_close(struct arena *arena)
{
    if (arena->base)
        munmap(arena->base, arena->size);
    *arena = (struct arena){ 0 };
}
