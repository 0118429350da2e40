/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct arena;
struct oci_process;

/* process.user (config.md#posix-process). */
struct user_plan {
    uint32_t uid, gid;
    const uint32_t *groups; /* ascending, each once */
    uint32_t group_count;
    uint32_t umask;    /* the caller's when the config has none */
    bool keeps_groups; /* the caller's supplementary groups, in the place of these */
};

enum { USER_GROUPS = 65536 }; /* as many as the kernel takes (NGROUPS_MAX) */

/* Has the process keep the supplementary groups of the caller (run.oci.keep_original_groups); a
 * warning tells of those that the config adds in vain. */
void user_plan_keep_groups(struct user_plan *plan);

/* Absent: 0:0 with a warning.  4294967295 is no id; umask is at most 0777. */
fallible user_plan(const struct oci_process *process, struct arena *arena, struct user_plan *plan);

/* Inside: sets groups, gid, uid (the permitted capabilities survive, by PR_SET_KEEPCAPS) and umask,
 * by raw system calls.  KEEPS_GROUPS: those of the caller stay, where the user namespace allows no
 * others. */
fallible user_apply(const struct user_plan *plan, bool *keeps_groups);

/* Inside, later: compares all but the capabilities with what the kernel says in STATUS, the text of
 * the process's status file (proc(5)).  Where that is NULL, or cut off because of many groups, it
 * is asked for by system calls (R15). */
fallible user_verify(const struct user_plan *plan, bool keeps_groups, const char *status);
