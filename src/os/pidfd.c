/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes by descriptor; serves kill, delete and the reaping of init.
 *
 * A pidfd polls readable when the process is a zombie, whoever its parent is.
 */
#include "os/pidfd.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "os/clock.h"
#include "os/syscalls.h"

enum { NANOSECONDS_PER_MILLISECOND = 1000000 };

/* The beginning of struct pidfd_info (linux/pidfd.h of Linux 6.15), in its first version. */
struct outcome {
    uint64_t mask; /* what is asked, then what is answered */
    uint64_t cgroup;
    uint32_t ids[11];
    int32_t exit_code; /* a wait status */
};
enum { OUTCOME_EXIT = 1 << 3 };
#define GET_OUTCOME _IOWR(0xff, 11, struct outcome)

fallible pidfd_open_process(pid_t pid, int *pidfd)
{
    long fd = syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0)
        return error_system("open a descriptor for process %d", pid);
    *pidfd = (int) fd;
    return OK;
}

fallible pidfd_copy(int pidfd, int number, int *fd)
{
    long copy = syscall(SYS_pidfd_getfd, pidfd, number, 0);
    if (copy < 0)
        return error_system("copy descriptor %d of a process", number);
    *fd = (int) copy;
    return OK;
}

/* No process has the number 0: EINVAL is the answer of who knows the call. */
fallible pidfd_demand(void)
{
    if (syscall(SYS_pidfd_open, 0, 0) >= 0 || errno == EINVAL)
        return OK;
    return error_system("look for a way to open descriptors for processes");
}

fallible pidfd_send(int pidfd, int signal)
{
    if (syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0)
        return error_call(error_system("send signal %d", signal), CALL_PIDFD_SEND_SIGNAL, NULL);
    return OK;
}

/* What is left until the deadline, rounded up, in the form that poll(2) takes. */
static int time_left(int milliseconds, uint64_t deadline)
{
    if (milliseconds < 0)
        return -1;
    uint64_t now = clock_now();
    if (now >= deadline)
        return 0;
    uint64_t left =
        (deadline - now + NANOSECONDS_PER_MILLISECOND - 1) / NANOSECONDS_PER_MILLISECOND;
    return left < INT_MAX ? (int) left : INT_MAX;
}

/* POLLIN: a zombie; POLLHUP, for which nobody has to ask: reaped (since Linux 6.9).  True if that
 * has come in time. */
static fallible await(int pidfd, short events, int milliseconds, bool *has_come)
{
    uint64_t wait = milliseconds > 0 ? (uint64_t) milliseconds * NANOSECONDS_PER_MILLISECOND : 0;
    uint64_t deadline = clock_now() + wait;
    struct pollfd end = { .fd = pidfd, .events = events };
    int ready;
    do
        ready = poll(&end, 1, time_left(milliseconds, deadline));
    while (ready < 0 && errno == EINTR);

    if (ready > 0 && end.revents & POLLNVAL) {
        errno = EBADF;
        ready = -1;
    }
    if (ready < 0)
        return error_system("wait for the end of a process");
    *has_come = ready > 0;
    return OK;
}

fallible pidfd_wait_end(int pidfd, int milliseconds)
{
    bool has_ended;

    try(await(pidfd, POLLIN, milliseconds, &has_ended));
    if (!has_ended)
        return error_new(ERROR_TIMEOUT, "the process did not end within %d ms", milliseconds);
    return OK;
}

bool pidfd_has_ended(int pidfd, int milliseconds)
{
    struct error *error = pidfd_wait_end(pidfd, milliseconds);

    error_forget(error);
    return !error;
}

/* False where the kernel knows no such question.  ESRCH: it is just being reaped; or it is not in
 * our PID namespace, or was reaped before Linux 6.15, and nothing is ever said of it. */
static fallible read_outcome(int pidfd, bool *is_known, int *status)
{
    struct outcome outcome = { .mask = OUTCOME_EXIT };

    *is_known = true;
    if (!ioctl(pidfd, GET_OUTCOME, &outcome)) {
        if (outcome.mask & OUTCOME_EXIT)
            *status = outcome.exit_code;
        return OK;
    }
    *is_known = errno == ESRCH;
    bool is_silent = *is_known || errno == ENOTTY || errno == EINVAL;
    return is_silent ? OK : error_system("read how a process has ended");
}

fallible pidfd_read_outcome(int pidfd, int milliseconds, int *status)
{
    bool is_known, is_reaped;
    int found = -1;

    try(read_outcome(pidfd, &is_known, &found));
    if (is_known && found < 0) {
        try(await(pidfd, 0, milliseconds, &is_reaped));
        if (is_reaped)
            try(read_outcome(pidfd, &is_known, &found));
    }
    *status = found;
    return OK;
}

fallible pidfd_is_child(int pidfd, bool *is_child)
{
    siginfo_t info;

    *is_child = !waitid(P_PIDFD, (id_t) pidfd, &info, WEXITED | WNOHANG | WNOWAIT);
    return *is_child || errno == ECHILD ? OK : error_system("look for a child of ours");
}

fallible pidfd_reap(int pidfd, int *status)
{
    siginfo_t info = { 0 };
    int result;
    do
        result = waitid(P_PIDFD, (id_t) pidfd, &info, WEXITED);
    while (result < 0 && errno == EINTR);
    if (result < 0)
        return error_system("reap a process");

    switch (info.si_code) {
    case CLD_EXITED:
        *status = (info.si_status & 0xff) << 8;
        break;
    case CLD_DUMPED:
        *status = info.si_status | 0x80;
        break;
    default:
        *status = info.si_status;
        break;
    }
    return OK;
}
