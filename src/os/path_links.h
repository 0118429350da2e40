/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <limits.h>
#include <stdbool.h>

/*
 * The names on the way of a container's path, one after the other, with the links of the image read
 * and not followed: for who asks what lies on that way, and not only what it ends in.
 *
 * Each is looked up by os/path.h below ROOT, so that none leads out of it.  What is missing is a
 * plain name, and so is what comes behind it; a way ends early behind as many links as Linux
 * follows, and where it is longer than a path can be.
 */
struct path_links {
    int root;
    unsigned followed;
    char here[PATH_MAX]; /* absolute, "" for the root itself; no link leads to it */
    char rest[PATH_MAX];
};

/* PATH is absolute, or begins at ROOT. */
void path_links_begin(struct path_links *way, int root, const char *path);

/* Goes on by one name of the path, or of a link's text; false at the end. */
bool path_links_next(struct path_links *way);
