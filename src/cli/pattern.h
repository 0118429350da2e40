/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Extended regular expressions for ids (--regex): regex(7) without bounds ("{2}"), back references
 * and named classes ("[:alpha:]"), which are refused.  Of ASCII alone, as ids are.  A text matches
 * if any part of it does, unless "^" and "$" say more.  The time it takes grows with the lengths of
 * both, whatever the expression is: regcomp(3) would make tare a twentieth larger.
 */
enum { PATTERN_SIZE = 512 };

enum pattern_kind { PATTERN_SET, PATTERN_SPLIT, PATTERN_JUMP, PATTERN_BEGIN, PATTERN_END };

/* One step; the jumps are relative, and 0 for those who go on to the next. */
struct pattern_step {
    enum pattern_kind kind;
    int first, second; /* SPLIT: both; JUMP: the first */
    uint64_t set[2];   /* SET: the letters */
};

struct pattern {
    struct pattern_step steps[PATTERN_SIZE];
    int count;
};

/* ERROR_USAGE, for what is wrong or not known here. */
fallible pattern_read(const char *text, struct pattern *pattern);

bool pattern_matches(const struct pattern *pattern, const char *text);
