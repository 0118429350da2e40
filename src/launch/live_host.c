/* SPDX-License-Identifier: Apache-2.0 */
/* The storyboard of `mounts`, outside: what is mounted is opened here, as for a container that is
 * made.  The mount namespace is handed over by a descriptor of its own, since who has entered the
 * container's user namespace may no longer be allowed to ask the container's process for it. */

#include <fcntl.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "launch/host.h"
#include "launch/idmaps.h"
#include "launch/reasons.h"
#include "os/pidfd.h"
#include "os/proc.h"

enum { END_MILLISECONDS = 10000 };

static fallible open_mounts(struct launch *launch)
{
    char path[48];
    int proc;

    text_format(path, sizeof(path), "%d/ns/mnt", launch->host->record.pid.value);
    try(proc_mounted(&proc));
    launch->plan->enter.mounts = openat(proc, path, O_RDONLY | O_CLOEXEC);
    return launch->plan->enter.mounts < 0 ? error_system("open '/proc/%s'", path) : OK;
}

static void close_mounts(struct launch *launch)
{
    close_fd(&launch->plan->enter.mounts);
}

static fallible let_go(struct launch *launch)
{
    try(host_copy_plan(launch));
    close_mounts(launch);
    return host_let_go(launch);
}

/* Killed between two mounts it would leave the first, and what it does takes no time, unless a
 * filesystem of the container's makes it wait: so it may come to its end, and what it says counts.
 */
static fallible let_end(const struct launch *launch, struct error *interrupted)
{
    struct error *error = pidfd_wait_end(launch->host->pidfd, END_MILLISECONDS);

    channel_interrupts = -1;
    if (error) {
        error_forget(error);
        return error_hint(interrupted, "ten seconds later it was still at it, and was killed: "
                                       "what it had changed by then is not undone");
    }
    error_forget(interrupted);
    return OK;
}

static fallible hear_end(struct launch *launch)
{
    struct error *error = exec_hear_end(launch);

    if (!error || error->code != ERROR_INTERRUPTED)
        return error;
    try(let_end(launch, error));
    return exec_hear_end(launch);
}

/* One row a line. */
/* clang-format off */
const struct step live_host_steps[] = {
    { "open the container's cgroup",      NULL,                          has_cgroup,                    exec_open_cgroup,      exec_close_cgroup },
    { "open the container's mounts",      NULL,                          opens_before_it_enters,        open_mounts,           close_mounts },
    { "see that it lives",                NULL,                          NULL,                          exec_see_init,         NULL },
    { "open mount sources",               "mounts",                      adds_mounts,                   host_open_mount_sources, host_close_mount_sources },
    { "map the ids of mounts",            "mounts",                      maps_ids_of_sources,           idmaps_apply,          NULL },
    { "give birth to who mounts",         NULL,                          NULL,                          birth_give,            birth_undo },
    { "let go of what it has",            NULL,                          NULL,                          let_go,                NULL },
    { "map the ids of its mounts",        "mounts",                      maps_ids_of_init,              idmaps_apply_handed,   NULL },
    MEET("the ids are mapped",               maps_ids_of_init),
    { "hear it hang up",                  NULL,                          NULL,                          hear_end,              NULL },
    {},
};
/* clang-format on */
