/* SPDX-License-Identifier: Apache-2.0 */
/* Time for deadlines and records; init and host read the same clock unless a time namespace is new.
 */
#include "os/clock.h"

#include <sys/syscall.h>
#include <unistd.h>

static struct timespec ask(clockid_t clock)
{
    struct timespec now = { 0 };

    /* Elsewhere the libc's is another struct than the kernel's. */
    if (sizeof(now.tv_sec) == sizeof(long))
        syscall(SYS_clock_gettime, clock, &now);
    else
        clock_gettime(clock, &now);
    return now;
}

uint64_t clock_now(void)
{
    struct timespec now = ask(CLOCK_MONOTONIC);
    return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

struct timespec clock_date(void)
{
    return ask(CLOCK_REALTIME);
}
