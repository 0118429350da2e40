/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <time.h>

enum { TIMESTAMP_SIZE = 48 };

/* Writes MOMENT, not before 1970, as RFC 3339 has it, in UTC, with DIGITS (1 to 9) of the fraction
 * of a second.  OUT has room for TIMESTAMP_SIZE bytes.  Host only. */
void timestamp_print(char *out, const struct timespec *moment, int digits);
