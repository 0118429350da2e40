/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "container/usage.h"

struct arena;

/* The containers that `stats` tells of, sorted by id. */
struct usages {
    struct usage *v;
    uint32_t n;
};

/* A table for people, on standard output, of MOST containers at most; how many more there are is
 * said below.  "-" is what is not known. */
fallible stats_print_table(const struct usages *usages, uint32_t most, struct arena *arena);

/* An array with an object for each container as one line of JSON (arena), with its newline; what is
 * not known is left out. */
fallible stats_describe_json(const struct usages *usages, struct arena *arena, const char **text);

/* The same numbers for a scraper (arena), as OpenMetrics 1.0 has it: each family once, in it a
 * sample for each container that has one, "# EOF" at the end.  Only types and units that
 * Prometheus' older text format shares are used, so that who reads that can read this.  A limit
 * that is none is +Inf. */
fallible stats_describe_metrics(const struct usages *usages, struct arena *arena,
                                const char **text);
