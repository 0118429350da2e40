/* SPDX-License-Identifier: Apache-2.0 */
/* tare state: prints what is true of a container now (runtime.md#query-state). */

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/visit.h"

static const char *json;

static fallible describe(struct container *container, struct arena *arena)
{
    return container_describe(container, arena, &json);
}

/* Written when the lock is gone: who reads it may be slow. */
static fallible run(struct invocation *invocation)
{
    try(visit_container(invocation, describe));
    return output_text(json);
}

static const struct option options[] = { {} };

const struct command state_command = {
    .name = "state",
    .words = "<id>",
    .about = "print the state of a container as JSON",
    .options = options,
    .run = run,
};
