/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "cgroup/path.h"

struct arena;
struct oci_linux;
struct scope_plan;

/*
 * linux.cgroupsPath (config-linux.md#cgroups-path): a cgroup v2 directory of the container's own.
 *
 * On a hybrid host the unified mount is used.  Paths are named from the root of that mount.
 */

/* What the command line chose: --cgroup-manager, --systemd-cgroup. */
enum cgroup_manager { CGROUP_MANAGER_CGROUPFS, CGROUP_MANAGER_SYSTEMD, CGROUP_MANAGER_DISABLED };

/*
 * KEPT is how many bytes of the path name what create has not made, and delete leaves: of "/a/b" 0,
 * 2, or all 4 if the cgroup itself was there; then it is only emptied.  With "/tare/web" 0 stands
 * also if "/tare" was there: the parent that containers share goes with the last of them.
 */
struct cgroup_plan {
    bool is_wanted;    /* false: disabled, or no writable cgroup and nothing asked of one */
    const char *mount; /* "/sys/fs/cgroup" or "/sys/fs/cgroup/unified" */
    const char *path;  /* "/tare/web", from the mount's root */
    uint32_t kept;
    bool is_default_path; /* cgroupsPath was absent */

    /* The scope that systemd makes for it (cgroup/scope.h), or NULL.  The path is then not known
     * before that is there. */
    const struct scope_plan *scope;
};

/* Where cgroup2 is mounted, or NULL; an error if the kernel does not say. */
fallible cgroup_find_mount(const char **mount);

/* Where we are ourselves, from the mount's root ("/" or "/a/b"); ERROR_CGROUP: not in sight. */
fallible cgroup_find_own(const char **mount, char path[CGROUP_PATH_SIZE]);

/* Finds the mount and the path: absent means /tare/ID for root below our own cgroup root,
 * OWNCGROUP/ID otherwise; a relative path counts from the root; "..", empty or systemd-style paths
 * are ERROR_CONFIG.  Without a usable cgroup: ERROR_CGROUP if cgroupsPath is given, otherwise a
 * warning and is_wanted false. */
fallible cgroup_plan(const struct oci_linux *linux_, const char *id, enum cgroup_manager manager,
                     struct arena *arena, struct cgroup_plan *plan);

/* The same where cgroupsPath is absent, for who has to know why there is none: ERROR_CGROUP. */
fallible cgroup_plan_default(const char *id, struct arena *arena, struct cgroup_plan *plan);

/* Makes the directory and the missing ones above it.  One that is there already must be empty and
 * not frozen (CG7).  KEPT is as the plan foresaw, unless somebody made or removed the cgroup since.
 * DIRECTORY (O_CLOEXEC, O_RDONLY) is the caller's. */
fallible cgroup_create(const struct cgroup_plan *plan, uint32_t *kept, int *directory);

/* Opens the cgroup of a container by mount and path; errno ENOENT when it is gone. */
fallible cgroup_open(const char *mount, const char *path, int *directory);

/* Moves a process into it (cgroup.procs); the fallback of CLONE_INTO_CGROUP. */
fallible cgroup_add(int directory, pid_t pid);

/* Moves a process to the cgroup that we are in. */
fallible cgroup_take_back(pid_t pid);

/* Who is in it and below: pids of our pid namespace, ascending, in the arena.  Those that it does
 * not see are left out, as are zombies. */
struct cgroup_processes {
    pid_t *v;
    size_t n;
};
fallible cgroup_list_processes(int directory, struct arena *arena, struct cgroup_processes *out);
bool cgroup_has_process(const struct cgroup_processes *processes, pid_t pid);

/* Whether fewer are in it and below than LEFT, which then becomes how many; it is SIZE_MAX to begin
 * with.  So who waits for thousands to end knows when that is hopeless, also if others are born.
 * False where it cannot be read. */
bool cgroup_empties(int directory, size_t *left);

/* Sends a signal to every process in it and below; SIGKILL through cgroup.kill where there is one.
 */
fallible cgroup_signal_all(int directory, int signal);

/* Kills all in it and below, also where it is frozen, and thaws it.  Gone already is fine. */
fallible cgroup_kill(const char *mount, const char *path, uint32_t kept);

/* Waits until nobody is in it, as long as some leave within MILLISECONDS, and removes all below it;
 * then itself and those above that are empty, as far as their paths are longer than KEPT.  One that
 * is kept is as before: thawed, without controllers for those below and without our device program.
 * While somebody is in it nothing changes: ERROR_TIMEOUT, or ERROR_FROZEN, since frozen ones never
 * leave.  Gone already is fine. */
fallible cgroup_remove(const char *mount, const char *path, uint32_t kept, int milliseconds);

/* Whether it is frozen (cgroup.events), or will be as soon as its processes let it, since its own
 * cgroup.freeze says so: one that waits for a disk may be late, and what is born into it stands
 * still already.  While one above it is being frozen it is not told yet. */
fallible cgroup_read_frozen(int directory, bool *is_frozen);
