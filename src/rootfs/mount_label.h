/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "rootfs/mounts.h"

struct arena;

/* linux.mountLabel: the SELinux label of all files of a new mount, as its option "context"
 * (mount(8)), or another that the context names: of the filesystem ("fscontext"), of files without
 * one ("defcontext"), of its root ("rootcontext").  Not for what shows the kernel (proc, sysfs,
 * cgroup2, ...): it is shared with the host, or labelled by the policy.  Nor where the mount's own
 * options have a context. */
fallible mount_label_plan(const struct mounts_context *context, struct arena *arena,
                          struct mount_plan *plan);

/* Inside: reads the label of the new mount TREE back (R12), if it was given one. */
fallible mount_label_verify(const struct mount_plan *plan, int tree);
