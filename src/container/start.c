/* SPDX-License-Identifier: Apache-2.0 */
/* start (runtime.md#start).  A config without a process can be created, and then not be started;
 * what counts is the config.json that the container was made from. */

#include "container/container.h"
#include "libocispec/config.h"
#include "state/start_socket.h"

enum { CONFIG_SIZE_MAX = 16 << 20 };

static fallible check_status(enum container_status status)
{
    static const char *const reasons[] = {
        [CONTAINER_CREATING] = "cannot start a container that was not created completely",
        [CONTAINER_RUNNING] = "cannot start an already running container",
        [CONTAINER_STOPPED] = "cannot start a container that has stopped",
        [CONTAINER_PAUSED] = "cannot start a paused container",
    };

    if (status == CONTAINER_CREATED)
        return OK;
    return error_new(ERROR_STATE, "%s", reasons[status]);
}

static fallible check_process(const struct entry *entry, struct arena *arena)
{
    struct entry_text json;
    struct oci_problem problem = { 0 };

    try(entry_read(entry, "config.json", CONFIG_SIZE_MAX, arena, &json));
    const struct oci_config *config =
        oci_decode(&oci_config_schema, arena, json.text, json.length, &problem);
    if (!config)
        return error_new(ERROR_RECORD, "the config.json kept with the state: %s", problem.reason);
    if (!config->process)
        return error_new(ERROR_STATE, "the config has no process to start");
    return OK;
}

fallible container_start(struct container *container, struct arena *arena)
{
    try(check_status(container->status));
    try(check_process(&container->entry, arena));
    return start_socket_start(&container->entry);
}
