/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources.cpu.cpus and mems: lists of numbers.  The kernel prints a set in its own way
 * ("0,1" becomes "0-1"), so that sets are compared, not texts. */
#include "cgroup/number_set.h"

#include <stddef.h>
#include <string.h>

/* The digits at the text; gives what follows, or NULL. */
static const char *take_number(const char *text, uint32_t *number)
{
    uint32_t value = 0;

    if (*text < '0' || *text > '9')
        return NULL;
    for (; *text >= '0' && *text <= '9'; text++) {
        value = value * 10 + (uint32_t) (*text - '0');
        if (value > NUMBER_SET_MOST)
            return NULL;
    }
    *number = value;
    return text;
}

static const char *take_range(const char *text, struct number_set *set)
{
    uint32_t first, last;

    text = take_number(text, &first);
    if (!text)
        return NULL;
    last = first;
    if (*text == '-')
        text = take_number(text + 1, &last);
    if (!text || last < first)
        return NULL;
    for (uint32_t number = first; number <= last; number++)
        set->words[number / 64] |= UINT64_C(1) << number % 64;
    return text;
}

bool number_set_parse(const char *list, struct number_set *set)
{
    struct number_set made = { { 0 } };
    const char *at = list;

    if (*at && !(at[0] == '\n' && !at[1])) {
        at = take_range(at, &made);
        while (at && *at == ',')
            at = take_range(at + 1, &made);
    }
    if (!at || (*at && !(at[0] == '\n' && !at[1])))
        return false;
    *set = made;
    return true;
}

bool number_set_equal(const struct number_set *a, const struct number_set *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool number_set_has(const struct number_set *whole, const struct number_set *part)
{
    for (size_t i = 0; i < NUMBER_SET_WORDS; i++)
        if (part->words[i] & ~whole->words[i])
            return false;
    return true;
}
