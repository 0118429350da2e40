/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

/*
 * Resolution of a container's path without openat2(2); of os/path.c alone.
 *
 * The walk holds a descriptor of every directory between ROOT and where it stands, and ".." goes
 * back to the one before: the kernel is never asked for "..", and never follows a link.  So nothing
 * but what stands below ROOT can be reached, whatever is renamed meanwhile.  The price is a bound
 * on the depth.
 *
 * It is also what makes missing directories and files, since it knows where a link that leads
 * nowhere ends: inside ROOT too.
 */

enum path_missing { PATH_MISSING_IS_ERROR, PATH_MISSING_DIRECTORY, PATH_MISSING_FILE };

struct path_walk {
    int flags;                 /* of open(2), for what the path ends in */
    enum path_missing missing; /* what to make of a path that leads to nothing, and its parents */
    mode_t mode;               /* of what is made */
    mode_t parent_mode;        /* of the directories before it */
};

enum { PATH_WALK_DEPTH = 128, PATH_WALK_LINKS = 40 };

/* Returns 0, or an errno: ELOOP (too many links, or a magic one), ENAMETOOLONG (or too deep),
 * EAGAIN when the tree changed meanwhile, else that of open(2), mkdir(2). */
int path_walk(int root, const char *path, const struct path_walk *how, int *fd);
