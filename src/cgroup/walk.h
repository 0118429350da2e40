/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* What is done with a cgroup and with each below it. */
struct walk {
    fallible (*visit)(int directory, void *context);
    void *context;
};

/* Visits a cgroup, then those below it; one that vanishes meanwhile is left out.  The first error
 * ends it; ERROR_CGROUP also where they are nested more than 128 deep.  Moves DIRECTORY's offset.
 */
fallible walk_tree(int directory, const struct walk *walk);
