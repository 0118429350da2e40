/* SPDX-License-Identifier: Apache-2.0 */
/* linux.intelRdt, as `events` tells of it.  What surprises: a counter that the hardware cannot give
 * at the moment reads "Unavailable", and is left out then. */

#include "container/event_rdt.h"

#include <string.h>

#include "base/text.h"
#include "cgroup/intel_rdt.h"
#include "cgroup/intel_rdt_stats.h"
#include "cgroup/stats.h"
#include "libocispec/json.h"

enum { NUMBER_SIZE = 32 };

static fallible read_word(int file, char word[NUMBER_SIZE])
{
    try(stats_read(file, word, NUMBER_SIZE));
    word[strcspn(word, "\n")] = '\0';
    return OK;
}

static fallible write_number(struct json_writer *json, const char *name, int file)
{
    char word[NUMBER_SIZE];
    uint64_t number;

    try(read_word(file, word));
    if (!text_to_unsigned(word, UINT64_MAX, &number))
        return OK;
    json_write_string(json, name);
    json_write_unsigned(json, number);
    return OK;
}

static fallible write_cache_info(struct json_writer *json, const int *files)
{
    char mask[NUMBER_SIZE];

    try(read_word(files[RDT_CACHE_MASK], mask));
    if (!mask[0])
        return OK;
    json_write_string(json, "l3_cache_info");
    json_write_open(json, JSON_OBJECT);
    json_write_string(json, "cbm_mask");
    json_write_string(json, mask);
    try(write_number(json, "min_cbm_bits", files[RDT_CACHE_BITS]));
    try(write_number(json, "num_closids", files[RDT_CACHE_CLOSIDS]));
    json_write_close(json, JSON_OBJECT);
    return OK;
}

static fallible write_bandwidth_info(struct json_writer *json, const int *files)
{
    if (files[RDT_BANDWIDTH_LEAST] < 0)
        return OK;
    json_write_string(json, "mem_bw_info");
    json_write_open(json, JSON_OBJECT);
    try(write_number(json, "bandwidth_gran", files[RDT_BANDWIDTH_GRAN]));
    try(write_number(json, "delay_linear", files[RDT_BANDWIDTH_LINEAR]));
    try(write_number(json, "min_bandwidth", files[RDT_BANDWIDTH_LEAST]));
    try(write_number(json, "num_closids", files[RDT_BANDWIDTH_CLOSIDS]));
    json_write_close(json, JSON_OBJECT);
    return OK;
}

/* The line of the schemata that begins with RESOURCE, blanks aside. */
static void write_line(struct json_writer *json, const char *name, const char *schemata,
                       const char *resource)
{
    char line[INTEL_RDT_SIZE];

    for (const char *at = schemata; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        const char *begin = at + strspn(at, " ");
        if (!text_starts(begin, resource))
            continue;
        text_format(line, sizeof(line), "%.*s", (int) strcspn(begin, "\n"), begin);
        json_write_string(json, name);
        json_write_string(json, line);
    }
}

static fallible write_schemata(struct json_writer *json, const int *files, const char *resource,
                               const char *const names[2])
{
    static const enum intel_rdt_file from[] = { RDT_ROOT_SCHEMATA, RDT_SCHEMATA };
    char text[INTEL_RDT_SIZE];

    for (int i = 0; i < 2; i++) {
        try(stats_read(files[from[i]], text, sizeof(text)));
        write_line(json, names[i], text, resource);
    }
    return OK;
}

static fallible write_bandwidths(struct json_writer *json, const struct intel_rdt_stats *rdt)
{
    if (!rdt->node_count || rdt->nodes[0].total < 0)
        return OK;
    json_write_string(json, "mbm_stats");
    json_write_open(json, JSON_ARRAY);
    for (uint32_t i = 0; i < rdt->node_count; i++) {
        json_write_open(json, JSON_OBJECT);
        try(write_number(json, "mbm_total_bytes", rdt->nodes[i].total));
        try(write_number(json, "mbm_local_bytes", rdt->nodes[i].local));
        json_write_close(json, JSON_OBJECT);
    }
    json_write_close(json, JSON_ARRAY);
    return OK;
}

static fallible write_occupancies(struct json_writer *json, const struct intel_rdt_stats *rdt)
{
    if (!rdt->node_count || rdt->nodes[0].occupancy < 0)
        return OK;
    json_write_string(json, "cmt_stats");
    json_write_open(json, JSON_ARRAY);
    for (uint32_t i = 0; i < rdt->node_count; i++) {
        json_write_open(json, JSON_OBJECT);
        try(write_number(json, "llc_occupancy", rdt->nodes[i].occupancy));
        json_write_close(json, JSON_OBJECT);
    }
    json_write_close(json, JSON_ARRAY);
    return OK;
}

static fallible write_all(struct json_writer *json, const struct intel_rdt_stats *rdt)
{
    static const char *const cache[] = { "l3_cache_schema_root", "l3_cache_schema" };
    static const char *const bandwidth[] = { "mem_bw_schema_root", "mem_bw_schema" };

    try(write_cache_info(json, rdt->files));
    try(write_schemata(json, rdt->files, "L3:", cache));
    try(write_bandwidth_info(json, rdt->files));
    try(write_schemata(json, rdt->files, "MB:", bandwidth));
    try(write_bandwidths(json, rdt));
    return write_occupancies(json, rdt);
}

fallible event_write_rdt(struct json_writer *json, const struct intel_rdt_stats *rdt)
{
    json_write_string(json, "intel_rdt");
    json_write_open(json, JSON_OBJECT);
    if (rdt)
        try(write_all(json, rdt));
    json_write_close(json, JSON_OBJECT);
    return OK;
}
