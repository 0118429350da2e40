/* SPDX-License-Identifier: Apache-2.0 */
/* tare kill: sends a signal to a container (runtime.md#kill). */

#include "cli/commands.h"
#include "cli/visit.h"
#include "process/signals.h"

static bool is_all;
static int signal_number;

static fallible send_signal(struct container *container, struct arena *arena)
{
    (void) arena;
    return container_kill(container, signal_number, is_all);
}

static fallible run(struct invocation *invocation)
{
    const char *word = invocation->words[1];

    try(signals_parse(word ? word : "TERM", &signal_number));
    return visit_container(invocation, send_signal);
}

static const struct option options[] = {
    OPTION_FLAG('a', "all", &is_all, "send it to every process of the container"),
    {},
};

const struct command kill_command = {
    .name = "kill",
    .words = "<id> [<signal>]",
    .about = "send a signal to the process of a container; default: TERM",
    .options = options,
    .run = run,
};
