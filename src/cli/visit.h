/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "cli/command.h"
#include "container/container.h"

/* Opens the container that the first word names, which must exist, lets VISIT do its work while it
 * is locked, and closes it. */
fallible visit_container(struct invocation *invocation,
                         struct error *(*visit)(struct container *container, struct arena *arena));

/* The same for those who change nothing: it is not locked, and nobody is waited for. */
fallible visit_container_unlocked(struct invocation *invocation,
                                  struct error *(*visit)(const struct container *container,
                                                         struct invocation *invocation));

/* The same for those who go into it: whoever is making it is waited for. */
fallible visit_whole_container(struct invocation *invocation,
                               struct error *(*visit)(const struct container *container,
                                                      struct invocation *invocation));

/* --regex: does the same with every container whose id matches the word in the place of the id, one
 * by one, also when one of them fails: then the first error is the result.  ERROR_UNKNOWN when none
 * matches.  VISIT opens the container itself. */
fallible visit_matching(struct invocation *invocation,
                        struct error *(*visit)(const struct store *store, const char *id,
                                               struct arena *arena));

/* The same with every container there is; none is no error.  Who is at work on one is waited for no
 * longer than what a command that was killed has left needs to end, a second for each: what VISIT
 * opens while others are at it is ERROR_TIMEOUT. */
fallible visit_every(struct invocation *invocation,
                     struct error *(*visit)(const struct store *store, const char *id,
                                            struct arena *arena));

/* Warns of a container that COMMAND passes over, since it cannot be looked at. */
void visit_warn(const char *command, const char *id, const struct error *error);
