/* SPDX-License-Identifier: Apache-2.0 */
/* check: cgroups.  One is made where a container's would be, and removed: what cannot be tried
 * without changing others', as handing controllers down, is asked for permission only. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "cgroup/device_rules.h"
#include "cgroup/freezer.h"
#include "cgroup/limits.h"
#include "cgroup/scope.h"
#include "container/check_probes.h"
#include "os/directory.h"
#include "os/keeper.h"
#include "os/pidfd.h"

enum {
    NAME_SIZE = 32,
    FREEZE_MILLISECONDS = 500,
    REMOVE_MILLISECONDS = 500,
    BUS_SECONDS = 2,
};

static const char prefix[] = "check:"; /* which begins no container's id */

/* PID is that of who checks; of a probe, which is its child, the parent's. */
static fallible plan(struct arena *arena, pid_t pid, struct cgroup_plan *plan)
{
    char name[NAME_SIZE];

    text_format(name, sizeof(name), "%s%d", prefix, (int) pid);
    return cgroup_plan_default(name, arena, plan);
}

/* For what comes behind that row: why there is none has been said. */
static fallible demand(struct probe *probe, struct cgroup_plan *place)
{
    struct error *error = plan(probe->arena, getppid(), place);

    if (!error)
        return OK;
    error_forget(error);
    return error_new(ERROR_CGROUP, "no cgroup can be made, as said");
}

fallible check_cgroup(struct probe *probe)
{
    struct cgroup_plan place;

    try(plan(probe->arena, getppid(), &place));
    text_format(probe->found, TRIAL_FOUND_SIZE, "version 2 on %s, containers' are %.*s/ID",
                place.mount, (int) (strrchr(place.path, '/') - place.path), place.path);
    return OK;
}

static fallible remove_cgroup(const struct cgroup_plan *place, uint32_t kept)
{
    try(cgroup_kill(place->mount, place->path, kept));
    return cgroup_remove(place->mount, place->path, kept, REMOVE_MILLISECONDS);
}

/* Tries something in a cgroup that is made for it. */
static fallible with_cgroup(struct probe *probe,
                            struct error *(*act)(struct probe *, int directory))
{
    struct cgroup_plan place;
    auto_close int directory = -1;
    uint32_t kept;

    try(demand(probe, &place));
    try(cgroup_create(&place, &kept, &directory));
    struct error *error = act(probe, directory);
    struct error *left = remove_cgroup(&place, kept);
    if (error)
        error_forget(left);
    return error ? error : left;
}

void check_clean_up(struct arena *arena)
{
    struct cgroup_plan place;
    struct error *error = plan(arena, getpid(), &place);

    if (!error)
        error = remove_cgroup(&place, place.kept);
    error_forget(error);
}

/* Of one who checks no more; a cgroup in which something lives cannot be removed. */
static void remove_left(int parent, const char *name)
{
    uint64_t pid;
    int pidfd = -1;

    if (!text_starts(name, prefix) || !text_to_unsigned(name + strlen(prefix), INT32_MAX, &pid))
        return;
    struct error *error = pidfd_open_process((pid_t) pid, &pidfd);
    if (error && error->number == ESRCH)
        unlinkat(parent, name, AT_REMOVEDIR);
    error_forget(error);
    close_fd(&pidfd);
}

fallible check_collect(struct arena *arena)
{
    struct cgroup_plan place;
    struct directory listing;
    struct directory_entry entry;
    auto_close int parent = -1;
    char *path;

    try(plan(arena, getpid(), &place));
    try_new(path, arena, strlen(place.path) + 1);
    memcpy(path, place.path, (size_t) (strrchr(place.path, '/') - place.path));
    try(cgroup_open(place.mount, path, &parent));
    try(directory_begin(parent, &listing));
    do {
        try(directory_next(&listing, &entry));
        if (entry.name)
            remove_left(parent, entry.name);
    } while (entry.name);
    return OK;
}

static fallible live_in(int directory, pid_t pid)
{
    const struct freezer_wait wait = { FREEZE_MILLISECONDS, -1 };

    try(cgroup_add(directory, pid));
    try(freezer_freeze(directory, &wait));
    return freezer_thaw(directory, &wait);
}

static fallible live(struct probe *probe, int directory)
{
    struct keeper keeper = { -1, -1, -1 };

    (void) probe;
    try(keeper_bear(0, &keeper));
    struct error *error = live_in(directory, keeper.pid);
    if (!error)
        error = cgroup_signal_all(directory, SIGKILL);
    keeper_end(&keeper);
    return error;
}

fallible check_cgroup_life(struct probe *probe)
{
    try(with_cgroup(probe, live));
    text_format(probe->found, TRIAL_FOUND_SIZE, "made, entered, frozen, killed, removed");
    return OK;
}

fallible check_controller(struct probe *probe)
{
    const char *name = probe->check->name;
    struct limit limit = { .field = probe->check->affects, .controller = name };
    const struct limits_plan limits = { &limit, &limit };
    struct cgroup_plan place;

    try(demand(probe, &place));
    try(limits_check_controllers(&limits, place.mount, probe->arena));
    return limits_try_controllers(&limits, place.mount, place.path);
}

static fallible filter(struct probe *probe, int directory)
{
    struct device_rules_plan rules;

    try(device_rules_plan(NULL, probe->arena, &rules));
    return device_rules_apply(&rules, directory);
}

fallible check_device_rules(struct probe *probe)
{
    return with_cgroup(probe, filter);
}

fallible check_systemd(struct probe *probe)
{
    const struct scope_owner owner = { .id = "check", .state = -1 };
    struct scope scope;

    try(scope_find("tare-check.scope", &owner, probe->arena, &scope));
    scope.seconds = BUS_SECONDS;
    try(scope_stop(&scope, probe->arena));
    text_format(probe->found, TRIAL_FOUND_SIZE, "it answers at %s", scope.bus);
    return OK;
}
