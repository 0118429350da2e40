/* SPDX-License-Identifier: Apache-2.0 */
/* tare state: prints what is true of a container now (runtime.md#query-state). */

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/visit.h"

static const char *json;

static fallible describe(const struct container *container, struct invocation *invocation)
{
    return container_describe(container, invocation->arena, &json);
}

static fallible run(struct invocation *invocation)
{
    try(visit_container_unlocked(invocation, describe));
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
