/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.sysctl of a container that comes from images.  A namespace that is named by its path comes
 * from somebody who knows nothing of them, and in one of its own criu sets what the images say: so
 * they are written when the namespaces are there, for what is restored in them and moved to them,
 * and once more when criu has gone, by a child of ours that joins them.
 */
#include <signal.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "os/channel.h"
#include "os/clone.h"
#include "os/pidfd.h"

static _Noreturn void live(const struct launch *launch, int channel)
{
    struct error *error = sysctls_write_inside(launch);

    error_forget(error ? channel_send_error(channel, error) : channel_send_farewell(channel));
    _exit(0);
}

fallible restore_write_sysctls(struct launch *launch)
{
    int mine, theirs, status;

    try(channel_open(&mine, &theirs));
    auto_close int ours = mine, its = theirs, child = -1;
    pid_t pid = clone_fork(0, &child);
    if (pid == 0)
        live(launch, its);
    if (pid < 0)
        return error_system("clone");
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
