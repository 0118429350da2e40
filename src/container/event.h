/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct arena;
struct intel_rdt_stats;
struct stats;

/* What an event is made of: descriptors that are open. */
struct event_sources {
    const struct stats *stats;         /* the cgroup */
    const struct intel_rdt_stats *rdt; /* the groups in resctrl, or NULL */
    int interfaces;                    /* /proc/PID/net/dev, or -1 */
};

/*
 * An event of a container as a line of JSON (arena), with its newline, as programs that call runc
 * read it: {"type":"stats","id":"web","data":{...}}.  The members of data are those of runc's
 * types.Stats (github.com/opencontainers/runc/types, and go-runc's Stats), in its units:
 * nanoseconds and bytes; pressures as the kernel has them.  Cgroups of version 2 count less, and
 * otherwise, than those of version 1:
 *
 * - memory.usage.limit and swap.limit without a limit are 18446744073709551615; pids.limit is left
 *   out then.  What no file says is left out, which those programs read as 0.
 * - memory.swap is memory and swap together, as it was in version 1.
 * - memory.cache is "file" of memory.stat, and memory.raw all of that.
 * - memory.kernel.usage is "kernel" of memory.stat; there is no limit for it.
 *
 * network_interfaces are those of the container's own network namespace; of more than a thousand
 * only the first.  errno ENODEV: the cgroup is gone.
 */
fallible event_describe_stats(const char *id, const struct event_sources *sources,
                              struct arena *arena, const char **line);

/* {"type":"oom","id":"web"} */
fallible event_describe_oom(const char *id, struct arena *arena, const char **line);
