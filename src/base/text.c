/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formatting and strict number parsing; serves every number that config.json or the command line
 * holds as a string.
 *
 * A conversion that text_format() does not know ends the formatting: the rest of the format is
 * copied as it stands, because the arguments behind it can no longer be told apart.
 */
#include "base/text.h"

#include <limits.h>
#include <string.h>

/* Where text goes; counts what does not fit, too. */
struct sink {
    char *out;
    size_t size;
    size_t length;
};

/* One conversion of a format: "%08llx". */
struct conversion {
    bool has_zeros;
    bool has_precision;
    size_t width;
    size_t precision;
    char length; /* 'l', 'L' for ll, 'z', 'j', or 0 */
    char letter;
};

enum { NUMBER_SIZE = 24 }; /* 64 bits in octal, and a NUL */

static void put(struct sink *sink, char byte)
{
    if (sink->length + 1 < sink->size)
        sink->out[sink->length] = byte;
    sink->length++;
}

static void put_times(struct sink *sink, char byte, size_t times)
{
    for (size_t i = 0; i < times; i++)
        put(sink, byte);
}

static void put_bytes(struct sink *sink, const char *bytes, size_t length)
{
    size_t room = sink->length + 1 < sink->size ? sink->size - 1 - sink->length : 0;
    if (room > 0)
        memcpy(sink->out + sink->length, bytes, length < room ? length : room);
    sink->length += length;
}

static void put_padded(struct sink *sink, const char *text, size_t length, size_t width)
{
    if (width > length)
        put_times(sink, ' ', width - length);
    put_bytes(sink, text, length);
}

static size_t measure(const char *text, const struct conversion *conversion)
{
    return conversion->has_precision ? strnlen(text, conversion->precision) : strlen(text);
}

static void put_number(struct sink *sink, const struct conversion *conversion, uint64_t value,
                       const char *sign)
{
    unsigned base = conversion->letter == 'o' ? 8 : 16;
    if (conversion->letter == 'u' || conversion->letter == 'd')
        base = 10;

    char digits[NUMBER_SIZE];
    size_t start = sizeof(digits);
    do {
        digits[--start] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);

    size_t count = sizeof(digits) - start;
    size_t whole = count + strlen(sign);
    size_t padding = conversion->width > whole ? conversion->width - whole : 0;
    if (!conversion->has_zeros)
        put_times(sink, ' ', padding);
    put_bytes(sink, sign, strlen(sign));
    if (conversion->has_zeros)
        put_times(sink, '0', padding);
    put_bytes(sink, digits + start, count);
}

/* On Linux size_t is as wide as long, and intmax_t as long long. */
static uint64_t take_unsigned(char length, va_list *args)
{
    if (length == 'l' || length == 'z')
        return va_arg(*args, unsigned long);
    if (length == 'L' || length == 'j')
        return va_arg(*args, unsigned long long);
    return va_arg(*args, unsigned);
}

static int64_t take_signed(char length, va_list *args)
{
    if (length == 'l' || length == 'z')
        return va_arg(*args, long);
    if (length == 'L' || length == 'j')
        return va_arg(*args, long long);
    return va_arg(*args, int);
}

static const char *read_count(const char *at, va_list *args, size_t *count)
{
    if (*at == '*') {
        int given = va_arg(*args, int);
        *count = given > 0 ? (size_t) given : 0;
        return at + 1;
    }
    size_t value = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        value = value < INT_MAX / 10 ? value * 10 + (size_t) (*at - '0') : value;
    *count = value;
    return at;
}

/* Reads what stands behind a '%'; gives the place after the letter. */
static const char *read_conversion(const char *at, va_list *args, struct conversion *conversion)
{
    *conversion = (struct conversion){ 0 };
    if (*at == '0') {
        conversion->has_zeros = true;
        at++;
    }
    at = read_count(at, args, &conversion->width);
    if (*at == '.') {
        conversion->has_precision = true;
        at = read_count(at + 1, args, &conversion->precision);
    }
    if (*at && strchr("lzj", *at))
        conversion->length = *at++;
    if (conversion->length == 'l' && *at == 'l') {
        conversion->length = 'L';
        at++;
    }
    conversion->letter = *at;
    if (*at == 'i')
        conversion->letter = 'd';
    return *at ? at + 1 : at;
}

static void put_signed(struct sink *sink, const struct conversion *conversion, int64_t value)
{
    uint64_t size = value < 0 ? -(uint64_t) value : (uint64_t) value;
    put_number(sink, conversion, size, value < 0 ? "-" : "");
}

static void put_string(struct sink *sink, const struct conversion *conversion, const char *text)
{
    const char *shown = text ? text : "(null)";
    put_padded(sink, shown, measure(shown, conversion), conversion->width);
}

/* Puts one converted argument; false if the letter is not known. */
static bool put_conversion(struct sink *sink, const struct conversion *conversion, va_list *args)
{
    char byte;
    switch (conversion->letter) {
    case '%':
        put(sink, '%');
        return true;
    case 'c':
        byte = (char) va_arg(*args, int);
        put_padded(sink, &byte, 1, conversion->width);
        return true;
    case 's':
        put_string(sink, conversion, va_arg(*args, const char *));
        return true;
    case 'd':
        put_signed(sink, conversion, take_signed(conversion->length, args));
        return true;
    case 'u':
    case 'x':
    case 'o':
        put_number(sink, conversion, take_unsigned(conversion->length, args), "");
        return true;
    case 'p':
        put_number(sink, conversion, (uintptr_t) va_arg(*args, void *), "0x");
        return true;
    default:
        return false;
    }
}

size_t text_format_list(char *out, size_t size, const char *format, va_list args)
{
    struct sink sink = { .out = out, .size = size };
    va_list rest;
    va_copy(rest, args);

    for (const char *at = format; *at;) {
        if (*at != '%') {
            put(&sink, *at++);
            continue;
        }
        struct conversion conversion;
        const char *next = read_conversion(at + 1, &rest, &conversion);
        if (!put_conversion(&sink, &conversion, &rest)) {
            put_bytes(&sink, at, strlen(at));
            break;
        }
        at = next;
    }

    va_end(rest);
    if (size > 0)
        out[sink.length < size ? sink.length : size - 1] = '\0';
    return sink.length;
}

size_t text_format(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t length = text_format_list(out, size, format, args);
    va_end(args);
    return length;
}

bool text_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

bool text_starts(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

bool text_ends(const char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t tail = strlen(ending);
    return length >= tail && memcmp(text + length - tail, ending, tail) == 0;
}

bool text_to_unsigned(const char *text, uint64_t most, uint64_t *out)
{
    if (!text || !*text)
        return false;

    uint64_t value = 0;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        uint64_t digit = (uint64_t) (*text - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (value > most)
        return false;
    *out = value;
    return true;
}

bool text_to_signed(const char *text, int64_t least, int64_t most, int64_t *out)
{
    if (!text)
        return false;

    bool is_negative = *text == '-';
    uint64_t size;
    uint64_t bound = is_negative ? (uint64_t) INT64_MAX + 1 : (uint64_t) INT64_MAX;
    if (!text_to_unsigned(text + is_negative, bound, &size))
        return false;

    int64_t value = (int64_t) (is_negative ? -size : size);
    if (value < least || value > most)
        return false;
    *out = value;
    return true;
}
