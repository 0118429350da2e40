/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct arena;

/* The config that `tare spec` writes, as JSON: a shell in all new namespaces, with few rights, in a
 * root filesystem that it cannot change. */
fallible spec_describe(struct arena *arena, const char **json);
