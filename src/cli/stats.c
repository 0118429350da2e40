/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare stats: what containers use, all of them in one pass.
 *
 * How much CPU a container uses at the moment is told by two looks, an interval apart.  Of each
 * look everything lies in an arena of its own, since the next one needs but this one before it.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/error_names.h"
#include "base/list.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/stats.h"
#include "cli/visit.h"
#include "container/container.h"
#include "os/clock.h"
#include "os/deadline.h"
#include "os/memory.h"
#include "os/tty.h"

enum { LOOK_SIZE = 256 << 20 }; /* room, not memory */

static const char *format = "table", *interval;
static bool is_once;

struct look {
    struct arena arena;
    struct usages usages;
};

struct watch {
    const char *const *wanted; /* ids, or none for all there are */
    struct store store;
    struct look looks[2];
    unsigned count; /* of looks so far */
    uint64_t interval;
};

static bool is_wanted(const struct watch *watch, const char *id)
{
    const char *const *wanted = watch->wanted;

    while (*wanted && !text_equal(*wanted, id))
        wanted++;
    return *wanted || !watch->wanted[0];
}

static fallible measure(const struct watch *watch, const char *id, struct arena *arena,
                        struct usage *usage)
{
    struct container container;

    try(container_peek(&watch->store, id, arena, &container));
    struct error *error = usage_measure(&container, arena, usage);
    container_close(&container);
    return error;
}

/* What is gone since, or about to come or to go, is passed over; and what is damaged, or has
 * counters that cannot be read, must not hide the others. */
static fallible look_at(const struct watch *watch, const char *id, struct look *look)
{
    struct usage *usage = &look->usages.v[look->usages.n];

    *usage = (struct usage){ 0 };
    struct error *error = measure(watch, id, &look->arena, usage);
    if (error && (error->code == ERROR_MEMORY || error->code == ERROR_INTERRUPTED))
        return error;
    if (error && error->code != ERROR_UNKNOWN && error->code != ERROR_TIMEOUT && !watch->count)
        visit_warn("stats", id, error);
    error_forget(error);
    look->usages.n += usage->id ? 1 : 0;
    return OK;
}

static void compare(const struct usages *now, const struct usages *before)
{
    /* Both are sorted by the same order. */
    for (uint32_t i = 0, j = 0; i < now->n && j < before->n;) {
        int order = strcmp(now->v[i].id, before->v[j].id);
        if (!order)
            usage_compare(&now->v[i], &before->v[j]);
        i += order <= 0;
        j += order >= 0;
    }
}

static fallible look_around(struct watch *watch, struct look **looked)
{
    struct look *look = &watch->looks[watch->count % 2];
    const char *const *ids;
    unsigned count;

    arena_clear(&look->arena);
    look->usages.n = 0;
    try(store_list(&watch->store, &look->arena, &ids, &count));
    try_new(look->usages.v, &look->arena, count);
    for (unsigned i = 0; i < count; i++)
        if (is_wanted(watch, ids[i]))
            try(look_at(watch, ids[i], look));
    compare(&look->usages, &watch->looks[(watch->count + 1) % 2].usages);
    watch->count++;
    *looked = look;
    return OK;
}

/* Of those that are named each has to be there to begin with. */
static fallible check_wanted(const struct watch *watch)
{
    for (const char *const *id = watch->wanted; *id; id++) {
        struct entry entry = { .directory = -1 };
        try(store_peek(&watch->store, *id, &entry));
        entry_close(&entry);
    }
    return OK;
}

/* Not beyond the deadline: the look that comes then is the last. */
static void wait_until(uint64_t moment)
{
    moment = deadline_or(moment);
    const struct timespec end = { .tv_sec = (time_t) (moment / 1000000000),
                                  .tv_nsec = (long) (moment % 1000000000) };

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
        continue;
}

/* How many rows there are below the titles, if nothing may scroll away. */
static uint32_t count_rows(void)
{
    struct winsize size;
    bool is_known = tty_read_size(STDOUT_FILENO, &size) && size.ws_row;

    return !is_known ? UINT32_MAX : size.ws_row > 4 ? size.ws_row - 3U : 1;
}

/* Until somebody interrupts us, the time is over, or those that are named are gone. */
static fallible show_again_and_again(struct watch *watch)
{
    uint64_t moment = clock_now();
    struct look *look;

    for (;;) {
        try(look_around(watch, &look));
        try(output_clear());
        try(stats_print_table(&look->usages, count_rows(), &look->arena));
        if (deadline_is_over() || (watch->wanted[0] && !look->usages.n))
            return OK;
        moment += watch->interval;
        wait_until(moment);
    }
}

static fallible print(struct look *look)
{
    const char *text;

    if (text_equal(format, "table"))
        return stats_print_table(&look->usages, UINT32_MAX, &look->arena);
    if (text_equal(format, "json"))
        try(stats_describe_json(&look->usages, &look->arena, &text));
    else
        try(stats_describe_metrics(&look->usages, &look->arena, &text));
    return output_text(text);
}

/* Who scrapes has looked before. */
static fallible show_once(struct watch *watch)
{
    struct look *look;

    try(look_around(watch, &look));
    if (!text_equal(format, "openmetrics")) {
        wait_until(clock_now() + watch->interval);
        try(look_around(watch, &look));
    }
    return print(look);
}

static fallible read_options(struct watch *watch)
{
    static const char *const formats[] = { "table", "json", "openmetrics" };
    bool is_known = false;

    for (size_t i = 0; i < LENGTH(formats); i++)
        is_known |= text_equal(format, formats[i]);
    if (!is_known)
        return error_new(ERROR_USAGE, "--format '%s' is none of table, json and openmetrics",
                         format);
    if (interval && text_equal(format, "openmetrics"))
        return error_hint(error_new(ERROR_USAGE, "--interval is not for --format openmetrics"),
                          "it has counters, which one look tells");
    return duration_read_option("interval", interval ? interval : "1s", &watch->interval);
}

static fallible run(struct invocation *invocation)
{
    struct watch watch = { .wanted = invocation->words };

    try(read_options(&watch));
    for (size_t i = 0; i < LENGTH(watch.looks); i++)
        try(memory_open_private(&watch.looks[i].arena, LOOK_SIZE));
    try(store_open(global_options.root, false, invocation->arena, &watch.store));
    watch.store.patience = 0;
    struct error *error = check_wanted(&watch);
    bool is_refreshed = text_equal(format, "table") && output_is_terminal() && !is_once;
    if (!error)
        error = is_refreshed ? show_again_and_again(&watch) : show_once(&watch);
    store_close(&watch.store);
    return error;
}

static const struct option options[] = {
    OPTION_VALUE('f', "format", "FORMAT", &format, "table, json or openmetrics"),
    OPTION_VALUE(0, "interval", "TIME", &interval,
                 "between two looks, which tell how much CPU is used; default: 1s"),
    OPTION_FLAG(0, "no-stream", &is_once,
                "print one table and end, as it is done where no terminal is"),
    {},
};

const struct command stats_command = {
    .name = "stats",
    .words = "[<id>...]",
    .about =
        "show what containers use, on a terminal again and again; all of them if none is named",
    .options = options,
    .run = run,
};
