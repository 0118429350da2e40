/* SPDX-License-Identifier: Apache-2.0 */
/* tare events: how a container fares, as lines of JSON. */

#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/visit.h"

static const char *interval = "5s";
static struct events_wish wish = { .say = output_text };

static fallible watch(const struct container *container, struct invocation *invocation)
{
    (void) invocation;
    return container_watch(container, &wish);
}

static fallible run(struct invocation *invocation)
{
    try(duration_read_option("interval", interval, &wish.interval));
    return visit_whole_container(invocation, watch);
}

static const struct option options[] = {
    OPTION_VALUE(0, "interval", "TIME", &interval,
                 "between two looks at what the container uses; default: 5s"),
    OPTION_FLAG(0, "stats", &wish.is_snapshot, "what it uses now, and no more"),
    {},
};

const struct command events_command = {
    .name = "events",
    .words = "<id>",
    .about = "print what a container uses, and when its memory runs out, until it ends",
    .options = options,
    .run = run,
};
