/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What criu sees of the host while it restores; serves restore (R21).  It follows paths of the
 * images as root, before it has entered the container's root: a symbolic link of the container
 * leads it to the host then.  So all that is mounted there is read-only to it, but for where it
 * writes itself.  What it binds for the container it gives flags of its own, but not all of it:
 * what it gives none gets those of its source.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "os/criu.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/mount_list.h"
#include "os/proc.h"

/* Of the kernel: what is mounted there is, too. */
static const char *const of_kernel[] = { "/proc", "/sys" };

/* criu's cache, and locks of what it runs; directories to mount in.  A device can be written to
 * where its directory is read-only. */
static const char *const writable[] = { "/dev/shm", "/run", "/tmp" };

static bool is_of_kernel(const char *path)
{
    for (size_t i = 0; i < LENGTH(of_kernel); i++)
        if (text_equal(path, of_kernel[i]) || mount_list_below(path, of_kernel[i]))
            return true;
    return false;
}

bool criu_writes_to(const char *path)
{
    for (size_t i = 0; i < LENGTH(of_kernel); i++)
        if (text_equal(path, of_kernel[i]))
            return true;
    for (size_t i = 0; i < LENGTH(writable); i++)
        if (text_equal(path, writable[i]))
            return true;
    return text_equal(path, "/"); /* what is attached there nobody sees */
}

/* What stands there for criu, and the copy of it that does, or -1. */
struct kept {
    struct criu_source source;
    int tree;
};

/* What criu writes to itself, as it is. */
static fallible note(const char *path, struct kept *kept)
{
    struct statvfs status;

    kept->source = (struct criu_source){ .path = path };
    if (statvfs(path, &status))
        return errno == ENOENT ? OK : error_system("look at %s", path);
    if (status.f_flag & ST_RDONLY)
        kept->source.attributes = MOUNT_ATTR_RDONLY;
    return OK;
}

/* What cannot be opened, or lies under another mount, nobody comes to. */
static fallible protect(const struct mount_entry *mount)
{
    const struct mount_change change = { .set = MOUNT_ATTR_RDONLY };
    struct mount_place place;

    if (is_of_kernel(mount->point))
        return OK;
    auto_close int fd = open(mount->point, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return OK;
    try(mount_look(fd, &place));
    return place.is_mount_root ? mount_change(fd, &change) : OK;
}

/* With what is mounted below, which is protected by now, and stays so: that is another directory of
 * the host's, which nobody has bound by that. */
static fallible copy(struct kept *kept)
{
    struct error *error = mount_clone_path(AT_FDCWD, kept->source.path, true, &kept->tree);

    if (!error_forget_if(error, ENOENT))
        return error;
    kept->tree = -1;
    return OK;
}

static fallible put_back(const struct kept *kept)
{
    const uint64_t set = kept->source.attributes;
    const struct mount_change change = { .set = set, .clear = MOUNT_ATTR_RDONLY & ~set };
    auto_close int target = open(kept->source.path, O_PATH | O_CLOEXEC);

    if (target < 0)
        return error_system("open %s", kept->source.path);
    try(mount_attach(kept->tree, target));
    return mount_change(kept->tree, &change);
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
    struct kept *kept;
    uint32_t count = 0;

    try_new(kept, start->arena, LENGTH(writable) + start->directory_count + start->source_count);
    for (size_t i = 0; i < LENGTH(writable); i++)
        try(note(writable[i], &kept[count++]));
    for (uint32_t i = 0; i < start->source_count; i++)
        kept[count++].source = start->sources[i];
    for (uint32_t i = 0; i < start->directory_count; i++)
        try(note(start->directories[i].path, &kept[count++]));
    try(protect_all(start));
    for (uint32_t i = 0; i < count; i++)
        try(copy(&kept[i]));
    for (uint32_t i = 0; i < count; i++)
        if (kept[i].tree >= 0)
            try(put_back(&kept[i]));
    return OK;
}
