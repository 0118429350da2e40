/* SPDX-License-Identifier: Apache-2.0 */
/* tare stats, for who looks at it. */

#include <unistd.h>

#include "base/allocate.h"
#include "base/escape.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/stats.h"
#include "cli/table.h"

enum {
    COLUMN_ID,
    COLUMN_STATUS,
    COLUMN_CPU,
    COLUMN_MEMORY,
    COLUMN_PIDS,
    COLUMN_IO,
    COLUMN_PRESSURE
};
enum { COLUMNS = COLUMN_PRESSURE + 1, AMOUNT_SIZE = 24 };

static const char unknown[] = "-";

/* "4.2M": of 1024, and cut to the tenth. */
static void print_bytes(char out[AMOUNT_SIZE], struct stats_number bytes)
{
    static const char units[] = "BKMGTPE";
    uint64_t tenths = bytes.value % 1024 * 10 / 1024, whole = bytes.value;
    int unit = 0;

    for (; whole >= 1024; whole /= 1024, unit++)
        tenths = whole % 1024 * 10 / 1024;
    if (!bytes.is_there)
        text_format(out, AMOUNT_SIZE, unknown);
    else if (bytes.value == UINT64_MAX)
        text_format(out, AMOUNT_SIZE, "max");
    else if (unit && tenths)
        text_format(out, AMOUNT_SIZE, "%llu.%llu%c", (unsigned long long) whole,
                    (unsigned long long) tenths, units[unit]);
    else
        text_format(out, AMOUNT_SIZE, "%llu%c", (unsigned long long) whole, units[unit]);
}

static void print_count(char out[AMOUNT_SIZE], struct stats_number count)
{
    if (!count.is_there)
        text_format(out, AMOUNT_SIZE, unknown);
    else if (count.value == UINT64_MAX)
        text_format(out, AMOUNT_SIZE, "max");
    else
        text_format(out, AMOUNT_SIZE, "%llu", (unsigned long long) count.value);
}

/* "A/B", or one dash where neither is known. */
static fallible show_pair(void (*print)(char *, struct stats_number), struct stats_number a,
                          struct stats_number b, struct arena *arena, const char **cell)
{
    char first[AMOUNT_SIZE], second[AMOUNT_SIZE];

    print(first, a);
    print(second, b);
    if (a.is_there || b.is_there)
        try_print(*cell, arena, "%s/%s", first, second);
    return OK;
}

static struct stats_number sum_devices(const struct usage *usage, enum stats_io which)
{
    struct stats_number sum = { 0, usage->has_devices };

    for (uint32_t i = 0; i < usage->device_count; i++)
        sum.value += usage->devices[i].values[which].value;
    return sum;
}

static fallible show_cpu(struct stats_number share, struct arena *arena, const char **cell)
{
    if (share.is_there)
        try_print(*cell, arena, "%llu.%llu%%", (unsigned long long) share.value / 10,
                  (unsigned long long) share.value % 10);
    return OK;
}

/* Shares of the last ten seconds, as the kernel writes them. */
static fallible show_pressures(const struct usage *usage, struct arena *arena, const char **cell)
{
    const char *shares[USAGE_RESOURCES];
    bool is_known = false;

    for (int i = 0; i < USAGE_RESOURCES; i++) {
        const struct usage_pressure *some = &usage->pressures[i][USAGE_SOME];
        shares[i] = some->is_there ? some->line.shares[0] : unknown;
        is_known |= some->is_there;
    }
    if (is_known)
        try_print(*cell, arena, "%s/%s/%s", shares[USAGE_OF_CPU], shares[USAGE_OF_MEMORY],
                  shares[USAGE_OF_IO]);
    return OK;
}

static fallible fill_row(const struct usage *usage, struct arena *arena, const char **cells)
{
    const struct stats_number *numbers = usage->numbers;

    for (int i = 0; i < COLUMNS; i++)
        cells[i] = unknown;
    cells[COLUMN_STATUS] = usage->status;
    cells[COLUMN_ID] = escape_copy(arena, usage->id, ESCAPE_PLAIN);
    if (!cells[COLUMN_ID])
        return allocate_failed();
    try(show_cpu(usage->cpu_share, arena, &cells[COLUMN_CPU]));
    try(show_pair(print_bytes, numbers[USAGE_MEMORY], numbers[USAGE_MEMORY_LIMIT], arena,
                  &cells[COLUMN_MEMORY]));
    try(show_pair(print_count, numbers[USAGE_PIDS], numbers[USAGE_PIDS_LIMIT], arena,
                  &cells[COLUMN_PIDS]));
    try(show_pair(print_bytes, sum_devices(usage, STATS_READ_BYTES),
                  sum_devices(usage, STATS_WRITE_BYTES), arena, &cells[COLUMN_IO]));
    return show_pressures(usage, arena, &cells[COLUMN_PRESSURE]);
}

fallible stats_print_table(const struct usages *usages, uint32_t most, struct arena *arena)
{
    static const char *const titles[COLUMNS] = {
        "ID", "STATUS", "CPU", "MEMORY/MAX", "PIDS/MAX", "READ/WRITTEN", "PSI:CPU/MEM/IO"
    };
    size_t shown = usages->n < most ? usages->n : most;
    const char **cells;

    try_new(cells, arena, shown * COLUMNS);
    for (size_t i = 0; i < shown; i++)
        try(fill_row(&usages->v[i], arena, cells + i * COLUMNS));
    const struct table table = {
        .titles = titles,
        .cells = cells,
        .columns = COLUMNS,
        .rows = shown,
        .optional = COLUMNS - COLUMN_IO,
        .shortened = COLUMN_ID,
        .coloured = COLUMN_STATUS,
        .colour_of = table_colour_status,
    };
    try(table_print(&table));
    if (shown == usages->n)
        return OK;
    return output_print(STDOUT_FILENO, "and %zu more\n", usages->n - shown);
}
