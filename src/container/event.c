/* SPDX-License-Identifier: Apache-2.0 */
/* Serves no field: what `events` prints.  What surprises: a writer of JSON has the arena for
 * itself, so that each file is read when its part is written, into one buffer for all. */

#include "container/event.h"

#include <errno.h>
#include <string.h>

#include "base/allocate.h"
#include "base/list.h"
#include "base/number_set.h"
#include "base/text.h"
#include "cgroup/stats.h"
#include "container/event_rdt.h"
#include "libocispec/json.h"
#include "libocispec/utf8.h"
#include "namespace/interfaces.h"

enum { NANOSECONDS = 1000 }; /* in a microsecond */

struct event {
    struct json_writer json;
    const struct stats *stats;
    char text[STATS_TEXT_SIZE];
};

static fallible read_text(struct event *event, int file)
{
    return stats_read(file, event->text, sizeof(event->text));
}

static void open_member(struct event *event, const char *name, enum json_type type)
{
    json_write_string(&event->json, name);
    json_write_open(&event->json, type);
}

static void close_object(struct event *event)
{
    json_write_close(&event->json, JSON_OBJECT);
}

static void close_array(struct event *event)
{
    json_write_close(&event->json, JSON_ARRAY);
}

static void write_value(struct event *event, const char *name, uint64_t value)
{
    json_write_string(&event->json, name);
    json_write_unsigned(&event->json, value);
}

static void write_number(struct event *event, const char *name, struct stats_number number)
{
    if (number.is_there)
        write_value(event, name, number.value);
}

static fallible write_file(struct event *event, const char *name, enum stats_file file)
{
    struct stats_number number;

    try(stats_read_number(event->stats->files[file], &number));
    write_number(event, name, number);
    return OK;
}

/* A line of the text, which counts microseconds. */
static void write_time(struct event *event, const char *name, const char *key)
{
    struct stats_number time = stats_find(event->text, key);

    time.value *= NANOSECONDS;
    write_number(event, name, time);
}

static fallible write_pressure(struct event *event, enum stats_file file)
{
    static const char *const names[] = { "avg10", "avg60", "avg300" };
    struct stats_pressure pressure;

    /* EOPNOTSUPP: the kernel was told to count none (psi=0, cgroup.pressure). */
    struct error *error = read_text(event, event->stats->files[file]);
    if (error && error_forget_if(error, EOPNOTSUPP))
        return OK;
    try(error);
    const char *at = event->text;
    if (!*at)
        return OK;
    open_member(event, "psi", JSON_OBJECT);
    while (stats_take_pressure(&at, &pressure)) {
        open_member(event, pressure.kind, JSON_OBJECT);
        for (size_t i = 0; i < LENGTH(names); i++) {
            json_write_string(&event->json, names[i]);
            json_write_number(&event->json, pressure.shares[i]);
        }
        write_value(event, "total", pressure.total);
        close_object(event);
    }
    close_object(event);
    return OK;
}

static fallible write_cpu(struct event *event)
{
    try(read_text(event, event->stats->files[STATS_CPU]));
    open_member(event, "cpu", JSON_OBJECT);
    open_member(event, "usage", JSON_OBJECT);
    write_time(event, "total", "usage_usec");
    write_time(event, "kernel", "system_usec");
    write_time(event, "user", "user_usec");
    close_object(event);
    open_member(event, "throttling", JSON_OBJECT);
    write_number(event, "periods", stats_find(event->text, "nr_periods"));
    write_number(event, "throttledPeriods", stats_find(event->text, "nr_throttled"));
    write_time(event, "throttledTime", "throttled_usec");
    close_object(event);
    try(write_pressure(event, STATS_CPU_PRESSURE));
    close_object(event);
    return OK;
}

static fallible write_set(struct event *event, const char *name, enum stats_file file)
{
    struct number_set set = { 0 };

    try(read_text(event, event->stats->files[file]));
    if (!event->text[0])
        return OK;
    if (!number_set_parse(event->text, &set))
        return error_new(ERROR_CGROUP, "the cgroup has no list of numbers for its %s", name);
    open_member(event, name, JSON_ARRAY);
    for (uint32_t i = 0; i <= NUMBER_SET_MOST; i++)
        if (set.words[i / 64] >> i % 64 & 1)
            json_write_unsigned(&event->json, i);
    close_array(event);
    return OK;
}

