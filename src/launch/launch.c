/* SPDX-License-Identifier: Apache-2.0 */
/* A launch from end to end: plan, play the host's storyboard, hand over what there is. */

#include "launch/launch.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "base/text.h"
#include "launch/host.h"
#include "libocispec/config.h"
#include "os/fd.h"
#include "os/fd_batch.h"
#include "os/interrupts.h"
#include "os/proc.h"

enum { LOSS_MILLISECONDS = 200 };

/* What a filter forbids init may have killed it, or made it unable to say so: then it exits, or, if
 * it cannot even do that, traps. */
static bool was_filtered(const struct host *host)
{
    const struct oci_linux *linux_ = host->request->config->linux_;
    int number = WIFSIGNALED(host->status) ? WTERMSIG(host->status) : 0;

    return linux_ && linux_->seccomp &&
           (number == SIGSYS || number == SIGILL || number == SIGTRAP ||
            (!number && WEXITSTATUS(host->status) == INIT_FAILED));
}

/* The limit that ran out is our own, or one of the cgroups above. */
static fallible explain_oom(const struct host *host, struct error *error)
{
    static const char field[] = "linux.resources.memory.limit";

    error = error_within(error, "memory ran out (memory.max is %s)", host->oom.limit);
    if (text_equal(host->oom.limit, "max"))
        return error_hint(error, "a cgroup above, or the machine, has no more");
    return error_hint(error_field(error, "%s", field), "%s is too low to start in", field);
}

/* An init that ended without a word is reported with the way it ended. */
static fallible explain_death(const struct host *host, struct error *error)
{
    if (!error || error->code != ERROR_INIT_DIED || !host->was_reaped)
        return error;
    if (host->oom.kills)
        return explain_oom(host, error);
    if (was_filtered(host))
        return error_hint(error_field(error, "linux.seccomp"),
                          "the seccomp filter has to let through what init still does behind it: "
                          "with process.noNewPrivileges at least sendto and execve, and close "
                          "and recvmsg to wait for start; without, all it takes to become the "
                          "user");
    if (WIFSIGNALED(host->status))
        return error_hint(error,
                          "it was killed by signal %d: by a limit that is too low to start in, or "
                          "from outside",
                          WTERMSIG(host->status));
    return error_hint(error, "it exited with status %d", WEXITSTATUS(host->status));
}

/*
 * Linux kills a child born into a cgroup (CLONE_INTO_CGROUP) at once when cgroup.kill was ever used
 * on the cgroup that we are in, or on the one it is born into, since it compares the two counts of
 * kills (seen on 6.18).  Such a child does not come to execute an instruction: one that did was
 * killed by somebody else, and may have run hooks or sent its terminal.
 */
static bool was_killed_at_birth(const struct host *host, const struct error *error)
{
    return error && error->code == ERROR_INIT_DIED && host->was_reaped && !*host->has_lived &&
           !host->is_born_outside && !host->oom.kills && host->cgroup_plan.is_wanted &&
           WIFSIGNALED(host->status) && WTERMSIG(host->status) == SIGKILL;
}

/* The namespaces of a process are those of its first thread: where that alone has ended, there are
 * none to enter. */
static fallible explain_half(const struct host *host, struct error *error)
{
    unsigned long long started;
    char state = '?';
    int proc;

    struct error *unread = proc_mounted(&proc);
    if (!unread)
        unread = proc_read_start(proc, host->request->target->record->pid.value, &started, &state);
    error_forget(unread); /* the first error says more */
    if (state != 'Z')
        return error;
    error_forget(error);
    return error_hint(error_new(ERROR_STATE,
                                "the main thread of the container's process has ended, though "
                                "others run on: its namespaces cannot be entered"),
                      "nothing but kill and delete is left for such a container");
}

/* Who kills a container kills what comes into it as well, and that may die first.  Of an init that
 * is about to end the kernel shows no namespaces any more. */
static fallible explain_loss(const struct host *host, struct error *error)
{
    bool is_ending =
        error->code == ERROR_INIT_DIED ||
        (error->code == ERROR_SYSTEM && (error->number == ENOENT || error->number == ESRCH));

    if (!exec_has_lost(host->request->target, is_ending ? LOSS_MILLISECONDS : 0))
        return is_ending ? explain_half(host, error) : error;
    error_forget(error);
    return error_new(ERROR_STATE, "cannot %s a container that has just stopped",
                     host->request->mounts ? "change the mounts of" : "exec in");
}

/* Linux lets no process into a cgroup that has handed controllers down (cgroups(7), "no internal
 * processes"); one that was named has to be taken as it is. */
static bool was_refused_room(const struct host *host, const struct error *error)
{
    const struct launch_target *target = host->request->target;
    return error && host->has_no_room && target && !target->cgroup && !host->is_beside_init;
}

