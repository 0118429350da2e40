/* SPDX-License-Identifier: Apache-2.0 */
/* --pid-file: where engines read who the container's process is, once create has returned. */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "launch/host.h"
#include "os/fd.h"

/* The file is made under another name before anything else is, so that a name that cannot be had is
 * found out in time. */
fallible pid_file_open(struct launch *launch)
{
    struct host *host = launch->host;
    const char *path = host->request->pid_file;

    if (!path)
        return OK;
    try_print(host->pid_name, host->arena, "%s.%d", path, (int) getpid());
    host->pid_file =
        open(host->pid_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    return host->pid_file < 0 ? error_system("--pid-file: create '%s'", host->pid_name) : OK;
}

void pid_file_close(struct launch *launch)
{
    struct host *host = launch->host;

    if (host->pid_file < 0)
        return;
    close_fd(&host->pid_file);
    unlink(host->pid_name);
}

/* Digits only, complete under its name at once, in place of what was there: engines read it without
 * waiting, some as soon as the name appears. */
fallible pid_file_write(struct launch *launch)
{
    struct host *host = launch->host;
    const char *path = host->request->pid_file;
    char digits[16];

    if (!path)
        return OK;
    size_t length = text_format(digits, sizeof(digits), "%d", host->pid);
    try_within(fd_write_all(host->pid_file, digits, length), "--pid-file: write '%s'", path);
    if (rename(host->pid_name, path))
        return error_system("--pid-file: rename to '%s'", path);
    host->pid_name = path;
    return OK;
}
