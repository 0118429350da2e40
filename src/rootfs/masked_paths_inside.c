/* SPDX-License-Identifier: Apache-2.0 */
/* linux.maskedPaths and linux.readonlyPaths: carries them out.  What surprises: a detached mount
 * can only be copied since Linux 6.15, so the first mask of a file is the original, and the others
 * are copies of it where it is attached.  What counts is what a program finds by the path, so that
 * this is asked of the kernel, and not whether it is the very mount that was made; but in a procfs
 * or sysfs, where nobody can rename anything, a name leads to what lies on it.  Their own names,
 * /proc and /sys, can be renamed by who is at work in the rootfs and does not see our mounts: so
 * what is found there must be such a filesystem, if one has been mounted. */

#include "rootfs/masked_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "os/fd_left.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/path.h"
#include "os/proc.h"

enum { NULL_MAJOR = 1, NULL_MINOR = 3, MASK_INODES = 2 };

struct masks {
    const struct masked_paths_plan *plan;
    int root;
    int null; /* the null device */
    int sys;  /* the sysfs that is mounted on /sys, once it is needed */
    bool is_null_attached;
};

/* What is hidden or protected. */
struct target {
    const char *path;
    int tree;         /* the procfs or sysfs that it is in, or -1, */
    const char *rest; /* and its path from there */
    int fd;
    bool is_fixed; /* the path cannot be led elsewhere */
};

static fallible refuse_place(const char *path)
{
    return error_hint(
        error_new(ERROR_MOUNT, "%s leads elsewhere after the mount", path),
        "a hook has put something else there, or somebody renames what is in the root "
        "filesystem while the container starts");
}

static const char *skip_slashes(const char *path)
{
    while (path[0] == '/' || (path[0] == '.' && path[1] == '/'))
        path++;
    return path;
}

/* What is left of a path to or below /TOP; NULL if it is none, or might lead out of it. */
static const char *find_rest(const char *path, const char *top)
{
    path = skip_slashes(path);
    if (!text_starts(path, top) || strstr(path, ".."))
        return NULL;
    path += strlen(top);
    if (*path && *path != '/')
        return NULL;
    path = skip_slashes(path);
    return *path ? path : ".";
}

static bool is_missing(struct error *failure)
{
    return error_forget_if(failure, ENOENT) || error_forget_if(failure, ENOTDIR);
}

/* Where a kernel's filesystem ought to be, there is nothing, a link, or another one. */
static bool is_elsewhere(struct error *failure)
{
    return is_missing(failure) || error_forget_if(failure, ELOOP) || error_forget_if(failure, 0);
}

static fallible open_sys(struct masks *masks)
{
    struct statfs filesystem;
    const int flags = O_PATH | O_DIRECTORY;
    if (masks->sys >= 0)
        return OK;
    struct error *failure = path_open(masks->root, "/sys", flags, &masks->sys);
    if (failure)
        return is_elsewhere(failure) ? refuse_place("/sys") : failure;
    if (fstatfs(masks->sys, &filesystem))
        return error_errno(ERROR_MOUNT, "ask for the filesystem of /sys");
    return filesystem.f_type == SYSFS_MAGIC ? OK : refuse_place("/sys");
}

static fallible find_tree(struct masks *masks, struct target *target)
{
    target->rest = find_rest(target->path, "proc");
    if (target->rest) {
        struct error *failure = proc_shown(&target->tree);
        if (!is_elsewhere(failure))
            return failure;
        return masks->plan->has_proc ? refuse_place("/proc") : OK;
    }
    target->rest = masks->plan->has_sys ? find_rest(target->path, "sys") : NULL;
    if (target->rest) {
        try(open_sys(masks));
        target->tree = masks->sys;
    }
    return OK;
}

/* A link in it may lead out of it, and then nothing is found; but what is found and is no directory
 * is not to be looked for elsewhere. */
static bool leads_out(struct error *failure, int flags)
{
    return error_forget_if(failure, ENOENT) ||
           (!(flags & O_DIRECTORY) && error_forget_if(failure, ENOTDIR));
}

/* Opens it O_PATH; in a procfs or sysfs, if it can be, without following links. */
static fallible open_target(int root, int flags, struct target *target)
{
    const char *rest = target->rest;
    if (target->tree >= 0) {
        struct error *failure = path_open_within(target->tree, rest, O_PATH | flags, &target->fd);
        target->is_fixed = !failure;
        if (!failure || failure->number == ENOENT || failure->number == ENOTDIR)
            return failure;
        error_forget(failure);
        failure = path_open(target->tree, rest, O_PATH | flags, &target->fd);
        if (!leads_out(failure, flags))
            return failure;
    }
    return path_open(root, target->path, O_PATH | flags, &target->fd);
}

