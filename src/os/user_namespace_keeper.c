/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user namespace in which nobody does anything; serves idmapped mounts, which want one for its
 * maps alone.  It can be made only together with a process, and has no name without one: once there
 * is a descriptor for it the process may go.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/dumpable.h"
#include "os/pidfd.h"
#include "os/proc.h"
#include "os/syscalls.h"
#include "os/user_namespace.h"

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

static fallible explain_clone(void)
{
    struct error *error = error_system("make a user namespace");

    if (error->number != ENOSPC)
        return error;
    return error_hint(error, "the limit is /proc/sys/user/max_user_namespaces");
}

fallible user_namespace_bear(struct user_namespace_keeper *keeper)
{
    int ends[2], pidfd = -1;
    bool was_shown;

    if (pipe2(ends, O_CLOEXEC))
        return error_system("open a pipe");
    auto_close int theirs = ends[0], ours = ends[1];
    try(dumpable_hide_child(&was_shown));
    /* The order of the last arguments differs between architectures: here they are the same. */
    long pid = syscall(SYS_clone, CLONE_NEWUSER | CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL, NULL);
    if (pid == 0)
        keep(theirs, ours);
    dumpable_restore(was_shown);
    if (pid < 0)
        return explain_clone();
    *keeper = (struct user_namespace_keeper){ (pid_t) pid, pidfd, take_fd(&ours) };
    return OK;
}

void user_namespace_end(struct user_namespace_keeper *keeper)
{
    int status;

    close_fd(&keeper->lifeline);
    error_forget(pidfd_send(keeper->pidfd, SIGKILL));
    error_forget(pidfd_reap(keeper->pidfd, &status));
    close_fd(&keeper->pidfd);
}

fallible user_namespace_open(pid_t pid, int *fd)
{
    char name[32];
    int proc;

    try(proc_mounted(&proc));
    text_format(name, sizeof(name), "%d/ns/user", (int) pid);
    auto_close int opened = openat(proc, name, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return error_system("open /proc/%s", name);
    int type = ioctl(opened, NS_GET_NSTYPE);
    if (type < 0)
        return error_system("look at /proc/%s", name);
    if (type != CLONE_NEWUSER)
        return error_new(ERROR_SYSTEM, "/proc/%s is no user namespace", name);
    *fd = take_fd(&opened);
    return OK;
}
