/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands on a container have in common. */

#include "cli/visit.h"

static fallible visit_in(const struct store *store, struct invocation *invocation,
                         struct error *(*visit)(struct container *, struct arena *) )
{
    struct container container;

    try(container_open(store, invocation->words[0], invocation->arena, &container));
    struct error *error = visit(&container, invocation->arena);
    container_close(&container);
    return error;
}

fallible visit_container(struct invocation *invocation,
                         struct error *(*visit)(struct container *container, struct arena *arena))
{
    struct store store;

    try(store_open(global_options.root, false, invocation->arena, &store));
    struct error *error = visit_in(&store, invocation, visit);
    store_close(&store);
    return error;
}

static fallible peek_in(const struct store *store, struct invocation *invocation,
                        struct error *(*visit)(const struct container *, struct invocation *) )
{
    struct container container;

    try(container_peek(store, invocation->words[0], invocation->arena, &container));
    struct error *error = visit(&container, invocation);
    container_close(&container);
    return error;
}

fallible visit_container_unlocked(struct invocation *invocation,
                                  struct error *(*visit)(const struct container *container,
                                                         struct invocation *invocation))
{
    struct store store;

    try(store_open(global_options.root, false, invocation->arena, &store));
    struct error *error = peek_in(&store, invocation, visit);
    store_close(&store);
    return error;
}
