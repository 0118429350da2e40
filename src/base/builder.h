/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct arena;

/* Text that grows at the end of an arena, which nobody else may use meanwhile. */
struct builder {
    struct arena *arena;
    size_t start; /* of the text in the arena */
    size_t used;  /* bytes of it; above what there is room for: it did not fit */
};

void builder_begin(struct builder *builder, struct arena *arena);

/* Appends formatted text (base/text.h).  After a failure this does nothing; builder_end() tells. */
void builder_print(struct builder *builder, const char *format, ...) PRINTF(2, 3);

/* The text (arena), with a NUL behind; ERROR_MEMORY if it did not fit. */
fallible builder_end(struct builder *builder, const char **text);
