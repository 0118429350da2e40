/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands on a container have in common. */

#include "cli/visit.h"

#include "base/allocate.h"
#include "base/error_names.h"
#include "base/log.h"
#include "cli/pattern.h"

/* A command that was killed leaves children behind, an init above all, that hold its lock with it
 * for the moment in which they learn of its death; on a busy machine that can be a long one. */
enum { ORPHANS_MILLISECONDS = 1000 };

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

/* By container_peek() or container_peek_whole(). */
struct look {
    struct error *(*peek)(const struct store *, const char *, struct arena *, struct container *);
    struct error *(*visit)(const struct container *, struct invocation *);
};

static fallible look_in(const struct store *store, struct invocation *invocation,
                        const struct look *look)
{
    struct container container;

    try(look->peek(store, invocation->words[0], invocation->arena, &container));
    struct error *error = look->visit(&container, invocation);
    container_close(&container);
    return error;
}

static fallible look(struct invocation *invocation, const struct look *look)
{
    struct store store;

    try(store_open(global_options.root, false, invocation->arena, &store));
    struct error *error = look_in(&store, invocation, look);
    store_close(&store);
    return error;
}

fallible visit_container_unlocked(struct invocation *invocation,
                                  struct error *(*visit)(const struct container *container,
                                                         struct invocation *invocation))
{
    return look(invocation, &(const struct look){ container_peek, visit });
}

fallible visit_whole_container(struct invocation *invocation,
                               struct error *(*visit)(const struct container *container,
                                                      struct invocation *invocation))
{
    return look(invocation, &(const struct look){ container_peek_whole, visit });
}

/* One that fails must not hide the others. */
static fallible visit_listed(
    const struct store *store, struct arena *arena, const struct pattern *pattern,
    struct error *(*visit)(const struct store *, const char *, struct arena *), unsigned *found)
{
    struct error *first = OK;
    const char *const *ids;
    unsigned count;

    try(store_list(store, arena, &ids, &count));
    for (unsigned i = 0; i < count; i++) {
        if (pattern && !pattern_matches(pattern, ids[i]))
            continue;
        ++*found;
        struct error *error = error_within(visit(store, ids[i], arena), "'%s'", ids[i]);
        if (first && error)
            log_warning("%s", error_line(error));
        if (first)
            error_forget(error);
        else
            first = error;
    }
    return first;
}

static fallible visit_named(const struct store *store, struct invocation *invocation,
                            struct error *(*visit)(const struct store *, const char *,
                                                   struct arena *) )
{
    struct pattern *pattern;
    unsigned found = 0;

    try_new(pattern, invocation->arena, 1);
    try(pattern_read(invocation->words[0], pattern));
    try(visit_listed(store, invocation->arena, pattern, visit, &found));
    return found ? OK : error_new(ERROR_UNKNOWN, "no container matches '%s'", invocation->words[0]);
}

fallible visit_matching(struct invocation *invocation,
                        struct error *(*visit)(const struct store *store, const char *id,
                                               struct arena *arena))
{
    struct store store;

    try(store_open(global_options.root, false, invocation->arena, &store));
    struct error *error = visit_named(&store, invocation, visit);
    store_close(&store);
    return error;
}

fallible visit_every(struct invocation *invocation,
                     struct error *(*visit)(const struct store *store, const char *id,
                                            struct arena *arena))
{
    struct store store;
    unsigned found = 0;

    try(store_open(global_options.root, false, invocation->arena, &store));
    if (store.patience > ORPHANS_MILLISECONDS)
        store.patience = ORPHANS_MILLISECONDS;
    struct error *error = visit_listed(&store, invocation->arena, NULL, visit, &found);
    store_close(&store);
    return error;
}

void visit_warn(const char *command, const char *id, const struct error *error)
{
    log_warning("%s '%s': %s", command, id, error_line(error));
}
