/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is mounted in a container that criu has restored, against the config (R21).  Of binds criu
 * takes the sources from us, but which of them stands where, and with which flags, is in the
 * images, as is all of the other mounts.
 *
 * A container that may mount may have changed what is mounted; it is not restored then, since
 * nobody could tell that from images that were changed.
 */
#include "launch/restore_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "launch/restore_binds.h"
#include "launch/restore_options.h"
#include "os/fd_path.h"
#include "os/mount_attributes.h"
#include "os/path.h"

fallible mounts_check_refuse(const char *field, const char *path, const char *reason)
{
    struct error *error =
        error_new(ERROR_BUNDLE, "the images do not keep to the config: %s %s", path, reason);

    return error_field(error, "%s", field);
}

bool mounts_check_is_ours(const struct mounts_check *check, const struct mount_entry *mount)
{
    for (uint32_t i = 0; i < check->ours.n; i++)
        if (text_equal(check->ours.v[i].device, mount->device))
            return true;
    return false;
}

fallible mounts_check_find(const struct mounts_check *check, const char *path,
                           struct mount_found *found)
{
    struct mount_place place;
    auto_close int fd = -1;
    struct error *error = path_open(check->root, path, O_PATH, &fd);

    *found = (struct mount_found){ .fd = -1 };
    if (error_forget_if(error, ENOENT) || error_forget_if(error, ENOTDIR))
        return OK;
    try(error);
    try(mount_look(fd, &place));
    if (fstat(fd, &found->status))
        return error_system("look at %s", path);
    if (place.is_mount_root)
        found->mount = mount_list_find(&check->mounts, place.mount);
    found->fd = take_fd(&fd);
    return OK;
}

static fallible claim(struct mounts_check *check, const struct mount_entry *mount,
                      const char *field, uint64_t propagation)
{
    if (mount->propagation & ~propagation)
        return mounts_check_refuse(field, mount->point, "is not private");
    check->is_claimed[mount - check->mounts.v] = true;
    return OK;
}

fallible mounts_check_claim(struct mounts_check *check, const struct mount_entry *mount,
                            const char *field, uint64_t propagation)
{
    uint32_t at = (uint32_t) (mount - check->mounts.v);
    bool is_one = !check->is_claimed[at];

    for (uint32_t i = 0; i < check->mounts.n; i++)
        is_one = is_one && (i == at || !text_equal(check->mounts.v[i].point, mount->point));
    if (!is_one)
        return mounts_check_refuse(field, mount->point, "is mounted on more than once");
    return claim(check, mount, field, propagation);
}

/* A shared one may be a slave, too: it gets no more of the host than its peers do. */
static uint64_t allow_propagation(uint64_t asked)
{
    return asked & MS_SHARED ? MS_SHARED | MS_SLAVE : asked & MS_SLAVE;
}

/* A new filesystem ------------------------------------------------------------------------------
 */

/* Each mount of these makes one that is new.  The others show what the namespaces have. */
static bool is_always_new(const char *type)
{
    return text_equal(type, "tmpfs") || text_equal(type, "proc") || text_equal(type, "devpts");
}

static fallible check_cgroup(const struct mounts_check *check, const struct mount_plan *mount,
                             const struct mount_entry *found)
{
    const char *path = check->launch->host->record.cgroup_path;

    bool is_own = text_equal(found->root, path) || mount_list_below(found->root, path);
    if (!text_equal(found->type, "cgroup2") || !is_own)
        return mounts_check_refuse(mount->field, mount->destination,
                                   "is not the container's cgroup");
    return OK;
}

static fallible check_new(const struct mounts_check *check, const struct mount_plan *mount,
                          const struct mount_found *found)
{
    const char *type = mount->filesystem.type;
    const struct mount_entry *entry = found->mount;

    if (text_equal(type, "cgroup2") || text_equal(type, "cgroup"))
        return check_cgroup(check, mount, entry);
    if (!text_equal(entry->type, type) || !text_equal(entry->root, "/") ||
        (is_always_new(type) && mounts_check_is_ours(check, entry)))
        return mounts_check_refuse(mount->field, mount->destination, "is another filesystem");
    return restore_check_options(mount, entry, found->fd);
}