/* A birth that failed can be tried in another way, each of them once. */
static bool has_another_way(struct host *host, const struct error *error)
{
    if (was_killed_at_birth(host, error))
        host->is_born_outside = true;
    else if (was_refused_room(host, error))
        host->is_beside_init = true;
    else
        return false;
    host->was_reaped = false;
    host->owes_poststop = false;
    return true;
}

/* What init could not do quite as asked. */
static void hear_warning(const struct error *warning)
{
    char text[ERROR_TEXT_SIZE];
    error_print(warning, text, sizeof(text));
    log_warning("%s", text);
}

const struct step *launch_host_steps(const struct host *host)
{
    if (host->request->mounts)
        return live_host_steps;
    if (host->request->restore)
        return restore_steps;
    return host->request->target ? exec_host_steps : host_steps;
}

const struct step *launch_inside_steps(const struct host *host)
{
    if (host->request->mounts)
        return live_inside_steps;
    return host->request->target ? exec_inside_steps : init_steps;
}

/* The container is on its own, or in the hands of whoever has its pidfd. */
static void let_go(struct launch *launch)
{
    struct host *host = launch->host;
    struct fd_batch done = { .count = 0 };

    fd_batch_take(&done, &launch->channel);
    fd_batch_take(&done, &launch->plan->listener);
    fd_batch_take(&done, &host->cgroup);
    fd_batch_take(&done, &host->pid_file);
    fd_batch_take(&done, &host->net_sockets.outside);
    fd_batch_take(&done, &host->net_sockets.inside);
    fd_batch_take(&done, &host->entry.directory);
    fd_batch_close(&done);
    hooks_close_output(launch);
}

static fallible plan_launch(struct host *host, struct plan *plan)
{
    if (host->request->mounts)
        return live_plan(host, plan);
    return host->request->target ? exec_plan(host, plan) : launch_plan(host, plan);
}

/* One launch: plans, plays the host's storyboard, and hands over what there is. */
static fallible launch_once(struct host *host, int *trace, struct launched *launched)
{
    struct channel_span *spans = NULL;
    struct plan *plan;

    try_new(plan, host->arena, 1);
    struct error *error = plan_launch(host, plan);
    if (error) {
        namespaces_close(&plan->namespaces);
        return error;
    }
    if (host->request->trace && *trace < 0)
        try(trace_open(host->request->trace, trace));
    if (*trace >= 0)
        try_new(spans, host->arena, CHANNEL_SPANS);

    struct launch launch = { .plan = plan, .channel = -1, .host = host, .spans = spans };
    error = steps_run(launch_host_steps(host), &launch);
    if (error) {
        namespaces_close(&launch.plan->namespaces);
        return error;
    }
    error = *trace >= 0 ? trace_write(*trace, &launch) : OK;
    if (error) {
        steps_undo(launch_host_steps(host), &launch);
        return error;
    }
    let_go(&launch);
    *launched = (struct launched){ .pid = host->pid,
                                   .started = host->record.started.value,
                                   .pidfd = host->pidfd,
                                   .terminal = host->terminal,
                                   .notify = host->notify };
    return OK;
}

static fallible launch_and_explain(struct host *host, struct launched *launched)
{
    auto_close int trace = -1;
    struct error *error = launch_once(host, &trace, launched);

    while (has_another_way(host, error)) {
        error_forget(error);
        error = launch_once(host, &trace, launched);
    }
    close_fd(&host->console);
    close_fd(&host->receiver);
    if (error)
        host_run_poststop(host);
    if (error && host->request->target)
        error = explain_loss(host, error);
    if (error)
        error->root =
            host->request->target ? host->request->target->record->rootfs : host->record.rootfs;
    return explain_death(host, error);
}

fallible launch_container(const struct launch_request *request, struct arena *arena, int arena_fd,
                          struct launched *launched)
{
    struct interrupts interrupts = { .fd = -1 };
    struct host host = {
        .request = request,
        .arena = arena,
        .arena_fd = arena_fd,
        .entry = { .directory = -1, .id = request->id },
        .net_sockets = { -1, -1 },
        .cgroup = -1,
        .keeper = { -1, -1, -1 },
        .agent = -1,
        .receiver = -1,
        .console = -1,
        .notify = -1,
        .terminal = -1,
        .pid_file = -1,
        .pidfd = -1,
    };

    channel_hear_warning = hear_warning;
    try(fd_inherit_none_from(3 + request->preserved_fds));
    /* Who gives up gets it undone, instead of being left with what there is so far. */
    try(interrupts_hold(&interrupts));
    channel_interrupts = interrupts.fd;
    struct error *error = launch_and_explain(&host, launched);
    channel_interrupts = -1;
    interrupts_release(&interrupts);
    return error;
}