static fallible write_cpuset(struct event *event)
{
    open_member(event, "cpuset", JSON_OBJECT);
    try(write_set(event, "cpus", STATS_CPUS));
    try(write_set(event, "mems", STATS_MEMS));
    close_object(event);
    return OK;
}

static fallible write_memory_usage(struct event *event)
{
    open_member(event, "usage", JSON_OBJECT);
    try(write_file(event, "limit", STATS_MEMORY_MAX));
    try(write_file(event, "usage", STATS_MEMORY));
    try(write_file(event, "max", STATS_MEMORY_PEAK));
    try(read_text(event, event->stats->files[STATS_MEMORY_EVENTS]));
    write_number(event, "failcnt", stats_find(event->text, "max"));
    close_object(event);
    return OK;
}

static fallible write_sum(struct event *event, const char *name, enum stats_file first,
                          enum stats_file second)
{
    struct stats_number a, b;

    try(stats_read_number(event->stats->files[first], &a));
    try(stats_read_number(event->stats->files[second], &b));
    if (__builtin_add_overflow(a.value, b.value, &a.value))
        a.value = UINT64_MAX;
    a.is_there &= b.is_there;
    write_number(event, name, a);
    return OK;
}

static fallible write_swap(struct event *event)
{
    open_member(event, "swap", JSON_OBJECT);
    try(write_sum(event, "limit", STATS_MEMORY_MAX, STATS_SWAP_MAX));
    try(write_sum(event, "usage", STATS_MEMORY, STATS_SWAP));
    try(read_text(event, event->stats->files[STATS_SWAP_EVENTS]));
    write_number(event, "failcnt", stats_find(event->text, "max"));
    close_object(event);
    return OK;
}

static void write_raw(struct event *event)
{
    const char *at = event->text;
    struct stats_line line;

    open_member(event, "raw", JSON_OBJECT);
    while (stats_take_line(&at, &line))
        write_value(event, line.key, line.value);
    close_object(event);
}

static fallible write_memory(struct event *event)
{
    open_member(event, "memory", JSON_OBJECT);
    try(write_memory_usage(event));
    try(write_swap(event));
    try(read_text(event, event->stats->files[STATS_MEMORY_STAT]));
    if (event->text[0]) {
        write_number(event, "cache", stats_find(event->text, "file"));
        open_member(event, "kernel", JSON_OBJECT);
        write_number(event, "usage", stats_find(event->text, "kernel"));
        close_object(event);
        open_member(event, "kernelTCP", JSON_OBJECT);
        write_number(event, "usage", stats_find(event->text, "sock"));
        close_object(event);
        write_raw(event);
    }
    try(write_pressure(event, STATS_MEMORY_PRESSURE));
    close_object(event);
    return OK;
}

static fallible write_pids(struct event *event)
{
    struct stats_number limit;

    try(stats_read_number(event->stats->files[STATS_PIDS_MAX], &limit));
    limit.is_there &= limit.value != UINT64_MAX;
    open_member(event, "pids", JSON_OBJECT);
    try(write_file(event, "current", STATS_PIDS));
    write_number(event, "limit", limit);
    close_object(event);
    return OK;
}

/* The counts of reads, writes and discards lie two apart. */
static void write_devices(struct event *event, const char *name, enum stats_io first)
{
    static const char *const operations[] = { "Read", "Write", "Discard" };
    const char *at = event->text;
    struct stats_device device;

    open_member(event, name, JSON_ARRAY);
    while (stats_take_device(&at, &device))
        for (size_t i = 0; i < LENGTH(operations); i++) {
            struct stats_number count = device.values[first + 2 * i];
            if (!count.is_there)
                continue;
            json_write_open(&event->json, JSON_OBJECT);
            write_value(event, "major", device.major);
            write_value(event, "minor", device.minor);
            json_write_string(&event->json, "op");
            json_write_string(&event->json, operations[i]);
            write_number(event, "value", count);
            close_object(event);
        }
    close_array(event);
}

