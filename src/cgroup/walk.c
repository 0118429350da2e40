/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup and all below it; serves kill, delete and ps.
 *
 * A container may nest cgroups deeper than there are descriptors, or room on our stack, and nobody
 * shall hide there.  So there is one descriptor, which goes down by name and back by "..", and as
 * often up as down: it never leaves the cgroup it began with.  On the way down the names of all
 * children are noted: what is made or removed while we walk, by whom ever, makes us neither miss a
 * cgroup that was there before and stays, nor visit one twice.
 */
#include "cgroup/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/file.h"
#include "os/directory.h"
#include "os/memory.h"

enum { NAMES_SIZE = 64 << 20 /* bytes of addresses; memory is taken as it is used */ };

struct tour {
    const struct walk *walk;
    int at;
    /* Where to go yet, the next at the end: names of children, each with its NUL, and
     * as an empty one the way back up, below those of the cgroup that it leads out of. */
    struct arena names;
    struct error *first; /* that was met */
};

static void note_error(struct tour *tour, struct error *error)
{
    if (tour->first)
        error_forget(error);
    else
        tour->first = error;
}

static fallible push(struct tour *tour, const char *name)
{
    struct arena *names = &tour->names;
    size_t size = strlen(name) + 1;

    if (!names->base)
        try(memory_open_private(names, NAMES_SIZE));
    if (size > names->size - names->used)
        return error_new(ERROR_MEMORY, "there are too many cgroups in the cgroup");
    memcpy(names->base + names->used, name, size);
    names->used += size;
    return OK;
}

/* Valid until the next push. */
static const char *pop(struct tour *tour)
{
    struct arena *names = &tour->names;
    const char *before = memrchr(names->base, '\0', names->used - 1);

    names->used = before ? (size_t) (before + 1 - names->base) : 0;
    return names->base + names->used;
}

static fallible push_children(struct tour *tour)
{
    struct directory listing;
    struct directory_entry entry = { .name = "" };

    try(directory_begin(tour->at, &listing));
    while (entry.name) {
        try(directory_next(&listing, &entry));
        if (entry.name && entry.type == DT_DIR)
            try(push(tour, entry.name));
    }
    return OK;
}

static void visit_here(struct tour *tour)
{
    note_error(tour, tour->walk->visit(tour->at, tour->walk->context));
    struct error *error = push_children(tour);
    if (!cgroup_file_is_gone(error))
        note_error(tour, error);
}

/* A child that has vanished has no processes. */
static fallible go_on(struct tour *tour)
{
    const char *name = pop(tour);

    if (!*name)
        return walk_enter(&tour->at, "..");
    struct error *error = walk_enter(&tour->at, name);
    if (error) {
        if (!cgroup_file_is_gone(error))
            note_error(tour, error);
        return OK;
    }
    try(push(tour, "")); /* takes less room than the name did */
    visit_here(tour);
    return OK;
}

static fallible go_everywhere(struct tour *tour)
{
    visit_here(tour);
    while (tour->names.used > 0)
        try(go_on(tour));
    return OK;
}

fallible walk_tree(int directory, const struct walk *walk)
{
    struct tour tour = { .walk = walk, .at = fcntl(directory, F_DUPFD_CLOEXEC, 0) };

    if (tour.at < 0)
        return error_errno(ERROR_CGROUP, "open the cgroup");
    note_error(&tour, go_everywhere(&tour));
    close_fd(&tour.at);
    memory_close(&tour.names);
    return tour.first;
}

fallible walk_enter(int *at, const char *name)
{
    int next = openat(*at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

    if (next < 0)
        return error_errno(ERROR_CGROUP, "open a cgroup in the cgroup");
    close_fd(at);
    *at = next;
    return OK;
}
