/* SPDX-License-Identifier: Apache-2.0 */
/* mounts: which of them cannot be read-only before more is made in them.  Only the whole list says
 * it, since later mounts lie below or above earlier ones. */

#include <string.h>

#include "base/text.h"
#include "os/mount_attributes.h"
#include "rootfs/mounts.h"

/* By their names: whether it covers a mount, or is a remount that makes it writable. */
static bool decides(const struct mount_plan *later, const struct mount_plan *mount)
{
    bool is_root = text_equal(later->destination, "/");
    if (!text_starts(mount->destination, later->destination))
        return false;
    char next = mount->destination[is_root ? 0 : strlen(later->destination)];
    uint64_t cleared = later->recursive_change.clear | (next ? 0 : later->change.clear);
    return (!next || next == '/') &&
           (later->kind != MOUNT_KIND_REMOUNT || cleared & MOUNT_ATTR_RDONLY);
}

/* Engines ask for a read-only /dev and for devices in it; it is made in memory, as are others below
 * which they mount.  What is covered later, or made writable, is read-only at once. */
void mounts_plan_read_only(struct mounts_plan *plan)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        struct mount_plan *mount = &plan->v[i];
        uint64_t flags = mount->filesystem.attributes | mount->change.set;
        mount->becomes_read_only = mount->kind == MOUNT_KIND_NEW && flags & MOUNT_ATTR_RDONLY &&
                                   text_equal(mount->filesystem.type, "tmpfs");
        for (uint32_t j = i + 1; j < plan->n; j++)
            mount->becomes_read_only &= !decides(&plan->v[j], mount);
        plan->read_only_count += mount->becomes_read_only;
    }
}
