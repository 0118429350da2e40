/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"

/* Which descriptors the process gets: 0 to 2 and those of --preserve-fds, nothing else. */

/* Inside: gives inherited pipes and sockets among 0 to 2 to the user of the process, so that
 * /dev/stdout can be reopened.  Where that is not allowed, they stay as they are. */
fallible fds_own_standard(uint32_t uid);

/* Inside, last: everything above PRESERVED + 2 closes on exec.  Of 3 to PRESERVED + 2 the caller's
 * survive, untouched; tare's own among them, where the caller left a hole, close by the flag that
 * they have from birth. */
fallible fds_close_others(uint32_t preserved);
