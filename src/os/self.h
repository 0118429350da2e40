/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * What the host's process is.  None of it changes while tare runs, so it is asked of the kernel
 * once; not for processes that change their user, nor for those in a container.
 */

/* Our effective user id, which the kernel has handed over (AT_EUID, getauxval(3)). */
uid_t self_user(void);

/* /proc/self/status (proc(5)), as it was when it was asked for first; with many supplementary
 * groups it ends among them.  It is ours, not the caller's to free. */
fallible self_status(const char **status);

/* The signals that we ignore, which an exec hands on: bit N-1 for signal N.  tare itself
 * ignores none: it handles what it must not die of. */
fallible self_ignored_signals(uint64_t *ignored);

/* Whether we have the effective capability of that number (capabilities(7)); true where the kernel
 * cannot say. */
bool self_has_capability(unsigned number);

/* The umask that we were started with, without changing it, as umask(2) would. */
fallible self_umask(mode_t *mask);
