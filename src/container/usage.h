/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cgroup/stats.h"

struct arena;
struct container;

/* What a container uses at one moment, in the kernel's units (cgroup-v2.rst): bytes, and
 * microseconds for what is a time.  UINT64_MAX is a limit that is none. */
enum usage_number {
    USAGE_CPU_USER,
    USAGE_CPU_SYSTEM,
    USAGE_CPU_PERIODS,
    USAGE_CPU_THROTTLED_PERIODS,
    USAGE_CPU_THROTTLED,
    USAGE_MEMORY,
    USAGE_MEMORY_PEAK,
    USAGE_MEMORY_LIMIT,
    USAGE_OOM_KILLS,
    USAGE_SWAP,
    USAGE_SWAP_LIMIT,
    USAGE_PIDS,
    USAGE_PIDS_LIMIT,
    USAGE_NUMBERS,
};

/* Pressure stall information: of each resource the lines "some" and "full". */
enum usage_resource { USAGE_OF_CPU, USAGE_OF_MEMORY, USAGE_OF_IO, USAGE_RESOURCES };
enum usage_degree { USAGE_SOME, USAGE_FULL, USAGE_DEGREES };
struct usage_pressure {
    struct stats_pressure line;
    bool is_there;
};

struct usage {
    const char *id;
    const char *status; /* the word of runtime.md#state */
    uint64_t started;   /* of its process, so that another one of that id is told from it */
    uint64_t moment;    /* of CLOCK_MONOTONIC, ns */
    struct stats_number numbers[USAGE_NUMBERS];
    struct usage_pressure pressures[USAGE_RESOURCES][USAGE_DEGREES];
    const struct stats_device *devices; /* that it has read or written */
    uint32_t device_count;
    bool has_devices;              /* they are known; there may be none */
    struct stats_number cpu_share; /* see usage_compare() */
};

/* What the container uses now; its words are in the arena, or the container's.  What the kernel
 * does not tell is absent, and all of it when the container has stopped or has no cgroup (any
 * more), or when this fails: then the id and the status are there. */
fallible usage_measure(const struct container *container, struct arena *arena, struct usage *usage);

/* The numbers, the pressures and the devices that the files in a cgroup's directory tell, and the
 * moment.  errno ENODEV: the cgroup is gone. */
fallible usage_read(int cgroup, struct arena *arena, struct usage *usage);

/* How much of one CPU it has used since BEFORE, in thousandths; absent if that cannot be said, as
 * of what is another container by now. */
void usage_compare(struct usage *now, const struct usage *before);
