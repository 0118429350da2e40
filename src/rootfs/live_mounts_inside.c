/* SPDX-License-Identifier: Apache-2.0 */
/* mounts, of a container that runs: adds and removes them.  What surprises: a directory is
 * unmounted as the working directory, so that no path is walked twice; but for another file there
 * is no such way, and it is unmounted by its name in its directory: where something is mounted,
 * nobody without the right to unmount it can rename it. */

#include "rootfs/live_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/mount_api.h"
#include "os/path.h"
#include "rootfs/masked_paths.h"
#include "rootfs/mounts.h"

static fallible explain(struct error *error, const struct mount_plan *mount)
{
    return error_field(error_within(error, "%s: %s", mount->field, mount->destination), "%s",
                       mount->field);
}

static fallible refuse(const struct mount_plan *mount, const char *reason)
{
    char field[64];

    text_format(field, sizeof(field), "%s.destination", mount->field);
    return error_config(field, "%s %s", mount->destination, reason);
}

/* Enters the directory that a file is mounted in, if it is there by its name. */
static fallible enter_parent(const struct mount_plan *mount, const char *name)
{
    auto_close int found = -1;
    bool is_same = false;

    try(path_open(mount->parent, name, O_PATH | O_NOFOLLOW, &found));
    try(mount_is_same(found, mount->tree, &is_same));
    if (!is_same)
        return refuse(mount, "is reached by a symbolic link");
    return fchdir(mount->parent) ? error_errno(ERROR_MOUNT, "enter the directory of a mount") : OK;
}

static fallible detach(const struct mount_plan *mount)
{
    const char *name = strrchr(mount->destination, '/') + 1;

    if (mount->kind == MOUNT_KIND_NONE)
        return OK;
    if (!mount->is_file)
        return mount_detach(mount->tree);
    try(enter_parent(mount, name));
    return mount_detach_name(name);
}

/* What a program finds there (R5): somebody may have exchanged names on the way. */
static fallible check_place(const struct mount_plan *mount, int root)
{
    struct mount_place made, found;

    try(mount_look(mount->tree, &made));
    try(path_look(root, mount->destination, &found));
    return mount_is_same_place(&made, &found)
               ? OK
               : error_new(ERROR_MOUNT, "the destination leads elsewhere after the mount");
}

/* Whether the way to PATH leads over what PLACE is, a file or a directory. */
static fallible leads_over(const char *path, int place, bool is_file, int root, bool *does)
{
    auto_close int found = -1, parent = -1;
    struct mount_place at;
    const char *name;

    try(path_open(root, path, O_PATH, &found));
    try(mount_is_same(found, place, does));
    if (*does || is_file)
        return OK;
    try(mount_look(found, &at));
    if (S_ISDIR(at.mode))
        return path_is_inside(place, found, does);
    try(path_open_parent(root, path, false, &parent, &name));
    return path_is_inside(place, parent, does);
}

static bool is_missing(const struct error *failure)
{
    return failure && (failure->number == ENOENT || failure->number == ENOTDIR);
}

static fallible refuse_cover(const struct mount_plan *mount, const char *path)
{
    return error_hint(refuse(mount, "cannot be mounted on"),
                      "the container's config masks or protects %s, and would not any more", path);
}

/* Of one that is not there the name alone tells. */
static fallible check_name(const char *const *paths, uint32_t count, const struct mount_plan *mount)
{
    size_t length = strlen(mount->destination);

    for (uint32_t i = 0; i < count; i++)
        if (text_starts(paths[i], mount->destination) &&
            (!paths[i][length] || paths[i][length] == '/'))
            return refuse_cover(mount, paths[i]);
    return OK;
}

static fallible check_cover(const char *const *paths, uint32_t count,
                            const struct mount_plan *mount, int target, int root)
{
    for (uint32_t i = 0; i < count; i++) {
        bool does = false;
        struct error *failure = leads_over(paths[i], target, mount->is_file, root, &does);
        if (is_missing(failure)) {
            error_forget(failure);
            continue;
        }
        try_within(failure, "look at the masked path %s", paths[i]);
        if (does)
            return refuse_cover(mount, paths[i]);
    }
    return OK;
}

static fallible attach(struct mount_plan *mount, const struct masked_paths_plan *kept, int root)
{
    struct mounts_target target = { .fd = -1 };

    try(mounts_open_live(mount, root, &target));
    auto_close int fd = target.fd;
    try(check_cover(kept->masked, kept->masked_count, mount, fd, root));
    try(check_cover(kept->read_only, kept->read_only_count, mount, fd, root));
    return mounts_attach_live(mount, &target);
}

/* One that was attached and could not be changed is away again, too. */
static fallible add(struct mount_plan *mount, const struct masked_paths_plan *kept, int root)
{
    mount->parent = -1;
    if (mount->kind == MOUNT_KIND_NONE)
        return OK;
    struct error *failure = attach(mount, kept, root);
    if (!failure)
        failure = check_place(mount, root);
    if (failure && mount->tree >= 0 && (!mount->is_file || mount->parent >= 0))
        error_forget(detach(mount));
    return failure;
}

/* The first COUNT, as far as it goes. */
static fallible take_away(const struct mounts_plan *plan, uint32_t count)
{
    struct error *first = OK;

    while (count-- > 0) {
        struct error *failure = detach(&plan->v[count]);
        if (first)
            error_forget(failure);
        else
            first = explain(failure, &plan->v[count]);
    }
    return first;
}

