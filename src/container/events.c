/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events: what a container uses, again and again, and that its memory runs out, until it ends.
 *
 * Linux tells of a change of memory.events by poll(2), once the file has been read; what was
 * counted before that is no news.  The container can end by what is news, and its cgroup be removed
 * at once: so the file is looked at once more behind the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "cgroup/intel_rdt_stats.h"
#include "cgroup/stats.h"
#include "container/container.h"
#include "container/event.h"
#include "launch/resctrl.h"
#include "namespace/namespaces.h"
#include "os/clock.h"
#include "os/deadline.h"
#include "os/pidfd.h"
#include "os/proc.h"
#include "security/confine.h"

enum { LINE_SIZE = 1 << 20, EVENTS_SIZE = 1024, LOSS_MILLISECONDS = 200 };

struct watch {
    const char *id;
    const struct events_wish *wish;
    int pidfd;
    struct stats stats;
    struct intel_rdt_stats rdt;
    struct event_sources sources;
    uint64_t kills;     /* that are no news any more */
    struct arena arena; /* for one line at a time */
    bool has_ended, is_unheard;
};

static fallible check_status(const struct container *container)
{
    if (container->status == CONTAINER_CREATING)
        return error_new(ERROR_STATE, "the container was not created completely");
    if (container->status == CONTAINER_STOPPED)
        return error_new(ERROR_STATE, "container not running");
    if (!container->record.cgroup_path)
        return error_new(ERROR_STATE, "what the container uses is not known: it has no cgroup of "
                                      "its own");
    return OK;
}

/* The host's are not the container's. */
static fallible open_own_interfaces(pid_t pid, int *interfaces)
{
    char path[48];
    uint64_t own;
    int proc;

    try(proc_mounted(&proc));
    try(namespaces_find_own(proc, pid, &own));
    if (!(own & CLONE_NEWNET))
        return OK;
    text_format(path, sizeof(path), "%d/net/dev", pid);
    *interfaces = openat(proc, path, O_RDONLY | O_CLOEXEC);
    return *interfaces < 0 ? error_system("open '/proc/%s'", path) : OK;
}

/* Nobody sees those of a process that lives on without its first thread: they are left out. */
static fallible open_interfaces(pid_t pid, int pidfd, int *interfaces)
{
    struct error *error = open_own_interfaces(pid, interfaces);

    if (!error || error->number != ENOENT || pidfd_has_ended(pidfd, LOSS_MILLISECONDS))
        return error;
    error_forget(error);
    return OK;
}

/* The file is never empty: it has gone then, and poll(2) would tell of that without end. */
static fallible read_kills(struct watch *watch, uint64_t *kills)
{
    int *file = &watch->stats.files[STATS_MEMORY_EVENTS];
    char text[EVENTS_SIZE];

    try(stats_read(*file, text, sizeof(text)));
    if (!text[0])
        close_fd(file);
    *kills = stats_find(text, "oom_kill").value;
    return OK;
}

/* Whoever has read enough of what has no end needs no error. */
static fallible say(struct watch *watch, const char *line)
{
    struct error *error = watch->wish->say(line);

    watch->is_unheard = error && error->number == EPIPE && !watch->wish->is_snapshot;
    if (!watch->is_unheard)
        return error;
    error_forget(error);
    return OK;
}

static fallible tell_stats(struct watch *watch)
{
    const char *line;

    arena_clear(&watch->arena);
    try(event_describe_stats(watch->id, &watch->sources, &watch->arena, &line));
    return say(watch, line);
}

/* One event for what the kernel tells at once, as by memory.oom.group. */
static fallible tell_oom(struct watch *watch)
{
    uint64_t kills;
    const char *line;

    try(read_kills(watch, &kills));
    if (kills <= watch->kills)
        return OK;
    watch->kills = kills;
    arena_clear(&watch->arena);
    try(event_describe_oom(watch->id, &watch->arena, &line));
    return say(watch, line);
}

static int milliseconds_until(uint64_t moment)
{
    uint64_t now = clock_now();
    uint64_t left = moment > now ? (moment - now + 999999) / 1000000 : 0;

    return left > INT32_MAX ? INT32_MAX : (int) left;
}

