/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge itself.  While it is in the namespaces of others it cannot be traced
 * (PR_SET_DUMPABLE), and neither can init until it executes the user's program: with that flag come
 * descriptors of the host's files.  Only for as long as its maps are written it may have to be
 * dumpable, or a host that is no root could not write them. */

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "launch/bridge.h"
#include "launch/inside.h"
#include "launch/reasons.h"
#include "os/dumpable.h"
#include "os/mount_api.h"
#include "os/namespace_kinds.h"
#include "os/syscalls.h"

enum { EXIT_ORPHAN = 95 };

/* Another user may be traced again. */
static fallible become_root(const struct plan *plan)
{
    try(user_ns_become(&plan->user_ns, false));
    return dumpable_hide();
}

static void await_release(const struct launch *launch)
{
    if (!channel_await_release(launch->channel))
        _exit(EXIT_ORPHAN);
}

/* User and time namespace first: what is made behind them belongs to the one, and the other has to
 * get its offsets before anybody lives in it. */
static fallible unshare_first(const struct launch *launch, uint64_t namespaces)
{
    bool is_mapped_by_root = !geteuid();

    if (unshare((int) namespaces))
        return namespace_kinds_refused("unshare the user and time namespaces", CALL_UNSHARE,
                                       namespaces);
    if (namespaces & CLONE_NEWUSER && !is_mapped_by_root)
        try(dumpable_show());
    try(channel_send_ready(launch->channel, 0));
    await_release(launch);
    return dumpable_hide();
}

/* Returns in the child alone, whose parent is the host. */
static fallible bear(const struct launch *launch, uint64_t namespaces)
{
    long pid = syscall(SYS_clone, namespaces | CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid < 0)
        return namespace_kinds_refused("clone", CALL_CLONE, namespaces);
    if (pid == 0) {
        await_release(launch);
        return OK;
    }
    try(channel_send_ready(launch->channel, (pid_t) pid));
    _exit(0);
}

fallible bridge_bear(struct launch *launch)
{
    return bear(launch, 0);
}

/* The namespaces of one process are never joined one by one: between two of them the caller would
 * be neither here nor there. */
static fallible join_init(const struct plan *plan)
{
    if (plan->namespaces.own && setns(plan->enter.init, (int) plan->namespaces.own))
        return error_call(error_system("join the namespaces of the container"), CALL_SETNS, NULL);
    close(plan->enter.init);
    return OK;
}

fallible bridge_enter(struct launch *launch)
{
    const struct plan *plan = launch->plan;

    try(dumpable_hide());
    try(join_init(plan));
    if (plan->enter.root >= 0) {
        try(mount_move_root(plan->enter.root));
        close(plan->enter.root);
    }
    return plan->namespaces.own & CLONE_NEWUSER ? become_root(plan) : OK;
}

/* As root of the container we might no longer reach it. */
static fallible take_early(struct plan *plan)
{
    if (unshare(CLONE_NEWNS))
        return namespace_kinds_refused("unshare the mount namespace", CALL_UNSHARE, CLONE_NEWNS);
    try(plan_unlock(plan));
    plan_take_early(plan);
    return OK;
}

fallible bridge_cross(struct launch *launch)
{
    struct plan *plan = launch->plan;
    uint64_t first = bridge_unshares(plan);

    try(dumpable_hide());
    try(namespaces_join(&plan->namespaces));
    if (first)
        try(unshare_first(launch, first));
    if (plan->prefers_inside) {
        try(take_early(plan));
        first |= CLONE_NEWNS;
    }
    if (plan->user_ns.is_new || plan->user_ns.is_joined)
        try(become_root(plan));
    return bear(launch, plan->namespaces.created & ~first);
}
