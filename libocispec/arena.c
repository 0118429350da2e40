/* SPDX-License-Identifier: Apache-2.0 */
/* A pointer that only grows.  It does not clear what it hands out: the range came zeroed, and no
 * byte of it is handed out twice. */
#include "libocispec/arena.h"

#include <stdint.h>
#include <string.h>

enum { ALIGNMENT = 16 };

static char *take(struct arena *arena, size_t start, size_t bytes)
{
    if (start > arena->size || bytes > arena->size - start)
        return NULL;
    arena->used = start + bytes;
    return arena->base + start;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || arena->used > SIZE_MAX - ALIGNMENT)
        return NULL;
    return take(arena, (arena->used + ALIGNMENT - 1) & ~(size_t) (ALIGNMENT - 1), bytes);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
    if (length == SIZE_MAX)
        return NULL;
    char *copy = take(arena, arena->used, length + 1);
    if (!copy)
        return NULL;
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *arena_string(struct arena *arena, const char *string)
{
    return arena_copy(arena, string, strlen(string));
}

void arena_clear(struct arena *arena)
{
    memset(arena->base, 0, arena->used);
    arena->used = 0;
}