/* A bind ----------------------------------------------------------------------------------------
 */

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_claimed(const struct mounts_check *check, const struct mount_entry *mount)
{
    return check->is_claimed[mount - check->mounts.v];
}

static fallible check_copy(struct mounts_check *check, const struct mount_plan *mount,
                           const struct mount_entry *copy, const struct mount_entry *original)
{
    if (!text_equal(copy->device, original->device) || !text_equal(copy->root, original->root))
        return mounts_check_refuse(mount->field, copy->point, "is not what the host has there");
    if (restore_copied_attributes(mount, original) & ~copy->attributes)
        return mounts_check_refuse(mount->field, copy->point, "is mounted without its flags");
    return claim(check, copy, mount->field, allow_propagation(mount->recursive_change.propagation));
}

/* criu makes one of each that lay over another there, and all of what is seen there. */
static fallible check_layers(struct mounts_check *check, const struct mount_plan *mount,
                             const char *point, const struct mount_entry *original)
{
    bool is_there = false;

    for (uint32_t i = 0; i < check->mounts.n; i++) {
        const struct mount_entry *copy = &check->mounts.v[i];
        if (!text_equal(copy->point, point))
            continue;
        is_there = true;
        if (!is_claimed(check, copy))
            try(check_copy(check, mount, copy, original));
    }
    return is_there ? OK : mounts_check_refuse(mount->field, point, "is not mounted");
}

/* What the host has mounted below the source is mounted below the destination. */
static fallible check_copies(struct mounts_check *check, const struct mount_plan *mount,
                             const struct mount_entry *top, const char *source)
{
    for (uint32_t i = 0; i < check->ours.n; i++) {
        const struct mount_entry *original = &check->ours.v[i];
        const char *rest = mount_list_below(original->point, source), *point;
        if (!rest || original != mount_list_find_point(&check->ours, original->point))
            continue;
        try_print(point, check->launch->host->arena, "%s%s",
                  text_equal(top->point, "/") ? "" : top->point, rest);
        try(check_layers(check, mount, point, original));
    }
    return OK;
}

static fallible check_flags(const struct mount_plan *mount, const struct mount_found *found,
                            uint64_t wanted)
{
    return wanted & ~found->mount->attributes
               ? mounts_check_refuse(mount->field, mount->destination,
                                     "is mounted without its flags")
               : OK;
}

static fallible check_bind(const struct mounts_check *check, uint32_t index,
                           const struct mount_found *found)
{
    const struct mounts_plan *mounts = &check->launch->plan->mounts;
    const struct mount_plan *mount = &mounts->v[index];
    const struct mount_entry *original;
    auto_close int source = -1;
    struct stat status;

    try(restore_open_source(check->launch->host, mount, &source));
    if (source < 0 || fstat(source, &status))
        return error_system("look at %s", mount->source);
    if (!is_same(&status, &found->status))
        return mounts_check_refuse(mount->field, mount->destination, "is not its source");
    try(restore_find_source(source, &check->ours, &original));
    uint64_t wanted = restore_bind_attributes(mounts, index, original);
    bool is_read_only = found->mount->attributes & ~wanted & MOUNT_ATTR_RDONLY;
    /* As the start would have made it, whatever criu has given it. */
    if (is_read_only && !(original && original->attributes & MOUNT_ATTR_RDONLY))
        return mounts_check_refuse(mount->field, mount->destination,
                                   "is read-only, and its source is not");
    return check_flags(mount, found, wanted);
}

/* All mounts --------------------------------------------------------------------------------------
 */

/* What it has, or what a later entry has changed it to. */
static uint64_t find_propagation(const struct mounts_plan *mounts, uint32_t index)
{
    const char *destination = mounts->v[index].destination;
    uint64_t propagation = 0;

    for (uint32_t i = index; i < mounts->n; i++) {
        const struct mount_plan *mount = &mounts->v[i];
        bool is_asked = i == index || (mount->kind == MOUNT_KIND_REMOUNT &&
                                       text_equal(mount->destination, destination));
        uint64_t asked = mount->change.propagation ? mount->change.propagation
                                                   : mount->recursive_change.propagation;
        if (is_asked && asked)
            propagation = asked;
    }
    return allow_propagation(propagation);
}

