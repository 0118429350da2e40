/* SPDX-License-Identifier: Apache-2.0 */
/* tare resume: lets a paused container go on (engines call it). */

#include "cli/commands.h"
#include "cli/visit.h"

static fallible thaw(struct container *container, struct arena *arena)
{
    (void) arena;
    return container_resume(container);
}

static fallible run(struct invocation *invocation)
{
    return visit_container(invocation, thaw);
}

static const struct option options[] = { {} };

const struct command resume_command = {
    .name = "resume",
    .words = "<id>",
    .about = "let the processes of a paused container go on",
    .options = options,
    .run = run,
};
