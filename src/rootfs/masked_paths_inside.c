/* SPDX-License-Identifier: Apache-2.0 */
/* linux.maskedPaths and linux.readonlyPaths: carries them out.  What surprises: a detached mount
 * can only be copied since Linux 6.15, so the first mask is the original, and the others are copies
 * of it where it is attached. */

#include "rootfs/masked_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/path.h"

/* What paths are hidden under. */
struct cover {
    int tree;
    bool is_attached;
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

static fallible check_on_top(int root, const char *path, int tree)
{
    struct mount_place found;
    uint64_t wanted;
    try(path_look(root, path, &found));
    try(mount_id(tree, &wanted));
    if (found.mount != wanted)
        return error_new(ERROR_MOUNT, "%s leads elsewhere after the mount", path);
    return OK;
}

/* The null device came as a peer of the host's mount; the directory is made here. */
static fallible attach_first(struct cover *cover, int target)
{
    const struct mount_change change = { .propagation = MS_PRIVATE };
    try(mount_attach_changed(cover->tree, target, &change, 1));
    cover->is_attached = true;
    return OK;
}

static fallible hide(int root, const char *path, int target, struct cover *cover)
{
    auto_close int copy = -1;
    if (!cover->is_attached) {
        try(attach_first(cover, target));
        return check_on_top(root, path, cover->tree);
    }
    try(mount_clone(cover->tree, false, &copy));
    try(mount_attach(copy, target));
    return check_on_top(root, path, copy);
}

/* Some kernels refuse nr_inodes=1. */
static fallible make_empty_directory(int *tree)
{
    static const char *const options[] = { "nr_inodes=2", "size=4k", "mode=755" };
    const struct mount_filesystem filesystem = {
        .type = "tmpfs",
        .options = options,
        .option_count = LENGTH(options),
        .attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
    };
    return mount_new(&filesystem, tree);
}

static fallible mask(int root, const char *path, struct cover *null, struct cover *directory)
{
    auto_close int target = -1;
    struct stat status;
    try(open_if_there(root, path, &target));
    if (target < 0)
        return OK;
    if (fstat(target, &status))
        return error_errno(ERROR_PATH, "look at %s", path);
    if (!S_ISDIR(status.st_mode))
        return hide(root, path, target, null);
    if (directory->tree < 0)
        try(make_empty_directory(&directory->tree));
    return hide(root, path, target, directory);
}

static fallible attach_read_only(int target, int *tree)
{
    const struct mount_change change = {
        .set = MOUNT_ATTR_RDONLY,
        .propagation = MS_PRIVATE,
        .is_recursive = true,
    };
    auto_close int copy = -1;
    try(mount_clone(target, true, &copy));
    try(mount_attach_changed(copy, target, &change, 1));
    *tree = take_fd(&copy);
    return OK;
}

static fallible protect(int root, const char *path)
{
    auto_close int target = -1, tree = -1;
    try(open_if_there(root, path, &target));
    if (target < 0)
        return OK;
    try(attach_read_only(target, &tree));
    return check_on_top(root, path, tree);
}

static fallible mask_all(const struct masked_paths_plan *plan, int root, struct cover *directory)
{
    auto_close int null_tree = plan->null; /* the host made it, we close it */
    struct cover null = { .tree = null_tree };
    for (uint32_t i = 0; i < plan->masked_count; i++)
        try_within(
            error_field(mask(root, plan->masked[i], &null, directory), "linux.maskedPaths[%u]", i),
            "mask %s", plan->masked[i]);
    return OK;
}

fallible masked_paths_apply(const struct masked_paths_plan *plan, int root)
{
    struct cover directory = { .tree = -1 };
    struct error *failure = mask_all(plan, root, &directory);
    close_fd(&directory.tree);
    try(failure);
    for (uint32_t i = 0; i < plan->read_only_count; i++)
        try_within(error_field(protect(root, plan->read_only[i]), "linux.readonlyPaths[%u]", i),
                   "make %s read-only", plan->read_only[i]);
    return OK;
}
