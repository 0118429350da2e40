/* SPDX-License-Identifier: Apache-2.0 */
/* A cgroup and all below it; serves kill, delete and ps.  A container may nest them as deep as it
 * likes, and each level costs a descriptor and some stack: there is an end to it. */

#include "cgroup/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "os/directory.h"

enum { DEPTH_MAX = 128 };

static fallible visit_all(int directory, const struct walk *walk, unsigned depth);

/* A cgroup that vanishes meanwhile has no processes. */
static fallible visit_child(int directory, const char *name, const struct walk *walk,
                            unsigned depth)
{
    if (depth > DEPTH_MAX)
        return error_new(ERROR_CGROUP, "the cgroup is nested more than %d deep", DEPTH_MAX);
    auto_close int child = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (child < 0 && errno == ENOENT)
        return OK;
    if (child < 0)
        return error_errno(ERROR_CGROUP, "open a cgroup in the cgroup");
    return visit_all(child, walk, depth);
}

static fallible visit_all(int directory, const struct walk *walk, unsigned depth)
{
    struct directory listing;
    struct directory_entry entry = { .name = "" };

    try(walk->visit(directory, walk->context));
    try(directory_begin(directory, &listing));
    while (entry.name) {
        struct error *error = directory_next(&listing, &entry);
        if (error_forget_if(error, ENOENT))
            return OK;
        try(error);
        if (entry.name && entry.type == DT_DIR)
            try(visit_child(directory, entry.name, walk, depth + 1));
    }
    return OK;
}

fallible walk_tree(int directory, const struct walk *walk)
{
    return visit_all(directory, walk, 0);
}
