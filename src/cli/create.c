/* SPDX-License-Identifier: Apache-2.0 */
/* tare create: makes a container that waits for `start` (runtime.md#create).  --detach is what
 * create does anyway; engines pass it. */

#include "cli/commands.h"
#include "cli/launch_options.h"

static fallible run(struct invocation *invocation)
{
    struct launch_call call;
    struct launched launched = { .pidfd = -1, .terminal = -1 };

    try(launch_call_open(invocation, &call));
    return launch_call_make(&call, invocation, &launched);
}

static const struct option options[] = {
    LAUNCH_OPTIONS,
    OPTION_FLAG('d', "detach", &launch_options.is_detached, "without effect, for engines"),
    {},
};

const struct command create_command = {
    .name = "create",
    .words = "<id>",
    .about = "make a container from a bundle, up to the start of its process",
    .options = options,
    .launches = true,
    .prepare = launch_options_reserve_fds,
    .run = run,
};
