/* SPDX-License-Identifier: Apache-2.0 */
/* What is tried by a child in namespaces like the container's, which are gone behind it.  What
 * surprises: its files are the host's, and nothing is mounted. */

#include <linux/capability.h>
#include <sched.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "launch/inside.h"
#include "launch/reasons.h"
#include "launch/survey.h"
#include "os/dumpable.h"
#include "os/self.h"
#include "process/cwd.h"

fallible survey_bear(uint64_t namespaces, struct keeper *keeper)
{
    bool is_user = namespaces & CLONE_NEWUSER, was_shown = true;

    if (is_user)
        try(dumpable_hide_child(&was_shown));
    struct error *error = keeper_bear(namespaces, keeper);
    if (is_user)
        dumpable_restore(was_shown);
    return error;
}

/* clone(2) has no flag for a time namespace. */
static fallible bear_mapped(struct launch *launch, struct keeper *keeper)
{
    const struct plan *plan = launch->plan;

    try(survey_bear(plan->namespaces.created & ~(uint64_t) CLONE_NEWTIME, keeper));
    if (!plan->user_ns.is_new)
        return OK;
    return user_ns_map(&plan->user_ns, keeper->pid, launch->host->arena);
}

fallible survey_be_borne(struct launch *launch)
{
    struct keeper keeper = { -1, -1, -1 };
    struct error *error = bear_mapped(launch, &keeper);

    keeper_end(&keeper);
    return error;
}

/* Becomes root of a user namespace like the container's, in such namespaces of the WANTED kinds. */
static fallible enter(struct launch *launch, uint64_t wanted)
{
    struct keeper keeper = { -1, -1, -1 };
    struct error *error = bear_mapped(launch, &keeper);

    launch->host->pidfd = keeper.pidfd;
    if (!error)
        error = launch_join(launch, launch->plan->namespaces.created & wanted);
    keeper_end(&keeper);
    return error;
}

/* Where the user namespace is the host's, options mean the same here. */
fallible survey_try_filesystems(struct launch *launch)
{
    if (launch->plan->user_ns.is_new)
        try(enter(launch, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP));
    return mounts_try(&launch->plan->mounts);
}

/* With the rights that he has by then. */
static fallible become_user(struct launch *launch, int root)
{
    static struct inside inside;

    inside.root = root;
    launch->inside = &inside;
    try(survey_play(init_steps, launch, "drop from the bounding set"));
    try(survey_play(init_steps, launch, "become the user"));
    return survey_play(init_steps, launch, "set capabilities");
}

static fallible enter_user_namespace(struct launch *launch)
{
    return launch->plan->user_ns.is_new ? enter(launch, CLONE_NEWUSER) : OK;
}

fallible survey_become_user(struct launch *launch, int root)
{
    try(enter_user_namespace(launch));
    return become_user(launch, root);
}

/* One that is missing is made by who is root in the container, for everybody; one that is there is
 * entered by the user. */
fallible survey_try_cwd(struct launch *launch)
{
    const struct plan *plan = launch->plan;
    auto_close int directory = -1;
    const char *root;
    bool is_there;

    try(survey_open_root(launch, &root, &directory));
    if (directory < 0)
        return OK;
    try(enter_user_namespace(launch));
    try(cwd_try(plan->cwd, directory, &is_there));
    if (!is_there)
        return OK;
    try(become_user(launch, directory));
    return survey_play(init_steps, launch, "enter the working directory");
}

/* Where one is joined, or is the host's, nothing is written. */
fallible survey_write_sysctls(struct launch *launch)
{
    const struct namespaces_plan *namespaces = &launch->plan->namespaces;
    struct keeper keeper = { -1, -1, -1 };

    if (namespaces->own != namespaces->created)
        return error_new(ERROR_SYSTEM, "a namespace is somebody else's");
    struct error *error = bear_mapped(launch, &keeper);
    launch->host->pidfd = keeper.pidfd;
    if (!error)
        error = sysctls_write_inside(launch);
    keeper_end(&keeper);
    return error;
}

bool survey_makes_namespaces(const struct survey *survey)
{
    return survey->plan->namespaces.created;
}

/* Who is borne for a trial has nothing to do in another container. */
bool survey_doubt_birth(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    const struct namespaces_plan *namespaces = &survey->plan->namespaces;

    if (namespaces->joined_count)
        text_format(why, SURVEY_DOUBT_SIZE, "linux.namespaces[%u] is joined",
                    namespaces->joined[0].index);
    return namespaces->joined_count;
}

/* Whom root bears in a user namespace is hidden also from root (os/dumpable.h). */
static bool is_hidden(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    text_format(why, SURVEY_DOUBT_SIZE, "root lacks CAP_SYS_PTRACE, which a start does not need");
    return survey->plan->user_ns.is_new && self_user() == 0 && !self_has_capability(CAP_SYS_PTRACE);
}

/* A user namespace that is joined is another container's. */
bool survey_doubt_user(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    const struct namespaces_plan *namespaces = &survey->plan->namespaces;

    if (namespaces->own & ~namespaces->created & CLONE_NEWUSER)
        return survey_doubt_birth(survey, why);
    return is_hidden(survey, why);
}

bool survey_makes_filesystems(const struct survey *survey)
{
    const struct mounts_plan *mounts = &survey->plan->mounts;

    for (uint32_t i = 0; i < mounts->n; i++)
        if (mounts_is_made_late(&mounts->v[i]))
            return true;
    return false;
}

bool survey_doubt_filesystems(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    const struct plan *plan = survey->plan;

    text_format(why, SURVEY_DOUBT_SIZE, "linux.namespaces has no new mount namespace");
    return (plan->user_ns.is_new && !(plan->namespaces.created & CLONE_NEWNS)) ||
           survey_doubt_user(survey, why);
}

/* Of those that init makes while it still sees what the host has mounted, the first. */
static const struct mount_plan *find_early(const struct mounts_plan *mounts)
{
    for (uint32_t i = 0; i < mounts->n; i++)
        if (mounts->v[i].is_made_early)
            return &mounts->v[i];
    return NULL;
}

bool survey_makes_early_filesystems(const struct survey *survey)
{
    return find_early(&survey->plan->mounts);
}

bool survey_doubt_early_filesystems(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    const struct mount_plan *mount = find_early(&survey->plan->mounts);

    if (!mount)
        return false;
    text_format(why, SURVEY_DOUBT_SIZE, "%s on %s is made where the host's mounts are seen",
                mount->field, mount->destination);
    return true;
}

bool survey_doubt_cwd(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    return survey_doubt_path(survey, survey->plan->cwd, why) || survey_doubt_user(survey, why);
}

bool survey_sets_sysctls(const struct survey *survey)
{
    return has_sysctls(survey->plan);
}

bool survey_doubt_sysctls(const struct survey *survey, char why[SURVEY_DOUBT_SIZE])
{
    return is_hidden(survey, why) || survey_doubt_birth(survey, why);
}
