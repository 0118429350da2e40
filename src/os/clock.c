/* SPDX-License-Identifier: Apache-2.0 */
/* Time for deadlines and traces; init and host read the same clock unless a time namespace is new.
 */
#include "os/clock.h"

#include <time.h>

uint64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}
