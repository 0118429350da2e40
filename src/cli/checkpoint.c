/* SPDX-License-Identifier: Apache-2.0 */
/* tare checkpoint: writes a container down, to be restored later (engines call it). */

#include "cli/commands.h"
#include "cli/criu_options.h"
#include "cli/visit.h"

static fallible write_down(struct container *container, struct arena *arena)
{
    (void) arena;
    return container_checkpoint(container, &criu_options);
}

static fallible run(struct invocation *invocation)
{
    try(criu_options_take());
    return visit_container(invocation, write_down);
}

static const struct option options[] = {
    CRIU_OPTIONS,
    OPTION_FLAG('R', "leave-running", &criu_options.leaves_running,
                "let the container go on afterwards"),
    OPTION_FLAG('P', "pre-dump", &criu_options.is_pre_dump,
                "write down memory alone, for a checkpoint that follows"),
    OPTION_FLAG(0, "tcp-skip-in-flight", &criu_options.has_tcp_skip_in_flight,
                "leave out TCP connections that are not established yet"),
    OPTION_VALUE(0, "page-server", "ADDRESS:PORT", &criu_words.page_server,
                 "send memory to a page server of criu"),
    OPTION_VALUE(0, "status-fd", "FD", &criu_words.status_fd,
                 "write a zero byte to FD when the page server is ready"),
    {},
};

const struct command checkpoint_command = {
    .name = "checkpoint",
    .words = "<id>",
    .about = "write a running container down, to be restored later",
    .options = options,
    .find = criu_options_find,
    .prepare = criu_options_check_fd,
    .run = run,
};
