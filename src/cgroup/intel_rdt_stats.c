/* SPDX-License-Identifier: Apache-2.0 */
/* linux.intelRdt: what came of it.  What surprises: the kernel lists the domains of a cache in the
 * order of their directory entries, so that they have to be sorted by their numbers. */

#include "cgroup/intel_rdt_stats.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/intel_rdt.h"
#include "os/directory.h"

enum { PATH_SIZE = 2 * 256 + 64 };

static const char *const info[RDT_FILES] = {
    [RDT_ROOT_SCHEMATA] = "schemata",
    [RDT_CACHE_MASK] = "info/L3/cbm_mask",
    [RDT_CACHE_BITS] = "info/L3/min_cbm_bits",
    [RDT_CACHE_CLOSIDS] = "info/L3/num_closids",
    [RDT_BANDWIDTH_GRAN] = "info/MB/bandwidth_gran",
    [RDT_BANDWIDTH_LINEAR] = "info/MB/delay_linear",
    [RDT_BANDWIDTH_LEAST] = "info/MB/min_bandwidth",
    [RDT_BANDWIDTH_CLOSIDS] = "info/MB/num_closids",
};

static fallible open_file(int directory, const char *path, int *file)
{
    int opened = openat(directory, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (opened < 0 && errno != ENOENT)
        return error_errno(ERROR_CGROUP, "open %s of resctrl", path);
    *file = opened;
    return OK;
}

static struct intel_rdt_node *add_node(struct intel_rdt_stats *stats, uint64_t number)
{
    uint32_t at = stats->node_count++;

    for (; at > 0 && stats->nodes[at - 1].number > number; at--)
        stats->nodes[at] = stats->nodes[at - 1];
    stats->nodes[at] = (struct intel_rdt_node){ number, -1, -1, -1 };
    return &stats->nodes[at];
}

/* NAME is that of a domain: "mon_L3_00". */
static fallible open_node(int directory, const char *name, struct intel_rdt_stats *stats)
{
    static const char start[] = "mon_L3_";
    char path[PATH_SIZE];
    uint64_t number;

    if (!text_starts(name, start) || stats->node_count == RDT_NODES ||
        !text_to_unsigned(name + strlen(start), UINT32_MAX, &number))
        return OK;
    struct intel_rdt_node *node = add_node(stats, number);
    text_format(path, sizeof(path), "%s/llc_occupancy", name);
    try(open_file(directory, path, &node->occupancy));
    text_format(path, sizeof(path), "%s/mbm_total_bytes", name);
    try(open_file(directory, path, &node->total));
    text_format(path, sizeof(path), "%s/mbm_local_bytes", name);
    return open_file(directory, path, &node->local);
}

static fallible open_nodes(int root, const char *path, struct intel_rdt_stats *stats)
{
    auto_close int listed = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct directory names;
    struct directory_entry entry;

    if (listed < 0 && errno == ENOENT)
        return OK; /* the processor counts nothing */
    if (listed < 0)
        return error_errno(ERROR_CGROUP, "open %s of resctrl", path);
    try(directory_begin(listed, &names));
    for (;;) {
        try(directory_next(&names, &entry));
        if (!entry.name)
            return OK;
        try(open_node(listed, entry.name, stats));
    }
}

static fallible open_all(const struct intel_rdt_groups *groups, int root,
                         struct intel_rdt_stats *stats)
{
    const char *group = text_equal(groups->group, "/") ? "." : groups->group;
    char path[PATH_SIZE];

    for (int i = 0; i < RDT_FILES; i++)
        if (info[i])
            try(open_file(root, info[i], &stats->files[i]));
    text_format(path, sizeof(path), "%s/schemata", group);
    try(open_file(root, path, &stats->files[RDT_SCHEMATA]));
    if (groups->monitor)
        text_format(path, sizeof(path), "%s/mon_groups/%s/mon_data", group, groups->monitor);
    else
        text_format(path, sizeof(path), "%s/mon_data", group);
    return open_nodes(root, path, stats);
}

fallible intel_rdt_stats_open(const struct intel_rdt_groups *groups, int root,
                              struct intel_rdt_stats *stats)
{
    *stats = (struct intel_rdt_stats){ 0 };
    for (int i = 0; i < RDT_FILES; i++)
        stats->files[i] = -1;
    struct error *error = open_all(groups, root, stats);
    if (error)
        intel_rdt_stats_close(stats);
    return error;
}

void intel_rdt_stats_close(struct intel_rdt_stats *stats)
{
    for (int i = 0; i < RDT_FILES; i++)
        close_fd(&stats->files[i]);
    for (uint32_t i = 0; i < stats->node_count; i++) {
        close_fd(&stats->nodes[i].occupancy);
        close_fd(&stats->nodes[i].total);
        close_fd(&stats->nodes[i].local);
    }
    stats->node_count = 0;
}
