/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* The freezer of a cgroup (cgroup.freeze): what is in it and below stands still, but for SIGKILL.
 */

/* How long is waited for the kernel's word, which stands in cgroup.events. */
struct freezer_wait {
    int milliseconds; /* at most; then ERROR_TIMEOUT */
    int interrupts;   /* of struct interrupts, then ERROR_INTERRUPTED; or -1 */
};

/* Freezes it, and waits until all stand still.  On failure it is left as it is by then, frozen or
 * about to be: for who has to kill what may not go on. */
fallible freezer_hold(int directory, const struct freezer_wait *wait);

/* The same for who lets go on what cannot be frozen.  On failure it is thawed again; errno ENOENT
 * where the kernel has no freezer or the cgroup is gone. */
fallible freezer_freeze(int directory, const struct freezer_wait *wait);

/* Whether its own cgroup.freeze asks for it; not where there is none, as in the root of all. */
fallible freezer_is_asked(int directory, bool *is_asked);

/* Whether that is so, and all do not stand still after that moment, in which the kernel's word is
 * waited for: Linux 6.18 takes it back for a while. */
fallible freezer_is_late(int directory, const struct freezer_wait *moment, bool *is_late);

/* Thaws it, and waits until that is so, unless WAIT is NULL; ERROR_STATE when a cgroup above is
 * frozen and so nothing of it can go on. */
fallible freezer_thaw(int directory, const struct freezer_wait *wait);
