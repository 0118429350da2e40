/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of `mounts`.  What is added is planned as the mounts of a config are, with what the
 * kernel says of the container's namespaces.  Who does it is not seen by the container's processes:
 * it is born in the container's pid namespace only where a procfs has to show that, and then has
 * left the host's mounts, or is out of reach of those in the container's user namespace. */

#include <sched.h>

#include "base/allocate.h"
#include "base/text.h"
#include "launch/annotations.h"
#include "launch/host.h"
#include "launch/idmaps.h"
#include "launch/privilege.h"
#include "launch/reasons.h"
#include "libocispec/arena.h"
#include "libocispec/config.h"
#include "rootfs/live_mounts.h"

static fallible plan_addition(struct host *host, struct plan *plan)
{
    const struct oci_linux *linux_ = host->request->config->linux_;
    uint64_t own = plan->namespaces.own;
    struct mounts_context context = {
        .has_cgroup_namespace = own & CLONE_NEWCGROUP,
        .has_cgroup = plan->has_cgroup,
        .has_user_namespace = own & CLONE_NEWUSER,
        .is_in_user_namespace = plan->is_in_user_namespace,
        .is_opened_inside = plan->opens_inside,
        .has_unknown_gids = own & CLONE_NEWUSER && !(linux_ && linux_->gid_mappings.n),
        .is_live = true,
    };

    try(plan_labels(host, plan));
    context.label = plan->selinux.mount_label;
    context.label_option =
        annotations_find(&host->request->config->annotations, ANNOTATION_MOUNT_CONTEXT);
    if (!context.has_unknown_gids)
        try(privilege_find_gids(host, plan, &context.gids, &context.gid_count));
    return mounts_plan(host->request->mounts->mounts, &context, host->arena, &plan->mounts);
}

/* They are neither to be covered nor to be uncovered. */
static fallible plan_paths(const struct host *host, struct plan *plan)
{
    const struct oci_linux *linux_ = host->request->config->linux_;

    return linux_ ? masked_paths_plan(&linux_->masked_paths, &linux_->readonly_paths,
                                      &plan->masked_paths)
                  : OK;
}

static fallible plan_removal(struct host *host, struct plan *plan)
{
    return live_mounts_plan_removal(host->request->mounts->mounts, host->arena, &plan->mounts);
}

/* A new procfs, or NULL. */
static const struct mount_plan *find_procfs(const struct mounts_plan *mounts)
{
    for (uint32_t i = 0; i < mounts->n; i++)
        if (mounts->v[i].kind == MOUNT_KIND_NEW && text_equal(mounts->v[i].filesystem.type, "proc"))
            return &mounts->v[i];
    return NULL;
}

/* Only who is in the pid namespace can make a procfs of it, and, in a user namespace, only who sees
 * the host's mounts; there the rights of a container without one of its own are as good as ours. */
static fallible plan_procfs(struct host *host, struct plan *plan)
{
    const struct mount_plan *procfs = adds_mounts(plan) ? find_procfs(&plan->mounts) : NULL;
    const char *field;

    plan->has_bridge &= procfs != NULL;
    if (!plan->has_bridge || !opens_before_it_enters(plan) || plan->namespaces.own & CLONE_NEWUSER)
        return OK;
    try_print(field, host->arena, "%s.type", procfs->field);
    return error_hint(error_unsupported(field,
                                        "a new one cannot be made for a container that shares "
                                        "our user namespace"),
                      "bind one that is there already");
}

static fallible plan_user(struct host *host, struct plan *plan)
{
    const struct oci_process *process = host->request->config->process;

    if (process)
        try(user_plan(process, host->arena, &plan->user));
    return plan_entered_user_ns(host, plan);
}

fallible live_plan(struct host *host, struct plan *plan)
{
    bool is_removal = host->request->mounts->is_removal;

    try(plan_entry(host, plan));
    if (!(plan->namespaces.own & CLONE_NEWNS))
        return error_new(ERROR_STATE, "the container has no mounts of its own");
    try(privilege_plan(plan));
    plan->prefers_inside = plan->namespaces.own & CLONE_NEWUSER && !plan->opens_inside;
    try(plan_paths(host, plan));
    try(is_removal ? plan_removal(host, plan) : plan_addition(host, plan));
    try(plan_user(host, plan));
    plan->hands_over_idmapped = plan->prefers_inside;
    try(idmaps_plan(host, plan));
    plan->enter.purpose = is_removal ? ENTER_TO_UNMOUNT : ENTER_TO_MOUNT;
    try(plan_procfs(host, plan));
    if (opens_before_it_enters(plan))
        plan->namespaces.own &= ~(uint64_t) CLONE_NEWNS; /* entered last */
    plan->arena = host->arena->base;
    plan->arena_end = host->arena->base + host->arena->size;
    return OK;
}
