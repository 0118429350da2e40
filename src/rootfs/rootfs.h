/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "os/host_object.h"

struct oci_config;

/* root and linux.rootfsPropagation (config.md#root, config-linux.md#rootfs-mount-propagation). */
struct rootfs_plan {
    int tree; /* a detached clone of the root filesystem, all mounts below it included; with a
               * shared view its directory; -1 until init has made it from OBJECT */
    struct host_object object;
    struct host_object_lost lost; /* found by init */
    bool is_noted;                /* for init to make the tree, if it can */
    bool is_opened_inside;        /* only by init, since we may not copy mounts here */
    bool is_shared_view;          /* no mount namespace of its own: chroot(2) */
    bool is_detached;             /* with mounts all the same: the tree is attached nowhere */
    bool is_read_only;
    bool has_no_pivot;
    bool stays_in_place;  /* attached where the host has it, at PATH, until it is entered; else on
                             "/" */
    const char *path;     /* absolute, from rootfs_open() on */
    uint64_t isolation;   /* MS_PRIVATE or MS_SLAVE, for all mounts inherited from the host */
    bool is_cut_off;      /* the tree has that isolation already */
    uint64_t propagation; /* of the container's root, once it is there; 0: leave it private */
};

/* Checks root and rootfsPropagation and fills all of the plan but the tree.  Without a mount
 * namespace of its own (IS_ISOLATED) whatever would have to be mounted is ERROR_CONFIG, unless the
 * kernel can build on a tree that is attached nowhere. */
fallible rootfs_plan(const struct oci_config *config, bool is_isolated, bool has_no_pivot,
                     struct rootfs_plan *plan);

/* Opens root.path, relative to the bundle or absolute, as a detached tree; ERROR_BUNDLE with the
 * field root.path when it is not a directory.  Whether it is noted, and not opened here, the caller
 * decides by the plan.  RESOLVED (arena) is its absolute path
 * for `state`. */
struct arena;
fallible rootfs_open(const char *path, int bundle, struct arena *arena, struct rootfs_plan *plan,
                     const char **resolved);

/* Inside, before rootfs_isolate(): makes the tree that was noted (host_object_take()); before that,
 * while the caller is still the host's user, tries the same (host_object_take_early()). */
fallible rootfs_open_inside(struct rootfs_plan *plan);
void rootfs_take_early(struct rootfs_plan *plan);

/* OK, or what is to be said about a root that is not locked as the host has it. */
fallible rootfs_warning(const struct rootfs_plan *plan);

/* Inside: cuts the inherited mounts off from the host, then attaches the tree. */
fallible rootfs_isolate(const struct rootfs_plan *plan);
fallible rootfs_attach(const struct rootfs_plan *plan);

/* Inside: makes the tree the root, out of which nothing of the host can be named any more; asserts
 * that ".." of "/" is "/" (statx mount id and inode).  ROOT is the tree's descriptor, unless it is
 * attached nowhere: that one is kept open, since nothing more could be mounted without it. */
fallible pivot_enter(const struct rootfs_plan *plan, int *root);

/* Inside, late, when all is mounted: propagation of the root mount as asked, and read-only if
 * asked; closes a tree that is attached nowhere, which lives on as the root of processes. */
fallible rootfs_finish(const struct rootfs_plan *plan, int root);
