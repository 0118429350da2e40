/* SPDX-License-Identifier: Apache-2.0 */
/* Tables.  What is shortened keeps its end, which tells most of a path. */

#include "cli/table.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/columns.h"
#include "base/list.h"
#include "base/text.h"
#include "cli/output.h"
#include "container/container.h"
#include "os/tty.h"

enum { GAP = 3, LEAST_WIDTH = 12, GAP_SEEN = 2, LEAST_SHORTENED = 12 };

static const char ellipsis[] = "\xe2\x80\xa6"; /* one column */

struct layout {
    const struct table *table;
    size_t columns;                   /* that are shown */
    size_t widths[TABLE_COLUMNS_MAX]; /* with the gap behind */
    size_t most;                      /* of what is shortened, without the gap */
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void measure(struct layout *layout, size_t gap, size_t least)
{
    const struct table *table = layout->table;

    for (size_t i = 0; i < table->columns; i++)
        layout->widths[i] = larger(columns_count(table->titles[i]) + gap, least);
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        size_t *width = &layout->widths[i % table->columns];
        *width = larger(*width, columns_count(table->cells[i]) + gap);
    }
}

/* What a row takes, without the gap behind the last column. */
static size_t sum(const struct layout *layout)
{
    size_t total = 0;

    for (size_t i = 0; i < layout->columns; i++)
        total += layout->widths[i];
    return total - GAP_SEEN;
}

/* A terminal that does not know its size has room for all. */
static void fit(struct layout *layout, size_t room)
{
    const struct table *table = layout->table;
    size_t *width = &layout->widths[table->shortened];
    const size_t whole = *width, least = LEAST_SHORTENED + GAP_SEEN;

    if (!room || sum(layout) <= room)
        return;
    *width = whole < least ? whole : least;
    while (sum(layout) > room && layout->columns > table->columns - table->optional)
        layout->columns--;
    while (*width < whole && sum(layout) < room)
        ++*width;
    layout->most = *width - GAP_SEEN;
}

struct line {
    char text[OUTPUT_SIZE];
    size_t used; /* above its size: it did not fit */
};

static void append(struct line *line, const char *text)
{
    size_t length = strlen(text);

    if (line->used + length < sizeof(line->text))
        memcpy(line->text + line->used, text, length + 1);
    line->used += length;
}

static void append_gap(struct line *line, const struct layout *layout, size_t column, size_t used)
{
    for (; column + 1 < layout->columns && used < layout->widths[column]; used++)
        append(line, " ");
}

static void append_cell(struct line *line, const struct layout *layout, size_t column,
                        const char *text)
{
    size_t used = columns_count(text);

    if (column == layout->table->shortened && used > layout->most) {
        text = columns_find_end(text, layout->most - 1);
        append(line, ellipsis);
        used = columns_count(text) + 1;
    }
    append(line, text);
    append_gap(line, layout, column, used);
}

static fallible print_line(struct line *line, const char *first)
{
    if (line->used >= sizeof(line->text))
        return error_new(ERROR_MEMORY, "the row of %s is too long", first);
    try(output_text(line->text));
    line->used = 0;
    line->text[0] = '\0';
    return OK;
}

/* The coloured cell goes by itself, so that its colour ends with it. */
static fallible print_row(const struct layout *layout, const char *const *cells)
{
    const struct table *table = layout->table;
    struct line line = { .used = 0 };

    for (size_t i = 0; i < layout->columns; i++) {
        if (!table->colour_of || i != table->coloured) {
            append_cell(&line, layout, i, cells[i]);
            continue;
        }
        try(print_line(&line, cells[0]));
        try(output_coloured(table->colour_of(cells[i]), cells[i]));
        append_gap(&line, layout, i, columns_count(cells[i]));
    }
    append(&line, "\n");
    return print_line(&line, cells[0]);
}

fallible table_print(const struct table *table)
{
    struct layout layout = { .table = table, .columns = table->columns, .most = SIZE_MAX };
    struct winsize size;

    if (tty_read_size(STDOUT_FILENO, &size)) {
        measure(&layout, GAP_SEEN, 0);
        fit(&layout, size.ws_col);
    } else {
        measure(&layout, GAP, LEAST_WIDTH);
    }
    try(print_row(&layout, table->titles));
    for (size_t i = 0; i < table->rows; i++)
        try(print_row(&layout, table->cells + i * table->columns));
    return OK;
}

enum output_colour table_colour_status(const char *status)
{
    static const struct {
        enum container_status status;
        enum output_colour colour;
    } colours[] = {
        { CONTAINER_RUNNING, COLOUR_GREEN },
        { CONTAINER_PAUSED, COLOUR_YELLOW },
        { CONTAINER_STOPPED, COLOUR_DIM },
    };

    for (size_t i = 0; i < LENGTH(colours); i++)
        if (text_equal(status, container_status_name(colours[i].status)))
            return colours[i].colour;
    return COLOUR_NONE;
}
