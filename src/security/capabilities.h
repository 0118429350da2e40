/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct oci_process;

/* process.capabilities (config.md#linux-process): five sets as bit masks; absent sets are empty. */
struct capabilities_plan {
    uint64_t bounding, effective, inheritable, permitted, ambient;
    int last; /* the highest capability the kernel knows */
};

/* Unknown names ("CAP_CHOWN" is known, "cap_chown" is not), those the kernel or tare itself lacks,
 * and ambient ones that are not both permitted and inheritable warn and are left out (C6, C7).
 * HAS_ALL says that the process gets them in a user namespace of its own, where tare's own do not
 * matter.  What is effective must be permitted, and what is inheritable must be in the bounding
 * set, or the kernel would refuse it: ERROR_CONFIG. */
fallible capabilities_plan(const struct oci_process *process, bool has_all,
                           struct capabilities_plan *plan);

/* Finds the five sets in the text of /proc/PID/status (proc(5)); false if one is not there: more
 * supplementary groups than usual may leave no room for what comes behind them. */
bool capabilities_find(const char *status, struct capabilities_plan *sets);

/* The five sets of the caller, asked of the kernel one by one. */
fallible capabilities_read(struct capabilities_plan *sets);

/* Inside, as root: drops from the bounding set. */
fallible capabilities_bound(const struct capabilities_plan *plan);

/* Inside, as the user: sets the others. */
fallible capabilities_apply(const struct capabilities_plan *plan);

/* Inside, later: compares all five with those in STATUS, the text of the process's status file;
 * where that is NULL, or lacks them, with those that system calls name (R14). */
fallible capabilities_verify(const struct capabilities_plan *plan, const char *status);
