/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where we are root; serves the default directories and what root alone may do.
 *
 * The host's own /proc is read here, not a private one: the question is asked by every command, and
 * before anything of a container is near.
 */
#include "os/user_namespace.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Reads one number behind spaces; false where there is none. */
static bool take_number(const char **at, uint64_t *number)
{
    while (**at == ' ')
        (*at)++;
    if (**at < '0' || **at > '9')
        return false;
    for (*number = 0; **at >= '0' && **at <= '9'; (*at)++)
        *number = *number * 10 + (uint64_t) (**at - '0');
    return true;
}

bool user_namespace_is_initial(void)
{
    auto_close int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
    struct statfs filesystem;
    if (fd < 0 || fstatfs(fd, &filesystem) || filesystem.f_type != PROC_SUPER_MAGIC)
        return false;

    char text[64];
    ssize_t got = read(fd, text, sizeof(text) - 1);
    if (got <= 0)
        return false;
    text[got] = '\0';

    const char *at = text;
    uint64_t inside, outside, length;
    return take_number(&at, &inside) && take_number(&at, &outside) && take_number(&at, &length) &&
           inside == 0 && outside == 0 && length == UINT32_MAX;
}
