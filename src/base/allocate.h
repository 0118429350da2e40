/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "libocispec/arena.h"

/* Memory from the command's arena, with exhaustion as an error like any other. */

/* Points TARGET at COUNT zeroed elements, or returns ERROR_MEMORY from the calling function. */
#define try_new(target, arena, count)                                                              \
    do {                                                                                           \
        (target) = arena_alloc((arena), (count), sizeof(*(target)));                               \
        if (!(target))                                                                             \
            return allocate_failed();                                                              \
    } while (0)

/* Points TARGET (const char *) at a formatted string in the arena, or returns ERROR_MEMORY. */
#define try_print(target, arena, ...)                                                              \
    do {                                                                                           \
        (target) = allocate_print((arena), __VA_ARGS__);                                           \
        if (!(target))                                                                             \
            return allocate_failed();                                                              \
    } while (0)

/* The error for a full arena. */
fallible allocate_failed(void);

/* A formatted string (base/text.h) in the arena, or NULL when it is full. */
char *allocate_print(struct arena *arena, const char *format, ...) PRINTF(2, 3);
