/* SPDX-License-Identifier: Apache-2.0 */
/* `run` in the foreground.  Signals are read from a descriptor, so that none is lost between the
 * moment it arrives and the moment there is somebody to pass it on to. */

#include "container/foreground.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "os/pidfd.h"

enum { SIGNAL_STATUS = 128 };

/* Not passed on: the end of children, faults of tare itself, and its writes that fail. */
static const int own_signals[] = {
    SIGCHLD, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGPIPE, SIGXFSZ,
};

fallible foreground_prepare(struct foreground *foreground)
{
    sigset_t relayed;

    sigfillset(&relayed);
    for (size_t i = 0; i < LENGTH(own_signals); i++)
        sigdelset(&relayed, own_signals[i]);
    auto_close int signals = signalfd(-1, &relayed, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0 || sigprocmask(SIG_BLOCK, &relayed, NULL))
        return error_system("take hold of signals");
    foreground->signals = take_fd(&signals);
    return OK;
}

static fallible relay(int signals, int pidfd)
{
    for (;;) {
        struct signalfd_siginfo info;
        ssize_t got = read(signals, &info, sizeof(info));
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return OK;
        if (got != sizeof(info))
            return error_system("read signals");
        struct error *error = pidfd_send(pidfd, (int) info.ssi_signo);
        if (error && !error_is_errno(error, ESRCH))
            return error_within(error, "pass signal %u on", info.ssi_signo);
    }
}

static fallible wait_for_end(int signals, int pidfd)
{
    struct pollfd events[] = { { .fd = pidfd, .events = POLLIN },
                               { .fd = signals, .events = POLLIN } };

    while (!events[0].revents) {
        if (poll(events, LENGTH(events), -1) < 0 && errno != EINTR)
            return error_system("wait for the container's process");
        if (events[1].revents)
            try(relay(signals, pidfd));
    }
    return OK;
}

fallible foreground_wait(struct foreground *foreground, int pidfd, int *status)
{
    auto_close int signals = take_fd(&foreground->signals);
    int ended;

    try(wait_for_end(signals, pidfd));
    try(pidfd_reap(pidfd, &ended));
    *status = WIFSIGNALED(ended) ? SIGNAL_STATUS + WTERMSIG(ended) : WEXITSTATUS(ended);
    return OK;
}
