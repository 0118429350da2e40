/* SPDX-License-Identifier: Apache-2.0 */
/* mounts, of a container that runs: the host's half of their removal.  What surprises: that a
 * destination leads to the root, or to what must stay, can only be known inside, where links are
 * followed; here it is only refused by its name. */

#include "rootfs/live_mounts.h"

#include "base/allocate.h"
#include "base/text.h"
#include "libocispec/mount.h"
#include "rootfs/mounts.h"

fallible live_mounts_plan_removal(const struct oci_mount_array *mounts, struct arena *arena,
                                  struct mounts_plan *plan)
{
    struct mounts_plan result = { .n = mounts->n };

    try_new(result.v, arena, mounts->n);
    for (uint32_t i = 0; i < mounts->n; i++) {
        struct mount_plan *mount = &result.v[i];
        mount->tree = -1;
        try_print(mount->field, arena, "mounts[%u]", i);
        try(mounts_plan_destination(mounts->v[i], arena, mount));
        if (!text_equal(mount->destination, "/"))
            continue;
        const char *field;
        try_print(field, arena, "%s.destination", mount->field);
        return error_config(field, "the root itself cannot be removed");
    }
    *plan = result;
    return OK;
}
