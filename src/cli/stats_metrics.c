/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare stats --format openmetrics (github.com/prometheus/OpenMetrics, version 1.0).
 *
 * What surprises: a family stands in one piece, so that the families are the outer loop; and the
 * time of a sample is left out, since node_exporter's textfile collector refuses it.
 */
#include "base/builder.h"
#include "base/escape.h"
#include "base/list.h"
#include "cli/stats.h"

enum { LABEL_SIZE = 1024 };

struct page;

struct family {
    const char *name;
    const char *type;
    const char *unit; /* which the name ends with, or NULL */
    const char *help;
    void (*write)(struct page *page, const struct usage *usage);
    int which; /* what WRITE reads */
};

struct page {
    struct builder builder;
    const struct family *family;
    char id[LABEL_SIZE]; /* of the container, as the value of a label */
};

/* Of a label only the quote, the backslash and the newline may be escaped; what else must not reach
 * a terminal is made plain text before. */
static void escape_label(char label[LABEL_SIZE], const char *text)
{
    char plain[LABEL_SIZE / 2];

    escape_text(plain, sizeof(plain), text, ESCAPE_PLAIN);
    escape_text(label, LABEL_SIZE, plain, ESCAPE_QUOTED);
}

/* "tare_container_cpu_seconds_total{id="web"": what is asked of it, and the value, are to follow.
 */
static struct builder *begin_sample(struct page *page)
{
    bool is_counter = page->family->type[0] == 'c';

    builder_print(&page->builder, "%s%s{id=\"%s\"", page->family->name, is_counter ? "_total" : "",
                  page->id);
    return &page->builder;
}

static void end_number(struct builder *builder, uint64_t value)
{
    builder_print(builder, "} %llu\n", (unsigned long long) value);
}

static void end_seconds(struct builder *builder, uint64_t microseconds)
{
    builder_print(builder, "} %llu.%06llu\n", (unsigned long long) microseconds / 1000000,
                  (unsigned long long) microseconds % 1000000);
}

static void write_status(struct page *page, const struct usage *usage)
{
    builder_print(begin_sample(page), ",status=\"%s\"} 1\n", usage->status);
}

static void write_cpu(struct page *page, const struct usage *usage)
{
    static const char *const modes[] = { "user", "system" };
    static const enum usage_number times[] = { USAGE_CPU_USER, USAGE_CPU_SYSTEM };

    for (size_t i = 0; i < LENGTH(modes); i++) {
        if (!usage->numbers[times[i]].is_there)
            continue;
        struct builder *builder = begin_sample(page);
        builder_print(builder, ",mode=\"%s\"", modes[i]);
        end_seconds(builder, usage->numbers[times[i]].value);
    }
}

static void write_seconds(struct page *page, const struct usage *usage)
{
    struct stats_number number = usage->numbers[page->family->which];

    if (number.is_there)
        end_seconds(begin_sample(page), number.value);
}

static void write_number(struct page *page, const struct usage *usage)
{
    struct stats_number number = usage->numbers[page->family->which];

    if (number.is_there && number.value == UINT64_MAX)
        builder_print(begin_sample(page), "} +Inf\n");
    else if (number.is_there)
        end_number(begin_sample(page), number.value);
}

static void write_devices(struct page *page, const struct usage *usage)
{
    for (uint32_t i = 0; i < usage->device_count; i++) {
        const struct stats_device *device = &usage->devices[i];
        if (!device->values[page->family->which].is_there)
            continue;
        struct builder *builder = begin_sample(page);
        builder_print(builder, ",device=\"%llu:%llu\"", (unsigned long long) device->major,
                      (unsigned long long) device->minor);
        end_number(builder, device->values[page->family->which].value);
    }
}

