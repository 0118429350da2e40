/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct oci_linux;

/* linux.personality (config-linux.md#personality, personality(2)); absent leaves it alone. */
struct personality_plan {
    bool has_personality;
    uint32_t persona; /* PER_LINUX or PER_LINUX32 */
};

/* LINUX_ may be NULL.  The specification knows no flags yet, so any is ERROR_UNSUPPORTED. */
fallible personality_plan(const struct oci_linux *linux_, struct personality_plan *plan);

/* Inside: sets it for the caller, without any flag of the old one, and reads it back. */
fallible personality_apply(const struct personality_plan *plan);
