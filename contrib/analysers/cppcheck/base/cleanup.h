/* SPDX-License-Identifier: Apache-2.0 */
/* Read by cppcheck in the place of the real one: cppcheck 2.10 knows no cleanup attribute, and takes
 * each descriptor for lost when its scope is left.  What is static is not. */
#pragma once

#include <unistd.h>

#define auto_close static

static inline int take_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

static inline void close_fd(int *fd)
{
    close(*fd);
    *fd = -1;
}
