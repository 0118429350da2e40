/* SPDX-License-Identifier: Apache-2.0 */
/* Which processes are the container's: those in its cgroup and below.  What lies elsewhere cannot
 * be told from the host's own. */

#include <errno.h>

#include "base/cleanup.h"
#include "cgroup/cgroup.h"
#include "container/container.h"

/* With init, a pid namespace has ended: who is in the cgroup now is somebody else. */
static bool has_ended(const struct container *container)
{
    return container->status == CONTAINER_STOPPED && container->record.has_pid_namespace.value;
}

static fallible refuse(const struct container *container)
{
    struct error *error =
        error_new(ERROR_STATE, "its processes are not known: it has no cgroup of its own");

    if (container->pidfd < 0)
        return error;
    return error_hint(error, "the first of them is %d", container->record.pid.value);
}

fallible container_list_processes(const struct container *container, struct arena *arena,
                                  struct cgroup_processes *processes)
{
    const struct record *record = &container->record;
    auto_close int cgroup = -1;

    if (has_ended(container)) {
        *processes = (struct cgroup_processes){ 0 };
        return OK;
    }
    if (!record->cgroup_path)
        return refuse(container);
    struct error *error = cgroup_open(record->cgroup_mount, record->cgroup_path, &cgroup);
    if (error_forget_if(error, ENOENT)) {
        *processes = (struct cgroup_processes){ 0 };
        return OK;
    }
    try(error);
    return cgroup_list_processes(cgroup, arena, processes);
}
