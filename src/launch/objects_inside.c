/* SPDX-License-Identifier: Apache-2.0 */
/* root.path and mounts: what the plan says of objects of the host, found again in the namespaces of
 * the container.  Part of both programs: birth needs it before the init program runs, the bridge
 * behind. */

#include <sys/mman.h>

#include "launch/inside.h"

fallible plan_unlock(const struct plan *plan)
{
    if (mprotect((void *) plan->arena, (size_t) (plan->arena_end - plan->arena),
                 PROT_READ | PROT_WRITE))
        return error_system("mprotect the plan");
    return OK;
}

void plan_take_early(struct plan *plan)
{
    rootfs_take_early(&plan->rootfs);
    mounts_take_early(&plan->mounts);
}
