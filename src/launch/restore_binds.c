/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host gives a container that is restored: criu leaves it out of the images under a name,
 * and asks for it by that name.  Which flags it must have is in the config, and not in the images.
 *
 * A source may lead elsewhere, over a link of the host.  What is mounted below it is asked of where
 * it leads.
 */
#include "launch/restore_binds.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "launch/host.h"
#include "os/fd_path.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/mount_list.h"
#include "os/proc.h"

/* Words for all below (rro, rrw) count for what is mounted below, too. */
static uint64_t change_attributes(const struct mount_plan *later, const char *destination,
                                  uint64_t flags)
{
    bool is_same = text_equal(later->destination, destination);

    if (is_same)
        flags = (flags & ~later->change.clear) | later->change.set;
    if (is_same || mount_list_below(destination, later->destination))
        flags = (flags & ~later->recursive_change.clear) | later->recursive_change.set;
    return flags;
}

static uint64_t change_later(const struct mounts_plan *mounts, uint32_t index, uint64_t flags)
{
    for (uint32_t i = index + 1; i < mounts->n; i++)
        if (mounts->v[i].kind == MOUNT_KIND_REMOUNT)
            flags = change_attributes(&mounts->v[i], mounts->v[index].destination, flags);
    return flags & restore_kept_attributes;
}

uint64_t restore_mount_attributes(const struct mounts_plan *mounts, uint32_t index)
{
    const struct mount_plan *mount = &mounts->v[index];
    uint64_t flags = mount->filesystem.attributes | mount->change.set | mount->recursive_change.set;

    return change_later(mounts, index, flags);
}

uint64_t restore_bind_attributes(const struct mounts_plan *mounts, uint32_t index,
                                 const struct mount_entry *source)
{
    const struct mount_plan *mount = &mounts->v[index];
    uint64_t flags = source ? source->attributes & MOUNT_ATTR_RDONLY : 0;

    flags &= ~(mount->change.clear | mount->recursive_change.clear);
    return change_later(mounts, index, flags) | restore_mount_attributes(mounts, index);
}

uint64_t restore_copied_attributes(const struct mount_plan *mount,
                                   const struct mount_entry *original)
{
    uint64_t flags =
        (original->attributes & ~mount->recursive_change.clear) | mount->recursive_change.set;

    return flags & restore_kept_attributes;
}

fallible restore_open_source(const struct host *host, const struct mount_plan *mount, int *fd)
{
    const char *path = mount->source;

    *fd = -1;
    if (mount->is_cgroup)
        try_print(path, host->arena, "%s%s", host->cgroup_plan.mount, host->record.cgroup_path);
    int opened = openat(host->request->bundle, path, O_PATH | O_CLOEXEC);
    if (opened < 0 && errno == ENOENT && mount->may_be_missing)
        return OK;
    if (opened < 0)
        return error_field(error_errno(ERROR_MOUNT, "open %s", path), "%s", mount->field);
    *fd = opened;
    return OK;
}

fallible restore_find_source(int fd, const struct mount_list *ours,
                             const struct mount_entry **entry)
{
    struct mount_place place;

    try(mount_look(fd, &place));
    *entry = mount_list_find(ours, place.mount);
    return OK;
}

/* That of its cgroup is not there before it has been made. */
static fallible name_source(const struct host *host, const struct mount_plan *mount,
                            const struct mount_list *ours, const char **source,
                            const struct mount_entry **entry)
{
    auto_close int fd = -1;

    *source = NULL;
    *entry = NULL;
    if (mount->is_cgroup) {
        try_print(*source, host->arena, "%s%s", host->cgroup_plan.mount, host->cgroup_plan.path);
        return OK;
    }
    try(restore_open_source(host, mount, &fd));
    if (fd < 0)
        return OK;
    try(restore_find_source(fd, ours, entry));
    return error_within(fd_path(fd, host->arena, source), "find the way to a source");
}

static void add(struct restore_binds *binds, const char *name, const char *source,
                uint64_t attributes)
{
    binds->v[binds->n++] = (struct restore_bind){ name, source, attributes };
}

/* What is mounted below it here is what was below it there, if the images name it. */
static fallible list_below(const struct host *host, const struct mount_plan *mount,
                           const char *source, const struct mount_list *ours,
                           struct restore_binds *binds)
{
    for (uint32_t i = 0; i < ours->n; i++) {
        const struct mount_entry *entry = &ours->v[i];
        const char *rest = mount_list_below(entry->point, source), *name;
        if (!rest || entry != mount_list_find_point(ours, entry->point))
            continue;
        try_print(name, host->arena, "%s%s", mount->destination, rest);
        add(binds, name, entry->point, restore_copied_attributes(mount, entry));
    }
    return OK;
}

static fallible list_mounts(const struct host *host, const struct mounts_plan *mounts,
                            const struct mount_list *ours, struct restore_binds *binds)
{
    for (uint32_t i = 0; i < mounts->n; i++) {
        const struct mount_plan *mount = &mounts->v[i];
        const struct mount_entry *entry;
        const char *source;
        if (mount->kind != MOUNT_KIND_BIND)
            continue;
        try(name_source(host, mount, ours, &source, &entry));
        if (!source)
            continue;
        add(binds, mount->destination, source, restore_bind_attributes(mounts, i, entry));
        if (mount->is_recursive_bind)
            try(list_below(host, mount, source, ours, binds));
    }
    return OK;
}

static uint32_t count_most(const struct plan *plan, const struct mount_list *ours)
{
    uint32_t most = plan->mounts.n + plan->masked_paths.masked_count + plan->devices.n;

    for (uint32_t i = 0; i < plan->mounts.n; i++)
        if (plan->mounts.v[i].is_recursive_bind)
            most += ours->n;
    return most;
}

fallible restore_list_binds(const struct host *host, const struct plan *plan,
                            struct restore_binds *binds)
{
    struct mount_list ours;
    int proc;

    *binds = (struct restore_binds){ .n = 0 };
    try(proc_mounted(&proc));
    try(mount_list_read(proc, getpid(), host->arena, &ours));
    try_new(binds->v, host->arena, count_most(plan, &ours));
    try(list_mounts(host, &plan->mounts, &ours, binds));
    for (uint32_t i = 0; i < plan->masked_paths.masked_count; i++)
        add(binds, plan->masked_paths.masked[i], "/dev/null", 0);
    for (uint32_t i = 0; i < plan->devices.n; i++)
        if (plan->devices.v[i].is_bound)
            add(binds, plan->devices.v[i].path, plan->devices.v[i].path, 0);
    return OK;
}

const struct restore_bind *restore_find_bind(const struct restore_binds *binds, const char *name)
{
    for (uint32_t i = binds->n; i > 0; i--)
        if (text_equal(binds->v[i - 1].name, name))
            return &binds->v[i - 1];
    return NULL;
}
