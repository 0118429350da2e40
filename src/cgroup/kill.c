/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals to all processes of a cgroup; serves kill and delete.
 *
 * A pid read from cgroup.procs may be somebody else's a moment later.  So each is first held by a
 * pidfd, and cgroup.procs is read again: a held process that still lives and whose pid is still
 * listed is the one that is in the cgroup.
 */
#include "cgroup/kill.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/cgroup.h"
#include "cgroup/file.h"
#include "cgroup/freezer.h"
#include "os/directory.h"
#include "os/pidfd.h"

enum { BATCH = 64, SEEN_MAX = 4096, PASSES = 16, DEPTH_MAX = 128, LIST_SIZE = 4096 };
enum { FREEZE_MILLISECONDS = 1000 };

struct sweep {
    int signal;
    int refused;  /* errno of the first process that could not be signalled */
    bool has_new; /* this pass found a process that none before had */
    unsigned seen_count;
    pid_t seen[SEEN_MAX];
};

/* An open cgroup.procs. */
struct pid_list {
    int fd;
    size_t at, end;
    char bytes[LIST_SIZE];
};

struct batch {
    unsigned count;
    pid_t pids[BATCH];
    int pidfds[BATCH];
};

static bool take_byte(struct pid_list *list, char *byte)
{
    if (list->at == list->end) {
        /* Threaded cgroups refuse (EOPNOTSUPP): their processes are listed further up. */
        ssize_t got = read(list->fd, list->bytes, sizeof(list->bytes));
        list->at = 0;
        list->end = got > 0 ? (size_t) got : 0;
    }
    if (list->at == list->end)
        return false;
    *byte = list->bytes[list->at++];
    return true;
}

/* The next pid; 0 stands for those that our pid namespace does not see, and is left out. */
static bool next_pid(struct pid_list *list, pid_t *pid)
{
    pid_t number = 0;
    char byte;
    while (take_byte(list, &byte)) {
        if (byte >= '0' && byte <= '9') {
            number = number * 10 + (byte - '0');
        } else if (number > 0) {
            *pid = number;
            return true;
        }
    }
    return false;
}

static int open_list(int directory)
{
    return openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

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
    if (!error || error_is_errno(error, ESRCH))
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
    auto_close int fd = open_list(directory);
    struct pid_list again = { .fd = fd };
    pid_t pid;
    while (batch->count > 0 && fd >= 0 && next_pid(&again, &pid))
        signal_held(batch, sweep, pid);

    for (unsigned i = 0; i < batch->count; i++)
        close(batch->pidfds[i]);
    batch->count = 0;
}

static void sweep_directory(int directory, struct sweep *sweep)
{
    auto_close int fd = open_list(directory);
    struct pid_list list = { .fd = fd };
    struct batch batch = { .count = 0 };
    pid_t pid;
    while (fd >= 0 && next_pid(&list, &pid)) {
        if (is_seen(sweep, pid))
            continue;
        hold(&batch, sweep, pid);
        if (batch.count == BATCH)
            signal_batch(&batch, sweep, directory);
    }
    signal_batch(&batch, sweep, directory);
}

static fallible sweep_tree(int directory, struct sweep *sweep, unsigned depth);

/* A cgroup that vanishes meanwhile has no processes. */
static fallible sweep_child(int directory, const char *name, struct sweep *sweep, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return error_new(ERROR_CGROUP, "the cgroup is nested more than %d deep", DEPTH_MAX);
    auto_close int child = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (child < 0 && errno == ENOENT)
        return OK;
    if (child < 0)
        return error_errno(ERROR_CGROUP, "open a cgroup in the cgroup");
    return sweep_tree(child, sweep, depth);
}

static fallible sweep_tree(int directory, struct sweep *sweep, unsigned depth)
{
    sweep_directory(directory, sweep);

    struct directory listing;
    struct directory_entry entry = { .name = "" };
    try(directory_begin(directory, &listing));
    while (entry.name) {
        struct error *error = directory_next(&listing, &entry);
        if (error_is_errno(error, ENOENT))
            return OK;
        try(error);
        if (entry.name && entry.type == DT_DIR)
            try(sweep_child(directory, entry.name, sweep, depth + 1));
    }
    return OK;
}

/* Sweeps until nobody new is found: a process may be born while we read. */
static fallible sweep_all(int directory, int signal)
{
    struct sweep sweep = { .signal = signal, .has_new = true };
    for (unsigned i = 0; i < PASSES && sweep.has_new && sweep.seen_count < SEEN_MAX; i++) {
        sweep.has_new = false;
        try(sweep_tree(directory, &sweep, 0));
    }
    errno = sweep.refused;
    if (sweep.refused)
        return error_errno(ERROR_CGROUP, "send signal %d to a process of the cgroup", signal);
    return OK;
}

fallible cgroup_kill_each(int directory)
{
    struct error *moving = freezer_freeze(directory, FREEZE_MILLISECONDS);
    if (error_is_errno(moving, ENOENT))
        return OK;
    error_forget(moving); /* then the sweep has to be quicker than they are */

    struct error *failed = sweep_all(directory, SIGKILL);
    error_forget(freezer_thaw(directory));
    return failed;
}

fallible cgroup_signal_all(int directory, int signal)
{
    auto_close int own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0)
        return error_errno(ERROR_CGROUP, "open the cgroup");
    if (signal != SIGKILL)
        return sweep_all(own, signal);

    struct error *failed = cgroup_file_write(own, "cgroup.kill", "1");
    if (!error_is_errno(failed, ENOENT))
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
        return error_is_errno(failed, ENOENT) ? OK : failed;
    failed = kill_inside(directory, kept >= strlen(path));
    error_forget(freezer_thaw(directory));
    if (error_is_errno(failed, ENODEV) || error_is_errno(failed, ENOENT))
        return OK;
    return error_within(failed, "kill what is in cgroup %s", path);
}
