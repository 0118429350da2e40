/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "libocispec/schema.h"

/* How a struct oci_problem is filled.  What does not fit is cut; bytes that a terminal would obey
 * become '?'. */

/* Line and column, from 1, of the byte at OFFSET of the text. */
void problem_place(const char *text, size_t offset, size_t *line, size_t *column);

/* Appends ".KEY", or "[INDEX]", to the path. */
void problem_add_member(struct oci_problem *problem, const char *key, size_t length);
void problem_add_index(struct oci_problem *problem, uint32_t index);

/* Sets the reason; the path is complete now. */
void problem_finish(struct oci_problem *problem, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
