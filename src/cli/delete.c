/* SPDX-License-Identifier: Apache-2.0 */
/* tare delete: removes a container (runtime.md#delete).  Engines use --force to be sure, also after
 * a create that failed: what is not there is deleted. */

#include "cli/commands.h"
#include "cli/visit.h"
#include "container/container.h"

static bool is_forced, is_pattern;

/* True, and the error is forgotten, if force helps against it. */
static bool forgives(struct error *error, enum error_code code)
{
    if (!is_forced || !error || error->code != code)
        return false;
    error_forget(error);
    return true;
}

static fallible delete (const struct store *store, const char *id, struct arena *arena)
{
    struct container container;
    struct error *error = container_open(store, id, arena, &container);

    if (forgives(error, ERROR_RECORD))
        error = container_discard(store, id, arena);
    else if (!error) {
        error = container_delete(store, &container, is_forced);
        container_close(&container);
    }
    return forgives(error, ERROR_UNKNOWN) ? container_finish(store, id, arena, NULL) : error;
}

static fallible run(struct invocation *invocation)
{
    struct store store;

    if (is_pattern) {
        struct error *error = visit_matching(invocation, delete);
        return forgives(error, ERROR_UNKNOWN) ? OK : error;
    }
    try(store_open(global_options.root, false, invocation->arena, &store));
    struct error *error = delete (&store, invocation->words[0], invocation->arena);
    store_close(&store);
    return error;
}

static const struct option options[] = {
    OPTION_FLAG('f', "force", &is_forced,
                "kill it first if it is not stopped; one that is not there is no error"),
    OPTION_FLAG('r', "regex", &is_pattern, "delete all whose ids match <id>, a regular expression"),
    {},
};

const struct command delete_command = {
    .name = "delete",
    .words = "<id>",
    .about = "remove a stopped container, and all that create made for it",
    .options = options,
    .run = run,
};
