/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "libocispec/arena.h"

/* Where the arena of a command lies. */

/* A private arena, for commands that start nothing.  Sizes are rounded up to whole pages. */
fallible memory_open_private(struct arena *arena, size_t size);

/* An arena in a memfd (O_CLOEXEC) that init can map at the same address; sealed against shrinking,
 * growing and, but for this mapping, writing. */
fallible memory_open_shared(struct arena *arena, size_t size, int *fd);

/* An empty file in memory (memfd_create(2)), O_CLOEXEC, that cannot be executed. */
fallible memory_open_file(const char *name, int *file);

/* Whether that met a kernel before Linux 6.3, which does not know MFD_NOEXEC_SEAL: without a call
 * of its own it tells that what else came with 6.3 may be missing.  Host only. */
bool memory_is_before_6_3(void);

/* Maps the arena in init: SIZE bytes of FD at exactly ADDRESS, private and read-only; errno EEXIST
 * when something is there already. */
fallible memory_map_plan(const void *address, size_t size, int fd);

/* Gives the range back. */
void memory_close(struct arena *arena);
