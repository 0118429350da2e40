/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct arena;

/* The features document (features.md) as JSON: what this program can do, whatever host it runs on.
 */
fallible features_describe(struct arena *arena, const char **json);
