/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <unistd.h>

/* Declares what a variable owns; leaving the scope closes it.  Start with -1.  Clang counts that as
 * no use. */
#define auto_close __attribute__((cleanup(cleanup_close), unused))

static inline void cleanup_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Moves an owned descriptor out of its variable. */
static inline int take_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

/* Closes a descriptor that a struct owns, and marks it closed. */
static inline void close_fd(int *fd)
{
    cleanup_close(fd);
}
