/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct arena;
struct masked_paths_plan;
struct mounts_plan;
struct oci_mount_array;

/* Mounts of a container that runs: its processes may change what lies on the way to a destination
 * at any moment, and see what is mounted at once.  Those that are added are planned as all are,
 * with is_live (rootfs/mounts.h). */

/* What is to be removed: only the destinations count.  ERROR_CONFIG: the root is one of them. */
fallible live_mounts_plan_removal(const struct oci_mount_array *mounts, struct arena *arena,
                                  struct mounts_plan *plan);

/* Inside, both, where the plan may be written to: its trees become what is attached.  All of it or
 * nothing: when one fails, those before it are taken away again, but not the directories and files
 * that were made for them; what is left in spite of that the error says.  ERROR_CONFIG: a path that
 * the container's config masks or protects is mounted over, by its name or where that leads.
 * Afterwards the kernel is asked what the container finds at the destination. */
fallible live_mounts_add(struct mounts_plan *plan, const struct masked_paths_plan *kept, int root);

/* Inside: every destination must be one where something is mounted, and be neither the root, nor
 * what hides a path, nor something that a masked or read-only path of the container depends on, or
 * the part of that which is there; ERROR_CONFIG, and nothing is removed.  The last in the list goes
 * first, and one that the kernel does not let go of ends it: what is gone by then the error says.
 * Symbolic links are followed, but for files. */
fallible live_mounts_remove(struct mounts_plan *plan, const struct masked_paths_plan *kept,
                            int root);
