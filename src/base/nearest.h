/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"

/* Looks for the word that the user may have meant: all known ones are considered, the nearest by
 * edit distance is kept, if it is near enough to be a slip.  Case does not count. */
struct nearest {
    const char *word; /* as it was typed */
    const char *best; /* NULL: none is near */
    unsigned distance;
    unsigned beginning; /* letters at the start that both share; more win */
};

void nearest_consider(struct nearest *nearest, const char *candidate);

/* Adds to an error about WORD, which is none of the N known ones (one at least), the hint which of
 * them was meant, or else which there are.  What all of them begin with, up to a '_', is no
 * likeness, and may be missing from the word: KILL is near to SCMP_ACT_KILL, SCMP_ACT_X to none. */
fallible nearest_hint(struct error *error, const char *word, const char *const *known, size_t n);
