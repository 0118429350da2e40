/* SPDX-License-Identifier: Apache-2.0 */
/* A launch from end to end: plan, play the host's storyboard, hand over what there is. */

#include "launch/launch.h"

#include <sys/wait.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "launch/host.h"
#include "os/fd.h"

/* An init that ended without a word is reported with the way it ended. */
static fallible explain_death(const struct host *host, struct error *error)
{
    if (!error || error->code != ERROR_INIT_DIED || !host->was_reaped)
        return error;
    if (WIFSIGNALED(host->status))
        return error_hint(error,
                          "init was killed by signal %d: by a limit that is too low to start "
                          "in, or from outside",
                          WTERMSIG(host->status));
    return error_hint(error, "init exited with status %d", WEXITSTATUS(host->status));
}

fallible launch_container(const struct launch_request *request, struct arena *arena, int arena_fd,
                          struct launched *launched)
{
    struct host host = {
        .request = request,
        .arena = arena,
        .arena_fd = arena_fd,
        .entry = { -1, -1, request->id },
        .cgroup = -1,
        .pidfd = -1,
    };
    struct channel_span *spans = NULL;
    struct plan *plan;

    auto_close int trace = -1;

    try(fd_inherit_none_from(3 + request->preserved_fds));
    try_new(plan, arena, 1);
    try(launch_plan(&host, plan));
    if (request->trace) {
        try_new(spans, arena, CHANNEL_SPANS);
        try(trace_open(request->trace, &trace));
    }

    struct launch launch = { .plan = plan, .channel = -1, .host = &host, .spans = spans };
    struct error *error = explain_death(&host, steps_run(host_steps, &launch));
    if (!error && trace >= 0 && (error = trace_write(trace, &launch)))
        steps_undo(host_steps, &launch);
    if (error)
        return error;

    close_fd(&launch.channel);
    close_fd(&launch.plan->listener);
    close_fd(&host.cgroup);
    entry_close(&host.entry);
    *launched = (struct launched){ host.pid, host.pidfd };
    return OK;
}
