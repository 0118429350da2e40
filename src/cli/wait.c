/* SPDX-License-Identifier: Apache-2.0 */
/* tare wait: until a container has ended.  The status is printed, and not ours: so one that is not
 * known differs from 0. */

#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "container/container.h"

static fallible run(struct invocation *invocation)
{
    struct store store;
    int outcome = -1;

    try(store_open(global_options.root, false, invocation->arena, &store));
    struct error *error = container_wait(&store, invocation->words[0], invocation->arena, &outcome);
    store_close(&store);
    if (error || outcome < 0)
        return error;
    return output_print(STDOUT_FILENO, "%d\n", outcome);
}

static const struct option options[] = { {} };

const struct command wait_command = {
    .name = "wait",
    .words = "<id>",
    .about = "wait until a container has ended; print its exit status, if Linux (6.15) tells it",
    .options = options,
    .run = run,
};
