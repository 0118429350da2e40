/* SPDX-License-Identifier: Apache-2.0 */
/* tare start: lets the process of a created container run (runtime.md#start).  With a NOTIFY_SOCKET
 * it returns when the container has said that it is ready, if `create` had one, too. */

#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/visit.h"
#include "container/notify.h"
#include "state/notify_socket.h"

/* While it is waited for, everybody else may do what they like with the container. */
static fallible start_and_await(struct container *container, struct notify *notify)
{
    if (notify_is_wanted(getenv("NOTIFY_SOCKET")))
        try(notify_socket_open(&container->entry, &notify->from));
    if (notify->from >= 0)
        try(notify_connect(getenv("NOTIFY_SOCKET"), &notify->to));
    try(container_start(container));
    return notify_await(notify, container->record.pid.value, container->pidfd);
}

static fallible start(struct container *container, struct arena *arena)
{
    (void) arena;
    struct notify notify = { -1, -1 };
    struct error *error = start_and_await(container, &notify);

    notify_close(&notify);
    return error;
}

static fallible run(struct invocation *invocation)
{
    return visit_container(invocation, start);
}

static const struct option options[] = { {} };

const struct command start_command = {
    .name = "start",
    .words = "<id>",
    .about = "start the process of a created container",
    .options = options,
    .run = run,
};
