/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct oci_config;

/* The fields of config.json that this version does not honour, as data: each is refused when it
 * asks for something, which an empty string, array or map does not, and an object always does. */

struct refusal {
    const char *field; /* JSON path, from the config or from one mount */
    const char *reason;
    const char *way_out;
};

extern const struct refusal refusals[];
extern const size_t refusal_count;

/* The same for each entry of mounts. */
extern const struct refusal mount_refusals[];
extern const size_t mount_refusal_count;

/* ERROR_UNSUPPORTED for the first field that asks for what is not there. */
fallible refusals_check(const struct oci_config *config);
