/* SPDX-License-Identifier: Apache-2.0 */
/* --pidfd-socket: who wants to hold the process by a descriptor, which no other process can come to
 * mean, gets it from us: one message with the name "pidfd" and one descriptor, as runc sends it. */

#include "base/text.h"
#include "launch/annotations.h"
#include "launch/host.h"
#include "libocispec/config.h"
#include "os/fd.h"
#include "process/terminal.h"

/* The annotation is for the container's own process. */
fallible pidfd_socket_find(const struct launch_request *request, const char **path)
{
    const char *said = request->pidfd_socket;
    const char *receiver = annotations_find(&request->config->annotations, ANNOTATION_PIDFD);

    if (receiver && said && !request->target && !text_equal(receiver, said))
        return error_hint(error_config("annotations", "%s: \"%s\" is not what --pidfd-socket says",
                                       ANNOTATION_PIDFD, receiver),
                          "leave one of the two out");
    *path = said || request->target ? said : receiver;
    return OK;
}

/* Kept until the launch is over: a birth may be tried twice. */
fallible pidfd_socket_connect(struct launch *launch)
{
    struct host *host = launch->host;
    const char *path;

    try(pidfd_socket_find(host->request, &path));
    return host->receiver < 0 ? terminal_connect(path, &host->receiver) : OK;
}

fallible pidfd_socket_send(struct launch *launch)
{
    struct host *host = launch->host;

    return fd_send(host->receiver, "pidfd", host->pidfd);
}
