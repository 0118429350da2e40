/* SPDX-License-Identifier: Apache-2.0 */
/* tare state: prints what is true of a container now (runtime.md#query-state). */

#include "cli/commands.h"
#include "cli/output.h"
#include "container/container.h"

static const char *json;

static fallible describe(const struct store *store, const char *id, struct arena *arena)
{
    struct container container;

    try(container_peek(store, id, arena, &container));
    struct error *error = container_describe(&container, arena, &json);
    container_close(&container);
    return error;
}

static fallible run(struct invocation *invocation)
{
    struct store store;

    try(store_open(global_options.root, false, invocation->arena, &store));
    struct error *error = describe(&store, invocation->words[0], invocation->arena);
    store_close(&store);
    return error ? error : output_text(json);
}

static const struct option options[] = { {} };

const struct command state_command = {
    .name = "state",
    .words = "<id>",
    .about = "print the state of a container as JSON",
    .options = options,
    .run = run,
};