static fallible write_blkio(struct event *event)
{
    open_member(event, "blkio", JSON_OBJECT);
    try(read_text(event, event->stats->files[STATS_IO]));
    if (event->text[0]) {
        write_devices(event, "ioServiceBytesRecursive", STATS_READ_BYTES);
        write_devices(event, "ioServicedRecursive", STATS_READS);
    }
    try(write_pressure(event, STATS_IO_PRESSURE));
    close_object(event);
    return OK;
}

static fallible write_pages(struct event *event, const struct stats_pages *pages)
{
    struct stats_number usage;

    open_member(event, pages->size, JSON_OBJECT);
    try(stats_read_number(pages->current, &usage));
    write_number(event, "usage", usage);
    try(read_text(event, pages->events));
    write_number(event, "failcnt", stats_find(event->text, "max"));
    close_object(event);
    return OK;
}

static fallible write_hugetlb(struct event *event)
{
    open_member(event, "hugetlb", JSON_OBJECT);
    for (uint32_t i = 0; i < event->stats->page_count; i++)
        try(write_pages(event, &event->stats->pages[i]));
    close_object(event);
    return OK;
}

static void write_interface(struct event *event, const struct interface_counts *counts)
{
    static const char *const received[] = { "RxBytes", "RxPackets", "RxErrors", "RxDropped" };
    static const char *const sent[] = { "TxBytes", "TxPackets", "TxErrors", "TxDropped" };

    json_write_open(&event->json, JSON_OBJECT);
    json_write_string(&event->json, "Name");
    json_write_string(&event->json, counts->name);
    for (size_t i = 0; i < LENGTH(received); i++)
        write_value(event, received[i], counts->received[i]);
    for (size_t i = 0; i < LENGTH(sent); i++)
        write_value(event, sent[i], counts->sent[i]);
    close_object(event);
}

/* A name that is no text cannot stand in JSON, and interfaces that are too many find no room: they
 * must not keep us from telling the rest. */
static fallible write_interfaces(struct event *event, int file)
{
    const char *at = event->text;
    struct interface_counts counts;

    if (file < 0)
        return OK;
    try(stats_read_lines(file, event->text, sizeof(event->text)));
    open_member(event, "network_interfaces", JSON_ARRAY);
    while (interfaces_take(&at, &counts))
        if (utf8_prefix(counts.name, strlen(counts.name)) == strlen(counts.name))
            write_interface(event, &counts);
    close_array(event);
    return OK;
}

static fallible write_data(struct event *event, const struct event_sources *sources)
{
    static struct error *(*const parts[])(struct event *) = {
        write_cpu, write_cpuset, write_memory, write_pids, write_blkio, write_hugetlb,
    };

    for (size_t i = 0; i < LENGTH(parts); i++)
        try(parts[i](event));
    try(event_write_rdt(&event->json, sources->rdt));
    try(write_interfaces(event, sources->interfaces));
    return stats_check(event->stats); /* behind all of it: none was read of a cgroup that is gone */
}

static void begin(struct json_writer *json, const char *type, const char *id, struct arena *arena)
{
    json_write_begin(json, arena, false);
    json_write_open(json, JSON_OBJECT);
    json_write_string(json, "type");
    json_write_string(json, type);
    json_write_string(json, "id");
    json_write_string(json, id);
}

static fallible end(struct json_writer *json, struct arena *arena, const char **line)
{
    json_write_close(json, JSON_OBJECT);
    const char *text = json_write_end(json, NULL);
    if (!text)
        return allocate_failed();
    try_print(*line, arena, "%s\n", text);
    return OK;
}

fallible event_describe_stats(const char *id, const struct event_sources *sources,
                              struct arena *arena, const char **line)
{
    struct event *event;

    try_new(event, arena, 1);
    event->stats = sources->stats;
    begin(&event->json, "stats", id, arena);
    open_member(event, "data", JSON_OBJECT);
    struct error *error = write_data(event, sources);
    close_object(event);
    struct error *unended = end(&event->json, arena, line);
    if (!error)
        return unended;
    error_forget(unended);
    return error;
}

fallible event_describe_oom(const char *id, struct arena *arena, const char **line)
{
    struct json_writer json;

    begin(&json, "oom", id, arena);
    return end(&json, arena, line);
}
