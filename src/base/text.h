/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Text without stdio, locale or allocation: the same code serves `tare` and init. */

/*
 * Writes formatted text and returns how long it would be (like snprintf; always NUL-terminated
 * when SIZE > 0).  Knows %s %.*s %c %d %i %u %x %o %p %% with l ll z j, a width and a leading 0.
 */
size_t text_format(char *out, size_t size, const char *format, ...) PRINTF(3, 4);
size_t text_format_list(char *out, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

bool text_equal(const char *a, const char *b);
bool text_starts(const char *text, const char *beginning);
bool text_ends(const char *text, const char *ending);

/* The strict number parsers of R15: decimal digits only (text_to_signed: one '-' in front), the
 * whole string, no sign, space, prefix; false when out of range.  OUT is untouched on failure. */
bool text_to_unsigned(const char *text, uint64_t most, uint64_t *out);
bool text_to_signed(const char *text, int64_t least, int64_t most, int64_t *out);
