/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.maskedPaths, readonlyPaths and devices of a container that criu has restored (R21).  Masks
 * of files are binds of our null device, which criu takes from us; those of directories, and what
 * is bound onto itself to be read-only, it makes as the images say.
 */
#include <fcntl.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "launch/host.h"
#include "launch/restore_mounts.h"
#include "os/directory.h"
#include "os/mount_attributes.h"
#include "os/path.h"

enum { NULL_MAJOR = 1, NULL_MINOR = 3 };

static bool is_null(const struct stat *status)
{
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(NULL_MAJOR, NULL_MINOR);
}

static fallible find_emptiness(int root, const char *path, bool *is_empty)
{
    struct directory directory;
    struct directory_entry entry;
    auto_close int fd = -1;

    try(path_open(root, path, O_RDONLY | O_DIRECTORY, &fd));
    try(directory_begin(fd, &directory));
    try(directory_next(&directory, &entry));
    *is_empty = !entry.name;
    return OK;
}

static fallible find_mask(const struct mounts_check *check, const char *path,
                          const struct mount_found *found, bool *is_mask)
{
    *is_mask = false;
    if (!found->mount)
        return OK;
    if (!S_ISDIR(found->status.st_mode)) {
        *is_mask = is_null(&found->status);
        return OK;
    }
    if (!text_equal(found->mount->type, "tmpfs") || mounts_check_is_ours(check, found->mount) ||
        !(found->mount->attributes & MOUNT_ATTR_RDONLY))
        return OK;
    return find_emptiness(check->root, path, is_mask);
}

static fallible check_masked(struct mounts_check *check, const char *path)
{
    static const char field[] = "linux.maskedPaths";
    struct mount_found found;
    bool is_mask;

    try(mounts_check_find(check, path, &found));
    auto_close int fd = found.fd;
    if (fd < 0)
        return OK;
    try(find_mask(check, path, &found, &is_mask));
    return is_mask ? mounts_check_claim(check, found.mount, field, 0)
                   : mounts_check_refuse(field, path, "is not masked");
}

/* Whether a mount is the same as what it lies on: bound onto itself. */
static bool is_itself(const struct mounts_check *check, const struct mount_entry *mount)
{
    const struct mount_entry *below = mount_list_find(&check->mounts, mount->parent);
    const char *rest = below ? mount_list_below(mount->point, below->point) : NULL;
    const char *part = below ? mount_list_below(mount->root, below->root) : NULL;

    return rest && part && text_equal(mount->device, below->device) && text_equal(part, rest);
}

static fallible check_read_only(struct mounts_check *check, const char *path)
{
    static const char field[] = "linux.readonlyPaths";
    struct mount_found found;

    try(mounts_check_find(check, path, &found));
    auto_close int fd = found.fd;
    if (fd < 0)
        return OK;
    if (!found.mount || !(found.mount->attributes & MOUNT_ATTR_RDONLY))
        return mounts_check_refuse(field, path, "can be written to");
    if (!is_itself(check, found.mount))
        return mounts_check_refuse(field, path, "is not what was there");
    return mounts_check_claim(check, found.mount, field, 0);
}

/* In a user namespace they are bound. */
static fallible check_device(struct mounts_check *check, const struct device_plan *device)
{
    const char *field = device->field ? device->field : "linux.devices";
    struct mount_found found;

    try(mounts_check_find(check, device->path, &found));
    auto_close int fd = found.fd;
    if (!found.mount)
        return OK;
    if ((found.status.st_mode & S_IFMT) != (device->node.mode & S_IFMT) ||
        found.status.st_rdev != device->node.device)
        return mounts_check_refuse(field, device->path, "is another device");
    return mounts_check_claim(check, found.mount, field, 0);
}

static fallible check_console(struct mounts_check *check)
{
    static const char field[] = "process.terminal", path[] = "/dev/console";
    struct mount_found found, terminals;

    try(mounts_check_find(check, path, &found));
    auto_close int fd = found.fd;
    if (!found.mount)
        return OK;
    try(mounts_check_find(check, "/dev/pts", &terminals));
    auto_close int other = terminals.fd;
    if (!terminals.mount || !S_ISCHR(found.status.st_mode) ||
        !text_equal(found.mount->device, terminals.mount->device))
        return mounts_check_refuse(field, path, "is not the terminal");
    return mounts_check_claim(check, found.mount, field, 0);
}

fallible mounts_check_paths(struct mounts_check *check)
{
    const struct plan *plan = check->launch->plan;

    for (uint32_t i = 0; i < plan->masked_paths.masked_count; i++)
        try(check_masked(check, plan->masked_paths.masked[i]));
    for (uint32_t i = 0; i < plan->masked_paths.read_only_count; i++)
        try(check_read_only(check, plan->masked_paths.read_only[i]));
    for (uint32_t i = 0; i < plan->devices.n; i++)
        if (plan->devices.v[i].is_bound)
            try(check_device(check, &plan->devices.v[i]));
    return plan->console.is_wanted ? check_console(check) : OK;
}

static fallible check_protected(const struct mounts_check *check, const char *path)
{
    for (uint32_t i = 0; i < check->mounts.n; i++) {
        const struct mount_entry *mount = &check->mounts.v[i];
        struct mount_found found;
        if (!mount_list_below(mount->point, path) || mount->attributes & MOUNT_ATTR_RDONLY)
            continue;
        try(mounts_check_find(check, mount->point, &found));
        auto_close int fd = found.fd;
        if (!found.mount || !is_null(&found.status))
            return mounts_check_refuse("linux.readonlyPaths", mount->point, "can be written to");
    }
    return OK;
}

fallible mounts_check_protected(const struct mounts_check *check)
{
    const struct masked_paths_plan *plan = &check->launch->plan->masked_paths;

    for (uint32_t i = 0; i < plan->read_only_count; i++) {
        struct mount_found found;
        try(mounts_check_find(check, plan->read_only[i], &found));
        auto_close int fd = found.fd;
        if (found.mount)
            try(check_protected(check, found.mount->point));
    }
    return OK;
}
