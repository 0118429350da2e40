/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The freezer; serves kill and delete.
 *
 * A process that sleeps where no signal wakes it freezes when it wakes, and a write of "1" returns
 * long before that: who relies on stillness must wait for the word "frozen".
 */
#include "cgroup/freezer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "base/cleanup.h"
#include "cgroup/file.h"
#include "os/clock.h"

enum { MILLISECOND = 1000000 /* ns */ };

static fallible await_stillness(int directory, int milliseconds)
{
    uint64_t deadline = clock_now() + (uint64_t) milliseconds * MILLISECOND;
    auto_close int file = openat(directory, "cgroup.events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (file < 0)
        return error_errno(ERROR_CGROUP, "open cgroup.events");
    for (;;) {
        struct cgroup_events events;
        try(cgroup_file_parse_events(file, &events));
        if (events.is_frozen)
            return OK;
        uint64_t now = clock_now();
        if (now >= deadline)
            return error_new(ERROR_TIMEOUT, "the cgroup is not frozen after %d ms", milliseconds);
        struct pollfd change = { .fd = file, .events = POLLPRI };
        poll(&change, 1, (int) ((deadline - now) / MILLISECOND) + 1);
    }
}

fallible freezer_freeze(int directory, int milliseconds)
{
    try(cgroup_file_write(directory, "cgroup.freeze", "1"));
    struct error *error = await_stillness(directory, milliseconds);
    if (error)
        error_forget(freezer_thaw(directory));
    return error;
}

fallible freezer_thaw(int directory)
{
    return cgroup_file_write(directory, "cgroup.freeze", "0");
}
