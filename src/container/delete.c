/* SPDX-License-Identifier: Apache-2.0 */
/* delete (runtime.md#delete).  A created container is "not stopped" either: that is an error
 * without effect, and --force kills it first (decisions 15). */

#include <errno.h>
#include <signal.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "cgroup/cgroup.h"
#include "container/container.h"
#include "libocispec/config.h"
#include "os/pidfd.h"

enum { END_MILLISECONDS = 10000, CONFIG_SIZE_MAX = 16 << 20 };

static fallible check_stopped(const struct container *container)
{
    if (container->status == CONTAINER_STOPPED)
        return OK;
    return error_hint(error_new(ERROR_STATE,
                                "cannot delete a container that is not stopped: it is %s",
                                container_status_name(container->status)),
                      "kill it first, or use --force");
}

static fallible kill_init(int pidfd)
{
    struct error *error = pidfd < 0 ? OK : pidfd_send(pidfd, SIGKILL);
    return error && error_is_errno(error, ESRCH) ? OK : error;
}

/* The name is given back last: until then a delete that failed can be tried again. */
fallible container_delete(const struct store *store, struct container *container, bool is_forced)
{
    const struct record *record = &container->record;

    if (!is_forced)
        try(check_stopped(container));
    try(kill_init(container->pidfd));
    if (record->cgroup_path)
        try(cgroup_remove(record->cgroup_mount, record->cgroup_path,
                          record->has_default_cgroup.value, END_MILLISECONDS));
    if (container->pidfd >= 0)
        try_within(pidfd_wait_end(container->pidfd, END_MILLISECONDS), "process %d",
                   record->pid.value);
    return store_remove(store, &container->entry);
}

/* The config that was kept; NULL when that cannot be read either. */
static const struct oci_config *read_config(const struct entry *entry, struct arena *arena)
{
    struct entry_text json;
    struct oci_problem problem;

    struct error *error = entry_read(entry, "config.json", CONFIG_SIZE_MAX, arena, &json);
    if (error) {
        error_forget(error);
        return NULL;
    }
    return oci_decode(&oci_config_schema, arena, json.text, json.length, &problem);
}

/* Init was born in the cgroup that the config names, and dies with it. */
static fallible remove_cgroup(const struct entry *entry, struct arena *arena)
{
    const struct oci_config *config = read_config(entry, arena);
    struct cgroup_plan plan = { 0 };

    try(cgroup_plan(config ? config->linux_ : NULL, entry->id, CGROUP_MANAGER_CGROUPFS, arena,
                    &plan));
    if (!plan.is_wanted)
        return OK;
    return cgroup_remove(plan.mount, plan.path, plan.is_default_path, END_MILLISECONDS);
}

/* The record is written before anything is made: without one there is nothing but the directory. */
static fallible remove_unrecorded(const struct store *store, struct entry *entry,
                                  struct arena *arena)
{
    struct record record;
    struct error *error = record_load(entry, arena, &record);

    if (error && !error_is_errno(error, ENOENT)) {
        log_warning("delete '%s': %s; removing what its config tells", entry->id, error->text);
        error_forget(error);
        try(remove_cgroup(entry, arena));
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
