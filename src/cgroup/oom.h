/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
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

/* Whether all of the cgroup is killed when the kernel kills one of it (memory.oom.group). */
fallible oom_is_group(int directory, bool *is_group);
