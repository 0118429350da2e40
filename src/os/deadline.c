/* SPDX-License-Identifier: Apache-2.0 */
/* --timeout.  What surprises: a tick that comes while nobody heeds it is not lost, since there will
 * be another; nor is the timer inherited by anybody. */

#include "os/deadline.h"

#include <limits.h>
#include <signal.h>
#include <sys/time.h>

#include "os/clock.h"

enum { MICROSECONDS = 1000000, MILLISECOND = 1000000 /* ns */, GRACE_SECONDS = 10 };

static uint64_t moment; /* of CLOCK_MONOTONIC; 0: none */

/* A tick interrupts a call that waits, and does no more. */
static void see(int signal)
{
    (void) signal;
}

void deadline_set(uint64_t nanoseconds)
{
    const struct sigaction seen = { .sa_handler = see, .sa_flags = SA_RESTART };
    uint64_t microseconds = nanoseconds / 1000 + 1; /* never 0, which is no timer */
    const struct itimerval timer = {
        .it_interval = { .tv_sec = 1 },
        .it_value = { .tv_sec = (time_t) (microseconds / MICROSECONDS),
                      .tv_usec = (suseconds_t) (microseconds % MICROSECONDS) },
    };

    moment = clock_now() + nanoseconds;
    sigaction(SIGALRM, &seen, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

bool deadline_is_set(void)
{
    return moment;
}

int deadline_left(int otherwise)
{
    uint64_t now = moment ? clock_now() : 0;
    uint64_t left = now < moment ? (moment - now + MILLISECOND - 1) / MILLISECOND : 0;

    if (!moment)
        return otherwise;
    return left < INT_MAX ? (int) left : INT_MAX;
}

bool deadline_is_over(void)
{
    return !deadline_left(-1);
}

uint64_t deadline_or(uint64_t other)
{
    return moment && moment < other ? moment : other;
}

uint32_t deadline_grace(uint32_t otherwise)
{
    uint32_t left = (uint32_t) deadline_left(0) / 1000;
    uint32_t grace = left > GRACE_SECONDS ? left : GRACE_SECONDS;

    return moment && (!otherwise || grace < otherwise) ? grace : otherwise;
}

/* To ignore a signal takes back one that has come. */
void deadline_end(void)
{
    const struct itimerval none = { 0 };

    if (!moment)
        return;
    setitimer(ITIMER_REAL, &none, NULL);
    signal(SIGALRM, SIG_IGN);
    signal(SIGALRM, SIG_DFL);
    moment = 0;
}
