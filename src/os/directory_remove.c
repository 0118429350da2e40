/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removes a tree that a container may have made (state/notify_socket.h).
 *
 * It may be deeper than there are descriptors, or room on our stack: each pass takes away one
 * level, and what is below it is moved up.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/directory.h"

enum { NAME_SIZE = 32 };

/* Into TOP, under a name that nobody has there. */
static int move_up(int top, int from, const char *name)
{
    char fresh[NAME_SIZE];
    struct stat status;

    for (unsigned i = 0;; i++) {
        text_format(fresh, sizeof(fresh), "%u", i);
        if (fstatat(top, fresh, &status, AT_SYMLINK_NOFOLLOW))
            return renameat(from, name, top, fresh);
    }
}

/* Of the directory NAME in TOP all goes, and what has something in it up to TOP. */
static fallible flatten(int top, const char *name)
{
    struct directory directory;
    struct directory_entry file = { .name = "" };

    auto_close int opened = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (opened < 0)
        return error_system("open '%s'", name);
    try(directory_begin(opened, &directory));
    while (file.name) {
        try(directory_next(&directory, &file));
        if (!file.name || !unlinkat(opened, file.name, 0) || errno == ENOENT)
            continue;
        if (errno != EISDIR || move_up(top, opened, file.name))
            return error_system("remove '%s'", file.name);
    }
    return OK;
}

static fallible remove_level(int top, const char *name)
{
    if (!unlinkat(top, name, 0) || errno == ENOENT)
        return OK;
    if (errno != EISDIR)
        return error_system("remove '%s'", name);
    try(flatten(top, name));
    if (unlinkat(top, name, AT_REMOVEDIR) && errno != ENOTEMPTY && errno != ENOENT)
        return error_system("remove '%s'", name);
    return OK;
}

/* Until nothing is there: a directory that changes while it is listed may leave out names. */
static fallible empty(int top)
{
    struct directory directory;
    struct directory_entry file;
    bool was_empty;

    do {
        try(directory_begin(top, &directory));
        try(directory_next(&directory, &file));
        was_empty = !file.name;
        while (file.name) {
            try(remove_level(top, file.name));
            try(directory_next(&directory, &file));
        }
    } while (!was_empty);
    return OK;
}

fallible directory_remove(int parent, const char *name)
{
    if (!unlinkat(parent, name, 0) || errno == ENOENT)
        return OK;
    if (errno != EISDIR)
        return error_system("remove '%s'", name);
    auto_close int opened = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (opened < 0)
        return error_system("open '%s'", name);
    try_within(empty(opened), "'%s'", name);
    if (unlinkat(parent, name, AT_REMOVEDIR) && errno != ENOENT)
        return error_system("remove '%s'", name);
    return OK;
}
