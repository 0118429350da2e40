/* SPDX-License-Identifier: Apache-2.0 */
/* linux.maskedPaths and linux.readonlyPaths: carries them out.  What surprises: a detached mount
 * can only be copied since Linux 6.15, so the first mask of a file is the original, and the others
 * are copies of it where it is attached.  What counts is what a program finds by the path, so that
 * this is asked of the kernel, and not whether it is the very mount that was made. */

#include "rootfs/masked_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "os/fd_batch.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/path.h"

enum { NULL_MAJOR = 1, NULL_MINOR = 3, MASK_INODES = 2 };

struct masks {
    int root;
    int null;        /* the null device */
    bool is_private; /* no peer of the host's, as its copies are none either */
    bool is_null_attached;
    struct fd_batch used;
};

/* FD stays -1 where nothing is. */
static fallible open_if_there(int root, const char *path, int *fd)
{
    struct error *failure = path_open(root, path, O_PATH, fd);
    if (error_is_errno(failure, ENOENT) || error_is_errno(failure, ENOTDIR))
        return OK;
    return failure;
}

fallible masked_paths_open_inside(struct masked_paths_plan *plan)
{
    if (!plan->null_object.path)
        return OK;
    return error_field(host_object_clone(&plan->null_object, false, &plan->null),
                       "linux.maskedPaths");
}

static fallible refuse_place(const char *path)
{
    return error_new(ERROR_MOUNT, "%s leads elsewhere after the mount", path);
}

static fallible check_null(int root, const char *path)
{
    struct mount_place found;
    try(path_look(root, path, &found));
    bool is_null = S_ISCHR(found.mode) && found.device == makedev(NULL_MAJOR, NULL_MINOR);
    return is_null ? OK : refuse_place(path);
}

static fallible hide_file(struct masks *masks, const char *path, int target)
{
    const struct mount_change change = { .propagation = MS_PRIVATE };
    auto_close int copy = -1;
    if (!masks->is_null_attached) {
        try(mount_attach_changed(masks->null, target, &change, !masks->is_private));
        masks->is_null_attached = true;
    } else {
        try(mount_clone(masks->null, false, &copy));
        try(mount_attach(copy, target));
        fd_batch_take(&masks->used, &copy);
    }
    return check_null(masks->root, path);
}

/* No other filesystem has room for just its root. */
static fallible check_empty(const char *path)
{
    struct statfs found;
    try(path_look_filesystem(path, &found));
    bool is_empty = found.f_type == TMPFS_MAGIC && found.f_files == MASK_INODES &&
                    found.f_blocks == 1 && found.f_flags & ST_RDONLY;
    return is_empty ? OK : refuse_place(path);
}

/* Some kernels refuse nr_inodes=1. */
static fallible hide_directory(const char *path, int target)
{
    static const char *const options[] = { "nr_inodes=2", "size=4k", "mode=755" };
    const struct mount_filesystem filesystem = {
        .type = "tmpfs",
        .options = options,
        .option_count = LENGTH(options),
        .is_read_only = true,
        .attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
    };
    auto_close int tree = -1;
    if (!mount_new_here(&filesystem, target)) {
        try(mount_new(&filesystem, &tree));
        try(mount_attach(tree, target));
    }
    return check_empty(path);
}

static fallible mask(struct masks *masks, const char *path)
{
    auto_close int target = -1;
    struct stat status;
    try(open_if_there(masks->root, path, &target));
    if (target < 0)
        return OK;
    if (fstat(target, &status))
        return error_errno(ERROR_PATH, "look at %s", path);
    try(S_ISDIR(status.st_mode) ? hide_directory(path, target) : hide_file(masks, path, target));
    fd_batch_take(&masks->used, &target);
    return OK;
}

static fallible check_read_only(const char *path)
{
    struct statfs found;
    try(path_look_filesystem(path, &found));
    return found.f_flags & ST_RDONLY ? OK : refuse_place(path);
}

static fallible protect(struct masks *masks, const char *path)
{
    const struct mount_change change = {
        .set = MOUNT_ATTR_RDONLY,
        .propagation = MS_PRIVATE,
        .is_recursive = true,
    };
    auto_close int target = -1, copy = -1;
    try(open_if_there(masks->root, path, &target));
    if (target < 0)
        return OK;
    try(mount_attach_copy(target, &change, &copy));
    fd_batch_take(&masks->used, &target);
    fd_batch_take(&masks->used, &copy);
    return check_read_only(path);
}

static fallible apply_all(const struct masked_paths_plan *plan, struct masks *masks)
{
    for (uint32_t i = 0; i < plan->masked_count; i++)
        try_within(error_field(mask(masks, plan->masked[i]), "linux.maskedPaths[%u]", i), "mask %s",
                   plan->masked[i]);
    for (uint32_t i = 0; i < plan->read_only_count; i++)
        try_within(error_field(protect(masks, plan->read_only[i]), "linux.readonlyPaths[%u]", i),
                   "make %s read-only", plan->read_only[i]);
    return OK;
}

fallible masked_paths_apply(const struct masked_paths_plan *plan, int root)
{
    struct masks masks = { .root = root, .null = plan->null, .is_private = plan->is_null_private };
    struct error *failure = apply_all(plan, &masks);
    fd_batch_take(&masks.used, &masks.null); /* the host made it, we close it */
    fd_batch_close(&masks.used);
    return failure;
}
