/* SPDX-License-Identifier: Apache-2.0 */
/* Guesses for unknown words, whatever their case.  Two neighbours that are swapped count as one
 * slip. */

#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

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
