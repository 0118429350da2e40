/* SPDX-License-Identifier: Apache-2.0 */
/* tare start: lets the process of a created container run (runtime.md#start). */

#include "cli/commands.h"
#include "cli/visit.h"

static fallible run(struct invocation *invocation)
{
    return visit_container(invocation, container_start);
}

static const struct option options[] = { {} };

const struct command start_command = {
    .name = "start",
    .words = "<id>",
    .about = "start the process of a created container",
    .options = options,
    .run = run,
};
