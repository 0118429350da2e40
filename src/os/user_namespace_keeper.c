/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user namespace in which nobody does anything; serves idmapped mounts, which want one for its
 * maps alone.  It can be made only together with a process, and has no name without one: once there
 * is a descriptor for it the process may go.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/dumpable.h"
#include "os/keeper.h"
#include "os/proc.h"
#include "os/user_namespace.h"

static fallible explain_clone(struct error *error)
{
    if (!error)
        return OK;
    error = error_within(error, "make a user namespace");
    return error->number == ENOSPC
               ? error_hint(error, "the limit is /proc/sys/user/max_user_namespaces")
               : error;
}

fallible user_namespace_bear(struct keeper *keeper)
{
    bool was_shown;

    try(dumpable_hide_child(&was_shown));
    struct error *error = keeper_bear(CLONE_NEWUSER, keeper);
    dumpable_restore(was_shown);
    return explain_clone(error);
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
