/* SPDX-License-Identifier: Apache-2.0 */
/* tare state: prints what is true of a container now (runtime.md#query-state). */

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/visit.h"
#include "container/waiting.h"

static const char *json;
static bool is_explained;

static fallible describe(const struct container *container, struct invocation *invocation)
{
    struct oci_waiting waiting = { 0 };

    if (is_explained)
        try(waiting_find(container, invocation->arena, &waiting));
    return container_describe(container, &waiting, invocation->arena, &json);
}

static fallible run(struct invocation *invocation)
{
    try(visit_container_unlocked(invocation, describe));
    return output_text(json);
}

static const struct option options[] = {
    OPTION_FLAG(0, "explain", &is_explained, "also tell what the container waits for, and whom"),
    {},
};

const struct command state_command = {
    .name = "state",
    .words = "<id>",
    .about = "print the state of a container as JSON",
    .options = options,
    .run = run,
};
