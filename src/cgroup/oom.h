/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"

enum { OOM_LIMIT_SIZE = 24 };

/* Whether memory ran out in a cgroup, and below. */
struct oom {
    uint64_t kills;             /* processes that the kernel killed for it, ever (memory.events) */
    char limit[OOM_LIMIT_SIZE]; /* memory.max: bytes, or "max" */
};

/* Without the controller memory: no kills and no limit (""). */
fallible oom_read(int directory, struct oom *oom);
