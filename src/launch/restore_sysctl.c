/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.sysctl of a container that comes from images.  A namespace that is named by its path comes
 * from somebody who knows nothing of them, and in one of its own criu sets what the images say: so
 * they are written when the namespaces are there, for what is restored in them and moved to them,
 * and once more when criu has gone.
 *
 * The kernel shows each process the settings of its own namespaces: a child of ours joins them.
 */
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "os/channel.h"
#include "os/dumpable.h"
#include "os/pidfd.h"
#include "os/syscalls.h"

/* Those that have settings. */
static const uint64_t kinds = CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;

static fallible write_inside(const struct launch *launch)
{
    const struct plan *plan = launch->plan;
    uint64_t joined = plan->namespaces.own & kinds;

    try(dumpable_hide());
    if (setns(launch->host->pidfd, (int) joined))
        return error_system("join the namespaces of the container");
    if (joined & CLONE_NEWUSER)
        try(user_ns_become(&plan->user_ns, false));
    return sysctl_apply(&plan->sysctl, false);
}

static _Noreturn void live(const struct launch *launch, int channel)
{
    struct error *error = write_inside(launch);

    error_forget(error ? channel_send_error(channel, error) : channel_send_farewell(channel));
    _exit(0);
}

fallible restore_write_sysctls(struct launch *launch)
{
    int mine, theirs, pidfd = -1, status;

    try(channel_open(&mine, &theirs));
    auto_close int ours = mine, its = theirs, child = -1;
    long pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL, NULL);
    if (pid == 0)
        live(launch, its);
    if (pid < 0)
        return error_system("clone");
    child = pidfd;
    close_fd(&its);
    struct error *error = channel_hear_end(ours, NULL, NULL);
    /* A signal may have come before its word. */
    error_forget(pidfd_send(child, SIGKILL));
    struct error *other = pidfd_reap(child, &status);
    if (!error)
        return other;
    error_forget(other);
    return error;
}
