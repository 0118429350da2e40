/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "container/check.h"

/*
 * check: what a start passes over in config.json, as the specification wants it, though it may be a
 * slip: members that nobody knows, and what is warned of.
 */

/* Hears what is warned of from now on, in the place of the log, until check_warnings_end(), which
 * check_host() calls when it has planned. */
void check_warnings_begin(struct check_warnings *warnings);
void check_warnings_end(void);

/* Tells WISH's hearer of it all, a row for each. */
fallible check_config(const struct check_wish *wish, struct arena *arena);
