/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdlib.h>

static inline int percentile_compare(const void *a, const void *b)
{
    const double *first = a, *second = b;

    return (*first > *second) - (*first < *second);
}

/* The least of COUNT (not 0) values that PERCENT (1 to 100) of them do not exceed: always one that
 * was measured, never one between two.  Sorts the values. */
static inline double percentile(double *values, size_t count, unsigned int percent)
{
    qsort(values, count, sizeof(*values), percentile_compare);
    return values[(count * percent + 99) / 100 - 1];
}
