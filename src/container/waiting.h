/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "libocispec/state.h"

struct arena;
struct container;

/*
 * What a container waits for, as far as that can be seen from outside; its words are in the arena:
 *
 *     "start", "resume", "delete"   somebody is to say so; of "resume", which cgroup is frozen
 *     "hook"                        which, if the config tells, and its process
 *     "command"                     the process that holds the container's lock, and what it is
 *     "seccomp agent"               who was to answer this process of the container, whose first
 *                                   thread stands still
 *     "nobody"                      who made it was killed half-way: it can only be deleted
 *
 * WHAT is NULL if it waits for nothing.  It looks for more than most want to pay for: so who asks
 * for a state is not told unasked.
 */
fallible waiting_find(const struct container *container, struct arena *arena,
                      struct oci_waiting *waiting);
