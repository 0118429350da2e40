/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct arena;

/* Descriptors.  All are close-on-exec from birth; fd_inherit() is the one way to give one on. */

/* Makes sure that 0, 1 and 2 are open, as /dev/null where they are not: a file that is opened
 * later would become a standard stream. */
fallible fd_open_standard(void);

/* ERROR_USAGE-free check that FD is open. */
bool fd_is_open(int fd);

/* Clears close-on-exec (fcntl(2) F_SETFD). */
fallible fd_inherit(int fd);

/* Marks every descriptor from FIRST on close-on-exec (close_range(2); where the kernel lacks it, or
 * its CLOSE_RANGE_CLOEXEC, those that /proc/self/fd lists, or else all up to RLIMIT_NOFILE). */
fallible fd_inherit_none_from(unsigned first);

/* Writes all bytes; retries EINTR and short writes. */
fallible fd_write_all(int fd, const void *bytes, size_t length);

/* What to read: a regular file of SIZE bytes, as fstat(2) said, or 0 for what has no size. */
struct fd_file {
    int fd;
    off_t size;
};

/* Reads until the end of the file, at most MOST bytes (more is EFBIG), into the arena, with a NUL
 * behind.  LENGTH may be NULL.  Host only. */
fallible fd_read_file(const struct fd_file *file, size_t most, struct arena *arena,
                      const char **text, size_t *length);

/* Reads at most SIZE - 1 bytes of a small (kernel) file and ends them with NUL. */
fallible fd_read_small(int fd, char *buffer, size_t size);

/* One message with a descriptor (unix(7), SCM_RIGHTS), as sendmsg(2) does it: how much of the
 * bytes, at least one, was sent, or -1.  FD stays the caller's. */
ssize_t fd_pass(int socket, const void *bytes, size_t length, int fd);

/* The other end, as recvmsg(2) does it: how long the message is, which may be more than SIZE, or
 * -1. FD, O_CLOEXEC, is untouched on failure and -1 when none came; EPROTO when several did.  With
 * FD NULL what comes is closed. */
ssize_t fd_take(int socket, void *bytes, size_t size, int *fd);

/* Sends TEXT, which must not be empty, with one descriptor in one message;
 * waits for no answer.  FD stays the caller's. */
fallible fd_send(int socket, const char *text, int fd);

/* Waits for such a message and gives its descriptor, O_CLOEXEC; ERROR_PROTOCOL when there is not
 * exactly one, or the peer closes its end instead. */
fallible fd_receive(int socket, int *fd);
