/* SPDX-License-Identifier: Apache-2.0 */
/* tare list: the containers of a state directory.  Its columns are runc's, for scripts that know
 * them. */

#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/escape.h"
#include "base/list.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/visit.h"
#include "container/container.h"

enum { COLUMN_STATUS = 2, COLUMN_BUNDLE, COLUMN_CREATED, COLUMNS = 6 };

static const char *format = "table";
static bool is_json, is_quiet;

/* What is shown of one container. */
struct row {
    const char *cells[COLUMNS];
    const char *json; /* if that was asked for */
};

struct rows {
    struct row *v;
    size_t n;
};

/* A path may hold what a terminal would obey. */
static fallible show_path(const char *path, struct arena *arena, const char **shown)
{
    *shown = escape_copy(arena, path, ESCAPE_PLAIN);
    return *shown ? OK : allocate_failed();
}

/* "2026-11-27T19:29:01.123456789Z"; who looks at it does with whole seconds. */
static fallible show_time(const char *time, struct arena *arena, const char **shown)
{
    const char *fraction = strchr(time, '.');

    *shown = time;
    if (fraction && output_is_terminal())
        try_print(*shown, arena, "%.*sZ", (int) (fraction - time), time);
    return OK;
}

static fallible fill_row(const struct container *container, struct arena *arena, struct row *row)
{
    const struct record *record = &container->record;
    struct row filled = {
        .cells = { record->id, NULL, container_status_name(container->status), NULL, NULL,
                   record->owner },
    };

    try_print(filled.cells[1], arena, "%d", container->pidfd < 0 ? 0 : record->pid.value);
    try(show_path(record->bundle, arena, &filled.cells[COLUMN_BUNDLE]));
    try(show_time(record->created, arena, &filled.cells[COLUMN_CREATED]));
    if (is_json)
        try(container_describe(container, NULL, arena, &filled.json));
    *row = filled;
    return OK;
}

static fallible read_row(const struct store *store, const char *id, struct arena *arena,
                         struct row *row)
{
    struct container container;

    try(container_peek(store, id, arena, &container));
    struct error *error = fill_row(&container, arena, row);
    container_close(&container);
    return error;
}

/* One container that is gone since, is only about to come, is damaged or cannot be looked at must
 * not hide the others. */
static fallible read_rows(const struct store *store, struct arena *arena, struct rows *rows)
{
    const char *const *ids;
    unsigned count;

    try(store_list(store, arena, &ids, &count));
    try_new(rows->v, arena, count);
    for (unsigned i = 0; i < count; i++) {
        struct error *error = read_row(store, ids[i], arena, &rows->v[rows->n]);
        if (error && (error->code == ERROR_MEMORY || error->code == ERROR_INTERRUPTED))
            return error;
        if (!error)
            rows->n++;
        else if (error->code != ERROR_UNKNOWN && error->code != ERROR_TIMEOUT)
            visit_warn("list", ids[i], error);
        error_forget(error);
    }
    return OK;
}

static fallible print_ids(const struct rows *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        try(output_print(STDOUT_FILENO, "%s\n", rows->v[i].cells[0]));
    return OK;
}

static fallible print_json(const struct rows *rows)
{
    try(output_text("["));
    for (size_t i = 0; i < rows->n; i++) {
        try(output_text(i ? "," : ""));
        try(output_text(rows->v[i].json));
    }
    return output_text("]\n");
}

static fallible print_table(const struct rows *rows, struct arena *arena)
{
    static const char *const titles[COLUMNS] = {
        "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"
    };
    const char **cells;

    try_new(cells, arena, rows->n * COLUMNS);
    for (size_t i = 0; i < rows->n; i++)
        memcpy(cells + i * COLUMNS, rows->v[i].cells, sizeof(rows->v[i].cells));
    const struct table table = {
        .titles = titles,
        .cells = cells,
        .columns = COLUMNS,
        .rows = rows->n,
        .shortened = COLUMN_BUNDLE,
        .coloured = COLUMN_STATUS,
        .colour_of = table_colour_status,
    };
    return table_print(&table);
}

static fallible run(struct invocation *invocation)
{
    struct store store;
    struct rows rows = { 0 };

    is_json = text_equal(format, "json");
    if (!is_json && !text_equal(format, "table"))
        return error_new(ERROR_USAGE, "--format '%s' is neither table nor json", format);
    try(store_open(global_options.root, false, invocation->arena, &store));
    store.patience = 0;
    struct error *error = read_rows(&store, invocation->arena, &rows);
    store_close(&store);
    if (error)
        return error;
    if (is_quiet)
        return print_ids(&rows);
    return is_json ? print_json(&rows) : print_table(&rows, invocation->arena);
}

static const struct option options[] = {
    OPTION_VALUE('f', "format", "FORMAT", &format, "table or json"),
    OPTION_FLAG('q', "quiet", &is_quiet, "print the ids alone"),
    {},
};

const struct command list_command = {
    .name = "list",
    .words = "",
    .about = "list the containers",
    .options = options,
    .run = run,
};
