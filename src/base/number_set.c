/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of CPUs and memory nodes: linux.resources.cpu.cpus and mems, process.execCPUAffinity,
 * linux.memoryPolicy.nodes.  The kernel prints a set in its own way ("0,1" becomes "0-1"), so that
 * sets are compared, not texts. */
#include "base/number_set.h"

#include <stddef.h>
#include <string.h>

static const char *skip_spaces(const char *text, bool is_spaced)
{
    while (is_spaced && *text == ' ')
        text++;
    return text;
}

/* The digits at the text; gives what follows, or NULL. */
static const char *take_number(const char *text, bool is_spaced, uint32_t *number)
{
    uint32_t value = 0;

    text = skip_spaces(text, is_spaced);
    if (*text < '0' || *text > '9')
        return NULL;
    for (; *text >= '0' && *text <= '9'; text++) {
        value = value * 10 + (uint32_t) (*text - '0');
        if (value > NUMBER_SET_MOST)
            return NULL;
    }
    *number = value;
    return skip_spaces(text, is_spaced);
}

static const char *take_range(const char *text, bool is_spaced, struct number_set *set)
{
    uint32_t first, last;

    text = take_number(text, is_spaced, &first);
    if (!text)
        return NULL;
    last = first;
    if (*text == '-')
        text = take_number(text + 1, is_spaced, &last);
    if (!text || last < first)
        return NULL;
    for (uint32_t number = first; number <= last; number++)
        set->words[number / NUMBER_SET_WORD_BITS] |= 1UL << number % NUMBER_SET_WORD_BITS;
    return text;
}

static bool is_end(const char *text)
{
    return !*text || (text[0] == '\n' && !text[1]);
}

static bool parse(const char *list, bool is_spaced, struct number_set *set)
{
    struct number_set made = { { 0 } };
    const char *at = skip_spaces(list, is_spaced);

    if (!is_end(at)) {
        at = take_range(at, is_spaced, &made);
        while (at && *at == ',')
            at = take_range(at + 1, is_spaced, &made);
    }
    if (!at || !is_end(at))
        return false;
    *set = made;
    return true;
}

bool number_set_parse(const char *list, struct number_set *set)
{
    return parse(list, false, set);
}

bool number_set_parse_spaced(const char *list, struct number_set *set)
{
    return parse(list, true, set);
}

bool number_set_equal(const struct number_set *a, const struct number_set *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

bool number_set_is_empty(const struct number_set *set)
{
    static const struct number_set none;
    return number_set_equal(set, &none);
}

int number_set_find_missing(const struct number_set *whole, const struct number_set *part)
{
    for (size_t i = 0; i < NUMBER_SET_WORDS; i++) {
        unsigned long missing = part->words[i] & ~whole->words[i];
        if (missing)
            return (int) i * NUMBER_SET_WORD_BITS + __builtin_ctzl(missing);
    }
    return -1;
}

bool number_set_has(const struct number_set *whole, const struct number_set *part)
{
    return number_set_find_missing(whole, part) < 0;
}
