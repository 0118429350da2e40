/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* What is done with a cgroup and with each below it. */
struct walk {
    fallible (*visit)(int directory, void *context);
    void *context;
};

/* Visits a cgroup, then those below it, however deep; one that vanishes meanwhile is left out.  An
 * error is kept for the end, the others are visited all the same.  ERROR_MEMORY: the names of those
 * to go to yet take more than 64 MB.  Moves DIRECTORY's offset. */
fallible walk_tree(int directory, const struct walk *walk);

/* Goes from the cgroup AT to a child of it, or by ".." to the one above: the one that we came from.
 * No cgroup2 is ever moved (its filesystem knows no rename), and one that was removed still knows
 * what was above it. */
fallible walk_enter(int *at, const char *name);
