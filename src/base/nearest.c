/* SPDX-License-Identifier: Apache-2.0 */
/* Guesses for unknown words, whatever their case.  Two neighbours that are swapped count as one
 * slip. */

#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { LENGTH_MAX = 32, NO_DISTANCE = 1000 };

static bool is_same(char a, char b)
{
    return strncasecmp(&a, &b, 1) == 0;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* The optimal string alignment distance; long words are far from everything. */
static unsigned measure(const char *a, const char *b)
{
    unsigned rows[LENGTH_MAX + 1][LENGTH_MAX + 1];
    size_t a_length = strlen(a), b_length = strlen(b);

    if (a_length > LENGTH_MAX || b_length > LENGTH_MAX)
        return NO_DISTANCE;
    for (size_t i = 0; i <= a_length; i++)
        for (size_t j = 0; j <= b_length; j++) {
            if (i == 0 || j == 0) {
                rows[i][j] = (unsigned) (i + j);
                continue;
            }
            rows[i][j] = least(rows[i - 1][j], rows[i][j - 1]) + 1;
            rows[i][j] = least(rows[i][j], rows[i - 1][j - 1] + !is_same(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1]))
                rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    return rows[a_length][b_length];
}

void nearest_consider(struct nearest *nearest, const char *candidate)
{
    /* One slip in three letters, and no word that has nothing in common. */
    unsigned limit = (unsigned) (strlen(candidate) + 2) / 3;
    unsigned distance = measure(nearest->word, candidate);
    unsigned beginning = 0;

    if (distance > limit || distance >= strlen(candidate))
        return;
    while (candidate[beginning] && is_same(candidate[beginning], nearest->word[beginning]))
        beginning++;
    if (nearest->best && (distance > nearest->distance ||
                          (distance == nearest->distance && beginning <= nearest->beginning)))
        return;
    nearest->best = candidate;
    nearest->distance = distance;
    nearest->beginning = beginning;
}

/* The length of what all words begin with, up to its last '_'. */
static size_t measure_head(const char *const *known, size_t n)
{
    size_t head = 0;

    for (size_t length = 0; known[0][length]; length++) {
        for (size_t i = 1; i < n; i++)
            if (known[i][length] != known[0][length])
                return head;
        if (known[0][length] == '_')
            head = length + 1;
    }
    return head;
}

static fallible hint_at_all(struct error *error, const char *const *known, size_t n, size_t head)
{
    char list[ERROR_HINT_SIZE] = "";

    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(list);
        text_format(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", known[i] + head);
    }
    if (head)
        return error_hint(error, "it is %.*s with one of %s", (int) head, *known, list);
    return error_hint(error, "it is one of %s", list);
}

fallible nearest_hint(struct error *error, const char *word, const char *const *known, size_t n)
{
    size_t head = measure_head(known, n);
    struct nearest nearest = { .word = word };

    if (strncasecmp(word, *known, head) == 0)
        nearest.word += head;
    for (size_t i = 0; i < n; i++)
        nearest_consider(&nearest, known[i] + head);
    if (nearest.best)
        return error_hint(error, "did you mean '%s'?", nearest.best - head);
    return hint_at_all(error, known, n, head);
}
