/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct arena;
struct oci_process;

/* process.user (config.md#posix-process). */
struct user_plan {
    uint32_t uid, gid;
    const uint32_t *groups; /* ascending, each once */
    uint32_t group_count;
    uint32_t umask; /* the caller's when the config has none */
};

enum { USER_GROUPS = 65536 }; /* as many as the kernel takes (NGROUPS_MAX) */

/* Absent: 0:0 with a warning.  4294967295 is no id; umask is at most 0777. */
fallible user_plan(const struct oci_process *process, struct arena *arena, struct user_plan *plan);

/* Inside: sets groups, gid, uid (the permitted capabilities survive, by PR_SET_KEEPCAPS) and umask,
 * by raw system calls, and reads all but the capabilities back (R15). */
fallible user_apply(const struct user_plan *plan);
