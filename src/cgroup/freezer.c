/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The freezer; serves pause, resume, kill and delete.
 *
 * A process that sleeps where no signal wakes it freezes when it wakes, and a write of "1" returns
 * long before that: who relies on stillness must wait for the word "frozen".
 */
#include "cgroup/freezer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "cgroup/file.h"
#include "os/clock.h"
#include "os/interrupts.h"

enum { MILLISECOND = 1000000 /* ns */ };

static fallible await_change(int file, const struct freezer_wait *wait, uint64_t deadline)
{
    struct pollfd events[] = { { .fd = file, .events = POLLPRI },
                               { .fd = wait->interrupts, .events = POLLIN } };
    uint64_t now = clock_now();

    if (now >= deadline)
        return error_new(ERROR_TIMEOUT, "not done after %d ms", wait->milliseconds);
    /* Whatever ends the wait, the caller looks again. */
    poll(events, LENGTH(events), (int) ((deadline - now) / MILLISECOND) + 1);
    return events[1].revents ? interrupts_take(wait->interrupts) : OK;
}

static fallible await_word(int directory, const struct freezer_wait *wait, bool is_frozen)
{
    uint64_t deadline = clock_now() + (uint64_t) wait->milliseconds * MILLISECOND;
    auto_close int file = openat(directory, "cgroup.events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (file < 0)
        return error_errno(ERROR_CGROUP, "open cgroup.events");
    for (;;) {
        struct cgroup_events events;
        try(cgroup_file_parse_events(file, &events));
        if (events.is_frozen == is_frozen)
            return OK;
        try(await_change(file, wait, deadline));
    }
}

fallible freezer_hold(int directory, const struct freezer_wait *wait)
{
    try(cgroup_file_write(directory, "cgroup.freeze", "1"));
    struct error *error = error_within(await_word(directory, wait, true), "freeze the cgroup");
    if (error && error->code == ERROR_TIMEOUT)
        error = error_hint(error, "a process of it may wait for a disk or a server that does not "
                                  "answer (state D in ps)");
    return error;
}

fallible freezer_freeze(int directory, const struct freezer_wait *wait)
{
    struct error *error = freezer_hold(directory, wait);

    if (error)
        error_forget(freezer_thaw(directory, NULL));
    return error;
}

fallible freezer_is_asked(int directory, bool *is_asked)
{
    uint64_t word;

    try(cgroup_file_read_number(directory, "cgroup.freeze", 0, &word));
    *is_asked = word == 1;
    return OK;
}

fallible freezer_is_late(int directory, const struct freezer_wait *moment, bool *is_late)
{
    try(freezer_is_asked(directory, is_late));
    if (!*is_late)
        return OK;
    struct error *error = await_word(directory, moment, true);
    *is_late = error && error->code == ERROR_TIMEOUT;
    if (!*is_late)
        return error;
    error_forget(error);
    return OK;
}

/* The root of all cgroups has no freezer. */
static bool is_held_from_above(int directory)
{
    char word[4] = "0";
    auto_close int at = openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    while (at >= 0 && word[0] == '0') {
        struct error *error = cgroup_file_read(at, "cgroup.freeze", word, sizeof(word));
        error_forget(error);
        if (error)
            return false;
        int above = openat(at, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close_fd(&at);
        at = above;
    }
    return word[0] == '1';
}

fallible freezer_thaw(int directory, const struct freezer_wait *wait)
{
    try(cgroup_file_write(directory, "cgroup.freeze", "0"));
    if (!wait)
        return OK;
    if (is_held_from_above(directory))
        return error_new(ERROR_STATE, "a cgroup above its own is frozen, too");
    return error_within(await_word(directory, wait, false), "thaw the cgroup");
}
