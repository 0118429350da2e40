/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct oci_config;

/* The fields of config.json that this version does not honour, as data. */

/* When a field asks for something, and so is refused. */
enum refusal_rule {
    REFUSE_EFFECT, /* true, not zero, not empty; an object that is there */
};

struct refusal {
    const char *field; /* JSON path, from the config or from one mount */
    enum refusal_rule rule;
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
