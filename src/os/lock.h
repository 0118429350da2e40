/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "base/error.h"

/* Who holds a lock by flock(2) on the file of FD, as /proc/locks tells (proc(5)).  PID is 0 when it
 * does not: the holder is gone meanwhile, or lives in another pid namespace, or the filesystem has
 * other numbers than stat(2) says.  Host only. */
fallible lock_find_holder(int fd, pid_t *pid);
