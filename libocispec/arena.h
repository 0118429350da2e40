/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/*
 * Memory with one owner and one end.
 *
 * The arena does not get memory itself: its owner gives it a zeroed, page-aligned range (os/memory
 * maps one for each command).  Nothing in it is freed alone; pointers stay valid until the owner
 * unmaps the range.
 */
struct arena {
    char *base;
    size_t size; /* bytes in the range */
    size_t used; /* bytes handed out, from the base */
};

/* Room for COUNT elements of SIZE bytes, zeroed, aligned to 16; NULL when it does not fit.  A zero
 * count gives a valid pointer to nothing. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of LENGTH bytes; NULL when it does not fit. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);

/* A copy of a string; NULL when it does not fit. */
char *arena_string(struct arena *arena, const char *string);

/* Takes all of it back and zeroes it: nothing that was handed out may be used any more. */
void arena_clear(struct arena *arena);
