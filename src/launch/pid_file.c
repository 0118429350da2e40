/* SPDX-License-Identifier: Apache-2.0 */
/* --pid-file: where engines read who the container's process is, once create has returned.
 *
 * The file has no name until it is whole, so that a tare that is killed leaves none behind; where
 * the filesystem has no such files (open(2), O_TMPFILE) it has another one meanwhile. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "launch/host.h"
#include "os/fd.h"

enum { LINK_SIZE = 32 };

static fallible open_unnamed(struct host *host, const char *path)
{
    const char *slash = strrchr(path, '/'), *directory = ".";

    if (slash)
        try_print(directory, host->arena, "%.*s/", (int) (slash - path), path);
    host->pid_file = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
    return OK;
}

/* The name beside the file's; what has it already was left by a tare with our number. */
static fallible free_name(struct host *host, const char *path, const char **name)
{
    try_print(*name, host->arena, "%s.%d", path, (int) getpid());
    unlink(*name);
    return OK;
}

static fallible open_named(struct host *host, const char *path)
{
    const char *name;

    try(free_name(host, path, &name));
    host->pid_file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (host->pid_file >= 0)
        host->pid_name = name;
    return OK;
}

/* The file is made before anything else is, so that one that cannot be had is found out in time. */
fallible pid_file_open(struct launch *launch)
{
    struct host *host = launch->host;
    const char *path = host->request->pid_file;

    try(open_unnamed(host, path));
    if (host->pid_file < 0 && errno == EOPNOTSUPP)
        try(open_named(host, path));
    return host->pid_file < 0 ? error_system("--pid-file: create '%s'", path) : OK;
}

void pid_file_close(struct launch *launch)
{
    struct host *host = launch->host;

    if (host->pid_file < 0)
        return;
    close_fd(&host->pid_file);
    if (host->pid_name)
        unlink(host->pid_name);
}

/* Without CAP_DAC_READ_SEARCH the descriptor is named by /proc (linkat(2)). */
static bool give_name(int file, const char *path)
{
    char link[LINK_SIZE];

    if (!linkat(file, "", AT_FDCWD, path, AT_EMPTY_PATH))
        return true;
    if (errno != ENOENT && errno != EPERM)
        return false;
    text_format(link, sizeof(link), "/proc/self/fd/%d", file);
    return !linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

static fallible replace_name(struct host *host, const char *path)
{
    const char *name;

    try(free_name(host, path, &name));
    if (give_name(host->pid_file, name))
        host->pid_name = name;
    return OK;
}

/* One that is there is replaced at once, for which ours needs another name for a moment. */
static fallible put_in_place(struct host *host, const char *path)
{
    if (!host->pid_name && give_name(host->pid_file, path))
        return OK;
    if (!host->pid_name && errno == EEXIST)
        try(replace_name(host, path));
    if (!host->pid_name || rename(host->pid_name, path))
        return error_system("--pid-file: name it '%s'", path);
    return OK;
}

/* Digits only, complete under its name at once: engines read it without waiting, some as soon as
 * the name appears. */
fallible pid_file_write(struct launch *launch)
{
    struct host *host = launch->host;
    const char *path = host->request->pid_file;
    char digits[16];
    size_t length = text_format(digits, sizeof(digits), "%d", host->pid);
    try_within(fd_write_all(host->pid_file, digits, length), "--pid-file: write '%s'", path);
    try(put_in_place(host, path));
    host->pid_name = path;
    return OK;
}
