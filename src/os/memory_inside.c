/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's arena in init: every pointer of the plan holds, because the address is the same.
 *
 * MAP_FIXED_NOREPLACE is only a wish to kernels that do not know it: they map elsewhere.
 */
#include <errno.h>
#include <sys/mman.h>

#include "os/memory.h"

fallible memory_map_plan(const void *address, size_t size, int fd)
{
    const int flags = MAP_PRIVATE | MAP_FIXED_NOREPLACE;
    void *base = mmap((void *) address, size, PROT_READ, flags, fd, 0);
    if (base != MAP_FAILED && base != address) {
        munmap(base, size);
        errno = EEXIST;
        base = MAP_FAILED;
    }
    if (base == MAP_FAILED)
        return error_system("map the plan at %p", address);
    return OK;
}
