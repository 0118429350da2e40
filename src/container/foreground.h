/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "container/notify.h"

/* run in the foreground: signals that tare gets are passed on to init until it ends; if it has a
 * terminal of ours, that is connected to our standard input and output (container/relay.h). */
struct foreground {
    int signals;                 /* signalfd(2) */
    const struct notify *notify; /* what it says meanwhile is passed on; or NULL */
    int lost; /* after foreground_wait(): why standard output took no more, an errno, or 0 */
};

/* Takes hold of all signals that can be passed on, before anything is created: those that arrive
 * until foreground_wait() are kept, save those that make the launch give up (os/interrupts.h) while
 * it waits.  WILL_RELAY a terminal: those that keep a background job off its user's are left alone.
 */
fallible foreground_prepare(struct foreground *foreground, bool will_relay);

/* Relays, and waits for the end of init, our child, which is reaped: STATUS is 0-255, or 128+N for
 * signal N.  TERMINAL, the container's, or -1, is taken.  Signals stay held back afterwards, for
 * what is left to do. */
fallible foreground_wait(struct foreground *foreground, int pidfd, int terminal, int *status);

/* ERROR_SYSTEM if something that the container has said is lost, since standard output did not take
 * it (a disk that is full).  The container has run on to its end all the same. */
fallible foreground_check_output(const struct foreground *foreground);
