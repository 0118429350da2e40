/* SPDX-License-Identifier: Apache-2.0 */
/* Checks UTF-8, and what escapes would make of it.  yajl checks too, but lets overlong forms and
 * encoded surrogates pass. */
#include "libocispec/utf8.h"

#include <stdint.h>
#include <string.h>

/* The bounds of the second byte, and the length of the sequence, for the first bytes from LOW that
 * are no ASCII. */
static const struct {
    unsigned char low, high, second_low, second_high, length;
} sequences[] = {
    { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
    { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
    { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* The length of the sequence at the start, or 0. */
static size_t measure(const unsigned char *at, size_t left)
{
    size_t row = 0;
    while (row < sizeof(sequences) / sizeof(sequences[0]) &&
           (at[0] < sequences[row].low || at[0] > sequences[row].high))
        row++;
    if (row == sizeof(sequences) / sizeof(sequences[0]) || sequences[row].length > left)
        return 0;

    size_t length = sequences[row].length;
    if (length > 1 && (at[1] < sequences[row].second_low || at[1] > sequences[row].second_high))
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* How far ASCII goes, in steps of four words. */
static size_t skip_ascii(const char *text, size_t length)
{
    size_t i = 0;
    uint64_t words[4];
    for (; length - i >= sizeof(words); i += sizeof(words)) {
        memcpy(words, text + i, sizeof(words));
        if ((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080))
            break;
    }
    return i;
}

size_t utf8_prefix(const char *text, size_t length)
{
    size_t i = skip_ascii(text, length);
    while (i < length) {
        bool is_ascii = !(text[i] & 0x80);
        size_t step = is_ascii ? 1 : measure((const unsigned char *) text + i, length - i);
        if (step == 0)
            return i;
        i += step;
        if (step > 1)
            i += skip_ascii(text + i, length - i);
    }
    return length;
}

/* The code unit of \uXXXX. */
static unsigned read_unit(const char *raw)
{
    unsigned unit = 0;
    for (const char *digit = raw + 2; digit < raw + 6; digit++)
        unit = unit * 16 + (unsigned) (*digit <= '9' ? *digit - '0' : (*digit | 0x20) - 'a' + 10);
    return unit;
}

bool utf8_has_lone_escape(const char *raw, size_t length)
{
    size_t i = 0;
    while (i < length) {
        if (raw[i] != '\\' || i + 6 > length || raw[i + 1] != 'u') {
            i += raw[i] == '\\' ? 2 : 1;
            continue;
        }
        unsigned unit = read_unit(raw + i);
        i += 6;
        if (unit < 0xd800 || unit > 0xdfff)
            continue;
        if (unit > 0xdbff || i + 6 > length || raw[i] != '\\' || raw[i + 1] != 'u' ||
            read_unit(raw + i) < 0xdc00 || read_unit(raw + i) > 0xdfff)
            return true;
        i += 6;
    }
    return false;
}
