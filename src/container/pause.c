/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pause and resume, by the freezer of the container's cgroup.  The specification knows neither;
 * engines do, and their words (podman pause, docker pause, ctr task pause).
 *
 * An empty cgroup is frozen at once: whether the container has ended meanwhile is asked after that.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "cgroup/cgroup.h"
#include "cgroup/freezer.h"
#include "container/container.h"
#include "os/interrupts.h"
#include "os/pidfd.h"

enum { WAIT_MILLISECONDS = 10000, LATE_MILLISECONDS = 200, LOSS_MILLISECONDS = 200 };

static fallible open_cgroup(const struct record *record, int *cgroup)
{
    if (!record->cgroup_path)
        return error_hint(error_new(ERROR_STATE, "the container has no cgroup of its own"),
                          "what is paused is a cgroup: create the container with one");
    return cgroup_open(record->cgroup_mount, record->cgroup_path, cgroup);
}

/* A pause that was killed half-way has left somebody who does not stand still: it is done again. */
static fallible is_half_paused(const struct container *container, bool *is_half)
{
    const struct freezer_wait moment = { .milliseconds = LATE_MILLISECONDS, .interrupts = -1 };
    auto_close int cgroup = -1;

    *is_half = false;
    if (container->status != CONTAINER_PAUSED)
        return OK;
    try(open_cgroup(&container->record, &cgroup));
    return freezer_is_late(cgroup, &moment, is_half);
}

static fallible check_running(const struct container *container)
{
    bool is_half;
    static const char *const reasons[] = {
        [CONTAINER_CREATING] = "cannot pause a container that was not created completely",
        [CONTAINER_STOPPED] = "container not running",
        [CONTAINER_PAUSED] = "container already paused",
    };

    try(is_half_paused(container, &is_half));
    if (container->status == CONTAINER_CREATED || container->status == CONTAINER_RUNNING || is_half)
        return OK;
    return error_new(ERROR_STATE, "%s", reasons[container->status]);
}

/* With the container goes its cgroup, for which its end may be a moment late. */
static fallible explain(const struct container *container, struct error *error)
{
    bool is_gone = error && (error->number == ENODEV || error->number == ENOENT);

    if (!is_gone || !pidfd_has_ended(container->pidfd, LOSS_MILLISECONDS))
        return error;
    error_forget(error);
    return error_new(ERROR_STATE, "container not running");
}

static fallible freeze(const struct container *container, int interrupts)
{
    const struct freezer_wait wait = { WAIT_MILLISECONDS, interrupts };
    auto_close int cgroup = -1;

    try(open_cgroup(&container->record, &cgroup));
    try(freezer_freeze(cgroup, &wait));
    if (!pidfd_has_ended(container->pidfd, 0))
        return OK;
    error_forget(freezer_thaw(cgroup, NULL));
    return error_new(ERROR_STATE, "container not running");
}

fallible container_pause(struct container *container)
{
    struct interrupts interrupts;

    struct error *error = check_running(container);
    if (error)
        return explain(container, error);
    try(interrupts_hold(&interrupts));
    error = freeze(container, interrupts.fd);
    interrupts_release(&interrupts);
    return explain(container, error);
}

static fallible thaw(const struct container *container)
{
    const struct freezer_wait wait = { .milliseconds = WAIT_MILLISECONDS, .interrupts = -1 };
    auto_close int cgroup = -1;

    try(open_cgroup(&container->record, &cgroup));
    return freezer_thaw(cgroup, &wait);
}

fallible container_resume(struct container *container)
{
    if (container->status != CONTAINER_PAUSED)
        return error_new(ERROR_STATE, "container not paused");
    return explain(container, thaw(container));
}
