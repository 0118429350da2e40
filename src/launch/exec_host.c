/* SPDX-License-Identifier: Apache-2.0 */
/* The storyboard of exec, outside: what is done for a process that comes into a container.  Nothing
 * is made that would have to be remembered; what a failure leaves is the process, which is killed.
 *
 * It is born in the container's cgroup.  Once those inside have handed controllers down, as systemd
 * does, that may hold no processes: then the cgroup of the container's init is meant. */

#include <fcntl.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/join.h"
#include "cgroup/oom.h"
#include "launch/host.h"
#include "launch/reasons.h"
#include "os/pidfd.h"
#include "os/proc.h"

bool exec_has_lost(const struct launch_target *target, int milliseconds)
{
    return pidfd_has_ended(target->init, milliseconds);
}

static fallible check_frozen(const struct launch_target *target, int cgroup)
{
    bool is_frozen = false;

    if (!target->ignores_paused)
        try(cgroup_read_frozen(cgroup, &is_frozen));
    return is_frozen ? error_hint(error_new(ERROR_STATE, "the cgroup is frozen"),
                                  "use --ignore-paused to start it when the cgroup is thawed")
                     : OK;
}

/* A child that shares our memory holds us until its exec: for long, where the cgroup is frozen.  If
 * that happens between our look and its exec, or where a cgroup above is being frozen, only a
 * resume, the container's end or SIGKILL frees us (vfork(2) waits for nothing else); a copy would
 * cost every exec an eighth more page faults. */
static fallible decide_to_share(const struct launch_target *target, int cgroup, bool *may_share)
{
    bool is_group;

    try(oom_is_group(cgroup, &is_group));
    *may_share = !is_group && !target->ignores_paused;
    return OK;
}

fallible exec_open_cgroup(struct launch *launch)
{
    struct host *host = launch->host;
    const struct launch_target *target = host->request->target;
    const struct record *record = target->record;
    auto_close int cgroup = -1;

    host->may_share = false;
    try(cgroup_open(record->cgroup_mount, record->cgroup_path, &cgroup));
    if (!host->is_beside_init && !target->cgroup) {
        try(decide_to_share(target, cgroup, &host->may_share));
        host->cgroup = take_fd(&cgroup); /* whose state was seen: the container is not paused */
        return OK;
    }
    if (host->is_beside_init)
        try(join_beside(cgroup, record->cgroup_path, record->pid.value, &host->cgroup));
    else
        try(join_below(cgroup, target->cgroup, &host->cgroup));
    return check_frozen(target, host->cgroup);
}

void exec_close_cgroup(struct launch *launch)
{
    close_fd(&launch->host->cgroup);
}

/* Without mounts of its own a container has only changed its root. */
static fallible open_root(struct launch *launch)
{
    char path[64];
    int proc;

    text_format(path, sizeof(path), "%d/root", launch->host->record.pid.value);
    try(proc_mounted(&proc));
    launch->plan->enter.root = openat(proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return launch->plan->enter.root < 0 ? error_system("open '/proc/%s'", path) : OK;
}

static void close_root(struct launch *launch)
{
    close_fd(&launch->plan->enter.root);
}

/* All that was read of /proc by number is of the container's init if that has not ended. */
fallible exec_see_init(struct launch *launch)
{
    return exec_has_lost(launch->host->request->target, 0)
               ? error_new(ERROR_STATE, "the container's process has ended")
               : OK;
}

static fallible let_go(struct launch *launch)
{
    try(host_copy_plan(launch));
    close_root(launch);
    return host_let_go(launch);
}

fallible exec_hear_end(struct launch *launch)
{
    struct host *host = launch->host;
    return channel_hear_end(launch->channel, host->init_spans, &host->init_span_count);
}

/* One row a line. */
/* clang-format off */
const struct step exec_host_steps[] = {
    { "run on the initial CPUs",          "process.execCPUAffinity.initial", has_initial_cpus,          process_take_initial_cpus, NULL },
    { "open the container's cgroup",      NULL,                          has_cgroup,                    exec_open_cgroup,      exec_close_cgroup },
    { "open the container's root",        NULL,                          shares_mounts,                 open_root,             close_root },
    { "see that it lives",                NULL,                          NULL,                          exec_see_init,         NULL },
    { "connect to the console socket",    NULL,                          sends_terminal,                console_socket_connect, NULL },
    { "connect to the pidfd socket",      NULL,                          sends_pidfd,                   pidfd_socket_connect,  NULL },
    { "make a pair for the terminal",     NULL,                          relays_terminal,               console_socket_pair,   console_socket_close_pair },
    { "connect to the seccomp agent",     "linux.seccomp.listenerPath",  has_agent,                     filter_connect,        filter_disconnect },
    { "open the pid file",                NULL,                          has_pid_file,                  pid_file_open,         pid_file_close },
    { "set the score to be born with",    "process.oomScoreAdj",         inherits_oom_score,            process_lend_oom_score, process_forget_oom_score },
    { "give birth to the process",        NULL,                          NULL,                          birth_give,            birth_undo },
    { "set our own oom score back",       "process.oomScoreAdj",         inherits_oom_score,            process_take_back_oom_score, NULL },
    { "let go of what it has",            NULL,                          NULL,                          let_go,                NULL },
    MEET("the process has come in",          meets_host),
    { "enter the resctrl groups",         "linux.intelRdt",              has_intel_rdt,                 resctrl_enter,         NULL },
    { "set the oom score",                "process.oomScoreAdj",         has_oom_score,                 process_set_oom_score, NULL },
    { "raise rlimits",                    "process.rlimits",             raises_rlimits,                process_raise_rlimits, NULL },
    { "set the scheduler",                "process.scheduler",           has_scheduler,                 process_set_scheduler, NULL },
    { "set the I/O priority",             "process.ioPriority",          has_io_priority,               process_set_io_priority, NULL },
    MEET("it may confine itself",            meets_host),
    { "hand over the seccomp listener",   "linux.seccomp.listenerPath",  has_agent,                     filter_hand_over,      NULL },
    { "hear it hang up",                  NULL,                          NULL,                          exec_hear_end,         NULL },
    { "verify the seccomp filter",        "linux.seccomp",               has_filter,                    filter_verify,         NULL },
    { "take the terminal",                "process.terminal",            relays_terminal,               console_socket_take,   console_socket_put_back },
    { "send the pidfd",                   NULL,                          sends_pidfd,                   pidfd_socket_send,     NULL },
    { "write the pid file",               NULL,                          has_pid_file,                  pid_file_write,        NULL },
    {},
};
/* clang-format on */
