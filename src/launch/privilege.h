/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct host;
struct id_range;
struct plan;

/* Fills is_in_user_namespace, opens_inside and prefers_inside of a plan whose namespaces are known,
 * and is_root.  ERROR_CONFIG for namespaces that a plain user may not make. */
fallible privilege_plan(struct host *host, struct plan *plan);

/* The group ids that exist in the container's user namespace; COUNT 0 means all. */
fallible privilege_find_gids(const struct host *host, const struct plan *plan,
                             const struct id_range **ranges, uint32_t *count);
