/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/*
 * Lines of a schemata file: "L3:0=ff;1=f0".  The kernel writes them with blanks and leading zeros,
 * and lists all domains; a config may have others, and name some.
 */

struct schemata_word {
    const char *at;
    int length;
};

/* One domain of a resource: "L3", "0", "ff". */
struct schemata_setting {
    struct schemata_word name, domain, value;
};

/* Whether a text of lines has nothing but settings, and at least one of them. */
bool schemata_are_valid(const char *lines);

/* The first setting of WANTED that FOUND has not: then FOUND's own value, or an empty word.  What
 * is set twice counts as set last.  Bandwidths may be rounded up to the steps that ROOT, that of
 * resctrl, names for them. */
struct schemata_difference {
    struct schemata_setting wanted;
    struct schemata_word found;
};
bool schemata_differ(const char *wanted, const char *found, int root,
                     struct schemata_difference *difference);
