/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct oci_config;

/* The fields of config.json that this version does not honour, as data: each is refused when it
 * asks for something, which an empty string, array or map does not, and an object always does. */

struct refusal {
    const char *field; /* JSON path */
    const char *reason;
    const char *way_out;
};

extern const struct refusal refusals[];
extern const size_t refusal_count;

/* ERROR_UNSUPPORTED for the first field that asks for what is not there. */
fallible refusals_check(const struct oci_config *config);
