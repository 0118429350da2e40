/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <limits.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "launch/restore.h"

/* What a process of a restored container has open, or works in, or executes (R21). */
struct restored_file {
    const struct restored *restored;
    pid_t pid;
    int number;                    /* of the descriptor, or -1 */
    char link[RESTORED_PATH_SIZE]; /* below /proc: "12/fd/3" */
    char path[PATH_MAX];           /* as the kernel tells it */
    int fd;                        /* O_PATH, the caller's */
    struct stat status;
    uint64_t mount;
};

/* A socket: of a kind, and in a network, that the container could have itself; with no descriptors
 * on their way.  INFO is the text of its fdinfo. */
fallible restore_check_socket(const struct restored_file *file, const char *info);

/* What an inotify(7) instance watches, which its fdinfo tells, lies in the container. */
fallible restore_check_watches(const struct restored_file *file, const char *info);

/* Whether PATH, below the container's root, leads to something on that mount; of what is not there,
 * its nearest directory. */
fallible restore_check_path(const struct restored *restored, const char *path, uint64_t mount,
                            bool *is_there);
