/* SPDX-License-Identifier: Apache-2.0 */
/* Serves no field: what `stats` shows.  What surprises: a file that is there and empty, as io.stat
 * of who has read nothing, says something, and one that is not there does not. */

#include "container/usage.h"

#include <errno.h>
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "container/container.h"
#include "os/clock.h"

/* Where each number stands: behind a key, or alone. */
static const struct {
    enum stats_file file;
    const char *key;
} sources[USAGE_NUMBERS] = {
    [USAGE_CPU_USER] = { STATS_CPU, "user_usec" },
    [USAGE_CPU_SYSTEM] = { STATS_CPU, "system_usec" },
    [USAGE_CPU_PERIODS] = { STATS_CPU, "nr_periods" },
    [USAGE_CPU_THROTTLED_PERIODS] = { STATS_CPU, "nr_throttled" },
    [USAGE_CPU_THROTTLED] = { STATS_CPU, "throttled_usec" },
    [USAGE_MEMORY] = { STATS_MEMORY, NULL },
    [USAGE_MEMORY_PEAK] = { STATS_MEMORY_PEAK, NULL },
    [USAGE_MEMORY_LIMIT] = { STATS_MEMORY_MAX, NULL },
    [USAGE_OOM_KILLS] = { STATS_MEMORY_EVENTS, "oom_kill" },
    [USAGE_SWAP] = { STATS_SWAP, NULL },
    [USAGE_SWAP_LIMIT] = { STATS_SWAP_MAX, NULL },
    [USAGE_PIDS] = { STATS_PIDS, NULL },
    [USAGE_PIDS_LIMIT] = { STATS_PIDS_MAX, NULL },
};

struct measuring {
    struct stats stats;
    struct arena *arena;
    struct usage *usage;
    char *text; /* room for STATS_TEXT_SIZE */
};

static fallible read_text(struct measuring *measuring, enum stats_file file)
{
    return stats_read(measuring->stats.files[file], measuring->text, STATS_TEXT_SIZE);
}

/* What stands in one file is of one moment. */
static fallible read_numbers(struct measuring *measuring)
{
    enum stats_file file = STATS_FILES;

    for (int i = 0; i < USAGE_NUMBERS; i++) {
        struct stats_number *number = &measuring->usage->numbers[i];
        if (!sources[i].key) {
            try(stats_read_number(measuring->stats.files[sources[i].file], number));
            continue;
        }
        if (file != sources[i].file)
            try(read_text(measuring, sources[i].file));
        file = sources[i].file;
        *number = stats_find(measuring->text, sources[i].key);
    }
    return OK;
}

static fallible read_pressure(struct measuring *measuring, enum stats_file file,
                              struct usage_pressure *pressures)
{
    static const char *const kinds[USAGE_DEGREES] = { "some", "full" };
    struct stats_pressure line;

    /* EOPNOTSUPP: the kernel was told to count none (psi=0, cgroup.pressure). */
    struct error *error = read_text(measuring, file);
    if (error && error_forget_if(error, EOPNOTSUPP))
        return OK;
    try(error);
    for (const char *at = measuring->text; stats_take_pressure(&at, &line);)
        for (int i = 0; i < USAGE_DEGREES; i++)
            if (text_equal(line.kind, kinds[i]))
                pressures[i] = (struct usage_pressure){ line, true };
    return OK;
}

static fallible read_pressures(struct measuring *measuring)
{
    static const enum stats_file files[USAGE_RESOURCES] = { STATS_CPU_PRESSURE,
                                                            STATS_MEMORY_PRESSURE,
                                                            STATS_IO_PRESSURE };

    for (int i = 0; i < USAGE_RESOURCES; i++)
        try(read_pressure(measuring, files[i], measuring->usage->pressures[i]));
    return OK;
}

static uint32_t count_devices(const char *text)
{
    struct stats_device device;
    uint32_t count = 0;

    while (stats_take_device(&text, &device))
        count++;
    return count;
}

static fallible read_devices(struct measuring *measuring)
{
    struct usage *usage = measuring->usage;
    const char *at = measuring->text;
    struct stats_device *devices;

    try(stats_read_lines(measuring->stats.files[STATS_IO], measuring->text, STATS_TEXT_SIZE));
    usage->has_devices = measuring->stats.files[STATS_IO] >= 0;
    usage->device_count = count_devices(measuring->text);
    try_new(devices, measuring->arena, usage->device_count);
    for (uint32_t i = 0; i < usage->device_count; i++)
        stats_take_device(&at, &devices[i]);
    usage->devices = devices;
    return OK;
}

static fallible read_all(struct measuring *measuring)
{
    try(read_numbers(measuring));
    try(read_pressures(measuring));
    try(read_devices(measuring));
    return stats_check(&measuring->stats); /* behind all of it, as in event.c */
}

fallible usage_read(int cgroup, struct arena *arena, struct usage *usage)
{
    char text[STATS_TEXT_SIZE];
    struct measuring measuring = { .arena = arena, .usage = usage, .text = text };

    try(stats_open(cgroup, &measuring.stats));
    usage->moment = clock_now();
    struct error *error = read_all(&measuring);
    stats_close(&measuring.stats);
    return error;
}

static fallible measure_cgroup(const struct record *record, struct arena *arena,
                               struct usage *usage)
{
    auto_close int cgroup = -1;

    try(cgroup_open(record->cgroup_mount, record->cgroup_path, &cgroup));
    try(usage_read(cgroup, arena, usage));
    /* Of a cgroup that was there before. */
    uint64_t *kills = &usage->numbers[USAGE_OOM_KILLS].value;
    *kills -= *kills < record->oom_kills.value ? *kills : record->oom_kills.value;
    return OK;
}

fallible usage_measure(const struct container *container, struct arena *arena, struct usage *usage)
{
    const struct record *record = &container->record;
    struct usage measured;

    *usage = (struct usage){
        .id = record->id,
        .status = container_status_name(container->status),
        .started = record->started.value,
    };
    if (container->pidfd < 0 || !record->cgroup_path)
        return OK;
    measured = *usage;
    struct error *error = measure_cgroup(record, arena, &measured);
    if (error && (error_forget_if(error, ENOENT) || error_forget_if(error, ENODEV)))
        return OK;
    try(error);
    *usage = measured;
    return OK;
}

static struct stats_number sum_cpu(const struct usage *usage)
{
    struct stats_number sum = usage->numbers[USAGE_CPU_USER];

    sum.value += usage->numbers[USAGE_CPU_SYSTEM].value;
    return sum;
}

void usage_compare(struct usage *now, const struct usage *before)
{
    struct stats_number used = sum_cpu(now), was = sum_cpu(before);
    uint64_t passed = (now->moment - before->moment) / 1000;

    if (!used.is_there || !was.is_there || now->started != before->started ||
        now->moment <= before->moment || used.value < was.value || !passed)
        return;
    now->cpu_share = (struct stats_number){ (used.value - was.value) * 1000 / passed, true };
}
