/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

struct arena;

/* Foreign text made fit for one line of a terminal or of a log.  Host only. */
enum escape_style {
    ESCAPE_PLAIN,  /* control characters as \n, \x1b */
    ESCAPE_QUOTED, /* the same, and \" and \\ */
    ESCAPE_JSON,   /* the inside of a JSON string: \u001b */
};

/*
 * Writes TEXT with its control characters (C0, DEL and C1) escaped and bytes that are not UTF-8
 * replaced by U+FFFD, and returns the length.  What does not fit into SIZE - 1 bytes is left out,
 * never half an escape or character; always NUL-terminated.  SIZE > 0.
 */
size_t escape_text(char *out, size_t size, const char *text, enum escape_style style);

/* The whole of it in the arena; NULL when that is full. */
char *escape_copy(struct arena *arena, const char *text, enum escape_style style);
