/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { NUMBER_SET_MOST = 8191, NUMBER_SET_WORDS = (NUMBER_SET_MOST + 1) / 64 };

/* Sets of CPUs or memory nodes, written as lists: "0-3,8" (cpuset(7)). */
struct number_set {
    uint64_t words[NUMBER_SET_WORDS];
};

/* Numbers and ranges, in any order, with commas between; a newline may end it.  False for anything
 * else, and for numbers above NUMBER_SET_MOST.  An empty list is an empty set. */
bool number_set_parse(const char *list, struct number_set *set);

bool number_set_equal(const struct number_set *a, const struct number_set *b);

/* Whether all of PART are in WHOLE. */
bool number_set_has(const struct number_set *whole, const struct number_set *part);
