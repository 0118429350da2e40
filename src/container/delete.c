/* SPDX-License-Identifier: Apache-2.0 */
/* delete (runtime.md#delete).  A created container is "not stopped" either: that is an error
 * without effect, and --force kills it first. */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/error_names.h"
#include "base/log.h"
#include "cgroup/before.h"
#include "cgroup/cgroup.h"
#include "cgroup/path.h"
#include "cgroup/scope.h"
#include "container/container.h"
#include "container/scope.h"
#include "launch/hooks.h"
#include "launch/resctrl.h"
#include "libocispec/config.h"
#include "os/clock.h"
#include "os/pidfd.h"

enum { END_MILLISECONDS = 10000, LEAVE_MILLISECONDS = 2000 };
enum { MILLISECOND = 1000000 /* ns */, PAUSE = 5 * MILLISECOND };

static const char hooks_lost[] = "the poststop hooks are not run: what they are told is lost";

static fallible check_stopped(const struct container *container)
{
    if (container->status == CONTAINER_STOPPED)
        return OK;
    return error_hint(error_new(ERROR_STATE,
                                "cannot delete a container that is not stopped: it is %s",
                                container_status_name(container->status)),
                      "kill it first, or use --force");
}

static bool is_late(const struct error *error)
{
    return error && error->code == ERROR_TIMEOUT;
}

/* The first process of a pid namespace ends last: while others end, it is waited for. */
static fallible await_end(const struct container *container)
{
    const struct record *record = &container->record;
    size_t left = SIZE_MAX;
    auto_close int cgroup = -1;
    struct error *error = pidfd_wait_end(container->pidfd, LEAVE_MILLISECONDS);

    if (!is_late(error) || !record->cgroup_path)
        return error;
    error_forget(cgroup_open(record->cgroup_mount, record->cgroup_path, &cgroup));
    cgroup_empties(cgroup, &left);
    do {
        error_forget(error);
        error = pidfd_wait_end(container->pidfd, END_MILLISECONDS);
    } while (is_late(error) && cgroup_empties(cgroup, &left));
    return error;
}

static fallible end_init(const struct container *container)
{
    if (container->pidfd < 0)
        return OK;
    struct error *error = pidfd_send(container->pidfd, SIGKILL);
    if (error && !error_forget_if(error, ESRCH))
        return error;
    return error_within(await_end(container), "process %d", container->record.pid.value);
}

/* With init, a pid namespace has ended: who is in the cgroup now and leaves it belongs to somebody
 * else.  Without one, or when init is not known, all in the cgroup are ours. */
static fallible remove_cgroup(const struct record *record)
{
    const char *mount = record->cgroup_mount, *path = record->cgroup_path;
    uint32_t kept = record->cgroup_kept.value;
    bool has_ended = record->has_pid_namespace.value && record->pid.present;

    if (!has_ended)
        try(cgroup_kill(mount, path, kept));
    struct error *error =
        cgroup_remove(mount, path, kept, has_ended ? LEAVE_MILLISECONDS : END_MILLISECONDS);
    if (error && error->code == ERROR_FROZEN) {
        /* An exec that was stopped on its way in, and so is not in that pid namespace. */
        error_forget(error);
        try(cgroup_kill(mount, path, kept));
        error = cgroup_remove(mount, path, kept, END_MILLISECONDS);
    }
    try(error);
    return before_restore(mount, path, &record->cgroup_before, &record->cgroup_owners);
}

/* systemd ends a scope when its last process has left; that it is gone we wait for. */
static fallible stop_scope(const struct store *store, const struct record *record,
                           struct arena *arena)
{
    struct scope scope;

    try(container_find_scope(store, record, arena, &scope));
    return scope_stop(&scope, arena);
}

static bool is_gone(const char *mount, const char *path)
{
    auto_close int directory = -1;
    struct error *error = cgroup_open(mount, path, &directory);
    bool is_gone = error && error->number == ENOENT;

    error_forget(error);
    return is_gone;
}

