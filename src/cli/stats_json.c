/* SPDX-License-Identifier: Apache-2.0 */
/* tare stats --format json: what `events` says of one container in runc's words is told here of all
 * of them, in fewer. */
#include "base/allocate.h"
#include "base/list.h"
#include "base/text.h"
#include "cli/stats.h"
#include "libocispec/json.h"

static void open_member(struct json_writer *json, const char *name)
{
    json_write_string(json, name);
    json_write_open(json, JSON_OBJECT);
}

static void write_number(struct json_writer *json, const char *name, struct stats_number number)
{
    if (!number.is_there)
        return;
    json_write_string(json, name);
    if (number.value == UINT64_MAX)
        json_write_string(json, "max");
    else
        json_write_unsigned(json, number.value);
}

/* Of the kernel's microseconds nanoseconds are made, as in `events`. */
static void write_time(struct json_writer *json, const char *name, struct stats_number time)
{
    time.value *= 1000;
    write_number(json, name, time);
}

static void write_cpu(struct json_writer *json, const struct usage *usage)
{
    char percent[32];

    open_member(json, "cpu");
    if (usage->cpu_share.is_there) {
        text_format(percent, sizeof(percent), "%llu.%llu",
                    (unsigned long long) usage->cpu_share.value / 10,
                    (unsigned long long) usage->cpu_share.value % 10);
        json_write_string(json, "percent");
        json_write_number(json, percent);
    }
    write_time(json, "user", usage->numbers[USAGE_CPU_USER]);
    write_time(json, "kernel", usage->numbers[USAGE_CPU_SYSTEM]);
    write_number(json, "periods", usage->numbers[USAGE_CPU_PERIODS]);
    write_number(json, "throttledPeriods", usage->numbers[USAGE_CPU_THROTTLED_PERIODS]);
    write_time(json, "throttledTime", usage->numbers[USAGE_CPU_THROTTLED]);
    json_write_close(json, JSON_OBJECT);
}

struct member {
    const char *name;
    enum usage_number number;
};

static void write_members(struct json_writer *json, const struct usage *usage, const char *name,
                          const struct member *members)
{
    open_member(json, name);
    for (; members->name; members++)
        write_number(json, members->name, usage->numbers[members->number]);
    json_write_close(json, JSON_OBJECT);
}

static void write_devices(struct json_writer *json, const struct usage *usage)
{
    static const struct {
        const char *name;
        enum stats_io which;
    } members[] = {
        { "readBytes", STATS_READ_BYTES },
        { "writtenBytes", STATS_WRITE_BYTES },
        { "reads", STATS_READS },
        { "writes", STATS_WRITES },
    };

    if (!usage->has_devices)
        return;
    json_write_string(json, "io");
    json_write_open(json, JSON_ARRAY);
    for (uint32_t i = 0; i < usage->device_count; i++) {
        json_write_open(json, JSON_OBJECT);
        json_write_string(json, "major");
        json_write_unsigned(json, usage->devices[i].major);
        json_write_string(json, "minor");
        json_write_unsigned(json, usage->devices[i].minor);
        for (size_t j = 0; j < LENGTH(members); j++)
            write_number(json, members[j].name, usage->devices[i].values[members[j].which]);
        json_write_close(json, JSON_OBJECT);
    }
    json_write_close(json, JSON_ARRAY);
}

static void write_pressure(struct json_writer *json, const struct usage_pressure *pressure)
{
    static const char *const names[] = { "avg10", "avg60", "avg300" };

    if (!pressure->is_there)
        return;
    open_member(json, pressure->line.kind);
    for (size_t i = 0; i < LENGTH(names); i++) {
        json_write_string(json, names[i]);
        json_write_number(json, pressure->line.shares[i]);
    }
    json_write_string(json, "total");
    json_write_unsigned(json, pressure->line.total);
    json_write_close(json, JSON_OBJECT);
}

static void write_pressures(struct json_writer *json, const struct usage *usage)
{
    static const char *const names[USAGE_RESOURCES] = { "cpu", "memory", "io" };

    open_member(json, "psi");
    for (int i = 0; i < USAGE_RESOURCES; i++) {
        open_member(json, names[i]);
        for (int j = 0; j < USAGE_DEGREES; j++)
            write_pressure(json, &usage->pressures[i][j]);
        json_write_close(json, JSON_OBJECT);
    }
    json_write_close(json, JSON_OBJECT);
}

static void write_usage(struct json_writer *json, const struct usage *usage)
{
    static const struct member memory[] = {
        { "usage", USAGE_MEMORY },
        { "max", USAGE_MEMORY_PEAK },
        { "limit", USAGE_MEMORY_LIMIT },
        { "swap", USAGE_SWAP },
        { "swapLimit", USAGE_SWAP_LIMIT },
        { "oomKills", USAGE_OOM_KILLS },
        {},
    };
    static const struct member pids[] = {
        { "current", USAGE_PIDS },
        { "limit", USAGE_PIDS_LIMIT },
        {},
    };

    json_write_open(json, JSON_OBJECT);
    json_write_string(json, "id");
    json_write_string(json, usage->id);
    json_write_string(json, "status");
    json_write_string(json, usage->status);
    write_cpu(json, usage);
    write_members(json, usage, "memory", memory);
    write_members(json, usage, "pids", pids);
    write_devices(json, usage);
    write_pressures(json, usage);
    json_write_close(json, JSON_OBJECT);
}

fallible stats_describe_json(const struct usages *usages, struct arena *arena, const char **text)
{
    struct json_writer json;

    json_write_begin(&json, arena, false);
    json_write_open(&json, JSON_ARRAY);
    for (uint32_t i = 0; i < usages->n; i++)
        write_usage(&json, &usages->v[i]);
    json_write_close(&json, JSON_ARRAY);
    const char *array = json_write_end(&json, NULL);
    if (!array)
        return allocate_failed();
    try_print(*text, arena, "%s\n", array);
    return OK;
}