fallible masked_paths_open_inside(struct masked_paths_plan *plan)
{
    if (!plan->null_object.path)
        return OK;
    return error_field(host_object_clone(&plan->null_object, false, &plan->null),
                       "linux.maskedPaths");
}

static bool is_null(const struct mount_place *place)
{
    return S_ISCHR(place->mode) && place->device == makedev(NULL_MAJOR, NULL_MINOR);
}

static fallible check_null(int root, const char *path)
{
    struct mount_place found;
    try(path_look(root, path, &found));
    return is_null(&found) ? OK : refuse_place(path);
}

static fallible hide_file(struct masks *masks, const struct target *target)
{
    const struct mount_change change = { .propagation = MS_PRIVATE };
    auto_close int copy = -1;
    if (!masks->is_null_attached) {
        try(mount_attach_changed(masks->null, target->fd, &change, !masks->plan->is_null_private));
        masks->is_null_attached = true;
    } else {
        try(mount_clone(masks->null, false, &copy));
        try(mount_attach(copy, target->fd));
        fd_leave(&copy);
    }
    return target->is_fixed ? OK : check_null(masks->root, target->path);
}

/* No other filesystem has room for just its root. */
static bool is_empty(const struct statfs *found)
{
    return found->f_type == TMPFS_MAGIC && found->f_files == MASK_INODES && found->f_blocks == 1 &&
           found->f_flags & ST_RDONLY;
}

static fallible check_empty(const char *path)
{
    struct statfs found;
    try(path_look_filesystem(path, &found));
    return is_empty(&found) ? OK : refuse_place(path);
}

fallible masked_paths_identify(int fd, bool *is_mask)
{
    struct mount_place place;
    struct statfs filesystem;
    try(mount_look(fd, &place));
    if (fstatfs(fd, &filesystem))
        return error_errno(ERROR_MOUNT, "ask for the filesystem of a mount");
    *is_mask = S_ISDIR(place.mode) ? is_empty(&filesystem) : is_null(&place);
    return OK;
}

/* Some kernels refuse nr_inodes=1. */
static fallible hide_directory(const struct target *target)
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
    if (!mount_new_here(&filesystem, target->fd)) {
        try(mount_new(&filesystem, &tree));
        try(mount_attach(tree, target->fd));
    }
    return target->is_fixed ? OK : check_empty(target->path);
}

static fallible mask(struct masks *masks, const char *path)
{
    struct target target = { .path = path, .tree = -1, .fd = -1 };
    try(find_tree(masks, &target));
    struct error *failure = open_target(masks->root, O_DIRECTORY, &target);
    bool is_file = error_forget_if(failure, ENOTDIR);
    if (is_file)
        failure = open_target(masks->root, 0, &target);
    if (is_missing(failure))
        return OK;
    if (!failure)
        failure = is_file ? hide_file(masks, &target) : hide_directory(&target);
    fd_leave(&target.fd);
    return failure;
}

static fallible check_read_only(const char *path)
{
    struct statfs found;
    try(path_look_filesystem(path, &found));
    return found.f_flags & ST_RDONLY ? OK : refuse_place(path);
}

static const struct mount_change protection = {
    .set = MOUNT_ATTR_RDONLY,
    .propagation = MS_PRIVATE,
    .is_recursive = true,
};

/* Most are directories right in /proc, and need not be opened. */
static bool is_protected_by_name(const struct target *target)
{
    auto_leave int copy = -1;
    if (target->tree < 0 || *target->rest == '.' || strchr(target->rest, '/'))
        return false;
    int wrong = mount_attach_copy_by_name(target->tree, target->rest, &protection, &copy);
    return !wrong || wrong == ENOENT;
}

static fallible protect(struct masks *masks, const char *path)
{
    struct target target = { .path = path, .tree = -1, .fd = -1 };
    auto_close int copy = -1;
    try(find_tree(masks, &target));
    if (is_protected_by_name(&target))
        return OK;
    struct error *failure = open_target(masks->root, 0, &target);
    if (is_missing(failure))
        return OK;
    if (!failure)
        failure = mount_attach_copy(target.fd, &protection, &copy);
    fd_leave(&target.fd);
    fd_leave(&copy);
    return failure || target.is_fixed ? failure : check_read_only(path);
}

static fallible apply_all(struct masks *masks)
{
    const struct masked_paths_plan *plan = masks->plan;
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
    struct masks masks = { .plan = plan, .root = root, .null = plan->null, .sys = -1 };
    struct error *failure = apply_all(&masks);
    fd_leave(&masks.null); /* the host made it, we close it */
    fd_leave(&masks.sys);
    return failure;
}
