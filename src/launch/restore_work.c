/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: the directories of the images and of criu's work.  criu leaves directories in the latter
 * when it is killed; other restores may have theirs there, under names that nobody can foretell.
 * Each restore holds a shared lock on that directory, so that one which fails sees whether it is
 * alone; programs that hold none had theirs there before, or we cannot know of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "os/directory.h"

/* The next that criu has made in the work directory; NULL at the end. */
static fallible next_yard(struct directory *directory, const char **name)
{
    struct directory_entry entry;

    do
        try(directory_next(directory, &entry));
    while (entry.name && !text_starts(entry.name, ".criu."));
    *name = entry.name;
    return OK;
}

/* Of those who work beside us: to remove one would unmount what they have there. */
static fallible note_yards(struct criu_work *work, struct arena *arena)
{
    struct directory directory;
    const char *name;

    try(directory_begin(work->work, &directory));
    for (;;) {
        struct criu_yard *yard;
        try(next_yard(&directory, &name));
        if (!name)
            return OK;
        try_new(yard, arena, 1);
        try_print(yard->name, arena, "%s", name);
        yard->next = work->yards;
        work->yards = yard;
    }
}

/* A filesystem may have no locks: then nothing is ever removed. */
static void lock_work(const struct criu_work *work)
{
    while (flock(work->work, LOCK_SH) && errno == EINTR)
        ;
}

fallible restore_open_images(struct launch *launch)
{
    struct host *host = launch->host;
    struct criu_work *work;

    try_new(work, host->arena, 1);
    *work = (struct criu_work){
        .options = host->request->restore,
        .images = -1,
        .work = -1,
        .config = -1,
        .log = "restore.log",
        .criu = { .socket = -1, .output = -1, .pidfd = -1, .restored = -1 },
        .streams = { -1, -1, -1 },
    };
    host->criu = work;
    /* Of a namespace whose mappings are not told criu will say what it misses. */
    id_map_find(&launch->plan->user_ns.gids, 0, &work->group);
    struct error *error = criu_directories_open(work);
    if (!error) {
        lock_work(work);
        error = note_yards(work, host->arena);
    }
    if (error)
        criu_directories_close(work);
    return error;
}

static bool is_anothers(const struct criu_work *work, const char *name)
{
    for (const struct criu_yard *yard = work->yards; yard; yard = yard->next)
        if (text_equal(yard->name, name))
            return true;
    return false;
}

/* Where criu works it has mounted something, which nobody else has seen; when it is killed the
 * directories for that stay, and are empty. */
static void remove_yards(const struct criu_work *work)
{
    struct directory directory;

    if (flock(work->work, LOCK_EX | LOCK_NB))
        return; /* somebody has begun since: what is new may be theirs */
    struct error *error = directory_begin(work->work, &directory);
    while (!error) {
        const char *name;
        error = next_yard(&directory, &name);
        if (error || !name)
            break;
        if (!is_anothers(work, name))
            unlinkat(work->work, name, AT_REMOVEDIR);
    }
    error_forget(error);
}

void restore_close_images(struct launch *launch)
{
    remove_yards(launch->host->criu);
    criu_directories_close(launch->host->criu);
}
