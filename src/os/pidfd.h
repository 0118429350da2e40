/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/* pidfd_open(2), O_CLOEXEC; errno ESRCH when the process is gone. */
fallible pidfd_open_process(pid_t pid, int *pidfd);

/* Fails where the kernel, or a sandbox, has no pidfd_open(2). */
fallible pidfd_demand(void);

/* A copy of descriptor NUMBER of the process, O_CLOEXEC (pidfd_getfd(2), since Linux 5.6). */
fallible pidfd_copy(int pidfd, int number, int *fd);

/* pidfd_send_signal(2). */
fallible pidfd_send(int pidfd, int signal);

/* Waits until the process ends, at most MILLISECONDS (-1: for ever); ERROR_TIMEOUT. */
fallible pidfd_wait_end(int pidfd, int milliseconds);

/* Whether it ends within MILLISECONDS; where that cannot be told, it has not. */
bool pidfd_has_ended(int pidfd, int milliseconds);

/* The wait status, in the form of waitpid(2), of a process that has ended, whoever's child it is:
 * the kernel tells it once the process has been reaped, for which MILLISECONDS are waited at most.
 * -1 when it does not tell (before Linux 6.15, or not reaped); PIDFD_GET_INFO of ioctl_pidfd(2). */
fallible pidfd_read_outcome(int pidfd, int milliseconds, int *status);

/* Whether it is a child of ours that has not been reaped (waitid(2), ECHILD). */
fallible pidfd_is_child(int pidfd, bool *is_child);

/* Reaps our child and gives its wait status in the form of waitpid(2). */
fallible pidfd_reap(int pidfd, int *status);
