/* SPDX-License-Identifier: Apache-2.0 */
/* The storyboard of `mounts`, inside.  It is played as the bridge is (bridge_inside.c): nobody in
 * the container can trace it.  In a user namespace it first sees what the host has mounted, in a
 * mount namespace of its own: only there may it copy that, with flags that the container cannot
 * clear, and make a procfs or sysfs; then it enters the container's mounts.  Elsewhere these are
 * entered with all else, before a program of the container can meet it, since one with
 * CAP_SYS_PTRACE would find the host behind its root.  It executes nothing at all. */

#include <sched.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "launch/bridge.h"
#include "launch/idmaps.h"
#include "launch/inside.h"
#include "launch/plan.h"
#include "launch/process_inside.h"
#include "launch/reasons.h"
#include "launch/step.h"
#include "os/mount_api.h"
#include "os/namespace_kinds.h"
#include "rootfs/live_mounts.h"

/* Nobody in there is to find the caller's files, which it has no use for. */
static fallible let_go(struct launch *launch)
{
    (void) launch;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        close(fd);
    return OK;
}

/* The trees are written down in it. */
static fallible unlock_plan(struct launch *launch)
{
    return plan_unlock(launch->plan);
}

static fallible open_early(struct launch *launch)
{
    struct mounts_plan *mounts = &launch->plan->mounts;

    if (unshare(CLONE_NEWNS))
        return namespace_kinds_refused("unshare the mount namespace", CALL_UNSHARE, CLONE_NEWNS);
    try(mounts_open_inside(mounts));
    for (uint32_t i = 0; i < mounts->n; i++) {
        struct error *warning = mounts_warning(&mounts->v[i]);
        if (warning)
            try(channel_send_warning(launch->channel, warning));
        error_forget(warning);
    }
    return OK;
}

static fallible enter_mounts(struct launch *launch)
{
    int mounts = launch->plan->enter.mounts;

    if (setns(mounts, CLONE_NEWNS))
        return error_call(error_system("join the mount namespace of the container"), CALL_SETNS,
                          NULL);
    close(mounts);
    return OK;
}

static fallible open_root(struct launch *launch)
{
    return mount_open_root(&launch->inside->root);
}

static fallible add(struct launch *launch)
{
    struct plan *plan = launch->plan;
    return live_mounts_add(&plan->mounts, &plan->masked_paths, launch->inside->root);
}

static fallible remove_all(struct launch *launch)
{
    struct plan *plan = launch->plan;
    return live_mounts_remove(&plan->mounts, &plan->masked_paths, launch->inside->root);
}

/* One row a line. */
/* clang-format off */
const struct step live_inside_steps[] = {
    STEP("let go of the caller's files",     NULL,                          NULL,                          let_go),
    STEP("enter the container",              NULL,                          NULL,                          bridge_enter),
    STEP("be born in the pid namespace",     NULL,                          has_bridge,                    bridge_bear),
    STEP("make the plan our own",            NULL,                          NULL,                          unlock_plan),
    STEP("open what is mounted",             "mounts",                      opens_before_it_enters,        open_early),
    STEP("hand over what is idmapped",       "mounts",                      maps_ids_of_init,              idmaps_hand_over),
    MEET("the ids are mapped",               maps_ids_of_init),
    STEP("enter the container's mounts",     NULL,                          opens_before_it_enters,        enter_mounts),
    STEP("open the root",                    NULL,                          NULL,                          open_root),
    STEP("add mounts",                       "mounts",                      adds_mounts,                   add),
    STEP("remove mounts",                    "mounts",                      removes_mounts,                remove_all),
    STEP("take leave",                       NULL,                          NULL,                          process_take_leave),
    {},
};
/* clang-format on */
