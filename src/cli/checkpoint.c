/* SPDX-License-Identifier: Apache-2.0 */
/* tare checkpoint: writes a container down, to be restored later (engines call it).  It is gone
 * then, as with runc(8), unless it is to go on. */

#include "base/error_names.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/criu_options.h"
#include "container/container.h"

/* What was written down can be restored under the same name.  Where something is left of it that
 * is no failure of the checkpoint: it can be deleted. */
static void delete_ended(const struct store *store, struct container *container)
{
    struct error *error = container_delete(store, container, true);

    if (error)
        log_warning("it is written down, but not deleted: %s", error_line(error));
    error_forget(error);
}

static fallible write_down(const struct store *store, const struct invocation *invocation)
{
    struct container container;

    try(container_open(store, invocation->words[0], invocation->arena, &container));
    struct error *error = container_checkpoint(&container, &criu_options);
    if (!error && !criu_options.leaves_running && !criu_options.is_pre_dump)
        delete_ended(store, &container);
    container_close(&container);
    return error;
}

/* With --lazy-pages criu is the server, and waits for whoever restores. */
static fallible check_page_server(void)
{
    if (!criu_options.has_lazy_pages)
        return OK;
    if (!criu_words.page_server)
        return error_hint(error_new(ERROR_USAGE, "--lazy-pages without --page-server"),
                          "say by --page-server where pages can be asked for");
    log_warning("--lazy-pages: criu serves pages at every address of this machine");
    return OK;
}

static fallible run(struct invocation *invocation)
{
    struct store store;

    try(criu_options_take());
    try(check_page_server());
    try(store_open(global_options.root, false, invocation->arena, &store));
    struct error *error = write_down(&store, invocation);
    store_close(&store);
    return error;
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
