/* SPDX-License-Identifier: Apache-2.0 */
/* `run` in the foreground.  Signals are read from a descriptor, so that none is lost between the
 * moment it arrives and the moment there is somebody to pass it on to. */

#include "container/foreground.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/list.h"
#include "base/log.h"
#include "container/relay.h"
#include "os/deadline.h"
#include "os/pidfd.h"

enum { SIGNAL_STATUS = 128 };

/* Not passed on: the end of children, faults of tare itself, and its writes that fail. */
static const int own_signals[] = {
    SIGCHLD, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGPIPE, SIGXFSZ,
};

/* They stop a job that uses its terminal from the background. */
static const int job_signals[] = { SIGTTIN, SIGTTOU };

struct wait {
    int signals, pidfd;
    bool has_ended, is_ready;
    const struct notify *notify; /* NULL when there is nobody to tell any more */
    struct relay relay;
};

enum { EVENT_END, EVENT_SIGNAL, EVENT_NOTIFY, EVENT_RELAY, EVENTS = EVENT_RELAY + RELAY_EVENTS };

fallible foreground_prepare(struct foreground *foreground, bool will_relay)
{
    sigset_t relayed;

    /* sigfillset() leaves out what the C library keeps for itself: with musl 34 is among it. */
    memset(&relayed, 0xff, sizeof(relayed));
    for (size_t i = 0; i < LENGTH(own_signals); i++)
        sigdelset(&relayed, own_signals[i]);
    for (size_t i = 0; will_relay && i < LENGTH(job_signals); i++)
        sigdelset(&relayed, job_signals[i]);
    auto_close int signals = signalfd(-1, &relayed, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0 || sigprocmask(SIG_BLOCK, &relayed, NULL))
        return error_system("take hold of signals");
    foreground->signals = take_fd(&signals);
    return OK;
}

static fallible pass_on(const struct wait *wait, int signal)
{
    struct error *error = pidfd_send(wait->pidfd, signal);
    if (error && !error_forget_if(error, ESRCH))
        return error_within(error, "pass signal %d on", signal);
    return OK;
}

static bool is_wish_to_end(int signal)
{
    return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

static fallible take_signal(struct wait *wait, int signal)
{
    /* Somebody who does not read what is left may be given up. */
    if (wait->has_ended && is_wish_to_end(signal))
        relay_discard(&wait->relay);
    if (signal == SIGCONT)
        relay_resume(&wait->relay);
    if (signal == SIGWINCH && relay_follow_size(&wait->relay))
        return OK; /* the kernel tells those at the container's terminal */
    return wait->has_ended ? OK : pass_on(wait, signal);
}

static fallible take_signals(struct wait *wait)
{
    for (;;) {
        struct signalfd_siginfo info;
        ssize_t got = read(wait->signals, &info, sizeof(info));
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return OK;
        if (got != sizeof(info))
            return error_system("read signals");
        try(take_signal(wait, (int) info.ssi_signo));
    }
}

/* A container need not end because nobody hears that it is ready. */
static void pass_word_on(struct wait *wait)
{
    struct error *error = notify_forward(wait->notify, 0, &wait->is_ready);

    if (error) {
        log_warning("%s", error_line(error));
        wait->notify = NULL;
    }
    error_forget(error);
}

static fallible wait_for_event(struct wait *wait)
{
    struct pollfd events[EVENTS] = {
        [EVENT_END] = { .fd = wait->has_ended ? -1 : wait->pidfd, .events = POLLIN },
        [EVENT_SIGNAL] = { .fd = wait->signals, .events = POLLIN },
        [EVENT_NOTIFY] = { .fd = wait->notify ? wait->notify->from : -1, .events = POLLIN },
    };

    relay_watch(&wait->relay, events + EVENT_RELAY);
    if (poll(events, LENGTH(events), -1) < 0)
        return errno == EINTR ? OK : error_system("wait for the container's process");
    if (events[EVENT_SIGNAL].revents)
        try(take_signals(wait));
    if (events[EVENT_NOTIFY].revents)
        pass_word_on(wait);
    try(relay_carry(&wait->relay, events + EVENT_RELAY));
    wait->has_ended |= events[EVENT_END].revents != 0;
    return OK;
}

static fallible wait_for_end(struct wait *wait)
{
    bool is_dry = false;

    while (!wait->has_ended)
        try(wait_for_event(wait));
    for (;;) {
        try(relay_is_dry(&wait->relay, &is_dry));
        if (is_dry)
            return OK;
        try(wait_for_event(wait));
    }
}

fallible foreground_wait(struct foreground *foreground, int pidfd, int terminal, int *status)
{
    auto_close int signals = take_fd(&foreground->signals);
    struct wait wait = { .signals = signals, .pidfd = pidfd, .notify = foreground->notify };
    int ended;

    deadline_end();
    struct error *error = relay_open(&wait.relay, terminal);
    if (!error)
        error = wait_for_end(&wait);
    relay_close(&wait.relay);
    foreground->lost = wait.relay.lost;
    try(error);
    try(pidfd_reap(pidfd, &ended));
    *status = WIFSIGNALED(ended) ? SIGNAL_STATUS + WTERMSIG(ended) : WEXITSTATUS(ended);
    return OK;
}

fallible foreground_check_output(const struct foreground *foreground)
{
    errno = foreground->lost;
    return errno ? error_system("standard output: what the container said is lost") : OK;
}
