/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of text, for tables.  Wide are those of East_Asian_Width W and F (Unicode 14, UAX
 * 11); of what has no width only the marks are known that belong to no script. */

#include "base/columns.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"

// clang-format off
static const struct {
    uint32_t first, last, columns;
} ranges[] = {
    { 0x300, 0x36f, 0 }, { 0x1100, 0x115f, 2 }, { 0x1160, 0x11ff, 0 }, { 0x1ab0, 0x1aff, 0 },
    { 0x1dc0, 0x1dff, 0 }, { 0x200b, 0x200f, 0 }, { 0x202a, 0x202e, 0 }, { 0x2060, 0x206f, 0 },
    { 0x20d0, 0x20ff, 0 }, { 0x231a, 0x231b, 2 }, { 0x2329, 0x232a, 2 }, { 0x23e9, 0x23ec, 2 },
    { 0x23f0, 0x23f0, 2 }, { 0x23f3, 0x23f3, 2 }, { 0x25fd, 0x25fe, 2 }, { 0x2614, 0x2615, 2 },
    { 0x2648, 0x2653, 2 }, { 0x267f, 0x267f, 2 }, { 0x2693, 0x2693, 2 }, { 0x26a1, 0x26a1, 2 },
    { 0x26aa, 0x26ab, 2 }, { 0x26bd, 0x26be, 2 }, { 0x26c4, 0x26c5, 2 }, { 0x26ce, 0x26ce, 2 },
    { 0x26d4, 0x26d4, 2 }, { 0x26ea, 0x26ea, 2 }, { 0x26f2, 0x26f3, 2 }, { 0x26f5, 0x26f5, 2 },
    { 0x26fa, 0x26fa, 2 }, { 0x26fd, 0x26fd, 2 }, { 0x2705, 0x2705, 2 }, { 0x270a, 0x270b, 2 },
    { 0x2728, 0x2728, 2 }, { 0x274c, 0x274c, 2 }, { 0x274e, 0x274e, 2 }, { 0x2753, 0x2755, 2 },
    { 0x2757, 0x2757, 2 }, { 0x2795, 0x2797, 2 }, { 0x27b0, 0x27b0, 2 }, { 0x27bf, 0x27bf, 2 },
    { 0x2b1b, 0x2b1c, 2 }, { 0x2b50, 0x2b50, 2 }, { 0x2b55, 0x2b55, 2 }, { 0x2e80, 0x3029, 2 },
    { 0x302a, 0x302d, 0 }, { 0x302e, 0x303e, 2 }, { 0x3041, 0x3096, 2 }, { 0x3099, 0x309a, 0 },
    { 0x309b, 0x3247, 2 }, { 0x3250, 0x4dbf, 2 }, { 0x4e00, 0xa4c6, 2 }, { 0xa960, 0xa97c, 2 },
    { 0xac00, 0xd7a3, 2 }, { 0xf900, 0xfad9, 2 }, { 0xfe00, 0xfe0f, 0 }, { 0xfe10, 0xfe19, 2 },
    { 0xfe20, 0xfe2f, 0 }, { 0xfe30, 0xfe6b, 2 }, { 0xfeff, 0xfeff, 0 }, { 0xff01, 0xff60, 2 },
    { 0xffe0, 0xffe6, 2 }, { 0x16fe0, 0x16fe3, 2 }, { 0x16ff0, 0x1b2fb, 2 },
    { 0x1f004, 0x1f004, 2 }, { 0x1f0cf, 0x1f0cf, 2 }, { 0x1f18e, 0x1f18e, 2 },
    { 0x1f191, 0x1f19a, 2 }, { 0x1f200, 0x1f320, 2 }, { 0x1f32d, 0x1f335, 2 },
    { 0x1f337, 0x1f37c, 2 }, { 0x1f37e, 0x1f393, 2 }, { 0x1f3a0, 0x1f3ca, 2 },
    { 0x1f3cf, 0x1f3d3, 2 }, { 0x1f3e0, 0x1f3f0, 2 }, { 0x1f3f4, 0x1f3f4, 2 },
    { 0x1f3f8, 0x1f43e, 2 }, { 0x1f440, 0x1f440, 2 }, { 0x1f442, 0x1f4fc, 2 },
    { 0x1f4ff, 0x1f53d, 2 }, { 0x1f54b, 0x1f54e, 2 }, { 0x1f550, 0x1f567, 2 },
    { 0x1f57a, 0x1f57a, 2 }, { 0x1f595, 0x1f596, 2 }, { 0x1f5a4, 0x1f5a4, 2 },
    { 0x1f5fb, 0x1f64f, 2 }, { 0x1f680, 0x1f6c5, 2 }, { 0x1f6cc, 0x1f6cc, 2 },
    { 0x1f6d0, 0x1f6d2, 2 }, { 0x1f6d5, 0x1f6df, 2 }, { 0x1f6eb, 0x1f6ec, 2 },
    { 0x1f6f4, 0x1f6fc, 2 }, { 0x1f7e0, 0x1f7f0, 2 }, { 0x1f90c, 0x1f93a, 2 },
    { 0x1f93c, 0x1f945, 2 }, { 0x1f947, 0x1f9ff, 2 }, { 0x1fa70, 0x1faf6, 2 },
    { 0x20000, 0x3134a, 2 }, { 0xe0100, 0xe01ef, 0 },
};
// clang-format on

static bool is_inside(char byte)
{
    return ((unsigned char) byte & 0xc0) == 0x80;
}

/* The first character of well-formed UTF-8. */
static uint32_t decode(const char *text)
{
    unsigned char lead = (unsigned char) *text;
    uint32_t mask = lead < 0x80 ? 0x7f : lead < 0xe0 ? 0x1f : lead < 0xf0 ? 0x0f : 0x07;
    uint32_t character = lead & mask;

    while (is_inside(*++text))
        character = character << 6 | ((unsigned char) *text & 0x3f);
    return character;
}

static size_t width(uint32_t character)
{
    size_t low = 0, high = character < ranges[0].first ? 0 : LENGTH(ranges);

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (character > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < LENGTH(ranges) && character >= ranges[low].first ? ranges[low].columns : 1;
}

size_t columns_count(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        if (!is_inside(*text))
            count += width(decode(text));
    return count;
}

const char *columns_find_end(const char *text, size_t columns)
{
    size_t count = columns_count(text);

    while (count > columns) {
        count -= width(decode(text));
        while (is_inside(*++text))
            continue;
    }
    return text;
}