/* As the start left it out, whose source may be missing. */
static fallible find_absence(const struct mounts_check *check, const struct mount_plan *mount,
                             bool *is_absent)
{
    auto_close int source = -1;

    *is_absent = mount->kind == MOUNT_KIND_BIND && mount->may_be_missing;
    if (!*is_absent)
        return OK;
    try(restore_open_source(check->launch->host, mount, &source));
    *is_absent = source < 0;
    return OK;
}

static fallible check_mount(struct mounts_check *check, uint32_t index)
{
    const struct mounts_plan *mounts = &check->launch->plan->mounts;
    const struct mount_plan *mount = &mounts->v[index];
    struct mount_found found;
    bool is_absent;

    try(mounts_check_find(check, mount->destination, &found));
    auto_close int fd = found.fd;
    if (!found.mount) {
        try(find_absence(check, mount, &is_absent));
        return is_absent ? OK
                         : mounts_check_refuse(mount->field, mount->destination, "is not mounted");
    }
    if (mount->kind == MOUNT_KIND_BIND)
        try(check_bind(check, index, &found));
    else
        try(check_new(check, mount, &found));
    try(check_flags(mount, &found, restore_mount_attributes(mounts, index)));
    return mounts_check_claim(check, found.mount, mount->field, find_propagation(mounts, index));
}

static bool is_there(const struct mount_plan *mount)
{
    return mount->kind == MOUNT_KIND_NEW || mount->kind == MOUNT_KIND_BIND;
}

static fallible check_mounts(struct mounts_check *check)
{
    const struct mounts_plan *mounts = &check->launch->plan->mounts;

    for (uint32_t i = 0; i < mounts->n; i++)
        if (is_there(&mounts->v[i]))
            try(check_mount(check, i));
    return OK;
}

static fallible check_mounts_below(struct mounts_check *check)
{
    const struct mounts_plan *mounts = &check->launch->plan->mounts;
    const struct host *host = check->launch->host;

    for (uint32_t i = 0; i < mounts->n; i++) {
        struct mount_found found;
        auto_close int fd = -1, there = -1;
        const char *source;
        if (mounts->v[i].kind != MOUNT_KIND_BIND || !mounts->v[i].is_recursive_bind)
            continue;
        try(mounts_check_find(check, mounts->v[i].destination, &found));
        there = found.fd;
        if (!found.mount)
            continue;
        try(restore_open_source(host, &mounts->v[i], &fd));
        if (fd < 0)
            continue;
        try_within(fd_path(fd, host->arena, &source), "find the way to a source");
        try(check_copies(check, &mounts->v[i], found.mount, source));
    }
    return OK;
}

static fallible check_root(struct mounts_check *check)
{
    const struct rootfs_plan *rootfs = &check->launch->plan->rootfs;
    struct stat wanted;
    struct mount_found found;

    try(mounts_check_find(check, "/", &found));
    auto_close int fd = found.fd;
    if (fstat(rootfs->tree, &wanted))
        return error_system("look at the root filesystem");
    if (!found.mount || !text_equal(found.mount->point, "/") || !is_same(&wanted, &found.status))
        return mounts_check_refuse("root.path", "/", "is not the root filesystem");
    if (rootfs->is_read_only && !(found.mount->attributes & MOUNT_ATTR_RDONLY))
        return mounts_check_refuse("root.readonly", "/", "can be written to");
    return mounts_check_claim(check, found.mount, "root.path",
                              allow_propagation(rootfs->propagation));
}

static fallible check_rest(const struct mounts_check *check)
{
    for (uint32_t i = 0; i < check->mounts.n; i++)
        if (!check->is_claimed[i])
            return mounts_check_refuse("mounts", check->mounts.v[i].point,
                                       "is mounted, and not in the config");
    return OK;
}

fallible restore_check_mounts(const struct restored *restored)
{
    struct mounts_check check = {
        .launch = restored->launch,
        .mounts = restored->mounts,
        .root = restored->root,
    };
    struct arena *arena = restored->launch->host->arena;

    try(mount_list_read(restored->proc, getpid(), arena, &check.ours));
    try_new(check.is_claimed, arena, check.mounts.n);
    try(check_root(&check));
    try(check_mounts(&check));
    try(mounts_check_paths(&check));
    try(check_mounts_below(&check));
    try(mounts_check_protected(&check));
    return check_rest(&check);
}
