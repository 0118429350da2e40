/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of ociVersion (config.md#specification-version).  Pre-release and build words are
 * checked, then dropped: nothing of ours depends on them. */

#include "libocispec/semver.h"

#include <stddef.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* A number without leading zeros; gives what follows it, or NULL. */
static const char *take_number(const char *text, uint64_t *number)
{
    const char *end = text;
    uint64_t value = 0;
    bool is_huge = false;

    for (; is_digit(*end); end++)
        is_huge |= __builtin_mul_overflow(value, UINT64_C(10), &value) ||
                   __builtin_add_overflow(value, (uint64_t) (*end - '0'), &value);
    if (end == text || (*text == '0' && end != text + 1))
        return NULL;
    *number = is_huge ? UINT64_MAX : value;
    return end;
}

/* Words joined by dots; gives what follows them, or NULL. */
static const char *take_words(const char *text, bool may_have_zeros)
{
    for (;; text++) {
        const char *end = text;
        bool is_number = true;
        for (; is_word(*end); end++)
            is_number &= is_digit(*end);
        if (end == text || (!may_have_zeros && is_number && *text == '0' && end != text + 1))
            return NULL;
        text = end;
        if (*text != '.')
            return text;
    }
}

bool semver_parse(const char *text, struct semver *version)
{
    struct semver parsed;
    uint64_t *const numbers[] = { &parsed.major, &parsed.minor, &parsed.patch };

    for (int i = 0; i < 3; i++) {
        if (i > 0 && *text++ != '.')
            return false;
        if (!(text = take_number(text, numbers[i])))
            return false;
    }
    if (*text == '-' && !(text = take_words(text + 1, false)))
        return false;
    if (*text == '+' && !(text = take_words(text + 1, true)))
        return false;
    if (*text)
        return false;
    *version = parsed;
    return true;
}
