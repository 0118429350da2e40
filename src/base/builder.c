/* SPDX-License-Identifier: Apache-2.0 */
/* Text of which nobody knows how long it gets. */

#include "base/builder.h"

#include <stdarg.h>
#include <string.h>

#include "base/allocate.h"
#include "base/text.h"

void builder_begin(struct builder *builder, struct arena *arena)
{
    *builder = (struct builder){ .arena = arena, .start = arena->used };
}

static size_t room(const struct builder *builder)
{
    size_t all = builder->arena->size - builder->start;
    return builder->used < all ? all - builder->used : 0;
}

void builder_print(struct builder *builder, const char *format, ...)
{
    va_list args;

    if (!room(builder))
        return;
    va_start(args, format);
    builder->used += text_format_list(builder->arena->base + builder->start + builder->used,
                                      room(builder), format, args);
    va_end(args);
}

fallible builder_end(struct builder *builder, const char **text)
{
    struct arena *arena = builder->arena;
    char *start = arena->base + builder->start;

    if (!room(builder)) {
        memset(start, 0, arena->size - builder->start); /* as an arena is beyond its end */
        return allocate_failed();
    }
    *text = start;
    arena->used = builder->start + builder->used + 1;
    return OK;
}
