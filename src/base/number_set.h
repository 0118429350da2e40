/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Sets of CPUs or memory nodes, written as lists: "0-3,8" (cpuset(7)). */

enum {
    NUMBER_SET_MOST = 8191,
    NUMBER_SET_WORD_BITS = 8 * sizeof(unsigned long),
    NUMBER_SET_WORDS = (NUMBER_SET_MOST + 1) / NUMBER_SET_WORD_BITS,
};

/* As the kernel's system calls take it. */
struct number_set {
    unsigned long words[NUMBER_SET_WORDS];
};

/* Numbers and ranges, in any order, with commas between; a newline may end it.  False for anything
 * else, and for numbers above NUMBER_SET_MOST.  An empty list is an empty set. */
bool number_set_parse(const char *list, struct number_set *set);

/* The same for what the kernel does not read itself: spaces may stand around numbers. */
bool number_set_parse_spaced(const char *list, struct number_set *set);

bool number_set_equal(const struct number_set *a, const struct number_set *b);
bool number_set_is_empty(const struct number_set *set);

/* The first of PART that is not in WHOLE, or -1 if all are. */
int number_set_find_missing(const struct number_set *whole, const struct number_set *part);

/* Whether all of PART are in WHOLE. */
bool number_set_has(const struct number_set *whole, const struct number_set *part);
