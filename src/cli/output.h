/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* What a command says to who called it.  A write that fails (a full disk, a closed pipe) is an
 * error.  A terminal gets control characters, but ends of lines and tabs, as \u001b. */

/* Writes text to standard output. */
fallible output_text(const char *text);

/* The same of so many bytes. */
fallible output_bytes(const char *bytes, size_t length);

/* Writes it in a colour, if standard output is a terminal's that has some ($TERM is neither empty
 * nor "dumb"), and NO_COLOR is unset or empty (no-color.org). */
enum output_colour { COLOUR_NONE, COLOUR_GREEN, COLOUR_YELLOW, COLOUR_RED, COLOUR_DIM };
fallible output_coloured(enum output_colour colour, const char *text);

/* Empties the screen, if standard output is a terminal's: what is said next stands at its top. */
fallible output_clear(void);

/* Whether standard output is a terminal, and so for somebody who looks at it. */
bool output_is_terminal(void);

/* Whether standard output is a pipe that nobody reads any more: `tare list | head -1`. */
bool output_is_unread(void);

/* Writes formatted text (base/text.h), of at most OUTPUT_SIZE - 1 bytes, to a descriptor. */
enum { OUTPUT_SIZE = 16384 };
fallible output_print(int fd, const char *format, ...) PRINTF(2, 3);
