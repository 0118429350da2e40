/* SPDX-License-Identifier: Apache-2.0 */
/* linux.maskedPaths and linux.readonlyPaths: checks them, and opens the null device of the host,
 * since what the container's image calls /dev/null can be anything (rules R4, R5). */

#include "rootfs/masked_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "libocispec/schema.h"
#include "os/mount_api.h"
#include "rootfs/mounts.h"

enum { NULL_MAJOR = 1, NULL_MINOR = 3 };

static const char null_path[] = "/dev/null";

static fallible check_absolute(const struct oci_string_array *paths, const char *field)
{
    char place[64];
    for (uint32_t i = 0; i < paths->n; i++) {
        if (paths->v[i][0] == '/')
            continue;
        text_format(place, sizeof(place), "%s[%u]", field, i);
        return error_config(place, "'%s' is not absolute", paths->v[i]);
    }
    return OK;
}

static fallible verify_null(int fd)
{
    struct stat status;
    if (fstat(fd, &status))
        return error_system("look at the host's /dev/null");
    if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(NULL_MAJOR, NULL_MINOR))
        return error_new(ERROR_SYSTEM, "the host's /dev/null is not the null device");
    return OK;
}

static fallible note_null(struct masked_paths_plan *plan, struct arena *notes)
{
    auto_close int fd = open(null_path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return error_system("open the host's /dev/null");
    try(verify_null(fd));
    return host_object_note(fd, notes, &plan->null_object);
}

/* What is looked at is the copy. */
static fallible open_null(struct masked_paths_plan *plan)
{
    const struct mount_change change = { .propagation = MS_PRIVATE };
    auto_close int tree = -1;
    try(mount_clone_changed(AT_FDCWD, null_path, &change, &tree, &plan->is_null_private));
    try(verify_null(tree));
    plan->null = take_fd(&tree);
    return OK;
}

fallible masked_paths_plan(const struct oci_string_array *masked,
                           const struct oci_string_array *read_only, struct masked_paths_plan *plan)
{
    struct masked_paths_plan result = {
        .masked = masked->v,
        .masked_count = masked->n,
        .read_only = read_only->v,
        .read_only_count = read_only->n,
        .null = -1,
    };
    try(check_absolute(masked, "linux.maskedPaths"));
    try(check_absolute(read_only, "linux.readonlyPaths"));
    *plan = result;
    return OK;
}

/* A new one, or one of the host's; where that cannot be told, it is taken for one. */
static bool is_of(const struct mount_plan *mount, const char *type, unsigned long magic)
{
    struct statfs filesystem;
    if (mount->kind == MOUNT_KIND_NEW)
        return text_equal(mount->filesystem.type, type);
    if (*mount->source != '/')
        return false;
    return statfs(mount->source, &filesystem) ? errno != ENOENT
                                              : (unsigned long) filesystem.f_type == magic;
}

/* What is mounted last on PATH. */
static bool is_mounted(const struct mounts_plan *mounts, const char *path, const char *type,
                       unsigned long magic)
{
    for (uint32_t i = mounts->n; i > 0; i--) {
        const struct mount_plan *mount = &mounts->v[i - 1];
        bool mounts_something = mount->kind == MOUNT_KIND_NEW || mount->kind == MOUNT_KIND_BIND;
        if (mounts_something && text_equal(mount->destination, path))
            return is_of(mount, type, magic);
    }
    return false;
}

fallible masked_paths_open(struct masked_paths_plan *plan, const struct mounts_plan *mounts,
                           struct arena *notes)
{
    if (!plan->masked_count && !plan->read_only_count)
        return OK;
    plan->has_proc = is_mounted(mounts, "/proc", "proc", PROC_SUPER_MAGIC);
    plan->has_sys = is_mounted(mounts, "/sys", "sysfs", SYSFS_MAGIC);
    if (!plan->masked_count)
        return OK;
    return notes ? note_null(plan, notes) : open_null(plan);
}
