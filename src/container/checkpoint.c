/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint: a container that runs, or is paused, is written down by criu (engines call it).  What
 * it was made from counts, not what the bundle has by now. */

#include "container/container.h"
#include "launch/criu.h"
#include "libocispec/config.h"
#include "state/notify_socket.h"

static fallible check_status(enum container_status status)
{
    static const char *const reasons[] = {
        [CONTAINER_CREATING] = "cannot checkpoint a container that was not created completely",
        [CONTAINER_CREATED] = "cannot checkpoint a container that has not been started",
        [CONTAINER_STOPPED] = "container not running",
    };

    if (status == CONTAINER_RUNNING || status == CONTAINER_PAUSED)
        return OK;
    return error_new(ERROR_STATE, "%s", reasons[status]);
}

/* Its socket is in the container's directory, which is not the same when it is restored. */
static fallible check_notify(const struct container *container)
{
    if (!notify_socket_has_place(&container->entry))
        return OK;
    return error_hint(error_new(ERROR_STATE, "cannot checkpoint a container that was given a "
                                             "NOTIFY_SOCKET: it could not be restored"),
                      "unset NOTIFY_SOCKET for run or create, or bind one in the config");
}

fallible container_checkpoint(const struct container *container, const struct criu_options *options)
{
    struct oci_config *config;

    try(check_status(container->status));
    if (!options->leaves_running && !options->is_pre_dump)
        try(check_notify(container));
    try(container_read_config(&container->entry, container->arena, &config));
    const struct checkpoint_request request = {
        .record = &container->record,
        .config = config,
        .init = container->pidfd,
        .is_paused = container->status == CONTAINER_PAUSED,
    };
    return checkpoint_take(&request, options, container->arena);
}
