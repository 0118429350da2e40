/* SPDX-License-Identifier: Apache-2.0 */
/* tare pause: halts all that runs in a container (engines call it). */

#include "cli/commands.h"
#include "cli/visit.h"

static fallible freeze(struct container *container, struct arena *arena)
{
    (void) arena;
    return container_pause(container);
}

static fallible run(struct invocation *invocation)
{
    return visit_container(invocation, freeze);
}

static const struct option options[] = { {} };

const struct command pause_command = {
    .name = "pause",
    .words = "<id>",
    .about = "halt all processes of a created or running container",
    .options = options,
    .run = run,
};
