/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;
struct oci_linux;

/*
 * linux.cgroupsPath (config-linux.md#cgroups-path): a cgroup v2 directory of the container's own.
 *
 * On a hybrid host the unified mount is used.  Paths are named from the root of that mount.
 */

/* What the command line chose: --cgroup-manager. */
enum cgroup_manager { CGROUP_MANAGER_CGROUPFS, CGROUP_MANAGER_DISABLED };

struct cgroup_plan {
    bool is_wanted;       /* false: disabled, or no writable cgroup and nothing asked of one */
    const char *mount;    /* "/sys/fs/cgroup" or "/sys/fs/cgroup/unified" */
    const char *path;     /* "/tare/web", from the mount's root */
    bool is_default_path; /* cgroupsPath was absent: the parent "/tare" goes when it is empty */
};

/* Finds the mount and the path (decisions 7): absent means /tare/ID for root below our own cgroup
 * root, OWNCGROUP/ID otherwise; a relative path counts from the root; "..", empty or systemd-style
 * paths are ERROR_CONFIG.  Without a usable cgroup: ERROR_CGROUP if cgroupsPath is given, otherwise
 * a warning and is_wanted false. */
fallible cgroup_plan(const struct oci_linux *linux_, const char *id, enum cgroup_manager manager,
                     struct arena *arena, struct cgroup_plan *plan);

/* Makes the directory and the missing ones above it.  One that is there already must be empty and
 * not frozen (CG7).  DIRECTORY (O_CLOEXEC, O_RDONLY) is the caller's. */
fallible cgroup_create(const struct cgroup_plan *plan, int *directory);

/* Opens the cgroup of a container by mount and path; errno ENOENT when it is gone. */
fallible cgroup_open(const char *mount, const char *path, int *directory);

/* Moves a process into it (cgroup.procs); the fallback of CLONE_INTO_CGROUP. */
fallible cgroup_add(int directory, pid_t pid);

/* Sends a signal to every process in it and below; SIGKILL through cgroup.kill where there is one.
 */
fallible cgroup_signal_all(int directory, int signal);

/* Kills what is left, waits (at most MILLISECONDS) until it is empty, removes it and all below it,
 * and, for a default path, the empty parent.  Gone already is fine. */
fallible cgroup_remove(const char *mount, const char *path, bool is_default_path, int milliseconds);

/* Whether it is frozen (cgroup.events). */
fallible cgroup_read_frozen(int directory, bool *is_frozen);
