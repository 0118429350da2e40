/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wait: until a container's init has ended.
 *
 * The kernel tells the exit status of a stranger's child only after its parent has reaped it; a
 * parent that does not is not waited for, since the container has ended all the same.
 */
#include <stdlib.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "container/container.h"
#include "os/deadline.h"
#include "os/pidfd.h"

enum {
    REAPING_MILLISECONDS = 5000, /* that the parent of a dead process may need on a busy machine */
    SIGNAL_BASE = 128
};

/* One that is being created is waited for by its lock.  Init's descriptor is the caller's; -1 when
 * it has ended. */
static fallible find_init(const struct store *store, const char *id, struct arena *arena,
                          int *pidfd)
{
    struct container container;

    try(container_peek(store, id, arena, &container));
    if (container.status == CONTAINER_CREATING && container.pidfd < 0) {
        container_close(&container);
        try(container_open(store, id, arena, &container));
    }
    bool is_whole = container.status != CONTAINER_CREATING || container.pidfd >= 0;
    *pidfd = take_fd(&container.pidfd);
    container_close(&container);
    return is_whole ? OK : error_new(ERROR_STATE, "the container was not created completely");
}

/* Only --timeout sets an end to it. */
static fallible await_end(int pidfd)
{
    struct error *error = pidfd_wait_end(pidfd, deadline_left(-1));

    if (!error || error->code != ERROR_TIMEOUT)
        return error;
    error_forget(error);
    return error_new(ERROR_TIMEOUT, "the container has not ended, and %s", DEADLINE_IS_OVER);
}

fallible container_wait(const struct store *store, const char *id, struct arena *arena,
                        int *outcome)
{
    auto_close int pidfd = -1;
    int status = -1;

    try(find_init(store, id, arena, &pidfd));
    if (pidfd >= 0) {
        try(await_end(pidfd));
        int left = deadline_left(REAPING_MILLISECONDS);
        int reaping = left < REAPING_MILLISECONDS ? left : REAPING_MILLISECONDS;
        try(pidfd_read_outcome(pidfd, reaping, &status));
    }
    *outcome = -1;
    if (status >= 0)
        *outcome = WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
    return OK;
}
