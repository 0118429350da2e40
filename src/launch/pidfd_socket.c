/* SPDX-License-Identifier: Apache-2.0 */
/* --pidfd-socket: who wants to hold the process by a descriptor, which no other process can come to
 * mean, gets it from us: one message with the name "pidfd" and one descriptor, as runc sends it. */

#include "launch/host.h"
#include "os/fd.h"
#include "process/terminal.h"

/* Kept until the launch is over: a birth may be tried twice. */
fallible pidfd_socket_connect(struct launch *launch)
{
    struct host *host = launch->host;

    return host->receiver < 0 ? terminal_connect(host->request->pidfd_socket, &host->receiver) : OK;
}

fallible pidfd_socket_send(struct launch *launch)
{
    struct host *host = launch->host;

    return fd_send(host->receiver, "pidfd", host->pidfd);
}
