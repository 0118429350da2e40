/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.memory: numbers of bytes.  The kernel counts in pages, and has no number for "no
 * limit" but the largest there is. */

#include "cgroup/byte_size.h"

#include <string.h>

#include "base/text.h"

enum { DIGITS_SIZE = 24 };

bool byte_size_parse(const char *text, uint64_t *out)
{
    static const char units[] = "KMGTPE";
    char digits[DIGITS_SIZE];
    uint64_t number;
    size_t length = strspn(text, "0123456789");
    const char *unit = text[length] ? strchr(units, text[length] & ~0x20) : NULL;
    unsigned shift = unit && *unit ? 10 * (unsigned) (unit - units + 1) : 0;

    if (text_equal(text, "max")) {
        *out = UINT64_MAX;
        return true;
    }
    if (!length || length >= sizeof(digits) || text[length + (shift ? 1 : 0)])
        return false;
    text_format(digits, sizeof(digits), "%.*s", (int) length, text);
    if (!text_to_unsigned(digits, UINT64_MAX, &number))
        return false;
    *out = number <= UINT64_MAX >> shift ? number << shift : UINT64_MAX;
    return true;
}
