/* SPDX-License-Identifier: Apache-2.0 */
/* kill (runtime.md#kill).  Its words are known to engines, which take "container not running" for
 * success. */

#include <errno.h>
#include <signal.h>

#include "base/cleanup.h"
#include "cgroup/cgroup.h"
#include "container/container.h"
#include "os/pidfd.h"

static fallible refuse(void)
{
    return error_new(ERROR_STATE, "container not running");
}

static fallible signal_init(const struct container *container, int signal)
{
    if (container->pidfd < 0)
        return refuse();
    struct error *error = pidfd_send(container->pidfd, signal);
    return error && error_forget_if(error, ESRCH) ? refuse() : error;
}

/* Processes may be left in the cgroup after init, if they share their pid namespace with the host.
 */
static fallible signal_all(const struct container *container, int signal)
{
    const struct record *record = &container->record;
    auto_close int cgroup = -1;

    if (!record->cgroup_path)
        return container->pidfd < 0 ? OK : signal_init(container, signal);
    /* Its own pid namespace has ended with init: who is in the cgroup now is somebody else. */
    if (record->has_pid_namespace.value && container->pidfd < 0)
        return OK;
    struct error *error = cgroup_open(record->cgroup_mount, record->cgroup_path, &cgroup);
    if (error)
        return error_forget_if(error, ENOENT) ? OK : error;
    return cgroup_signal_all(cgroup, signal);
}

fallible container_kill(struct container *container, int signal, bool is_all)
{
    const struct record *record = &container->record;

    if (is_all)
        return signal_all(container, signal);
    try(signal_init(container, signal));
    /* Without a pid namespace of its own, the end of init would leave the others running. */
    bool ends_all = signal == SIGKILL && !record->has_pid_namespace.value && record->cgroup_path;
    return ends_all ? signal_all(container, signal) : OK;
}
