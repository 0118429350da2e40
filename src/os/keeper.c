/* SPDX-License-Identifier: Apache-2.0 */
/* A child in whom nobody does anything; serves idmapped mounts, which want a user namespace for its
 * maps alone, and linux.cgroupsPath, where systemd makes no scope without a process. */

#include "os/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "os/clone.h"
#include "os/namespace_kinds.h"
#include "os/pidfd.h"
#include "os/syscalls.h"

/* All but the lifeline; what cannot be closed nobody can reach either. */
static void close_others(int lifeline)
{
    if (lifeline > 0)
        syscall(SYS_close_range, 0, lifeline - 1, 0);
    syscall(SYS_close_range, lifeline + 1, UINT_MAX, 0);
}

/* Until the other end, which is ours alone, closes. */
static _Noreturn void keep(int lifeline, int other)
{
    char byte;

    close(other);
    close_others(lifeline);
    while (read(lifeline, &byte, 1) < 0 && errno == EINTR)
        ;
    _exit(0);
}

fallible keeper_bear(uint64_t namespaces, struct keeper *keeper)
{
    int ends[2], pidfd = -1;

    if (pipe2(ends, O_CLOEXEC))
        return error_system("open a pipe");
    auto_close int theirs = ends[0], ours = ends[1];
    pid_t pid = clone_fork(namespaces, &pidfd);
    if (pid == 0)
        keep(theirs, ours);
    if (pid < 0)
        return namespace_kinds_refused("clone", CALL_CLONE, namespaces);
    *keeper = (struct keeper){ pid, pidfd, take_fd(&ours) };
    return OK;
}

fallible keeper_check(const struct keeper *keeper)
{
    siginfo_t info = { .si_pid = 0 };

    if (waitid(P_PIDFD, (id_t) keeper->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
        return OK;
    return error_new(ERROR_PROGRAM,
                     info.si_code == CLD_EXITED ? "its keeper exited with status %d"
                                                : "its keeper was killed by signal %d",
                     info.si_status);
}

void keeper_end(struct keeper *keeper)
{
    int status;

    if (keeper->pidfd < 0)
        return;
    close_fd(&keeper->lifeline);
    error_forget(pidfd_send(keeper->pidfd, SIGKILL));
    error_forget(pidfd_reap(keeper->pidfd, &status));
    close_fd(&keeper->pidfd);
}
