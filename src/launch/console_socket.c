/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a terminal (process.terminal) out of the container: init sends it to a socket that the
 * host has opened before anything was made, to an engine's (--console-socket), or to its own when
 * `run` holds the terminal itself. */

#include <sys/socket.h>

#include "base/cleanup.h"
#include "launch/host.h"
#include "os/fd.h"

/* Kept until the launch is over: an engine takes one connection, and birth may be tried twice. */
fallible console_socket_connect(struct launch *launch)
{
    struct host *host = launch->host;

    if (host->console < 0)
        try(terminal_connect(host->request->terminal.console_socket, &host->console));
    launch->plan->terminal.socket = host->console;
    return OK;
}

fallible console_socket_pair(struct launch *launch)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return error_system("make a pair of sockets");
    launch->host->console = ends[0];
    launch->plan->terminal.socket = ends[1];
    return OK;
}

void console_socket_close_pair(struct launch *launch)
{
    close_fd(&launch->host->console);
    console_socket_let_go(launch->plan);
}

void console_socket_let_go(struct plan *plan)
{
    if (plan->terminal.is_relayed)
        close_fd(&plan->terminal.socket);
}

/* Init has sent it before it took its leave. */
fallible console_socket_take(struct launch *launch)
{
    struct host *host = launch->host;

    try(fd_receive(host->console, &host->terminal));
    close_fd(&host->console);
    return OK;
}

void console_socket_put_back(struct launch *launch)
{
    close_fd(&launch->host->terminal);
}
