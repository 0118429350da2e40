/* SPDX-License-Identifier: Apache-2.0 */
/* root and linux.rootfsPropagation: makes the opened tree the root.  What surprises: the tree goes
 * on top of "/", so that no directory of the host serves as a mount point, unless somebody still
 * looks for it where the host has it. */

#include <errno.h>
#include <unistd.h>

#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "rootfs/rootfs.h"

fallible rootfs_isolate(const struct rootfs_plan *plan)
{
    return mount_isolate_all(plan->isolation);
}

fallible rootfs_open_inside(struct rootfs_plan *plan)
{
    if (!plan->object.path)
        return OK;
    plan->is_cut_off = false;
    return error_field(host_object_take(&plan->object, true, &plan->tree, &plan->lost),
                       "root.path");
}

void rootfs_take_early(struct rootfs_plan *plan)
{
    if (!plan->object.path || plan->tree < 0)
        return;
    host_object_take_early(&plan->object, true, plan->tree);
    if (!plan->object.path)
        plan->is_cut_off = false;
}

fallible rootfs_warning(const struct rootfs_plan *plan)
{
    return host_object_warning(&plan->lost, "root.path", "/", 0);
}

static fallible attach(const struct rootfs_plan *plan)
{
    if (!plan->stays_in_place)
        return mount_attach_on_root(plan->tree);
    struct error *error = mount_attach_at(plan->tree, plan->path);
    return error && error->number == EACCES
               ? error_hint(error, "with hooks of create, root of the container must be able to "
                                   "reach it")
               : error;
}

fallible rootfs_attach(const struct rootfs_plan *plan)
{
    const struct mount_change change = { .propagation = plan->isolation, .is_recursive = true };
    struct error *failure = plan->is_cut_off ? OK : mount_change_detached(plan->tree, &change);
    if (!failure)
        return attach(plan);
    if (!error_forget_if(failure, ENOSYS))
        return failure;
    try(attach(plan));
    return mount_change(plan->tree, &change);
}

fallible pivot_enter(const struct rootfs_plan *plan, int *root)
{
    /* One that is only entered by chroot must cover what it could be left for. */
    if (plan->stays_in_place && plan->has_no_pivot && !plan->is_shared_view)
        try(mount_attach_on_root(plan->tree));
    try(plan->has_no_pivot ? mount_move_root(plan->tree) : mount_pivot(plan->tree));
    try(mount_check_root(plan->tree));
    if (plan->is_detached)
        return mount_open_root(root);
    *root = plan->tree;
    return OK;
}

fallible rootfs_finish(const struct rootfs_plan *plan, int root)
{
    const struct mount_change change = {
        .set = plan->is_read_only ? MOUNT_ATTR_RDONLY : 0,
        .propagation = plan->propagation,
    };
    try(mount_change(root, &change));
    if (plan->is_detached)
        close(plan->tree);
    return OK;
}
