/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is mounted in a container that criu has restored, against the config (R21).  Of binds criu
 * takes the sources from us, but their flags from the images, as it takes all other mounts.
 *
 * A container that may mount may have changed what is mounted: there the config does not say what
 * has to be.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "launch/host.h"
#include "launch/restore.h"
#include "os/mount_attributes.h"
#include "os/mount_list.h"
#include "os/path.h"

enum { PATH_SIZE = 64 };

static const uint64_t kept =
    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

struct check {
    const struct launch *launch;
    struct mount_list mounts;
    bool *is_known; /* for each of them, whether the config has it */
    int root;
};

static fallible refuse(const char *field, const char *path, const char *reason)
{
    return error_field(
        error_new(ERROR_BUNDLE, "the images do not keep to the config: %s %s", path, reason), "%s",
        field);
}

/* All that is mounted at one place, one over the other, belongs to one entry. */
static void know(struct check *check, const struct mount_entry *mount, bool with_below)
{
    size_t length = strlen(mount->point);

    for (uint32_t i = 0; i < check->mounts.n; i++) {
        const char *point = check->mounts.v[i].point;
        bool is_there = strncmp(point, mount->point, length) == 0 &&
                        (!point[length] || (with_below && point[length] == '/'));
        check->is_known[i] = check->is_known[i] || is_there;
    }
}

/* What is mounted where PATH leads, or NULL; IS_THERE says whether it leads somewhere. */
static fallible find(const struct check *check, const char *path, bool *is_there,
                     const struct mount_entry **mount)
{
    struct mount_place place;
    auto_close int fd = -1;
    struct error *error = path_open(check->root, path, O_PATH, &fd);

    *is_there = !error;
    *mount = NULL;
    if (error) {
        error_forget(error);
        return OK;
    }
    try(mount_look(fd, &place));
    if (place.is_mount_root)
        *mount = mount_list_find(&check->mounts, place.mount);
    return OK;
}

static fallible check_mount(struct check *check, const struct mount_plan *mount)
{
    const struct mount_entry *found;
    bool is_there;
    uint64_t wanted =
        mount->filesystem.attributes | mount->change.set | mount->recursive_change.set;

    try(find(check, mount->destination, &is_there, &found));
    if (!found)
        return refuse(mount->field, mount->destination, "is not mounted");
    know(check, found, mount->is_recursive_bind);
    return wanted & kept & ~found->attributes
               ? refuse(mount->field, mount->destination, "is mounted without its flags")
               : OK;
}

static fallible check_config(struct check *check)
{
    const struct mounts_plan *mounts = &check->launch->plan->mounts;

    for (uint32_t i = 0; i < mounts->n; i++)
        if (mounts->v[i].kind == MOUNT_KIND_NEW || mounts->v[i].kind == MOUNT_KIND_BIND)
            try(check_mount(check, &mounts->v[i]));
    return OK;
}

static fallible check_path(struct check *check, const char *path, bool is_masked)
{
    const char *field = is_masked ? "linux.maskedPaths" : "linux.readonlyPaths";
    const struct mount_entry *found;
    bool is_there;

    try(find(check, path, &is_there, &found));
    if (!is_there)
        return OK;
    if (!found)
        return refuse(field, path, is_masked ? "is not masked" : "can be written to");
    know(check, found, !is_masked);
    return is_masked || found->attributes & MOUNT_ATTR_RDONLY
               ? OK
               : refuse(field, path, "can be written to");
}

static fallible check_paths(struct check *check)
{
    const struct masked_paths_plan *plan = &check->launch->plan->masked_paths;

    for (uint32_t i = 0; i < plan->masked_count; i++)
        try(check_path(check, plan->masked[i], true));
    for (uint32_t i = 0; i < plan->read_only_count; i++)
        try(check_path(check, plan->read_only[i], false));
    return OK;
}

/* Devices that are bound, the console, and the root itself. */
static bool is_usual(const struct check *check, const char *point)
{
    const struct devices_plan *devices = &check->launch->plan->devices;

    for (uint32_t i = 0; i < devices->n; i++)
        if (devices->v[i].is_bound && text_equal(devices->v[i].path, point))
            return true;
    return text_equal(point, "/") ||
           (check->launch->plan->console.is_wanted && text_equal(point, "/dev/console"));
}

static fallible check_rest(const struct check *check)
{
    bool is_read_only = check->launch->plan->rootfs.is_read_only;

    for (uint32_t i = 0; i < check->mounts.n; i++) {
        const struct mount_entry *mount = &check->mounts.v[i];
        if (text_equal(mount->point, "/") && is_read_only &&
            !(mount->attributes & MOUNT_ATTR_RDONLY))
            return refuse("root.readonly", "/", "can be written to");
        if (!check->is_known[i] && !is_usual(check, mount->point))
            return refuse("mounts", mount->point, "is mounted, and not in the config");
    }
    return OK;
}

fallible restore_check_mounts(struct launch *launch, int proc)
{
    struct check check = { .launch = launch };
    struct arena *arena = launch->host->arena;
    char path[PATH_SIZE];

    if (launch->plan->capabilities.bounding & UINT64_C(1) << CAP_SYS_ADMIN)
        return OK;
    text_format(path, sizeof(path), "%d/root", launch->host->pid);
    auto_close int root = openat(proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return error_system("open /proc/%s", path);
    check.root = root;
    try(mount_list_read(proc, launch->host->pid, arena, &check.mounts));
    try_new(check.is_known, arena, check.mounts.n);
    try(check_config(&check));
    try(check_paths(&check));
    return check_rest(&check);
}