static void write_pressures(struct page *page, const struct usage *usage)
{
    static const char *const resources[USAGE_RESOURCES] = { "cpu", "memory", "io" };

    for (int i = 0; i < USAGE_RESOURCES; i++) {
        const struct usage_pressure *pressure = &usage->pressures[i][page->family->which];
        if (!pressure->is_there)
            continue;
        struct builder *builder = begin_sample(page);
        builder_print(builder, ",resource=\"%s\"", resources[i]);
        end_seconds(builder, pressure->line.total);
    }
}

// clang-format off
#define FAMILY(name) "tare_container_" name
static const struct family families[] = {
    { FAMILY("status"), "gauge", NULL, "1 for the status that the container has",
      write_status, 0 },
    { FAMILY("cpu_seconds"), "counter", "seconds", "Time of CPUs that was used",
      write_cpu, 0 },
    { FAMILY("cpu_periods"), "counter", NULL, "Periods in which a quota of CPU was counted",
      write_number, USAGE_CPU_PERIODS },
    { FAMILY("cpu_throttled_periods"), "counter", NULL, "Periods in which the quota ran out",
      write_number, USAGE_CPU_THROTTLED_PERIODS },
    { FAMILY("cpu_throttled_seconds"), "counter", "seconds", "Time without CPU for want of quota",
      write_seconds, USAGE_CPU_THROTTLED },
    { FAMILY("memory_bytes"), "gauge", "bytes", "Memory that is used, with files that are cached",
      write_number, USAGE_MEMORY },
    { FAMILY("memory_peak_bytes"), "gauge", "bytes", "The most that was ever used",
      write_number, USAGE_MEMORY_PEAK },
    { FAMILY("memory_limit_bytes"), "gauge", "bytes", "The limit on memory",
      write_number, USAGE_MEMORY_LIMIT },
    { FAMILY("oom_kills"), "counter", NULL, "Processes killed since memory ran out",
      write_number, USAGE_OOM_KILLS },
    { FAMILY("swap_bytes"), "gauge", "bytes", "Swap that is used",
      write_number, USAGE_SWAP },
    { FAMILY("swap_limit_bytes"), "gauge", "bytes", "The limit on swap",
      write_number, USAGE_SWAP_LIMIT },
    { FAMILY("pids"), "gauge", NULL, "Processes and threads",
      write_number, USAGE_PIDS },
    { FAMILY("pids_limit"), "gauge", NULL, "The limit on processes and threads",
      write_number, USAGE_PIDS_LIMIT },
    { FAMILY("io_read_bytes"), "counter", "bytes", "What was read of a device",
      write_devices, STATS_READ_BYTES },
    { FAMILY("io_written_bytes"), "counter", "bytes", "What was written to a device",
      write_devices, STATS_WRITE_BYTES },
    { FAMILY("io_reads"), "counter", NULL, "How often a device was read",
      write_devices, STATS_READS },
    { FAMILY("io_writes"), "counter", NULL, "How often a device was written to",
      write_devices, STATS_WRITES },
    { FAMILY("pressure_some_seconds"), "counter", "seconds", "Time in which a process waited",
      write_pressures, USAGE_SOME },
    { FAMILY("pressure_full_seconds"), "counter", "seconds", "Time in which all of them waited",
      write_pressures, USAGE_FULL },
};
// clang-format on

static void write_family(struct page *page, const struct usages *usages)
{
    const struct family *family = page->family;

    builder_print(&page->builder, "# TYPE %s %s\n", family->name, family->type);
    if (family->unit)
        builder_print(&page->builder, "# UNIT %s %s\n", family->name, family->unit);
    builder_print(&page->builder, "# HELP %s %s.\n", family->name, family->help);
    for (uint32_t i = 0; i < usages->n; i++) {
        escape_label(page->id, usages->v[i].id);
        family->write(page, &usages->v[i]);
    }
}

fallible stats_describe_metrics(const struct usages *usages, struct arena *arena, const char **text)
{
    struct page page;

    builder_begin(&page.builder, arena);
    for (page.family = families; page.family < families + LENGTH(families); page.family++)
        write_family(&page, usages);
    builder_print(&page.builder, "# EOF\n");
    return builder_end(&page.builder, text);
}
