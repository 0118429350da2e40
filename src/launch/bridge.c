/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge, the host's side: the maps of a user namespace and the offsets of a time namespace are
 * written from here, where /proc can be trusted. */

#include "launch/bridge.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "launch/host.h"
#include "launch/reasons.h"
#include "os/pidfd.h"

enum { END_MILLISECONDS = 10000 };

/* The bridge and init both hold the other end: that one of them is gone is no end-of-file.  Its end
 * is looked at first: what it has said before is seen behind that. */
static fallible hear(const struct launch *launch, pid_t *pid)
{
    struct pollfd events[] = { { .fd = launch->host->pidfd, .events = POLLIN },
                               { .fd = launch->channel, .events = POLLIN },
                               { .fd = channel_interrupts, .events = POLLIN } };

    while (poll(events, LENGTH(events), -1) < 0)
        if (errno != EINTR)
            return error_system("wait for the bridge");
    if (!events[0].revents && !events[1].revents)
        return channel_interrupt(channel_interrupts);
    if (!(events[1].revents & POLLIN))
        return error_new(ERROR_INIT_DIED, "init ended without a word");
    return channel_hear_ready(launch->channel, pid);
}

static fallible prepare_namespaces(struct launch *launch)
{
    const struct host *host = launch->host;
    const struct plan *plan = launch->plan;
    pid_t nobody;

    try(hear(launch, &nobody));
    if (plan->user_ns.is_new)
        try(user_ns_map(&plan->user_ns, host->pid, host->arena));
    if (plan->time_ns.offsets)
        try(time_ns_set(&plan->time_ns, host->pid));
    return channel_release(launch->channel);
}

/* The bridge stands among strangers, and might be made to name one of them: what is named init is
 * killed on failure.  A pid of our child cannot be anybody else's before we have reaped it. */
static fallible check_child(pid_t pid, int pidfd)
{
    bool is_ours;

    try(pidfd_is_child(pidfd, &is_ours));
    if (!is_ours)
        return error_new(ERROR_PROTOCOL,
                         "the bridge says that init is process %d, no child of ours", pid);
    return OK;
}

/* The bridge has done its work; it is killed, since a container that is being paused could keep it
 * from ending by itself. */
static fallible adopt(struct launch *launch, pid_t pid)
{
    struct host *host = launch->host;
    auto_close int named = -1, bridge = -1;
    int status;

    try(pidfd_open_process(pid, &named));
    try(check_child(pid, named));
    bridge = take_fd(&host->pidfd);
    host->pidfd = take_fd(&named);
    host->pid = pid;
    try(pidfd_send(bridge, SIGKILL));
    try_within(pidfd_wait_end(bridge, END_MILLISECONDS), "the bridge into joined namespaces");
    try(pidfd_reap(bridge, &status));
    if (launch->plan->user_ns.is_joined)
        try(user_ns_map(&launch->plan->user_ns, pid, host->arena));
    return channel_release(launch->channel);
}

fallible bridge_await(struct launch *launch)
{
    pid_t pid = -1;

    if (bridge_unshares(launch->plan))
        try(prepare_namespaces(launch));
    try(hear(launch, &pid));
    if (pid <= 0)
        return error_new(ERROR_PROTOCOL, "the bridge says that init is process %d", (int) pid);
    return adopt(launch, pid);
}
