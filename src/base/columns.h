/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* How many columns of a terminal TEXT takes, which is UTF-8 without control characters
 * (base/escape.h).  The C library's wcwidth(3) would know only by a locale. */
size_t columns_count(const char *text);

/* The longest end of TEXT, in whole characters, that takes at most COLUMNS columns. */
const char *columns_find_end(const char *text, size_t columns);
