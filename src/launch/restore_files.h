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
    int process;                   /* its pidfd */
    int number;                    /* of the descriptor, or -1 */
    char link[RESTORED_PATH_SIZE]; /* below /proc: "12/fd/3" */
    char path[PATH_MAX];           /* as the kernel tells it */
    int access;                    /* R_OK, W_OK, X_OK, for which it is open; 0: its name alone */
    int fd;                        /* O_PATH, the caller's */
    int copy;                      /* of the descriptor, or -1, the caller's */
    struct stat status;
    uint64_t mount;
};

/* It does not keep to FIELD, because of this: ERROR_BUNDLE, with a hint which file it is. */
fallible restore_refuse_file(const struct restored_file *file, const char *field,
                             const char *reason);

/*
 * A file with a path: the user of the config could have opened it for what it is open for.
 *
 * The kernel is asked in his place, with his groups and the capabilities that a process can come
 * to: so modes count, access lists, and each directory on the way.  Whoever can come to CAP_SETUID,
 * CAP_SETGID, CAP_CHOWN or CAP_FOWNER, or owns the file, may have had the rights by that.  Not
 * asked for are terminals of the container's own devpts, the config's working directory, and the
 * way to it; of a file that has lost its name the way is that to where it had one.
 */
fallible restore_check_access(const struct restored_file *file);

/* Any descriptor: a signal that it sends is sent in the name of the config's user, unless there is
 * a capability for that. */
fallible restore_check_receiver(const struct restored_file *file);

/* A socket: of a kind, in a network, on a port and with marks that the container could have itself;
 * with no descriptors on their way.  INFO is the text of its fdinfo. */
fallible restore_check_socket(const struct restored_file *file, const char *info);

/* What an inotify(7) instance watches, which its fdinfo tells, lies in the container. */
fallible restore_check_watches(const struct restored_file *file, const char *info);

/* Whether PATH, below the container's root, leads to something on that mount; of what is not there,
 * its nearest directory. */
fallible restore_check_path(const struct restored *restored, const char *path, uint64_t mount,
                            bool *is_there);