static fallible check_names(const struct mounts_plan *plan, const struct masked_paths_plan *kept)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        try(check_name(kept->masked, kept->masked_count, &plan->v[i]));
        try(check_name(kept->read_only, kept->read_only_count, &plan->v[i]));
    }
    return OK;
}

fallible live_mounts_add(struct mounts_plan *plan, const struct masked_paths_plan *kept, int root)
{
    struct mount_plan *v = plan->v;
    uint32_t done = 0;
    struct error *failure = OK;

    try(check_names(plan, kept));
    while (done < plan->n && !(failure = explain(add(&v[done], kept, root), &v[done])))
        done++;
    if (!failure)
        return OK;
    struct error *left = take_away(plan, done);
    if (left)
        failure = error_within(failure, "what stands before it is not all taken away again (%s)",
                               left->text);
    error_forget(left);
    return failure;
}

/* What is there, by a descriptor that stays. */
static fallible find(struct mount_plan *mount, int root)
{
    struct mount_place place, top;
    const char *name;

    try(path_open(root, mount->destination, O_PATH, &mount->tree));
    try(mount_look(mount->tree, &place));
    try(mount_look(root, &top));
    if (mount_is_same_place(&place, &top))
        return refuse(mount, "is the root itself");
    if (!place.is_mount_root)
        return refuse(mount, "is not where something is mounted");
    mount->is_file = !S_ISDIR(place.mode);
    if (!mount->is_file)
        return OK;
    try(path_open_parent(root, mount->destination, false, &mount->parent, &name));
    return enter_parent(mount, name);
}

/* A path that is not there was not there before, either, where nobody can rename what it is in. */
static bool is_below_kernels(const char *path)
{
    return text_starts(path, "/proc/") || text_starts(path, "/sys/");
}

/* Shortens a path by its last name; "" is the root. */
static void cut_name(char *path)
{
    char *slash = strrchr(path, '/');

    while (slash > path && slash[-1] == '/')
        slash--;
    *slash = '\0';
}

/* Whether the way to PATH leads over the mount, as far as it goes.  Elsewhere a path that is not
 * there may have been, and somebody has renamed what is behind the last directory that is: what
 * that is in must stay. */
static fallible depends(const char *path, const struct mount_plan *mount, int root, bool *does)
{
    char way[PATH_MAX];
    struct error *failure = leads_over(path, mount->tree, mount->is_file, root, does);

    if (is_missing(failure) && is_below_kernels(path)) {
        error_forget(failure);
        return OK;
    }
    text_format(way, sizeof(way), "%s", path);
    while (is_missing(failure) && *way) {
        error_forget(failure);
        cut_name(way);
        failure = leads_over(*way ? way : "/", mount->tree, mount->is_file, root, does);
    }
    return failure;
}

static fallible keep(const char *const *paths, uint32_t count, const struct mount_plan *mount,
                     int root)
{
    for (uint32_t i = 0; i < count; i++) {
        bool does = false;
        try_within(depends(paths[i], mount, root, &does), "look at the masked path %s", paths[i]);
        if (does)
            return error_hint(refuse(mount, "cannot be removed"),
                              "the container's config masks or protects %s by it", paths[i]);
    }
    return OK;
}

static fallible check_removal(struct mounts_plan *plan, uint32_t number,
                              const struct masked_paths_plan *kept, int root)
{
    struct mount_plan *mount = &plan->v[number];
    bool is_mask = false;

    try(find(mount, root));
    if (kept->masked_count)
        try(masked_paths_identify(mount->tree, &is_mask));
    if (is_mask)
        return error_hint(refuse(mount, "cannot be removed"), "it is what hides a masked path");
    try(keep(kept->masked, kept->masked_count, mount, root));
    try(keep(kept->read_only, kept->read_only_count, mount, root));
    for (uint32_t i = 0; i < number; i++) {
        bool is_same = false;
        try(mount_is_same(plan->v[i].tree, mount->tree, &is_same));
        if (is_same)
            return refuse(mount, "stands there twice");
    }
    return OK;
}

/* A name that is there no more leads nowhere. */
static fallible check_gone(const struct mount_plan *mount, int root)
{
    struct mount_place gone, found = { 0 };

    try(mount_look(mount->tree, &gone));
    struct error *failure = path_look(root, mount->destination, &found);
    if (failure && failure->number != ENOENT)
        return failure;
    error_forget(failure);
    return found.mount != gone.mount ? OK : error_new(ERROR_MOUNT, "it is still mounted");
}

/* What is mounted last goes first.  That one may be unmounted only its unmounting tells: what came
 * to a user namespace with another mount is locked to that. */
static fallible detach_all(const struct mounts_plan *plan)
{
    const struct mount_plan *last = &plan->v[plan->n - 1];

    for (uint32_t left = plan->n; left > 0; left--) {
        struct error *failure = explain(detach(&plan->v[left - 1]), &plan->v[left - 1]);
        if (failure && left < plan->n)
            return error_within(failure, "%s to %s are removed, but no more", plan->v[left].field,
                                last->field);
        try(failure);
    }
    return OK;
}

fallible live_mounts_remove(struct mounts_plan *plan, const struct masked_paths_plan *kept,
                            int root)
{
    for (uint32_t i = 0; i < plan->n; i++)
        try(error_field(check_removal(plan, i, kept, root), "%s", plan->v[i].field));
    try(detach_all(plan));
    for (uint32_t i = 0; i < plan->n; i++)
        try(explain(check_gone(&plan->v[i], root), &plan->v[i]));
    return OK;
}
