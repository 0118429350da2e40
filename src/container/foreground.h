/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* run in the foreground: signals that tare gets are passed on to init until it ends. */
struct foreground {
    int signals; /* signalfd(2) */
};

/* Takes hold of all signals that can be passed on, before anything is created: those that arrive
 * until foreground_wait() are kept. */
fallible foreground_prepare(struct foreground *foreground);

/* Relays, and waits for the end of init, our child, which is reaped: STATUS is 0-255, or 128+N for
 * signal N.  Signals stay held back afterwards, for what is left to do. */
fallible foreground_wait(struct foreground *foreground, int pidfd, int *status);
