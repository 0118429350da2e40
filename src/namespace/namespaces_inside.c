/* SPDX-License-Identifier: Apache-2.0 */
/* linux.namespaces, the bridge's part: joins those that have a path.  A namespace can be joined by
 * whoever has CAP_SYS_ADMIN in the user namespace that owns it: for some that is the host's, for
 * others the joined one, so what was refused with the one set of rights is tried with the other. */

#include <errno.h>
#include <sched.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "namespace/namespaces.h"

static fallible explain(const struct namespace_join *join)
{
    struct error *error = error_system("join \"%s\"", join->path);
    int number = error->number;
    error = error_field(error, "linux.namespaces[%u].path", join->index);
    if (number == EPERM)
        return error_hint(error, "joining needs CAP_SYS_ADMIN in the user namespace that owns it");
    return error;
}

/* A refusal leaves it open, for another trial. */
static fallible join_one(struct namespace_join *join, bool is_last_trial)
{
    if (join->fd < 0)
        return OK;
    if (setns(join->fd, (int) join->flag)) {
        if (errno == EPERM && !is_last_trial)
            return OK;
        return explain(join);
    }
    close_fd(&join->fd);
    return OK;
}

static fallible join_all(struct namespaces_plan *plan, bool is_last_trial)
{
    struct namespace_join *mount = NULL;

    for (uint32_t i = 0; i < plan->joined_count; i++) {
        struct namespace_join *join = &plan->joined[i];
        if (join->flag == CLONE_NEWNS)
            mount = join;
        else if (join->flag != CLONE_NEWUSER)
            try(join_one(join, is_last_trial));
    }
    return mount ? join_one(mount, is_last_trial) : OK;
}

/* What is joined is marked in a copy: the plan itself cannot be written here. */
fallible namespaces_join(const struct namespaces_plan *plan)
{
    struct namespaces_plan left = *plan;
    struct namespace_join *user = NULL;

    for (uint32_t i = 0; i < left.joined_count; i++)
        if (left.joined[i].flag == CLONE_NEWUSER)
            user = &left.joined[i];
    try(join_all(&left, !user));
    if (!user)
        return OK;
    try(join_one(user, true));
    return join_all(&left, true);
}
