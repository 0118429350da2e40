/* SPDX-License-Identifier: Apache-2.0 */
/* mounts: opens what each entry mounts, on the host.  What surprises: where we may not mount, the
 * sources are opened all the same, so that a wrong one is known here, and init clones them. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "rootfs/mounts.h"

static fallible note_source(struct mount_plan *mount, const struct mounts_sources *sources)
{
    if (mount->is_cgroup)
        return host_object_note(sources->cgroup, sources->notes, &mount->object);
    auto_close int fd = openat(sources->bundle, mount->source, O_PATH | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status))
        return error_call(error_errno(ERROR_MOUNT, "open %s", mount->source), CALL_OPEN,
                          mount->source);
    mount->is_file = !S_ISDIR(status.st_mode);
    return host_object_note(fd, sources->notes, &mount->object);
}

static fallible clone_source(struct mount_plan *mount, const struct mounts_sources *sources)
{
    struct stat status;
    if (mount->is_cgroup)
        return mount_clone(sources->cgroup, false, &mount->tree);
    try(mount_clone_path(sources->bundle, mount->source, mount->is_recursive_bind, &mount->tree));
    if (fstat(mount->tree, &status))
        return error_errno(ERROR_MOUNT, "look at %s", mount->source);
    mount->is_file = !S_ISDIR(status.st_mode);
    return OK;
}

static fallible open_source(struct mount_plan *mount, const struct mounts_sources *sources)
{
    if (mount->kind == MOUNT_KIND_NEW)
        return mount_new(&mount->filesystem, &mount->tree);
    if (sources->notes)
        try(note_source(mount, sources));
    return sources->is_noted_only ? OK : clone_source(mount, sources);
}

/* nofail, as mount(8) has it. */
static bool is_left_out(struct error *failure, struct mounts_plan *plan, struct mount_plan *mount)
{
    if (!mount->may_be_missing || failure->number != ENOENT)
        return false;
    log_warning("%s: nothing is mounted on %s: %s", mount->field, mount->destination,
                failure->text);
    error_forget(failure);
    plan->idmap_count -= mount->idmap != MOUNT_IDMAP_NONE;
    mount->idmap = MOUNT_IDMAP_NONE;
    mount->kind = MOUNT_KIND_NONE;
    return true;
}

fallible mounts_open_sources(struct mounts_plan *plan, const struct mounts_sources *sources)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        struct mount_plan *mount = &plan->v[i];
        if (mount->kind != MOUNT_KIND_BIND && !mount->is_made_by_host)
            continue;
        struct error *failure = open_source(mount, sources);
        if (!failure || is_left_out(failure, plan, mount))
            continue;
        mounts_close_sources(plan);
        return error_field(error_within(failure, "%s on %s", mount->field, mount->destination),
                           "%s.%s", mount->field, mount->is_made_by_host ? "type" : "source");
    }
    return OK;
}

void mounts_close_sources(struct mounts_plan *plan)
{
    for (uint32_t i = 0; i < plan->n; i++)
        close_fd(&plan->v[i].tree);
}
