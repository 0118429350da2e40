/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "base/number_set.h"

struct arena;
struct oci_linux;

/* linux.memoryPolicy (config-linux.md#memory-policy, set_mempolicy(2)): of every process of the
 * container, also of those that exec starts. */
struct memory_policy {
    int mode; /* MPOL_*, with the flags MPOL_F_* */
    struct number_set nodes;
    const char *text; /* what was asked for, to be named in errors */
};

/* The pairs of mode, nodes and flags that set_mempolicy(2) knows to be wrong are ERROR_CONFIG.
 * LINUX_ may be NULL; without a policy PLAN is NULL, and the caller's is left alone. */
fallible memory_policy_plan(const struct oci_linux *linux_, struct arena *arena,
                            const struct memory_policy **plan);

/* Inside: sets it for the caller, and reads it back. */
fallible memory_policy_apply(const struct memory_policy *policy);
