/* SPDX-License-Identifier: Apache-2.0 */
/* What `run` and `restore` share: the container goes on at once, and in the foreground its end is
 * waited for, and it is deleted. */

#include "cli/play.h"

#include <signal.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "container/container.h"
#include "container/foreground.h"
#include "libocispec/config.h"
#include "process/rlimits.h"

enum { KILLED = 128 + SIGKILL };

/* Somebody may have deleted it meanwhile, and made another one of its name. */
static fallible reopen(const struct launch_call *call, const struct launched *launched,
                       struct arena *arena, struct container *container)
{
    const struct container_identity ours = { call->request.id, launched->pid, launched->started };

    return container_reopen(&call->store, &ours, arena, container);
}

/* Somebody may have been faster: gone is gone. */
static fallible remove_container(const struct launch_call *call, const struct launched *launched,
                                 struct arena *arena, bool is_forced)
{
    struct container container;
    struct error *error = reopen(call, launched, arena, &container);

    if (error && error->code == ERROR_UNKNOWN) {
        error_forget(error);
        return OK;
    }
    try(error);
    error = container_delete(&call->store, &container, is_forced);
    container_close(&container);
    return error;
}

/* By SIGKILL, which is how the kernel ends a process when memory runs out; a shell that lost one
 * ends with the same status.  The cgroup knows, as long as it is there. */
static void explain_kill(const struct launch_call *call, const struct launched *launched,
                         struct arena *arena)
{
    struct container container;
    struct error *error = reopen(call, launched, arena, &container);

    if (!error) {
        container_warn_of_oom(&container);
        container_close(&container);
    }
    error_forget(error);
}

/* `start` does so as well.  Gone is gone, here too. */
static fallible run_poststart(const struct launch_call *call, const struct launched *launched,
                              struct arena *arena)
{
    const struct oci_hooks *hooks = call->request.config->hooks;
    struct container container;

    if (!hooks || !hooks->poststart.n)
        return OK;
    struct error *error = reopen(call, launched, arena, &container);
    if (error && error->code == ERROR_UNKNOWN) {
        error_forget(error);
        return OK;
    }
    try(error);
    error = container_poststart(&container);
    container_close(&container);
    return document_place(&call->bundle.document, error);
}

static fallible wait_for(const struct launch_call *call, struct invocation *invocation,
                         struct foreground *foreground, struct launched *launched)
{
    struct error *error = foreground_wait(foreground, launched->pidfd, take_fd(&launched->terminal),
                                          &invocation->status);

    if (error) {
        error_forget(remove_container(call, launched, invocation->arena, true));
        return error;
    }
    if (invocation->status == KILLED)
        explain_kill(call, launched, invocation->arena);
    return OK;
}

fallible play_to_end(struct launch_call *call, struct invocation *invocation, bool keeps)
{
    struct notify notify = { -1, -1 };
    struct foreground foreground = { .signals = -1, .notify = &notify };
    struct launched launched = { .pidfd = -1, .terminal = -1, .notify = -1 };
    bool is_waiting = !launch_options.is_detached && !launch_options.is_dry_run;
    const struct oci_process *process = call->request.config->process;

    if (!process)
        return document_place(&call->bundle.document,
                              error_config("process", "is missing: there is nothing to run"));
    call->request.starts_at_once = true;
    call->request.terminal.is_foreground = !launch_options.is_detached;
    if (call->request.notifies)
        try(notify_connect(getenv("NOTIFY_SOCKET"), &notify.to));
    if (is_waiting)
        try(foreground_prepare(&foreground,
                               process->terminal.value && !launch_options.console_socket));
    struct error *error = launch_call_make(call, invocation, &launched);
    if (!error && !launch_options.is_dry_run)
        error = run_poststart(call, &launched, invocation->arena);
    notify.from = launched.notify;
    if (!error && is_waiting)
        error = wait_for(call, invocation, &foreground, &launched);
    else if (!error)
        error = notify_await(&notify, launched.pid, launched.pidfd);
    notify_close(&notify);
    if (!error && is_waiting && !keeps)
        error = remove_container(call, &launched, invocation->arena, false);
    if (!error)
        error = foreground_check_output(&foreground);
    return error ? error
                 : document_place(&call->bundle.document,
                                  rlimits_explain_end(process, invocation->status));
}
