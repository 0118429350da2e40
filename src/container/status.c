/* SPDX-License-Identifier: Apache-2.0 */
/* What is true of a container now (runtime.md#state).  Nothing of it is stored: a status that is
 * written down is wrong as soon as somebody dies. */

#include <errno.h>

#include "base/cleanup.h"
#include "cgroup/cgroup.h"
#include "container/container.h"
#include "os/clock.h"
#include "os/pidfd.h"
#include "os/proc.h"
#include "state/start_socket.h"

enum { MOMENT_MILLISECONDS = 20 };

static bool is_gone(struct error *error)
{
    /* EINVAL, ENOENT: the number is now that of a thread. */
    return error_forget_if(error, ESRCH) || error_forget_if(error, ENOENT) ||
           error_forget_if(error, EINVAL);
}

/* The letter is that of the first thread, which may have ended while others run on: a zombie has
 * ended when its descriptor says so, though its parent has not looked yet. */
static fallible find_end(int pidfd, bool *has_ended)
{
    struct error *error = pidfd_wait_end(pidfd, 0);

    *has_ended = !error;
    if (!error || error->code != ERROR_TIMEOUT)
        return error;
    error_forget(error);
    return OK;
}

/* Whom we may not signal is none of ours. */
static bool is_stranger(int pidfd)
{
    struct error *error = pidfd_send(pidfd, 0);
    bool is_stranger = error && error->number == EPERM;

    error_forget(error);
    return is_stranger;
}

/* hidepid hides who lives as if it were gone (ENOENT), or only what it is (EPERM).  The errno is
 * not passed on: ENOENT would mean that there is no such container. */
static fallible explain_unread(const struct record *record, int pidfd, struct error *error)
{
    bool has_ended;

    if (error_forget_if(error, ESRCH))
        return OK;
    if (!error_forget_if(error, ENOENT) && !error_forget_if(error, EPERM))
        return error;
    try(find_end(pidfd, &has_ended));
    if (has_ended || !record_is_of_this_boot(record) || is_stranger(pidfd))
        return OK;
    return error_hint(error_new(ERROR_STATE,
                                "process %d is there, but /proc does not show whether it is the "
                                "container's",
                                record->pid.value),
                      "/proc is mounted with hidepid: mount it without (mount -o "
                      "remount,hidepid=off /proc), or ask as root");
}

/* The descriptor comes first: if the start time read after that is the recorded one, then it was
 * the same process all the while. */
static fallible find_init(const struct record *record, int *pidfd)
{
    auto_close int found = -1;
    unsigned long long started = 0;
    bool has_ended = false;
    char state = '?';
    int proc;

    if (record->pid.value <= 0)
        return OK;
    struct error *error = pidfd_open_process(record->pid.value, &found);
    if (error)
        return is_gone(error) ? OK : error;
    try(proc_mounted(&proc));
    error = proc_read_start(proc, record->pid.value, &started, &state);
    if (error)
        return explain_unread(record, found, error);
    if (state == 'Z' || state == 'X')
        try(find_end(found, &has_ended));
    if (started == record->started.value && !has_ended && record_is_of_this_boot(record))
        *pidfd = take_fd(&found);
    return OK;
}

static fallible read_frozen(const struct record *record, bool *is_frozen)
{
    auto_close int cgroup = -1;

    *is_frozen = false;
    if (!record->cgroup_path)
        return OK;
    struct error *error = cgroup_open(record->cgroup_mount, record->cgroup_path, &cgroup);
    if (!error)
        error = cgroup_read_frozen(cgroup, is_frozen);
    return error && (error_forget_if(error, ENOENT) || error_forget_if(error, ENODEV)) ? OK : error;
}

