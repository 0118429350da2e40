/* SPDX-License-Identifier: Apache-2.0 */
/* The way back from a descriptor to a name, for messages, and for those who take names alone. */
#include "os/fd_path.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/text.h"

fallible fd_path(int fd, struct arena *arena, const char **path)
{
    char link[32], target[PATH_MAX];

    text_format(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, target, sizeof(target));
    if (length == sizeof(target)) {
        errno = ENAMETOOLONG;
        length = -1;
    }
    if (length < 0)
        return error_system("read %s", link);
    try_print(*path, arena, "%.*s", (int) length, target);
    return OK;
}
