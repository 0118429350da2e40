/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* A length of time as Go writes it (time.ParseDuration), since runc takes it so: numbers, each with
 * a unit (ns, us, ms, s, m, h) and perhaps a fraction: "1h15m", "1.5s"; or "0".  False for anything
 * else, for a sign, and for what is longer than INT64_MAX ns. */
bool duration_parse(const char *text, uint64_t *nanoseconds);

/* The value TEXT of --OPTION: ERROR_USAGE unless it is such a length, and above 0. */
fallible duration_read_option(const char *option, const char *text, uint64_t *nanoseconds);