static fallible find_status(struct container *container)
{
    bool is_frozen = false, is_unpublished, is_waiting = false;

    try(find_init(&container->record, &container->pidfd));
    if (container->pidfd < 0) {
        container->status = container->record.pid.present ? CONTAINER_STOPPED : CONTAINER_CREATING;
        return OK;
    }
    /* A restore that is not done yet stands still; nobody resumes what has not been checked. */
    try(start_socket_is_unpublished(&container->entry, &is_unpublished));
    try(read_frozen(&container->record, &is_frozen));
    if (!is_unpublished && !is_frozen)
        try(start_socket_is_waiting(&container->entry, &is_waiting));
    if (is_unpublished)
        container->status = CONTAINER_CREATING;
    else if (is_frozen)
        container->status = CONTAINER_PAUSED;
    else if (is_waiting)
        container->status = CONTAINER_CREATED;
    else
        container->status = CONTAINER_RUNNING;
    return OK;
}

static fallible fill(struct container *opened, struct arena *arena, struct container *container)
{
    struct error *error = record_load(&opened->entry, arena, &opened->record);
    if (!error)
        error = find_status(opened);
    if (error) {
        container_close(opened);
        return error;
    }
    *container = *opened;
    return OK;
}

static fallible open_within(const struct store *store, int patience, const char *id,
                            struct arena *arena, struct container *container)
{
    struct store patient = *store;
    struct container opened = {
        .store = store, .arena = arena, .entry = { .directory = -1, .id = id }, .pidfd = -1
    };

    patient.patience = patience;
    try(store_find(&patient, id, &opened.entry));
    return fill(&opened, arena, container);
}

fallible container_open(const struct store *store, const char *id, struct arena *arena,
                        struct container *container)
{
    return open_within(store, store->patience, id, arena, container);
}

fallible container_reopen(const struct store *store, const struct container_identity *identity,
                          struct arena *arena, struct container *container)
{
    struct container found;

    try(container_open(store, identity->id, arena, &found));
    if (found.record.pid.value != identity->pid ||
        found.record.started.value != identity->started) {
        container_close(&found);
        return error_new(ERROR_UNKNOWN, "another container is called \"%s\" now", identity->id);
    }
    *container = found;
    return OK;
}

static fallible peek(const struct store *store, const char *id, struct arena *arena,
                     struct container *container)
{
    struct container opened = {
        .store = store, .arena = arena, .entry = { .directory = -1, .id = id }, .pidfd = -1
    };

    try(store_peek(store, id, &opened.entry));
    return fill(&opened, arena, container);
}

/* Without a record, the container is about to come or to go: the lock tells which.  But who holds
 * that has soon written the record of one that comes, and goes on holding it, as in hooks. */
fallible container_peek(const struct store *store, const char *id, struct arena *arena,
                        struct container *container)
{
    const int moment =
        store->patience < MOMENT_MILLISECONDS ? store->patience : MOMENT_MILLISECONDS;
    uint64_t end = 0; /* as soon as there is something to wait for */
    struct error *held = OK;

    for (;;) {
        struct error *error = peek(store, id, arena, container);
        bool is_over = !error || !error_forget_if(error, ENOENT);
        if (!is_over && held && clock_now() >= end)
            return held;
        error_forget(held);
        if (is_over)
            return error;
        if (!end)
            end = clock_now() + (uint64_t) store->patience * 1000000;
        held = open_within(store, moment, id, arena, container);
        if (!held || held->code != ERROR_TIMEOUT)
            return held;
    }
}

/* Who makes it holds its lock. */
fallible container_peek_whole(const struct store *store, const char *id, struct arena *arena,
                              struct container *container)
{
    try(container_peek(store, id, arena, container));
    if (container->status != CONTAINER_CREATING)
        return OK;
    container_close(container);
    try(container_open(store, id, arena, container));
    container_close(container);
    return container_peek(store, id, arena, container);
}

fallible container_is_abandoned(const struct container *container, bool *is_abandoned)
{
    *is_abandoned = !container->record.pid.present;
    return *is_abandoned ? OK : start_socket_is_unpublished(&container->entry, is_abandoned);
}

void container_close(struct container *container)
{
    close_fd(&container->pidfd);
    entry_close(&container->entry);
}

const char *container_status_name(enum container_status status)
{
    return oci_enum_name(&oci_status_names, (uint8_t) status);
}
