/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A version as Semantic Versioning 2.0.0 has it; numbers beyond UINT64_MAX count as that. */
struct semver {
    uint64_t major, minor, patch;
};

/* False for anything that is not exactly such a version: "1.0", "v1.0.0", "01.0.0", "". */
bool semver_parse(const char *text, struct semver *version);
