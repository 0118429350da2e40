/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in a container's cgroup; serves ps and delete.  The kernel lists a zombie nowhere. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "cgroup/cgroup.h"
#include "cgroup/pid_list.h"
#include "cgroup/walk.h"

enum { FIRST_ROOM = 64 };

struct listing {
    struct arena *arena;
    struct cgroup_processes found;
    size_t room;
    bool is_below; /* the container's own has been read */
};

static fallible add(struct listing *listing, pid_t pid)
{
    struct cgroup_processes *found = &listing->found;

    if (found->n == listing->room) {
        pid_t *larger;
        listing->room = listing->room ? 2 * listing->room : FIRST_ROOM;
        try_new(larger, listing->arena, listing->room);
        if (found->n > 0)
            memcpy(larger, found->v, found->n * sizeof(*larger));
        found->v = larger;
    }
    found->v[found->n++] = pid;
    return OK;
}

static fallible add_each(struct listing *listing, struct pid_list *list)
{
    pid_t pid;

    while (pid_list_next(list, &pid))
        try(add(listing, pid));
    errno = list->number;
    bool is_gone = errno == ENOENT || errno == ENODEV;
    bool is_listed_above = errno == EOPNOTSUPP && listing->is_below;
    listing->is_below = true;
    return !errno || is_gone || is_listed_above ? OK
                                                : error_errno(ERROR_CGROUP, "read cgroup.procs");
}

static fallible visit(int directory, void *context)
{
    struct pid_list list;

    pid_list_open(directory, &list);
    struct error *error = add_each(context, &list);
    pid_list_close(&list);
    return error;
}

static int compare(const void *a, const void *b)
{
    const pid_t *one = a, *other = b;

    return (*one > *other) - (*one < *other);
}

/* One that moves from cgroup to cgroup meanwhile is listed twice. */
static void tidy(struct cgroup_processes *found)
{
    size_t kept = 0;

    if (found->n == 0)
        return;
    qsort(found->v, found->n, sizeof(*found->v), compare);
    for (size_t i = 1; i < found->n; i++)
        if (found->v[i] != found->v[kept])
            found->v[++kept] = found->v[i];
    found->n = kept + 1;
}

fallible cgroup_list_processes(int directory, struct arena *arena, struct cgroup_processes *out)
{
    struct listing listing = { .arena = arena };
    const struct walk walk = { visit, &listing };

    try(walk_tree(directory, &walk));
    tidy(&listing.found);
    *out = listing.found;
    return OK;
}

static fallible count(int directory, void *context)
{
    size_t *found = context;
    struct pid_list list;
    pid_t pid;

    pid_list_open(directory, &list);
    while (pid_list_next(&list, &pid))
        ++*found;
    pid_list_close(&list);
    return OK;
}

bool cgroup_empties(int directory, size_t *left)
{
    size_t now = 0;
    const struct walk walk = { count, &now };
    struct error *error = walk_tree(directory, &walk);

    error_forget(error);
    if (error || now >= *left)
        return false;
    *left = now;
    return true;
}

bool cgroup_has_process(const struct cgroup_processes *processes, pid_t pid)
{
    return processes->n && bsearch(&pid, processes->v, processes->n, sizeof(pid), compare);
}
