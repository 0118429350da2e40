/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* Who is not mapped is shown with this id, which may be somebody's, too: kernel.overflowuid and
 * kernel.overflowgid, unless somebody changed them (user_namespaces(7)). */
enum { USER_NAMESPACE_OVERFLOW_ID = 65534 };

struct arena;
struct keeper;

/* Whether we are in the initial user namespace (user_namespaces(7)); false when /proc cannot say.
 * Looked up once: tare stays in the one that it was started in. */
bool user_namespace_is_initial(void);

/* Whether we are root of it: the root of the whole system. */
bool user_namespace_is_roots(void);

/* Ids from FIRST on. */
struct id_range {
    uint32_t first, count;
};

/* A keeper (os/keeper.h) of a new user namespace, whose maps are still to be written; that of root
 * nobody can trace (os/dumpable.h). */
fallible user_namespace_bear(struct keeper *keeper);

/* Opens the user namespace of PID, a child of ours that has not been reaped. */
fallible user_namespace_open(pid_t pid, int *fd);

/* The group ids that exist in our user namespace (/proc/self/gid_map). */
fallible user_namespace_read_gids(struct arena *arena, const struct id_range **ranges,
                                  uint32_t *count);
