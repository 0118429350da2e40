/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct host;
struct id_range;
struct plan;

/* Fills is_by_root, is_in_user_namespace, opens_inside and prefers_inside of a plan whose
 * namespaces are known. ERROR_CONFIG for namespaces that a plain user, or root without
 * CAP_SYS_ADMIN, may not make. */
fallible privilege_plan(struct plan *plan);

/* Whether device rules may be left out where the kernel does not let us load them
 * (device_rules.h): in a user namespace, around us or of the container's own, for all but root of
 * the host. */
bool privilege_needs_no_rules(bool has_user_ns);

/* The group ids that exist in the container's user namespace; COUNT 0 means all. */
fallible privilege_find_gids(const struct host *host, const struct plan *plan,
                             const struct id_range **ranges, uint32_t *count);
