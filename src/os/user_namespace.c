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
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "os/fd.h"
#include "os/self.h"

/* The kernel takes 340 lines of three numbers. */
enum { MOST_RANGES = 340, MAP_SIZE = MOST_RANGES * 36 };

/* Of the initial one (USER_NS_INIT_INO); a map of every id to itself proves nothing, since others
 * may have it too. */
static const ino_t INITIAL_INODE = 0xEFFFFFFDU;

/* Reads a file of ours that must be on a procfs. */
static fallible read_own(const char *path, char *text, size_t size)
{
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct statfs filesystem;
    if (fd < 0 || fstatfs(fd, &filesystem))
        return error_system("open %s", path);
    if (filesystem.f_type != PROC_SUPER_MAGIC)
        return error_new(ERROR_SYSTEM, "%s is not on a procfs", path);
    return fd_read_small(fd, text, size);
}

/* Reads one number behind spaces and the end of a line; false where there is none. */
static bool take_number(const char **at, uint64_t *number)
{
    while (**at == ' ' || **at == '\n')
        (*at)++;
    if (**at < '0' || **at > '9')
        return false;
    for (*number = 0; **at >= '0' && **at <= '9'; (*at)++)
        *number = *number * 10 + (uint64_t) (**at - '0');
    return true;
}

static bool take_line(const char **at, uint64_t *inside, uint64_t *outside, uint64_t *length)
{
    return take_number(at, inside) && take_number(at, outside) && take_number(at, length);
}

static bool is_initial(void)
{
    static const char path[] = "/proc/self/ns/user";
    struct statfs filesystem;
    struct stat status;
    return !statfs(path, &filesystem) && filesystem.f_type == NSFS_MAGIC && !stat(path, &status) &&
           status.st_ino == INITIAL_INODE;
}

bool user_namespace_is_initial(void)
{
    static enum { UNKNOWN, INITIAL, NESTED } found;
    if (found == UNKNOWN)
        found = is_initial() ? INITIAL : NESTED;
    return found == INITIAL;
}

bool user_namespace_is_roots(void)
{
    return self_user() == 0 && user_namespace_is_initial();
}

fallible user_namespace_read_gids(struct arena *arena, const struct id_range **ranges,
                                  uint32_t *count)
{
    char text[MAP_SIZE];
    struct id_range *found;
    uint64_t inside, outside, length;
    uint32_t n = 0;

    try(read_own("/proc/self/gid_map", text, sizeof(text)));
    try_new(found, arena, MOST_RANGES);
    for (const char *at = text; n < MOST_RANGES && take_line(&at, &inside, &outside, &length); n++)
        found[n] = (struct id_range){ (uint32_t) inside, (uint32_t) length };
    *ranges = found;
    *count = n;
    return OK;
}
