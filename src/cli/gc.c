/* SPDX-License-Identifier: Apache-2.0 */
/* tare gc: removes what commands have left that were killed: containers that nobody is making any
 * more, and are not whole; and runs the poststop hooks that are due.  A container that is whole is
 * its engine's, also when it has stopped. */

#include <unistd.h>

#include "base/log.h"
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

static fallible print_id(const char *id)
{
    return output_print(STDOUT_FILENO, "%s\n", id);
}

static fallible collect(const struct store *store, const char *id, struct arena *arena)
{
    bool is_removed = false;
    struct error *error = remove_leftover(store, id, arena, &is_removed);

    if (!error)
        return is_removed ? print_id(id) : OK;
    /* Somebody is at work on it, or has removed it. */
    if (error->code != ERROR_TIMEOUT && error->code != ERROR_UNKNOWN)
        return error;
    error_forget(error);
    return OK;
}

static fallible finish_all(struct invocation *invocation)
{
    struct store store;

    try(store_open(global_options.root, false, invocation->arena, &store));
    struct error *error = container_finish(&store, NULL, invocation->arena, print_id);
    store_close(&store);
    return error;
}

/* One error must not hide the other; the first is the command's. */
static fallible run(struct invocation *invocation)
{
    error_forget(check_collect());
    struct error *error = visit_every(invocation, collect);
    struct error *other = finish_all(invocation);

    if (error && other)
        log_warning("%s", other->text);
    if (!error)
        return other;
    error_forget(other);
    return error;
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
