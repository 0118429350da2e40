/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "cli/output.h"

/* Text for people, broken between its words where a terminal has no room for more.  Who reads it
 * elsewhere gets whole lines.  What is longer than OUTPUT_SIZE - 1 bytes is cut. */
struct paragraph {
    char text[OUTPUT_SIZE];
    size_t length;
    size_t indent; /* columns before each line but the first one */
    size_t room;   /* columns behind them; SIZE_MAX: lines are not broken */
    size_t used;   /* columns of them in the last line */
};

/* How many columns the terminal of FD has behind the first INDENT ones, but 20 at least; SIZE_MAX
 * if it is none, or does not know its size. */
size_t paragraph_find_room(int fd, size_t indent);

/* Appends formatted text as it is, which is to stand before the room (base/text.h). */
void paragraph_append(struct paragraph *paragraph, const char *format, ...) PRINTF(2, 3);

/* Appends so many blanks. */
void paragraph_pad(struct paragraph *paragraph, size_t columns);

/* Appends the words of TEXT, which is UTF-8 without control characters (base/escape.h); several
 * blanks between them become one. */
void paragraph_say(struct paragraph *paragraph, const char *text);

/* Appends TEXT to the last word. */
void paragraph_join(struct paragraph *paragraph, const char *text);

/* What is said next begins a line. */
void paragraph_break(struct paragraph *paragraph);

/* Writes it, with the end of its last line, and empties it. */
fallible paragraph_print(struct paragraph *paragraph, int fd);
