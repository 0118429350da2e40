/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct oci_linux;

/* linux.namespaces (config-linux.md#namespaces). */
struct namespaces_plan {
    uint64_t created; /* CLONE_NEW* of those that are new */
};

/* Checks the list (LINUX may be NULL: nothing is new).  A type twice is ERROR_CONFIG; a path, and
 * the types user and time, are ERROR_UNSUPPORTED. */
fallible namespaces_plan(const struct oci_linux *linux_, struct namespaces_plan *plan);

/* The word of the specification for one CLONE_NEW* flag: "mount"; NULL for anything else. */
const char *namespaces_name(uint64_t flag);
