/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/* The freezer of a cgroup: what is in it and below stands still, but for SIGKILL. */

/* Freezes it, and waits until all stand still (cgroup.events).  On failure it is thawed again:
 * ERROR_TIMEOUT after MILLISECONDS, errno ENOENT where the kernel has no freezer or the cgroup is
 * gone. */
fallible freezer_freeze(int directory, int milliseconds);

/* Thaws it, without waiting. */
fallible freezer_thaw(int directory);
