/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Until when a command has to be done (--timeout), if that was said: one of the process.
 *
 * When it comes SIGALRM does (setitimer(2)), again each second, and tells whoever can give up to do
 * so, as a ^C would (interrupts.h); who waits in other ways asks how much time is left.
 */
#define DEADLINE_IS_OVER "the time of --timeout is over"
void deadline_set(uint64_t nanoseconds);
bool deadline_is_set(void);

/* Milliseconds, rounded up; OTHERWISE if no deadline is set. */
int deadline_left(int otherwise);

/* For who watches what has no end, and so is done when it comes: whether it has, never if none is
 * set; and the earlier of it and OTHER, of CLOCK_MONOTONIC in nanoseconds. */
bool deadline_is_over(void);
uint64_t deadline_or(uint64_t other);

/* Seconds that a program may take which tidies up: what is left, but ten at least, and no more than
 * OTHERWISE, 0 being any number; OTHERWISE if no deadline is set. */
uint32_t deadline_grace(uint32_t otherwise);

/* What goes on from here may last, as a container in the foreground. */
void deadline_end(void);
