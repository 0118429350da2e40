/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "cli/output.h"

/* A table for people, on standard output.  On a terminal columns are as wide as need be, and
 * one of them is shortened from the left so that a row fits, to 12 columns at least; where that is
 * not enough, the last ones are left out.  Elsewhere they are 12 wide or more, as those of runc(8),
 * whole, and all. */
enum { TABLE_COLUMNS_MAX = 8 };
struct table {
    const char *const *titles;
    const char *const *cells; /* row by row; UTF-8, without control characters */
    size_t columns;           /* TABLE_COLUMNS_MAX at most */
    size_t rows;
    size_t optional;  /* how many of the last ones may be left out */
    size_t shortened; /* which column */
    size_t coloured;  /* which column, by this function of a cell; NULL: none */
    enum output_colour (*colour_of)(const char *cell);
};

fallible table_print(const struct table *table);

/* How the status of a container is coloured (container/container.h). */
enum output_colour table_colour_status(const char *status);
