/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "launch/step.h"
#include "namespace/id_map.h"

/*
 * Idmapped mounts: a mount, still attached nowhere, is given a user namespace as its table of ids.
 * Only the host may do so.  Where the container's user namespace is new, or the container there
 * already, it takes the mounts back from who has copied them inside: else the container could clear
 * flags that the host has given their sources (os/host_object.h).
 *
 *     host                                     init
 *                                              opens what is mounted
 *     takes each, and maps its ids      <-     hands over what is mapped
 *                              MEET the ids are mapped
 */
struct mount_maps {
    struct id_map uids, gids; /* of the mount's own; empty where it has none */
    bool is_containers;       /* the container's user namespace serves, having the same */
};

struct host;

/* Plans the mappings of all mounts, once those of the container are planned. */
fallible idmaps_plan(struct host *host, struct plan *plan);

/* Maps the ids of the trees that the host has; of those that init hands over. */
fallible idmaps_apply(struct launch *launch);
fallible idmaps_apply_handed(struct launch *launch);

/* Inside: hands them over. */
fallible idmaps_hand_over(struct launch *launch);

/* What that would be, as JSON; NULL when the arena is full. */
const char *idmaps_describe(const struct host *host, const struct plan *plan);