/* systemd removes it, when it hears that the last process has left. */
static bool goes_by_itself(const char *mount, const char *path)
{
    const struct timespec pause = { .tv_nsec = PAUSE };
    const uint64_t end = clock_now() + (uint64_t) LEAVE_MILLISECONDS * MILLISECOND;

    while (!is_gone(mount, path)) {
        if (clock_now() >= end)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

/* Without its cgroup a unit is no more than a name, which systemd forgets by itself; but of a
 * cgroup that is removed at once it does not hear that it was empty, and would not forget. */
static bool has_no_cgroup(const struct record *record, struct arena *arena)
{
    const char *mount = record->cgroup_mount, *path = record->cgroup_path, *whole;
    uint32_t kept = record->cgroup_kept.value;

    if (!path)
        return true;
    whole = allocate_print(arena, "%.*s", (int) scope_path_length(record->scope, path, kept), path);
    if (!whole)
        return false;
    uint32_t slice = (uint32_t) (strrchr(whole, '/') - whole);
    if (!goes_by_itself(mount, whole))
        error_forget(cgroup_remove(mount, whole, slice, LEAVE_MILLISECONDS));
    return is_gone(mount, whole);
}

static fallible end_scope(const struct store *store, const struct container *container)
{
    const struct record *record = &container->record;
    struct error *error = stop_scope(store, record, container->arena);

    if (!error || !has_no_cgroup(record, container->arena))
        return error;
    log_warning("%s; its cgroup is gone, and so is the scope", error_line(error));
    error_forget(error);
    return OK;
}

static bool has_poststop_hooks(const struct record *record)
{
    return record->hooks && record->hooks->poststop.n;
}

/* The name is given back last: until then a delete that failed can be tried again. */
fallible container_delete(const struct store *store, struct container *container, bool is_forced)
{
    if (!is_forced)
        try(check_stopped(container));
    try(end_init(container));
    if (container->record.cgroup_path)
        try(remove_cgroup(&container->record));
    if (container->record.scope)
        try(end_scope(store, container));
    try(resctrl_remove(&container->record));
    if (has_poststop_hooks(&container->record)) {
        try(store_retire(store, &container->entry, container->arena));
        hooks_run_poststop(&container->record, container->arena);
    }
    return store_remove(store, &container->entry);
}

/* Without a record the hooks have run. */
static fallible finish(const struct store *store, struct entry *entry, struct arena *arena)
{
    struct record record;
    struct error *error = record_load(entry, arena, &record);

    if (!error) {
        hooks_run_poststop(&record, arena);
        return store_remove(store, entry);
    }
    if (error->code != ERROR_RECORD)
        return error;
    if (error->number != ENOENT)
        log_warning("'%s': %s; %s", entry->id, error_line(error), hooks_lost);
    error_forget(error);
    return store_remove(store, entry);
}

static fallible finish_named(const struct store *store, const char *name, struct arena *arena,
                             struct error *(*hear)(const char *id))
{
    struct entry entry;
    struct error *error = store_find_retired(store, name, arena, &entry);

    if (error && (error->code == ERROR_UNKNOWN || error->code == ERROR_TIMEOUT)) {
        error_forget(error);
        return OK;
    }
    try(error);
    error = finish(store, &entry, arena);
    if (!error && hear)
        error = hear(entry.id);
    entry_close(&entry);
    return error;
}

fallible container_finish(const struct store *store, const char *id, struct arena *arena,
                          struct error *(*hear)(const char *id))
{
    const struct store impatient = { .directory = store->directory, .path = store->path };
    const char *const *names;
    unsigned count;
    struct error *first = OK;

    try(store_list_retired(store, id, arena, &names, &count));
    for (unsigned i = 0; i < count; i++) {
        struct error *error = finish_named(&impatient, names[i], arena, hear);
        if (first)
            error_forget(error);
        else
            first = error;
    }
    return first;
}

/* NULL when that cannot be read either. */
static const struct oci_config *read_config(const struct entry *entry, struct arena *arena)
{
    struct oci_config *config = NULL;

    error_forget(container_read_config(entry, arena, &config));
    return config;
}

/* One that has another container's description stays. */
static fallible stop_scope_of_config(const struct store *store, const char *id, const char *asked,
                                     struct arena *arena)
{
    const struct scope_owner owner = { .id = id, .state = store->directory };
    struct scope_plan plan = { 0 };
    struct scope scope;

    try(scope_name(asked, id, arena, &plan));
    try(scope_find(plan.unit, &owner, arena, &scope));
    return scope_stop(&scope, arena);
}

/* Who made the cgroup of a config that names none is not known: systemd is asked if it is there. */
static void stop_scope_by_default(const struct store *store, const char *id, struct arena *arena)
{
    struct error *error = scope_is_built ? stop_scope_of_config(store, id, NULL, arena) : OK;

    if (error)
        log_debug("delete '%s': %s", id, error_line(error));
    error_forget(error);
}

/* Init was born in the cgroup that the config names, and dies with it.  Whether create made that is
 * not known: one that has our name goes, any other is emptied. */
static fallible remove_cgroup_of_config(const struct store *store, const struct entry *entry,
                                        const struct oci_config *config, struct arena *arena)
{
    const char *asked = config && config->linux_ ? config->linux_->cgroups_path : NULL;
    struct cgroup_plan plan = { 0 };

    if (asked && cgroup_path_is_systemd(asked))
        return stop_scope_of_config(store, entry->id, asked, arena);
    if (!asked)
        stop_scope_by_default(store, entry->id, arena);
    try(cgroup_plan(config ? config->linux_ : NULL, entry->id, CGROUP_MANAGER_CGROUPFS, arena,
                    &plan));
    if (!plan.is_wanted)
        return OK;
    uint32_t kept = plan.is_default_path ? 0 : plan.kept;
    try(cgroup_kill(plan.mount, plan.path, kept));
    return cgroup_remove(plan.mount, plan.path, kept, END_MILLISECONDS);
}

static fallible remove_what_config_tells(const struct store *store, const struct entry *entry,
                                         struct arena *arena)
{
    const struct oci_config *config = read_config(entry, arena);

    if (config && config->hooks && config->hooks->poststop.n)
        log_warning("delete '%s': %s", entry->id, hooks_lost);
    try(remove_cgroup_of_config(store, entry, config, arena));
    return resctrl_remove_planned(config ? config->linux_ : NULL, entry->id, arena);
}

/* The record is written before anything is made: without one there is nothing but the directory. */
static fallible remove_unrecorded(const struct store *store, struct entry *entry,
                                  struct arena *arena)
{
    struct record record;
    struct error *error = record_load(entry, arena, &record);

    if (!error)
        return error_hint(error_new(ERROR_STATE, "container \"%s\" was made just now", entry->id),
                          "delete it again");
    if (error->code != ERROR_RECORD)
        return error;
    if (!error_forget_if(error, ENOENT)) {
        log_warning("delete '%s': %s; removing what its config tells", entry->id,
                    error_line(error));
        error_forget(error);
        try(remove_what_config_tells(store, entry, arena));
    }
    return store_remove(store, entry);
}

fallible container_discard(const struct store *store, const char *id, struct arena *arena)
{
    struct entry entry;

    try(store_find(store, id, &entry));
    struct error *error = remove_unrecorded(store, &entry, arena);
    entry_close(&entry);
    return error;
}
