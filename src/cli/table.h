/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "cli/output.h"

/* A table for people, on standard output.  On a terminal columns are as wide as need be, and
 * one of them is shortened from the left so that a row fits, to 12 columns at least; elsewhere they
 * are 12 wide or more, as those of runc(8), and whole. */
enum { TABLE_COLUMNS_MAX = 8 };
struct table {
    const char *const *titles;
    const char *const *cells; /* row by row; UTF-8, without control characters */
    size_t columns;           /* TABLE_COLUMNS_MAX at most */
    size_t rows;
    size_t shortened; /* which column */
    size_t coloured;  /* which column, by this function of a cell; NULL: none */
    enum output_colour (*colour_of)(const char *cell);
};

fallible table_print(const struct table *table);
