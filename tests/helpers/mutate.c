/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes documents that are nearly JSON of others.
 *
 *     mutate SEED FROM TO DIRECTORY
 *         writes DIRECTORY/FROM to DIRECTORY/TO, each SEED with one to four changes: a token that
 * is left out, said twice, exchanged with another, or in its place one that hurts; bytes that are
 * changed; an end that is missing.  The same number gives the same document.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { SIZE = 1 << 20, TOKENS = 1 << 16, NUMBER_MOST = 100000 };

struct token {
    const char *text;
    size_t length;
};

static char seed[SIZE], deep[2][4096];
static struct token tokens[TOKENS];
static size_t token_count;
static uint64_t state;

static const char *const hurting[] = {
    "-1",
    "0",
    "-0",
    "1e3",
    "1.5",
    "2147483647",
    "2147483648",
    "-2147483649",
    "4294967294",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e400",
    "99999999999999999999999999999999999999999999",
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "[null]",
    "\"\"",
    "\" \"",
    "\"/\\u0000\"",
    "\"\\ud800\"",
    "\"\\n\"",
    "\"\x1b[2J\"",
    "\"\xff\xfe\"",
    "\"../../..\"",
    "\"/proc/self/fd/3\"",
    "\"/nowhere/at/all\"",
    "\"0\"",
    "\"-1\"",
    "\"%s%n\"",
    "\"a=b=c\"",
    "\"+memory\"",
    "{\"path\":\"/p\"}",
    "{\"\":\"\"}",
    "[\"a\",\"a\"]",
    deep[0],
    deep[1],
    /* No values at all. */
    "0x1",
    "01",
    "+1",
    "/**/",
    "NaN",
    "\"",
    "\\",
    ",",
    ":",
    "]",
    "}",
    "\xef\xbb\xbf",
};
enum { VALUES = LENGTH(hurting) - 12 };

static uint64_t next(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return below ? (state >> 11) % below : 0;
}

static size_t token_length(const char *text)
{
    size_t length = 1;

    if (*text == '"') {
        while (text[length] && text[length] != '"')
            length += text[length] == '\\' && text[length + 1] ? 2 : 1;
        return text[length] ? length + 1 : length;
    }
    if (isalnum((unsigned char) *text) || *text == '-')
        while (isalnum((unsigned char) text[length]) || strchr("+-.", text[length]))
            if (!text[length++])
                return length - 1;
    return length;
}

static void split(void)
{
    for (const char *at = seed; *at && token_count < TOKENS - 8;) {
        size_t length = token_length(at);
        if (!isspace((unsigned char) *at))
            tokens[token_count++] = (struct token){ at, length };
        at += length;
    }
}

static struct token hurt(size_t among)
{
    const char *text = hurting[next(among)];
    return (struct token){ text, strlen(text) };
}

/* A value: no bracket, no comma, no name before a colon. */
static bool is_value(const struct token *list, size_t at, size_t count)
{
    return !strchr("[]{},:", list[at].text[0]) && (at + 1 == count || list[at + 1].text[0] != ':');
}

static size_t change(struct token *list, size_t count)
{
    size_t at = next(count), other = next(count);
    struct token token = list[at];

    switch (next(16)) {
    case 0: /* left out */
        memmove(list + at, list + at + 1, (count - at - 1) * sizeof(*list));
        return count - 1;
    case 1: /* twice */
        memmove(list + at + 1, list + at, (count - at) * sizeof(*list));
        return count + 1;
    case 2: /* exchanged */
        list[at] = list[other];
        list[other] = token;
        return count;
    case 3: /* an end that is missing */
        return next(8) ? count : at + 1;
    case 4:
        list[at] = hurt(LENGTH(hurting));
        return count;
    default:
        for (int i = 0; i < 100 && !is_value(list, at, count); i++)
            at = next(count);
        list[at] = next(4) ? hurt(VALUES) : list[other];
        return count;
    }
}

static bool put(const char *path, const struct token *list, size_t count)
{
    FILE *file = fopen(path, "we");

    if (!file)
        return false;
    for (size_t i = 0; i < count; i++) {
        fwrite(list[i].text, 1, list[i].length, file);
        fputc(next(3000) ? ' ' : (int) next(256), file);
    }
    return fclose(file) == 0;
}

int main(int count, char **arguments)
{
    static struct token list[TOKENS];
    char path[4096];
    FILE *file = count == 5 ? fopen(arguments[1], "re") : NULL;

    if (!file || fread(seed, 1, SIZE - 1, file) == 0) {
        fputs("usage: mutate SEED FROM TO DIRECTORY\n", stderr);
        return 64;
    }
    fclose(file);
    memset(deep[0], '[', sizeof(deep[0]) - 1);
    memset(deep[1], 'x', sizeof(deep[1]) - 1);
    deep[1][0] = deep[1][sizeof(deep[1]) - 2] = '"';
    split();
    unsigned long last = strtoul(arguments[3], NULL, 10);
    for (unsigned long i = strtoul(arguments[2], NULL, 10); i <= last && i < NUMBER_MOST; i++) {
        size_t length = token_count;
        state = (i + 1) * 0x9e3779b97f4a7c15ULL;
        memcpy(list, tokens, token_count * sizeof(*list));
        for (uint64_t changes = 1 + next(3); changes > 0 && length > 1; changes--)
            length = change(list, length);
        snprintf(path, sizeof(path), "%s/%lu", arguments[4], i);
        if (!put(path, list, length))
            return 1;
    }
    return 0;
}
