/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a cgroup; serves kill, delete and ps.  What stands there is true for a moment.
 */

#include "cgroup/pid_list.h"

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"

enum { PID_MOST = 1 << 22 }; /* PID_MAX_LIMIT of the kernel's linux/threads.h */

void pid_list_open(int directory, struct pid_list *list)
{
    list->fd = openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    list->number = list->fd < 0 ? errno : 0;
    list->at = list->end = 0;
}

void pid_list_close(struct pid_list *list)
{
    close_fd(&list->fd);
}

static void fill(struct pid_list *list)
{
    ssize_t got = list->fd < 0 ? 0 : read(list->fd, list->bytes, sizeof(list->bytes));

    if (got < 0)
        list->number = errno;
    list->at = 0;
    list->end = got > 0 ? (size_t) got : 0;
}

static bool take_byte(struct pid_list *list, char *byte)
{
    if (list->at == list->end)
        fill(list);
    if (list->at == list->end)
        return false;
    *byte = list->bytes[list->at++];
    return true;
}

/* 0 stands for a process that our pid namespace does not see; more than PID_MOST for nobody. */
bool pid_list_next(struct pid_list *list, pid_t *pid)
{
    pid_t number = 0;
    char byte;

    while (take_byte(list, &byte)) {
        if (byte >= '0' && byte <= '9') {
            number = number > PID_MOST ? number : number * 10 + (byte - '0');
        } else if (number > 0 && number <= PID_MOST) {
            *pid = number;
            return true;
        } else {
            number = 0;
        }
    }
    return false;
}
