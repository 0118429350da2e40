/* SPDX-License-Identifier: Apache-2.0 */
/* tare run: create, start and, in the foreground, wait and delete.  A failure leaves nothing
 * behind; the exit status is then tare's, otherwise the command's. */

#include "cli/commands.h"
#include "cli/launch_options.h"
#include "cli/play.h"

static bool keeps;

static fallible run(struct invocation *invocation)
{
    struct launch_call call;

    try(launch_call_open(invocation, &call));
    return play_to_end(&call, invocation, keeps);
}

static const struct option options[] = {
    LAUNCH_OPTIONS,
    OPTION_FLAG('d', "detach", &launch_options.is_detached,
                "return once the process runs, and leave the container to 'tare delete'"),
    OPTION_FLAG(0, "keep", &keeps, "do not delete the container after its end"),
    {},
};

const struct command run_command = {
    .name = "run",
    .words = "<id>",
    .about = "run a bundle: create and start a container, wait for its end, delete it",
    .options = options,
    .launches = true,
    .prepare = launch_options_reserve_fds,
    .run = run,
};
