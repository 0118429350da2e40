/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A root filesystem of a few files below /tmp, for tests of what is looked up in it. */

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char tree[64];
static int root = -1;

static inline int tree_open(void **state)
{
    (void) state;
    snprintf(tree, sizeof(tree), "/tmp/tare-tree-XXXXXX");
    if (!mkdtemp(tree) || chmod(tree, 0755) < 0)
        return -1;
    root = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return root < 0;
}

static inline int remove_entry(const char *path, const struct stat *status, int type,
                               struct FTW *where)
{
    (void) status, (void) type, (void) where;
    return remove(path);
}

static inline int tree_close(void **state)
{
    (void) state;
    if (chdir("/") < 0)
        return -1;
    close(root);
    return nftw(tree, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* Makes a directory (PATH ends with '/') or a file, with exactly MODE. */
static inline int tree_add(const char *path, mode_t mode)
{
    size_t length = 0;
    while (path[length])
        length++;
    if (path[length - 1] == '/')
        return mkdirat(root, path, mode) || fchmodat(root, path, mode, 0);
    int fd = openat(root, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    int wrong = fd < 0 || fchmod(fd, mode);
    return wrong || close(fd);
}
