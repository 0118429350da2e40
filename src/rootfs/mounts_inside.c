/* SPDX-License-Identifier: Apache-2.0 */
/* mounts: carries the plan out, in order.  What surprises: the root is the container's already, so
 * a destination is just a path, and still only ever a descriptor when it is mounted on. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/path.h"
#include "rootfs/mounts.h"

enum { DIRECTORY_MODE = 0755, FILE_MODE = 0644 };

/* Programs trust these two by name, so that they must be where they seem to be (T02, T03). */
static fallible refuse_link(const struct mount_plan *mount, int root)
{
    struct stat status;
    auto_close int fd = -1;
    const char *type = mount->filesystem.type;
    if (mount->kind != MOUNT_KIND_NEW || !(text_equal(type, "proc") || text_equal(type, "sysfs")))
        return OK;
    struct error *failure = path_open(root, mount->destination, O_PATH | O_NOFOLLOW, &fd);
    if (error_is_errno(failure, ENOENT))
        return OK;
    try(failure);
    if (fstat(fd, &status))
        return error_errno(ERROR_PATH, "look at %s", mount->destination);
    if (S_ISLNK(status.st_mode))
        return error_new(ERROR_PATH, "%s is a symbolic link in the root filesystem",
                         mount->destination);
    return OK;
}

static fallible refuse_root(const struct mount_plan *mount, int root, int target)
{
    bool is_root;
    try(mount_is_same(root, target, &is_root));
    if (is_root)
        return error_config(mount->field, "the destination %s is the root itself",
                            mount->destination);
    return OK;
}

/* MODE is that of the directory, or 0 when it was made now. */
static fallible open_directory(const struct mount_plan *mount, int root, mode_t *mode, int *target)
{
    auto_close int fd = -1;
    struct stat status;
    const int flags = O_PATH | O_DIRECTORY;
    struct error *failure = path_open(root, mount->destination, flags, &fd);
    if (error_is_errno(failure, ENOENT))
        return path_make_directory(root, mount->destination, DIRECTORY_MODE, target);
    try(failure);
    if (fstat(fd, &status))
        return error_errno(ERROR_PATH, "look at %s", mount->destination);
    *mode = status.st_mode & 07777;
    *target = take_fd(&fd);
    return OK;
}

static fallible open_target(const struct mount_plan *mount, int root, mode_t *mode, int *target)
{
    auto_close int fd = -1;
    try(refuse_link(mount, root));
    if (mount->kind == MOUNT_KIND_REMOUNT) {
        try(path_open(root, mount->destination, O_PATH, &fd));
    } else {
        if (mount->is_file)
            try(path_make_file(root, mount->destination, FILE_MODE, &fd));
        else
            try(open_directory(mount, root, mode, &fd));
        try(refuse_root(mount, root, fd));
    }
    *target = take_fd(&fd);
    return OK;
}

static bool has_mode(const struct mount_filesystem *filesystem)
{
    for (uint32_t i = 0; i < filesystem->option_count; i++)
        if (text_starts(filesystem->options[i], "mode="))
            return true;
    return false;
}

static fallible make_filesystem(const struct mount_plan *mount, mode_t hidden, int *tree)
{
    struct mount_filesystem filesystem = mount->filesystem;
    char mode[16];
    if (hidden && text_equal(filesystem.type, "tmpfs") && !has_mode(&filesystem)) {
        text_format(mode, sizeof(mode), "mode=%o", (unsigned) hidden);
        filesystem.last_option = mode;
    }
    return mount_new(&filesystem, tree);
}

static fallible apply(const struct mount_plan *mount, int root)
{
    const struct mount_change changes[] = { mount->recursive_change, mount->change };
    auto_close int target = -1, tree = mount->tree; /* one that the host made is ours to close */
    mode_t hidden = 0;
    try(open_target(mount, root, &hidden, &target));
    if (mount->kind == MOUNT_KIND_REMOUNT) {
        try(mount_change(target, &changes[0]));
        return mount_change(target, &changes[1]);
    }
    if (tree < 0)
        try(make_filesystem(mount, hidden, &tree));
    return mount_attach_changed(tree, target, changes, 2);
}

static const char *describe(const struct mount_plan *mount)
{
    if (mount->kind == MOUNT_KIND_REMOUNT)
        return "remount";
    return mount->kind == MOUNT_KIND_BIND ? mount->source : mount->filesystem.type;
}

fallible mounts_apply(const struct mounts_plan *plan, int root)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        const struct mount_plan *mount = &plan->v[i];
        struct error *failure = apply(mount, root);
        if (failure)
            return error_field(error_within(failure, "%s: %s on %s", mount->field, describe(mount),
                                            mount->destination),
                               "%s", mount->field);
    }
    return OK;
}
