/* SPDX-License-Identifier: Apache-2.0 */
/* Idmapped mounts, init's part: the mounts go to the host and stay here as well, since what travels
 * is a descriptor, and what the host changes is the mount itself. */

#include "launch/idmaps.h"
#include "launch/plan.h"
#include "launch/step.h"

fallible idmaps_hand_over(struct launch *launch)
{
    const struct mounts_plan *mounts = &launch->plan->mounts;

    for (uint32_t i = 0; i < mounts->n; i++)
        if (mounts->v[i].idmap != MOUNT_IDMAP_NONE)
            try(channel_send_descriptor(launch->channel, mounts->v[i].tree));
    return OK;
}
