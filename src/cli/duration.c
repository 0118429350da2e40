/* SPDX-License-Identifier: Apache-2.0 */
/* Lengths of time on the command line.  What surprises: a micro may be either of two letters that
 * look the same, each two bytes in UTF-8. */

#include "cli/duration.h"

#include <string.h>

#include "base/list.h"
#include "base/text.h"

struct unit {
    const char *name;
    uint64_t nanoseconds;
};

/* "m" would also begin "ms". */
static const struct unit units[] = {
    { "ns", 1 },
    { "us", 1000 },
    { "\xc2\xb5s", 1000 },
    { "\xce\xbcs", 1000 },
    { "ms", 1000000 },
    { "s", 1000000000 },
    { "m", 60 * UINT64_C(1000000000) },
    { "h", 3600 * UINT64_C(1000000000) },
};

static const struct unit *find_unit(const char *text)
{
    for (size_t i = 0; i < LENGTH(units); i++)
        if (text_starts(text, units[i].name))
            return &units[i];
    return NULL;
}

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

static bool take_whole(const char **at, uint64_t *whole)
{
    for (; is_digit(**at); *at += 1)
        if (__builtin_mul_overflow(*whole, UINT64_C(10), whole) ||
            __builtin_add_overflow(*whole, (uint64_t) (**at - '0'), whole))
            return false;
    return true;
}

/* What is less than a nanosecond is left out. */
static uint64_t count_fraction(const char *digits, uint64_t unit)
{
    uint64_t sum = 0;

    for (; is_digit(*digits) && unit; digits++) {
        sum += unit * (uint64_t) (*digits - '0') / 10;
        unit /= 10;
    }
    return sum;
}

static bool take_part(const char **at, uint64_t *sum)
{
    const char *from = *at;
    uint64_t part = 0;

    if (!take_whole(at, &part))
        return false;
    size_t digits = (size_t) (*at - from);
    const char *fraction = **at == '.' ? *at + 1 : "";
    *at += **at == '.';
    while (is_digit(**at)) {
        *at += 1;
        digits++;
    }
    const struct unit *unit = digits ? find_unit(*at) : NULL;
    if (!unit)
        return false;
    *at += strlen(unit->name);
    return !__builtin_mul_overflow(part, unit->nanoseconds, &part) &&
           !__builtin_add_overflow(part, count_fraction(fraction, unit->nanoseconds), &part) &&
           !__builtin_add_overflow(*sum, part, sum) && *sum <= INT64_MAX;
}

bool duration_parse(const char *text, uint64_t *nanoseconds)
{
    uint64_t sum = 0;

    if (!*text)
        return false;
    if (text_equal(text, "0"))
        text = "";
    while (*text)
        if (!take_part(&text, &sum))
            return false;
    *nanoseconds = sum;
    return true;
}

fallible duration_read_option(const char *option, const char *text, uint64_t *nanoseconds)
{
    if (duration_parse(text, nanoseconds) && *nanoseconds)
        return OK;
    return error_hint(error_new(ERROR_USAGE, "--%s '%s' is no length of time", option, text),
                      "above 0, with its unit: 500ms, 5s, 1m30s");
}
