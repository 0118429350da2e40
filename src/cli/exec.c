/* SPDX-License-Identifier: Apache-2.0 */
/* tare exec: a process more in a container, created or running (runc's and crun's command; the
 * specification has none).  In the foreground its exit status is tare's. */

#include "container/exec.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/launch_options.h"
#include "cli/options.h"
#include "cli/visit.h"
#include "container/foreground.h"
#include "libocispec/config.h"
#include "process/rlimits.h"

enum { FAILED = 255 };

static struct exec_wish wish;
static struct option_list environment, capabilities, groups;

static struct exec_list take_list(const struct option_list *list)
{
    return (struct exec_list){ list->v, list->n };
}

/* A document says all there is to say. */
static fallible check_document(const char *const *args)
{
    const char *other = args[0]                      ? "a command"
                        : wish.cwd                   ? "--cwd"
                        : wish.user                  ? "--user"
                        : environment.n              ? "--env"
                        : capabilities.n             ? "--cap"
                        : groups.n                   ? "--additional-gids"
                        : wish.apparmor_profile      ? "--apparmor"
                        : wish.selinux_label         ? "--process-label"
                        : wish.has_no_new_privileges ? "--no-new-privs"
                                                     : NULL;
    if (!other)
        return OK;
    return error_hint(error_new(ERROR_USAGE, "--process and %s exclude each other", other),
                      "the document that --process names is complete");
}

static fallible check_words(const char *const *args)
{
    try(options_check_value("process", wish.document));
    try(options_check_value("cwd", wish.cwd));
    try(options_check_value("cgroup", wish.cgroup));
    try(launch_options_check());
    if (wish.document)
        return check_document(args);
    if (args[0])
        return OK;
    return error_hint(error_new(ERROR_USAGE, "there is no command to run"),
                      "usage: tare exec [OPTIONS] <id> <command>..., or --process FILE");
}

static fallible launch(struct exec_call *call, struct invocation *invocation)
{
    struct foreground foreground = { .signals = -1 };
    struct launched launched = { .pidfd = -1, .terminal = -1 };
    struct launch_request request = {
        .id = invocation->words[0],
        .config = call->config,
        .bundle = call->bundle,
        .terminal.is_foreground = !launch_options.is_detached,
        .starts_at_once = true,
        .target = &call->target,
    };
    bool is_waiting = !launch_options.is_detached;
    bool has_terminal = call->config->process->terminal.value;

    try(launch_options_fill(invocation->arena, &request));
    if (is_waiting)
        try(foreground_prepare(&foreground, has_terminal && !launch_options.console_socket));
    struct error *error =
        launch_container(&request, invocation->arena, invocation->arena_fd, &launched);
    if (!error && is_waiting)
        error = foreground_wait(&foreground, launched.pidfd, take_fd(&launched.terminal),
                                &invocation->status);
    close_fd(&launched.terminal);
    close_fd(&launched.pidfd);
    close_fd(&foreground.signals);
    if (!error)
        error = foreground_check_output(&foreground);
    return error ? error : rlimits_explain_end(call->config->process, invocation->status);
}

/* Not locked: several may come in at a time, and one that waits for a paused container must not
 * keep anybody from resuming it. */
static fallible exec_in(const struct container *container, struct invocation *invocation)
{
    struct exec_call call;

    try(exec_open(container, &wish, &call));
    struct error *error = launch(&call, invocation);
    if (wish.document)
        error = document_place(&call.document, error);
    exec_close(&call);
    return error;
}

static fallible run(struct invocation *invocation)
{
    const char *const *args = invocation->words + 1;

    if (args[0] && text_equal(args[0], "--"))
        args++;
    try(check_words(args));
    wish.args = args;
    wish.environment = take_list(&environment);
    wish.capabilities = take_list(&capabilities);
    wish.groups = take_list(&groups);
    return visit_whole_container(invocation, exec_in);
}

// clang-format off
static const struct option options[] = {
    OPTION_VALUE('p', "process", "FILE", &wish.document,
                 "run the process that FILE describes, as in config.json"),
    OPTION_FLAG('t', "tty", &wish.has_terminal,
                "give the process a terminal"),
    OPTION_FLAG('d', "detach", &launch_options.is_detached,
                "return once the process runs"),
    OPTION_VALUE('u', "user", "UID[:GID]", &wish.user,
                 "run as that user, in numbers"),
    OPTION_LIST('g', "additional-gids", "GID", &groups,
                "add a supplementary group; may be repeated"),
    OPTION_VALUE(0, "cwd", "PATH", &wish.cwd,
                 "run in that directory of the container"),
    OPTION_LIST('e', "env", "NAME=VALUE", &environment,
                "set a variable of the environment; may be repeated"),
    OPTION_LIST('c', "cap", "CAP", &capabilities,
                "add a capability; may be repeated"),
    OPTION_FLAG(0, "no-new-privs", &wish.has_no_new_privileges,
                "let the process gain no privileges by what it executes"),
    OPTION_VALUE(0, "apparmor", "PROFILE", &wish.apparmor_profile,
                 "run under that AppArmor profile"),
    OPTION_VALUE(0, "process-label", "LABEL", &wish.selinux_label,
                 "run under that SELinux label"),
    OPTION_VALUE(0, "cgroup", "PATH", &wish.cgroup,
                 "run in a cgroup below the container's; / is the container's own"),
    OPTION_FLAG(0, "ignore-paused", &wish.ignores_paused,
                "of a paused container: wait until it is resumed"),
    LAUNCH_OPTIONS_OF_ALL,
    {},
};
// clang-format on

const struct command exec_command = {
    .name = "exec",
    .words = "<id> [<command>...]",
    .about = "run a process in a container, and wait for its end",
    .options = options,
    .launches = true,
    .failure_status = FAILED,
    .prepare = launch_options_reserve_fds,
    .run = run,
};
