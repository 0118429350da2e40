/* SPDX-License-Identifier: Apache-2.0 */
/* check: cgroups.  One is made where a container's would be, and removed: what cannot be tried
 * without changing others', as handing controllers down, is asked for permission only. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
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
#include "launch/survey.h"
#include "os/directory.h"
#include "os/keeper.h"
#include "os/pidfd.h"

enum {
    NAME_SIZE = 32,
    FREEZE_MILLISECONDS = 500,
    REMOVE_MILLISECONDS = 500,
    BUS_SECONDS = 2,
    DEPTH_MAX = 128,
};

static const char prefix[] = "check:"; /* which begins no container's id */

static bool cgroups_are_ours(const struct plan *plan)
{
    return plan && plan->has_cgroup && !plan->has_scope;
}

/* Where linux.cgroupsPath puts the container; NULL where that says nothing, or systemd decides. */
static const struct cgroup_plan *find_asked(const struct survey *survey)
{
    const struct cgroup_plan *asked = &survey->host.cgroup_plan;
    bool is_asked = cgroups_are_ours(survey->plan) && !asked->is_default_path;

    return is_asked ? asked : NULL;
}

/* Whether there is something at the path already, which is no name of ours to take. */
static bool is_there(const struct cgroup_plan *asked)
{
    return asked->kept == strlen(asked->path);
}

/* Beside the container's own cgroup, or in that if it is there already.  PID is that of who checks;
 * of a probe, which is its child, the parent's. */
static fallible plan(const struct survey *survey, struct arena *arena, pid_t pid,
                     struct cgroup_plan *place)
{
    const struct cgroup_plan *asked = find_asked(survey);
    char name[NAME_SIZE];

    text_format(name, sizeof(name), "%s%d", prefix, (int) pid);
    if (!asked)
        return cgroup_plan_default(name, arena, place);
    const char *end = is_there(asked) ? strchr(asked->path, '\0') : strrchr(asked->path, '/');
    *place = *asked;
    try_print(place->path, arena, "%.*s/%s", (int) (end - asked->path), asked->path, name);
    return OK;
}

/* For what comes behind that row: why there is none has been said. */
static fallible demand(struct probe *probe, struct cgroup_plan *place)
{
    struct error *error = plan(probe->survey, probe->arena, getppid(), place);

    if (!error)
        return OK;
    error_forget(error);
    return error_new(ERROR_CGROUP, "no cgroup can be made, as said");
}

fallible check_cgroup(struct probe *probe)
{
    const struct cgroup_plan *asked = find_asked(probe->survey);
    struct cgroup_plan place;

    try(plan(probe->survey, probe->arena, getppid(), &place));
    if (asked)
        text_format(probe->found, TRIAL_FOUND_SIZE, "version 2 on %s, the container's is %s",
                    place.mount, asked->path);
    else
        text_format(probe->found, TRIAL_FOUND_SIZE, "version 2 on %s, containers' are %.*s/ID",
                    place.mount, (int) (strrchr(place.path, '/') - place.path), place.path);
    return OK;
}

static fallible remove_cgroup(const struct cgroup_plan *place, uint32_t kept)
{
    try(cgroup_kill(place->mount, place->path, kept));
    return cgroup_remove(place->mount, place->path, kept, REMOVE_MILLISECONDS);
}

/* One that is there a start takes as it is, if it is fit for that (CG7). */
static fallible see_fit(const struct cgroup_plan *asked)
{
    auto_close int directory = -1;
    uint32_t kept;

    if (!asked || !is_there(asked))
        return OK;
    try(cgroup_create(asked, &kept, &directory));
    /* It has gone meanwhile. */
    return kept < strlen(asked->path)
               ? cgroup_remove(asked->mount, asked->path, kept, REMOVE_MILLISECONDS)
               : OK;
}

/* Tries something in a cgroup that is made for it. */
static fallible with_cgroup(struct probe *probe,
                            struct error *(*act)(struct probe *, int directory))
{
    struct cgroup_plan place;
    auto_close int directory = -1;
    uint32_t kept;

    try(demand(probe, &place));
    try(see_fit(find_asked(probe->survey)));
    try(cgroup_create(&place, &kept, &directory));
    struct error *error = flock(directory, LOCK_SH) ? error_system("lock the cgroup") : OK;
    if (!error)
        error = act(probe, directory);
    struct error *left = remove_cgroup(&place, kept);
    if (error)
        error_forget(left);
    return error ? error : left;
}

void check_clean_up(const struct survey *survey, struct arena *arena)
{
    struct cgroup_plan place;
    struct error *error = plan(survey, arena, getpid(), &place);

    if (!error)
        error = remove_cgroup(&place, place.kept);
    error_forget(error);
}

/* Unless somebody checks with it, who may be of a pid namespace that we do not see. */
static void remove_unheld(int parent, const char *name)
{
    auto_close int cgroup = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

    if (cgroup >= 0 && !flock(cgroup, LOCK_EX | LOCK_NB))
        unlinkat(parent, name, AT_REMOVEDIR);
}

/* Of one who checks no more; a cgroup in which something lives cannot be removed. */
static void remove_left(int parent, const char *name)
{
    uint64_t pid;
    int pidfd = -1;

    if (!text_to_unsigned(name + strlen(prefix), INT32_MAX, &pid))
        return;
    struct error *error = pidfd_open_process((pid_t) pid, &pidfd);
    if (error && error->number == ESRCH)
        remove_unheld(parent, name);
    error_forget(error);
    close_fd(&pidfd);
}

static void collect_below(int directory, unsigned depth);

static void collect_child(int directory, const char *name, unsigned depth)
{
    auto_close int child = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

    if (child >= 0 && depth < DEPTH_MAX)
        collect_below(child, depth + 1);
}

static void collect_below(int directory, unsigned depth)
{
    struct directory listing;
    struct directory_entry entry = { .name = "" };
    struct error *error = directory_begin(directory, &listing);

    while (!error && entry.name) {
        error = directory_next(&listing, &entry);
        if (error || !entry.name || entry.type != DT_DIR)
            continue;
        if (text_starts(entry.name, prefix))
            remove_left(directory, entry.name);
        else
            collect_child(directory, entry.name, depth);
    }
    error_forget(error); /* it has gone */
}

/* A config may have named any place. */
fallible check_collect(void)
{
    auto_close int top = -1;
    const char *mount;

    try(cgroup_find_mount(&mount));
    if (!mount)
        return OK;
    top = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0)
        return error_errno(ERROR_CGROUP, "open %s", mount);
    collect_below(top, 0);
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

const struct limit *check_find_limit(const struct survey *survey, const char *controller)
{
    const struct limit *limit = cgroups_are_ours(survey->plan) ? survey->host.limits.first : NULL;

    while (limit &&
           (limit->is_optional || !limit->controller || !text_equal(limit->controller, controller)))
        limit = limit->next;
    return limit;
}

fallible check_controller(struct probe *probe)
{
    const char *name = probe->check->name;
    const struct limit *needed = check_find_limit(probe->survey, name);
    const struct cgroup_plan *asked = find_asked(probe->survey);
    struct limit limit = { .field = needed ? needed->field : probe->check->affects,
                           .controller = name };
    const struct limits_plan limits = { &limit, &limit };
    struct cgroup_plan place;

    try(demand(probe, &place));
    try(limits_check_controllers(&limits, place.mount, probe->arena));
    return limits_try_controllers(&limits, place.mount, asked ? asked->path : place.path);
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
