/* SPDX-License-Identifier: Apache-2.0 */
/* root and linux.rootfsPropagation: makes the opened tree the root.  What surprises: the tree goes
 * on top of "/", so that no directory of the host serves as a mount point. */

#include <errno.h>
#include <unistd.h>

#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "rootfs/rootfs.h"

fallible rootfs_isolate(const struct rootfs_plan *plan)
{
    return mount_isolate_all(plan->isolation);
}

fallible rootfs_attach(const struct rootfs_plan *plan)
{
    const struct mount_change change = { .propagation = plan->isolation, .is_recursive = true };
    struct error *failure = mount_change(plan->tree, &change);
    if (!failure)
        return mount_attach_on_root(plan->tree);
    if (!error_is_errno(failure, ENOSYS))
        return failure;
    try(mount_attach_on_root(plan->tree));
    return mount_change(plan->tree, &change);
}

fallible pivot_enter(const struct rootfs_plan *plan, int *root)
{
    try(plan->has_no_pivot ? mount_move_root(plan->tree) : mount_pivot(plan->tree));
    try(mount_check_root(plan->tree, root));
    close(plan->tree);
    return OK;
}

fallible rootfs_finish(const struct rootfs_plan *plan, int root)
{
    const struct mount_change change = {
        .set = plan->is_read_only ? MOUNT_ATTR_RDONLY : 0,
        .propagation = plan->propagation,
    };
    return mount_change(root, &change);
}
