/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>
#include <time.h>

/* Both ask the kernel by a call, clock_gettime(2): most commands ask once or twice, and the first
 * time from the vdso costs three page faults. */

/* Nanoseconds of CLOCK_MONOTONIC, for deadlines. */
uint64_t clock_now(void);

/* CLOCK_REALTIME, for what is written down. */
struct timespec clock_date(void);
