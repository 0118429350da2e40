/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors; serves process.terminal's standard streams and security rule R9.
 *
 * close_range(2) learnt CLOSE_RANGE_CLOEXEC in Linux 5.11 and says EINVAL before.
 */
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "os/directory.h"
#include "os/proc.h"
#include "os/syscalls.h"

bool fd_is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

fallible fd_inherit(int fd)
{
    if (fcntl(fd, F_SETFD, 0) < 0)
        return error_system("let descriptor %d be inherited", fd);
    return OK;
}

/* One question for the three, as they are open nearly always; poll(2) says POLLNVAL where one is
 * not. */
static bool are_standard_open(void)
{
    struct pollfd standard[] = { { STDIN_FILENO, 0, 0 },
                                 { STDOUT_FILENO, 0, 0 },
                                 { STDERR_FILENO, 0, 0 } };
    int count = poll(standard, LENGTH(standard), 0);
    for (size_t i = 0; count > 0 && i < LENGTH(standard); i++)
        if (standard[i].revents & POLLNVAL)
            return false;
    return count >= 0;
}

fallible fd_open_standard(void)
{
    if (are_standard_open())
        return OK;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fd_is_open(fd))
            continue;
        /* The lowest free number is FD itself, as those below it are open. */
        auto_close int null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
        if (null != fd)
            return error_system("open /dev/null as descriptor %d", fd);
        try(fd_inherit(take_fd(&null)));
    }
    return OK;
}

static fallible mark(unsigned fd)
{
    if (fcntl((int) fd, F_SETFD, FD_CLOEXEC) && errno != EBADF)
        return error_system("mark descriptor %u close-on-exec", fd);
    return OK;
}

static fallible open_list(int *list)
{
    char self[PROC_NAME_SIZE], path[PROC_NAME_SIZE + 4];
    auto_close int proc = -1;
    try(proc_open(true, &proc));
    try(proc_name_self(proc, self));
    text_format(path, sizeof(path), "%s/fd", self);
    return proc_open_directory(proc, path, list);
}

/* The limit may have been lowered below a descriptor that is open: only procfs knows of that. */
static fallible mark_listed(unsigned first)
{
    auto_close int list = -1;
    struct directory names;
    struct directory_entry entry = { .name = "" };
    try(open_list(&list));
    try(directory_begin(list, &names));
    while (entry.name) {
        uint64_t fd;
        try(directory_next(&names, &entry));
        if (entry.name && text_to_unsigned(entry.name, INT_MAX, &fd) && fd >= first)
            try(mark((unsigned) fd));
    }
    return OK;
}

static fallible mark_up_to_limit(unsigned first)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return error_system("read RLIMIT_NOFILE");

    unsigned end = limit.rlim_cur < INT_MAX ? (unsigned) limit.rlim_cur : INT_MAX;
    for (unsigned fd = first; fd < end; fd++)
        try(mark(fd));
    return OK;
}

/* Init may be where no procfs is its own; but there nothing is open that tare did not let through.
 */
static fallible mark_one_by_one(unsigned first)
{
    struct error *error = mark_listed(first);
    if (!error)
        return OK;
    error_forget(error);
    return mark_up_to_limit(first);
}

fallible fd_inherit_none_from(unsigned first)
{
    if (!syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC))
        return OK;
    if (errno == EINVAL || errno == ENOSYS || errno == EPERM)
        return mark_one_by_one(first);
    return error_system("mark descriptors from %u close-on-exec", first);
}

fallible fd_write_all(int fd, const void *bytes, size_t length)
{
    const char *rest = bytes;
    while (length > 0) {
        ssize_t written = write(fd, rest, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written == 0)
            errno = EIO;
        if (written <= 0)
            return error_system("write %zu bytes to descriptor %d", length, fd);
        rest += written;
        length -= (size_t) written;
    }
    return OK;
}

fallible fd_read_small(int fd, char *buffer, size_t size)
{
    size_t used = 0;
    while (used + 1 < size) {
        ssize_t got = read(fd, buffer + used, size - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_system("read descriptor %d", fd);
        if (got == 0)
            break;
        used += (size_t) got;
    }
    buffer[used] = '\0';
    return OK;
}
