/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that end what we do, but not before it is undone.  What surprises: a signal that is
 * blocked is kept for a signalfd(2) even while it is ignored, so those are asked for first. */
#include "os/interrupts.h"

#include <sys/signalfd.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "os/channel.h"
#include "os/deadline.h"
#include "os/self.h"

/* The last one only if there is a deadline. */
static const int held[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM };

static size_t count_held(void)
{
    return LENGTH(held) - !deadline_is_set();
}

fallible interrupts_hold(struct interrupts *interrupts)
{
    sigset_t set;
    uint64_t ignored;

    try(self_ignored_signals(&ignored));
    sigemptyset(&set);
    for (size_t i = 0; i < count_held(); i++)
        if (!(ignored >> (held[i] - 1) & 1))
            sigaddset(&set, held[i]);
    auto_close int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0 || sigprocmask(SIG_BLOCK, &set, &interrupts->before))
        return error_system("hold signals back");
    interrupts->has_blocked = false;
    for (size_t i = 0; i < count_held(); i++)
        interrupts->has_blocked |=
            sigismember(&set, held[i]) && !sigismember(&interrupts->before, held[i]);
    interrupts->fd = take_fd(&fd);
    return OK;
}

fallible interrupts_take(int fd)
{
    return channel_interrupt(fd);
}

void interrupts_forget(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < LENGTH(held); i++)
        sigaddset(&set, held[i]);
    while (sigtimedwait(&set, NULL, &(struct timespec){ 0 }) > 0)
        ;
}

void interrupts_release(struct interrupts *interrupts)
{
    close_fd(&interrupts->fd);
    if (interrupts->has_blocked)
        sigprocmask(SIG_SETMASK, &interrupts->before, NULL);
}
