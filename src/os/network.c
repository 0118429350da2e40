/* SPDX-License-Identifier: Apache-2.0 */
#include "os/network.h"

#include <fcntl.h>
#include <sched.h>

#include "base/cleanup.h"
#include "os/proc.h"

fallible network_enter(int pidfd, int *own)
{
    int proc;

    try(proc_mounted(&proc));
    auto_close int back = openat(proc, "self/ns/net", O_RDONLY | O_CLOEXEC);
    if (back < 0)
        return error_system("open our network");
    if (setns(pidfd, CLONE_NEWNET))
        return error_call(error_system("enter the network of the container"), CALL_SETNS, NULL);
    *own = take_fd(&back);
    return OK;
}

fallible network_return(int *own, struct error *error)
{
    auto_close int back = take_fd(own);

    if (setns(back, CLONE_NEWNET) && !error)
        return error_system("return to our network");
    return error;
}
