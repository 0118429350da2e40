/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What criu sees of the host while it restores; serves restore (R21).  It follows paths of the
 * images as root, before it has entered the container's root: a symbolic link of the container
 * leads it to the host then.  So all that is mounted there is read-only to it, but for where it
 * writes itself.  What it binds for the container gets flags of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "os/criu.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/mount_list.h"
#include "os/proc.h"

/* Files of the kernel; its cache, and locks of what it runs; directories to mount in. */
static const char *const writable[] = { "/proc", "/sys", "/dev", "/run", "/tmp" };

enum { KEPT_MOST = LENGTH(writable) + CRIU_DIRECTORIES };

struct kept {
    const char *path;
    int tree;
};

static fallible keep(const char *path, struct kept *kept)
{
    struct error *error = mount_clone_path(AT_FDCWD, path, true, &kept->tree);

    kept->path = path;
    if (!error_is_errno(error, ENOENT))
        return error;
    kept->tree = -1;
    return OK;
}

/* What cannot be opened, or lies under another mount, nobody comes to. */
static fallible protect(const struct mount_entry *mount)
{
    const struct mount_change change = { .set = MOUNT_ATTR_RDONLY };
    struct mount_place place;
    auto_close int fd = open(mount->point, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return OK;
    try(mount_look(fd, &place));
    return place.is_mount_root ? mount_change(fd, &change) : OK;
}

static fallible put_back(const struct kept *kept)
{
    auto_close int target = open(kept->path, O_PATH | O_CLOEXEC);

    if (target < 0)
        return error_system("open %s", kept->path);
    return mount_attach(kept->tree, target);
}

static fallible protect_all(const struct criu_start *start)
{
    struct mount_list mounts;
    int proc;

    try(proc_mounted(&proc));
    try(mount_list_read(proc, getpid(), start->arena, &mounts));
    for (uint32_t i = 0; i < mounts.n; i++)
        try_within(protect(&mounts.v[i]), "make %s read-only", mounts.v[i].point);
    return OK;
}

fallible criu_protect_host(const struct criu_start *start)
{
    struct kept kept[KEPT_MOST];
    uint32_t count = 0;

    for (size_t i = 0; i < LENGTH(writable); i++)
        try(keep(writable[i], &kept[count++]));
    for (uint32_t i = 0; i < start->directory_count; i++)
        try(keep(start->directories[i].path, &kept[count++]));
    try(protect_all(start));
    for (uint32_t i = 0; i < count; i++)
        if (kept[i].tree >= 0)
            try(put_back(&kept[i]));
    return OK;
}
