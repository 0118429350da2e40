/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.memory: numbers of bytes.  The kernel counts in pages, and has no number for "no
 * limit" but the largest there is. */

#include "cgroup/byte_size.h"

#include <string.h>

#include "base/text.h"

enum { DIGITS_SIZE = 24, FRACTION_DIGITS = 18 };

static const char digits_of_numbers[] = "0123456789";

/* By how many bits a unit shifts; 0 for what is none. */
static unsigned find_shift(char letter)
{
    static const char units[] = "KMGTPE";
    const char *unit = letter ? strchr(units, letter & ~0x20) : NULL;
    return unit && *unit ? 10 * (unsigned) (unit - units + 1) : 0;
}

bool byte_size_parse(const char *text, uint64_t *out)
{
    char digits[DIGITS_SIZE];
    uint64_t number;
    size_t length = strspn(text, digits_of_numbers);
    unsigned shift = find_shift(text[length]);

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

/* The bits of a decimal fraction before the point, once it is shifted: doubling brings forth one
 * after the other, and nothing is rounded. */
static uint64_t shift_fraction(const char *digits, size_t count, unsigned shift)
{
    uint64_t fraction = 0, one = 1, result = 0;

    for (size_t i = 0; i < count && i < FRACTION_DIGITS; i++) {
        fraction = 10 * fraction + (uint64_t) (digits[i] - '0');
        one *= 10;
    }
    for (unsigned i = 0; i < shift; i++) {
        fraction *= 2;
        result = 2 * result + (fraction >= one);
        fraction -= fraction >= one ? one : 0;
    }
    return result;
}

/* "", "b", "k", "kb", "kib". */
static bool is_unit(const char *text, unsigned shift)
{
    text += shift ? 1 : 0;
    if (shift && (*text | 0x20) == 'i' && text[1])
        text++;
    return !*text || ((*text | 0x20) == 'b' && !text[1]);
}

bool byte_size_parse_words(const char *text, int64_t *out)
{
    char digits[DIGITS_SIZE];
    uint64_t number = 0;
    size_t length = strspn(text, digits_of_numbers);
    const char *fraction = text + length + (text[length] == '.');
    size_t fraction_length = fraction > text + length ? strspn(fraction, digits_of_numbers) : 0;
    const char *unit = fraction + fraction_length;

    unit += *unit == ' ';
    unsigned shift = find_shift(*unit);
    if (!(length + fraction_length) || length >= sizeof(digits) || !is_unit(unit, shift))
        return false;
    text_format(digits, sizeof(digits), "%.*s", (int) length, text);
    if (length && !text_to_unsigned(digits, (uint64_t) INT64_MAX >> shift, &number))
        return false;
    *out = (int64_t) ((number << shift) + shift_fraction(fraction, fraction_length, shift));
    return true;
}