/* Looks once in any case: a line can take longer than the interval. */
static fallible watch_until(struct watch *watch, uint64_t moment)
{
    /* Nothing is asked of standard output, but an error is always told: nobody reads it. */
    struct pollfd events[] = {
        { .fd = watch->pidfd, .events = POLLIN },
        { .events = POLLPRI },
        { .fd = STDOUT_FILENO },
    };
    int left;

    do {
        left = milliseconds_until(moment);
        events[1].fd = watch->stats.files[STATS_MEMORY_EVENTS];
        if (poll(events, LENGTH(events), left) < 0 && errno != EINTR)
            return error_system("wait for what happens to the container");
        watch->has_ended = events[0].revents;
        watch->is_unheard = events[2].revents & (POLLERR | POLLHUP);
        if (events[1].revents && !watch->is_unheard)
            try(tell_oom(watch));
    } while (left && !watch->has_ended && !watch->is_unheard);
    return OK;
}

static bool is_over(const struct watch *watch)
{
    return watch->has_ended || watch->is_unheard || deadline_is_over();
}

/* Lines that were due while nobody read are not made up for. */
static fallible watch_all(struct watch *watch)
{
    uint64_t moment = clock_now();

    while (!is_over(watch)) {
        uint64_t now = clock_now();
        moment += watch->wish->interval;
        if (moment < now)
            moment = now;
        try(watch_until(watch, deadline_or(moment)));
        if (!is_over(watch))
            try(tell_stats(watch));
    }
    return watch->is_unheard ? OK : tell_oom(watch);
}

/* With the container goes its cgroup (ENODEV), and what /proc shows of it: that is not found, or
 * nobody's any more (ESRCH), or nobody may look at it (EACCES). */
static bool tells_of_end(const struct error *error)
{
    static const int numbers[] = { EACCES, ENODEV, ENOENT, ESRCH };

    for (size_t i = 0; error && i < LENGTH(numbers); i++)
        if (error->number == numbers[i])
            return true;
    return false;
}

static fallible explain(struct watch *watch, struct error *error)
{
    if (!tells_of_end(error) || !pidfd_has_ended(watch->pidfd, LOSS_MILLISECONDS))
        return error;
    error_forget(error);
    return watch->wish->is_snapshot ? error_new(ERROR_STATE, "container not running") : OK;
}

static fallible open_stats(const struct record *record, struct watch *watch)
{
    auto_close int cgroup = -1;

    try(cgroup_open(record->cgroup_mount, record->cgroup_path, &cgroup));
    try(stats_open(cgroup, &watch->stats));
    try(open_interfaces(record->pid.value, watch->pidfd, &watch->sources.interfaces));
    if (record->rdt_group) {
        try(resctrl_open_stats(record, &watch->rdt));
        watch->sources.rdt = &watch->rdt;
    }
    return read_kills(watch, &watch->kills);
}

static fallible watch_confined(const struct record *record, struct watch *watch)
{
    try(open_stats(record, watch));
    proc_forget();
    try(confine_relay());
    return watch->wish->is_snapshot ? tell_stats(watch) : watch_all(watch);
}

fallible container_watch(const struct container *container, const struct events_wish *wish)
{
    struct watch watch = {
        .id = container->record.id,
        .wish = wish,
        .pidfd = container->pidfd,
        .sources = { .stats = &watch.stats, .interfaces = -1 },
    };

    try(check_status(container));
    for (int i = 0; i < STATS_FILES; i++)
        watch.stats.files[i] = -1;
    for (int i = 0; i < RDT_FILES; i++)
        watch.rdt.files[i] = -1;
    try_new(watch.arena.base, container->arena, LINE_SIZE);
    watch.arena.size = LINE_SIZE;
    struct error *error = explain(&watch, watch_confined(&container->record, &watch));
    stats_close(&watch.stats);
    intel_rdt_stats_close(&watch.rdt);
    close_fd(&watch.sources.interfaces);
    return error;
}
