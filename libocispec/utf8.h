/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* How many of the LENGTH bytes at the start of TEXT are well-formed UTF-8: LENGTH if all are.  No
 * overlong forms, no surrogates, nothing above U+10FFFF.  Source: RFC 3629, section 4. */
size_t utf8_prefix(const char *text, size_t length);

/* True if the inside of a JSON string, as written, has half of a surrogate pair among its \u
 * escapes. The escapes themselves must be well-formed. */
bool utf8_has_lone_escape(const char *raw, size_t length);
