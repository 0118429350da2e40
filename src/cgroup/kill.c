/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals to all processes of a cgroup; serves kill and delete.
 *
 * A pid read from cgroup.procs may be somebody else's a moment later.  So each is first held by a
 * pidfd, and cgroup.procs is read again: a held process that still lives and whose pid is still
 * listed is the one that is in the cgroup.
 */
#include "cgroup/kill.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/cgroup.h"
#include "cgroup/file.h"
#include "cgroup/freezer.h"
#include "cgroup/pid_list.h"
#include "cgroup/walk.h"
#include "os/pidfd.h"

enum { BATCH = 64, SEEN_MAX = 4096, PASSES = 16 };
enum { FREEZE_MILLISECONDS = 1000, END_MILLISECONDS = 500 };

struct sweep {
    int signal;
    int refused;  /* errno of the first process that could not be signalled */
    bool has_new; /* this pass found a process that none before had */
    unsigned seen_count;
    pid_t seen[SEEN_MAX];
};

struct batch {
    unsigned count;
    pid_t pids[BATCH];
    int pidfds[BATCH];
};

static bool is_seen(const struct sweep *sweep, pid_t pid)
{
    for (unsigned i = 0; i < sweep->seen_count; i++)
        if (sweep->seen[i] == pid)
            return true;
    return false;
}

/* When there is no room left there is no further pass either: nobody shall be signalled twice. */
static void note_seen(struct sweep *sweep, pid_t pid)
{
    if (sweep->seen_count < SEEN_MAX) {
        sweep->seen[sweep->seen_count++] = pid;
        sweep->has_new = true;
    }
}

/* A process that is gone is as good as signalled. */
static void note_failure(struct sweep *sweep, struct error *error)
{
    if (!error || error_forget_if(error, ESRCH))
        return;
    if (sweep->refused == 0)
        sweep->refused = error->number;
    error_forget(error);
}

static void hold(struct batch *batch, struct sweep *sweep, pid_t pid)
{
    struct error *error = pidfd_open_process(pid, &batch->pidfds[batch->count]);
    if (error)
        note_failure(sweep, error);
    else
        batch->pids[batch->count++] = pid;
}

static void signal_held(const struct batch *batch, struct sweep *sweep, pid_t pid)
{
    for (unsigned i = 0; i < batch->count; i++) {
        if (batch->pids[i] != pid)
            continue;
        note_failure(sweep, pidfd_send(batch->pidfds[i], sweep->signal));
        note_seen(sweep, pid);
    }
}

static void signal_batch(struct batch *batch, struct sweep *sweep, int directory)
{
    struct pid_list again;
    pid_t pid;

    if (batch->count == 0)
        return;
    pid_list_open(directory, &again);
    while (pid_list_next(&again, &pid))
        signal_held(batch, sweep, pid);
    pid_list_close(&again);

    for (unsigned i = 0; i < batch->count; i++)
        close(batch->pidfds[i]);
    batch->count = 0;
}

/* A list that cannot be read ends early: what is in a threaded cgroup is listed further up. */
static fallible sweep_directory(int directory, void *context)
{
    struct sweep *sweep = context;
    struct pid_list list;
    struct batch batch = { .count = 0 };
    pid_t pid;

    pid_list_open(directory, &list);
    while (pid_list_next(&list, &pid)) {
        if (is_seen(sweep, pid))
            continue;
        hold(&batch, sweep, pid);
        if (batch.count == BATCH)
            signal_batch(&batch, sweep, directory);
    }
    signal_batch(&batch, sweep, directory);
    pid_list_close(&list);
    return OK;
}

/* Sweeps until nobody new is found: a process may be born while we read. */
static fallible sweep_all(int directory, int signal)
{
    struct sweep sweep = { .signal = signal, .has_new = true };
    const struct walk walk = { sweep_directory, &sweep };
    for (unsigned i = 0; i < PASSES && sweep.has_new && sweep.seen_count < SEEN_MAX; i++) {
        sweep.has_new = false;
        try(walk_tree(directory, &walk));
    }
    errno = sweep.refused;
    if (sweep.refused)
        return error_errno(ERROR_CGROUP, "send signal %d to a process of the cgroup", signal);
    return OK;
}

fallible cgroup_kill_each(int directory)
{
    const struct freezer_wait wait = { .milliseconds = FREEZE_MILLISECONDS, .interrupts = -1 };
    struct error *moving = freezer_freeze(directory, &wait);
    if (error_forget_if(moving, ENOENT))
        return OK;
    error_forget(moving); /* then the sweep has to be quicker than they are */

    struct error *failed = sweep_all(directory, SIGKILL);
    error_forget(freezer_thaw(directory, NULL));
    return failed;
}

/* Whether some are still there when no more of them go.  Where that cannot be read, nobody is. */
static bool outlast_kill(int directory)
{
    auto_close int file = openat(directory, "cgroup.events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct pollfd change = { .fd = file, .events = POLLPRI };
    size_t left = SIZE_MAX;

    do {
        struct cgroup_events events = { .is_populated = false };
        if (file >= 0)
            error_forget(cgroup_file_parse_events(file, &events));
        if (!events.is_populated)
            return false;
        poll(&change, 1, END_MILLISECONDS);
    } while (cgroup_empties(directory, &left));
    return true;
}

/* Linux sends to the first thread of each process alone, which says nothing to the others once it
 * has ended (seen on 6.18): whoever stays is killed by pidfd too.  Whom that does not reach, since
 * we may not signal it or it is gone, was reached by the first. */
static fallible kill_at_once(int directory)
{
    try(cgroup_file_write(directory, "cgroup.kill", "1"));
    if (outlast_kill(directory))
        error_forget(sweep_all(directory, SIGKILL));
    return OK;
}

fallible cgroup_signal_all(int directory, int signal)
{
    auto_close int own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0)
        return error_errno(ERROR_CGROUP, "open the cgroup");
    if (signal != SIGKILL)
        return sweep_all(own, signal);

    struct error *failed = kill_at_once(own);
    if (!error_forget_if(failed, ENOENT))
        return failed;
    return cgroup_kill_each(own);
}

/* What clone3(2) bears into a cgroup on which cgroup.kill was ever used dies at once (Linux 6.18),
 * unless the parent's cgroup has seen as many kills: one that is kept would be spoilt. */
static fallible kill_inside(int directory, bool is_kept)
{
    struct cgroup_events events;
    try(cgroup_file_read_events(directory, &events));
    if (!events.is_populated)
        return OK;
    return is_kept ? cgroup_kill_each(directory) : cgroup_signal_all(directory, SIGKILL);
}

/* The kill comes before the thaw, so that nothing in a paused container runs once more. */
fallible cgroup_kill(const char *mount, const char *path, uint32_t kept)
{
    auto_close int directory = -1;
    struct error *failed = cgroup_open(mount, path, &directory);
    if (failed)
        return error_forget_if(failed, ENOENT) ? OK : failed;
    failed = kill_inside(directory, kept >= strlen(path));
    error_forget(freezer_thaw(directory, NULL));
    if (error_forget_if(failed, ENODEV) || error_forget_if(failed, ENOENT))
        return OK;
    return error_within(failed, "kill what is in cgroup %s", path);
}
