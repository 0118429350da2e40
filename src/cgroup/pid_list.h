/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The processes that a cgroup's cgroup.procs names, those below it not; read without an allocator,
 * and as they come: in no order, and a process that moves meanwhile may come twice. */

enum { PID_LIST_SIZE = 4096 };

struct pid_list {
    int fd;
    int number; /* the errno that ended the list early, or 0.  EOPNOTSUPP: the cgroup is threaded,
                 * and what is in it is named by one above it */
    size_t at, end;
    char bytes[PID_LIST_SIZE];
};

/* LIST is closed in any case. */
void pid_list_open(int directory, struct pid_list *list);
void pid_list_close(struct pid_list *list);

/* The next pid; those that our pid namespace does not see are left out.  False at the end. */
bool pid_list_next(struct pid_list *list, pid_t *pid);
