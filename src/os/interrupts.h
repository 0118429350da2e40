/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "base/error.h"

/*
 * SIGINT, SIGTERM, SIGHUP and SIGQUIT, by which somebody tells us to give up, and the tick of a
 * deadline that is set (deadline.h), held back while there is something that must be undone first
 * (signal(7), signalfd(2)).  Those that whoever started us
 * has had ignored (nohup(1), a shell's jobs) go on being ignored.  Host only.
 */
struct interrupts {
    int fd; /* readable when one has come, for channel_interrupts */
    sigset_t before;
    /* One that was not, as all are for who relays them (container/foreground.h). */
    bool has_blocked;
};

/* On failure nothing is held back. */
fallible interrupts_hold(struct interrupts *interrupts);

/* Takes the first that has come, which then does no more: ERROR_INTERRUPTED, "gave up, since signal
 * 15 came".  FD as above. */
fallible interrupts_take(int fd);

/* What has come of them while they are held back, by us or by who relays them, does no more. */
void interrupts_forget(void);

/* One that has come and was not read does now what it would have done. */
void interrupts_release(struct interrupts *interrupts);
