/* SPDX-License-Identifier: Apache-2.0 */
/* start (runtime.md#start).  A config without a process can be created, and then not be started;
 * what counts is the config.json that the container was made from.  Hooks that fail end the
 * container, which is then deleted (runtime.md#lifecycle, 7 and 9). */

#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "base/text.h"
#include "container/container.h"
#include "launch/hooks.h"
#include "libocispec/config.h"
#include "os/channel.h"
#include "os/interrupts.h"
#include "os/pidfd.h"
#include "state/start_socket.h"

enum { END_MILLISECONDS = 500 };

/* Whoever dies while he waits has closed his socket for a moment, and has not ended yet. */
static void see_end(struct container *container)
{
    if (container->status != CONTAINER_RUNNING || !start_socket_is_left(&container->entry))
        return;
    if (pidfd_has_ended(container->pidfd, END_MILLISECONDS))
        container->status = CONTAINER_STOPPED;
}

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

/* A record that an older tare has written does not tell. */
static fallible check_process(const struct container *container)
{
    const struct record *record = &container->record;
    bool has_process = record->has_process.value;
    struct oci_config *config;

    if (!record->has_process.present) {
        try(container_read_config(&container->entry, container->arena, &config));
        has_process = config->process;
    }
    return has_process ? OK : error_new(ERROR_STATE, "the config has no process to start");
}

static void report(const struct container *container, struct error *error)
{
    if (error && error->code != ERROR_UNKNOWN)
        log_warning("delete '%s': %s", container->entry.id, error_line(error));
    error_forget(error);
}

/* Meanwhile it may have been deleted, and another one have its name. */
static fallible delete_unlocked(const struct container *container)
{
    const struct record *record = &container->record;
    const struct container_identity ours = { container->entry.id, record->pid.value,
                                             record->started.value };
    struct container found;

    try(container_reopen(container->store, &ours, container->arena, &found));
    struct error *error = container_delete(container->store, &found, true);
    container_close(&found);
    return error;
}

fallible container_poststart(struct container *container)
{
    const struct record *record = &container->record;
    struct interrupts interrupts;

    if (!record->hooks || !record->hooks->poststart.n)
        return OK;
    entry_unlock(&container->entry);
    try(interrupts_hold(&interrupts));
    struct error *error =
        error_within(hooks_run_poststart(record, container->arena), "run the poststart hooks");
    if (error)
        report(container, delete_unlocked(container));
    interrupts_release(&interrupts);
    return error;
}

/* Who gives up meanwhile ends the hooks inside, which is as if one had failed. */
static fallible let_start(struct container *container)
{
    struct interrupts interrupts;
    auto_close int connection = -1;

    try(interrupts_hold(&interrupts));
    channel_interrupts = interrupts.fd;
    struct error *error = start_socket_say_go(&container->entry, &connection);
    bool is_told = !error;
    /* Its startContainer hooks may hang, and somebody want to kill it. */
    if (is_told) {
        entry_unlock(&container->entry);
        error = start_socket_hear_end(&container->entry, connection);
    }
    channel_interrupts = -1;
    if (error)
        error->root = container->record.rootfs;
    if (is_told && error &&
        (error->code == ERROR_INTERRUPTED || text_starts(error->field, "hooks.")))
        report(container, delete_unlocked(container));
    interrupts_release(&interrupts);
    return error;
}

fallible container_start(struct container *container)
{
    see_end(container);
    try(check_status(container->status));
    try(check_process(container));
    try(let_start(container));
    return container_poststart(container);
}
