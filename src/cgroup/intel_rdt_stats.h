/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct intel_rdt_groups;

/*
 * What a container's groups in resctrl get and use (Documentation/filesystems/resctrl.rst): files
 * that are opened once and read again and again, by stats_read() (cgroup/stats.h).
 */
enum intel_rdt_file {
    RDT_SCHEMATA,      /* of the group */
    RDT_ROOT_SCHEMATA, /* of those who are in none */
    RDT_CACHE_MASK,
    RDT_CACHE_BITS,
    RDT_CACHE_CLOSIDS,
    RDT_BANDWIDTH_GRAN,
    RDT_BANDWIDTH_LINEAR,
    RDT_BANDWIDTH_LEAST,
    RDT_BANDWIDTH_CLOSIDS,
    RDT_FILES,
};

/* Of one domain of the cache. */
struct intel_rdt_node {
    uint64_t number;
    int occupancy, total, local; /* llc_occupancy, mbm_total_bytes, mbm_local_bytes */
};

enum { RDT_NODES = 64 };
struct intel_rdt_stats {
    int files[RDT_FILES]; /* -1: not there */
    struct intel_rdt_node nodes[RDT_NODES];
    uint32_t node_count;
};

/* Opens what there is of the groups below ROOT, that of resctrl; monitored is the monitoring group,
 * or else the group. */
fallible intel_rdt_stats_open(const struct intel_rdt_groups *groups, int root,
                              struct intel_rdt_stats *stats);
void intel_rdt_stats_close(struct intel_rdt_stats *stats);
