/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of what a cgroup has counted.  What surprises: newer kernels have more of them, and
 * more words in each, than anybody knows today; those are passed over. */

#include <string.h>

#include "base/list.h"
#include "base/text.h"
#include "cgroup/stats.h"

enum { WORD_SIZE = 64 };

/* Cuts the next word off a line; false at its end, and for one that is too long. */
static bool take_word(const char **at, char word[WORD_SIZE])
{
    const char *from = *at + strspn(*at, " ");
    size_t length = strcspn(from, " \n");

    *at = from + length;
    text_format(word, WORD_SIZE, "%.*s", (int) length, from);
    return length > 0 && length < WORD_SIZE;
}

static void skip_line(const char **at)
{
    *at += strcspn(*at, "\n");
    *at += **at == '\n';
}

/* The value of "KEY=VALUE", or NULL. */
static const char *value_of(const char *word, const char *key)
{
    size_t length = strlen(key);
    return text_starts(word, key) && word[length] == '=' ? word + length + 1 : NULL;
}

bool stats_take_line(const char **at, struct stats_line *line)
{
    while (**at) {
        char number[WORD_SIZE];
        bool is_line = take_word(at, line->key) && take_word(at, number) && **at == '\n' &&
                       text_to_unsigned(number, UINT64_MAX, &line->value);
        skip_line(at);
        if (is_line)
            return true;
    }
    return false;
}

struct stats_number stats_find(const char *text, const char *key)
{
    struct stats_line line;

    while (stats_take_line(&text, &line))
        if (text_equal(line.key, key))
            return (struct stats_number){ line.value, true };
    return (struct stats_number){ 0 };
}

static bool read_device(char *name, struct stats_device *device)
{
    char *colon = strchr(name, ':');

    if (!colon)
        return false;
    *colon = '\0';
    return text_to_unsigned(name, UINT32_MAX, &device->major) &&
           text_to_unsigned(colon + 1, UINT32_MAX, &device->minor);
}

static void read_count(const char *word, struct stats_device *device)
{
    static const char *const keys[STATS_IOS] = {
        [STATS_READ_BYTES] = "rbytes",    [STATS_READS] = "rios",
        [STATS_WRITE_BYTES] = "wbytes",   [STATS_WRITES] = "wios",
        [STATS_DISCARD_BYTES] = "dbytes", [STATS_DISCARDS] = "dios",
    };

    for (int i = 0; i < STATS_IOS; i++) {
        const char *value = value_of(word, keys[i]);
        struct stats_number *count = &device->values[i];
        if (value)
            count->is_there = text_to_unsigned(value, UINT64_MAX, &count->value);
    }
}

bool stats_take_device(const char **at, struct stats_device *device)
{
    while (**at) {
        char word[WORD_SIZE];
        *device = (struct stats_device){ 0 };
        bool is_device = take_word(at, word) && read_device(word, device);
        while (take_word(at, word))
            read_count(word, device);
        skip_line(at);
        if (is_device)
            return true;
    }
    return false;
}

static bool is_fraction(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    size_t parts = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;

    return whole > 0 && parts > 0 && !text[whole + 1 + parts];
}

static bool read_share(const char *word, const char *key, char share[12])
{
    const char *value = value_of(word, key);

    if (!value || strlen(value) >= 12 || !is_fraction(value))
        return false;
    text_format(share, 12, "%s", value);
    return true;
}

static bool read_pressure(const char **at, struct stats_pressure *pressure)
{
    static const char *const keys[] = { "avg10", "avg60", "avg300" };
    char word[WORD_SIZE];

    if (!take_word(at, word) || strlen(word) >= sizeof(pressure->kind))
        return false;
    text_format(pressure->kind, sizeof(pressure->kind), "%s", word);
    for (size_t i = 0; i < LENGTH(keys); i++)
        if (!take_word(at, word) || !read_share(word, keys[i], pressure->shares[i]))
            return false;
    const char *total = take_word(at, word) ? value_of(word, "total") : NULL;
    return total && text_to_unsigned(total, UINT64_MAX, &pressure->total);
}

bool stats_take_pressure(const char **at, struct stats_pressure *pressure)
{
    while (**at) {
        bool is_pressure = read_pressure(at, pressure);
        skip_line(at);
        if (is_pressure)
            return true;
    }
    return false;
}
