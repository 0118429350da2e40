/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Looks for the word that the user may have meant: all known ones are considered, the nearest by
 * edit distance is kept, if it is near enough to be a slip.  Case does not count. */
struct nearest {
    const char *word; /* as it was typed */
    const char *best; /* NULL: none is near */
    unsigned distance;
    unsigned beginning; /* letters at the start that both share; more win */
};

void nearest_consider(struct nearest *nearest, const char *candidate);
