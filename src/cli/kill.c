/* SPDX-License-Identifier: Apache-2.0 */
/* tare kill: sends a signal to a container (runtime.md#kill). */

#include "cli/commands.h"
#include "cli/visit.h"
#include "process/signals.h"

static bool is_all, is_pattern;
static int signal_number;

static fallible send_signal(struct container *container, struct arena *arena)
{
    (void) arena;
    return container_kill(container, signal_number, is_all);
}

static fallible send_to(const struct store *store, const char *id, struct arena *arena)
{
    struct container container;

    try(container_open(store, id, arena, &container));
    struct error *error = send_signal(&container, arena);
    container_close(&container);
    return error;
}

static fallible run(struct invocation *invocation)
{
    const char *word = invocation->words[1];

    try(signals_parse(word ? word : "TERM", &signal_number));
    return is_pattern ? visit_matching(invocation, send_to)
                      : visit_container(invocation, send_signal);
}

static const struct option options[] = {
    OPTION_FLAG('a', "all", &is_all, "send it to every process of the container"),
    OPTION_FLAG('r', "regex", &is_pattern, "to all whose ids match <id>, a regular expression"),
    {},
};

const struct command kill_command = {
    .name = "kill",
    .words = "<id> [<signal>]",
    .about = "send a signal to the process of a container; default: TERM",
    .options = options,
    .run = run,
};
