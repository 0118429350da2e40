/* SPDX-License-Identifier: Apache-2.0 */
/* tare gc: removes what commands have left that were killed: containers that nobody is making any
 * more, and are not whole.  A container that is whole is its engine's, also when it has stopped. */

#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/visit.h"
#include "container/check.h"
#include "container/container.h"

static bool takes_stopped;

static fallible collect_opened(const struct store *store, struct container *container,
                               bool *is_removed)
{
    bool is_abandoned;

    try(container_is_abandoned(container, &is_abandoned));
    *is_removed = is_abandoned || (takes_stopped && container->status == CONTAINER_STOPPED);
    return *is_removed ? container_delete(store, container, true) : OK;
}

static fallible remove_leftover(const struct store *store, const char *id, struct arena *arena,
                                bool *is_removed)
{
    struct container container;
    struct error *error = container_open(store, id, arena, &container);

    if (!error) {
        error = collect_opened(store, &container, is_removed);
        container_close(&container);
        return error;
    }
    if (error->code != ERROR_RECORD)
        return error;
    error_forget(error);
    error = container_discard(store, id, arena);
    *is_removed = !error;
    if (!error || error->code != ERROR_STATE)
        return error;
    error_forget(error); /* it has just been made */
    return OK;
}

static fallible collect(const struct store *store, const char *id, struct arena *arena)
{
    bool is_removed = false;
    struct error *error = remove_leftover(store, id, arena, &is_removed);

    if (!error)
        return is_removed ? output_print(STDOUT_FILENO, "%s\n", id) : OK;
    /* Somebody is at work on it, or has removed it. */
    if (error->code != ERROR_TIMEOUT && error->code != ERROR_UNKNOWN)
        return error;
    error_forget(error);
    return OK;
}

static fallible run(struct invocation *invocation)
{
    error_forget(check_collect(invocation->arena));
    return visit_every(invocation, collect);
}

static const struct option options[] = {
    OPTION_FLAG('s', "stopped", &takes_stopped,
                "and containers that have stopped, which nobody has deleted"),
    {},
};

const struct command gc_command = {
    .name = "gc",
    .words = "",
    .about = "remove what commands that were killed have left half-made, and print its ids",
    .options = options,
    .run = run,
};
