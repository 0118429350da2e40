/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: the processes that come from images, found by who has borne them, and their end when
 * they are not wanted (R21).
 *
 * Until they are checked it is criu alone that keeps them from running: whoever is traced runs when
 * its tracer ends.  Some may be where neither the end of init nor that of the cgroup reaches them.
 * So each has its SIGKILL, behind which none comes back to its own code, before criu has.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "os/directory.h"
#include "os/pidfd.h"
#include "os/proc.h"

enum {
    PATH_SIZE = 64,
    CHILDREN_SIZE = 1 << 16,
    PROCESSES_MOST = 1 << 16,
    END_MILLISECONDS = 10000
};

fallible restore_each_thread(int proc, pid_t pid, fallible (*visit)(void *, pid_t, pid_t),
                             void *context)
{
    struct directory directory;
    struct directory_entry entry;
    char path[PATH_SIZE];
    uint64_t thread;
    auto_close int tasks = -1;

    text_format(path, sizeof(path), "%d/task", pid);
    try(proc_open_directory(proc, path, &tasks));
    try(directory_begin(tasks, &directory));
    for (;;) {
        try(directory_next(&directory, &entry));
        if (!entry.name)
            return OK;
        if (!text_to_unsigned(entry.name, INT32_MAX, &thread))
            return error_new(ERROR_PROTOCOL, "/proc/%s has a thread without a number", path);
        try(visit(context, pid, (pid_t) thread));
    }
}

fallible restore_walk_begin(struct arena *arena, struct restore_walk *walk)
{
    *walk = (struct restore_walk){ .n = 0 };
    try(proc_mounted(&walk->proc));
    try_new(walk->pids, arena, PROCESSES_MOST);
    try_new(walk->text, arena, CHILDREN_SIZE);
    return OK;
}

static fallible note_children(struct restore_walk *walk)
{
    for (char *at = walk->text; *at;) {
        char *end = at;
        long pid = strtol(at, &end, 10);
        if (end == at || pid <= 0)
            break;
        if (walk->n == PROCESSES_MOST)
            return error_new(ERROR_BUNDLE, "the images have too many processes");
        walk->pids[walk->n++] = (pid_t) pid;
        at = end + strspn(end, " ");
    }
    return OK;
}

static fallible visit_thread(void *context, pid_t pid, pid_t thread)
{
    struct restore_walk *walk = context;
    char path[PATH_SIZE];

    text_format(path, sizeof(path), "%d/task/%d/children", pid, thread);
    try(proc_read(walk->proc, path, walk->text, CHILDREN_SIZE));
    return note_children(walk);
}

fallible restore_walk_children(struct restore_walk *walk, pid_t pid)
{
    return restore_each_thread(walk->proc, pid, visit_thread, walk);
}

/* The end of them -------------------------------------------------------------------------------
 */

/* A program may begin with children, by execve(2), and the keeper of a scope is one. */
fallible restore_note_others(struct launch *launch)
{
    struct restore_walk walk;

    try(restore_walk_begin(launch->host->arena, &walk));
    try(restore_walk_children(&walk, getpid()));
    launch->host->criu->others = walk.pids;
    launch->host->criu->other_count = walk.n;
    return OK;
}

static bool is_of_images(const struct criu_work *work, pid_t pid)
{
    for (uint32_t i = 0; i < work->other_count; i++)
        if (work->others[i] == pid)
            return false;
    return pid != work->criu.pid;
}

/* Who stands still bears no others; who is not there any more has none. */
static fallible find_all(const struct host *host, struct restore_walk *walk)
{
    try(restore_walk_begin(host->arena, walk));
    try(restore_walk_children(walk, getpid()));
    uint32_t found = walk->n;
    walk->n = 0;
    for (uint32_t i = 0; i < found; i++)
        if (is_of_images(host->criu, walk->pids[i]))
            walk->pids[walk->n++] = walk->pids[i];
    for (uint32_t i = 0; i < walk->n; i++) {
        kill(walk->pids[i], SIGSTOP);
        error_forget(restore_walk_children(walk, walk->pids[i]));
    }
    return OK;
}

/* One that sleeps in the kernel does not end by SIGKILL either, nor does the init of such a one. */
static void reap(struct host *host, pid_t pid)
{
    auto_close int pidfd = -1;
    siginfo_t info;
    int status;

    if (waitid(P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT))
        return; /* no child of ours */
    struct error *error = pidfd_open_process(pid, &pidfd);
    if (!error)
        error = pidfd_wait_end(pidfd, END_MILLISECONDS);
    if (!error)
        error = pidfd_reap(pidfd, &status);
    if (error) {
        host->is_init_left = true;
        log_warning("process %d: %s; it stays, for delete --force", pid, error_line(error));
    }
    error_forget(error);
}

void restore_end(struct launch *launch)
{
    struct host *host = launch->host;
    const struct record *record = &host->record;
    struct criu *criu = &host->criu->criu;
    struct restore_walk walk = { .n = 0 };

    if (criu->pid > 0)
        kill(criu->pid, SIGSTOP);
    struct error *error = find_all(host, &walk);
    if (error)
        log_warning("find what criu has made: %s", error_line(error));
    error_forget(error);
    for (uint32_t i = 0; i < walk.n; i++)
        kill(walk.pids[i], SIGKILL);
    if (host->pidfd >= 0)
        error_forget(pidfd_send(host->pidfd, SIGKILL));
    error_forget(cgroup_kill(record->cgroup_mount, record->cgroup_path, record->cgroup_kept.value));
    /* Who is traced by it can be reaped when it has ended. */
    criu_end(criu, true);
    for (uint32_t i = 0; i < walk.n; i++)
        reap(host, walk.pids[i]);
    close_fd(&host->pidfd);
}
