/* SPDX-License-Identifier: Apache-2.0 */
/* mounts: carries the plan out, in order.  What surprises: the root is the container's already, so
 * a destination is just a path, and still only ever a descriptor when it is mounted on. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/fd_left.h"
#include "os/mount_attributes.h"
#include "os/path.h"
#include "os/path_copy.h"
#include "rootfs/mount_label.h"
#include "rootfs/mounts.h"

enum { FILE_MODE = 0644 };

/* The container's root, and what is held of it from one mount to the next. */
struct root {
    int fd;
    bool is_live;             /* others are at work in it */
    struct mount_place place; /* of FD, once somebody has looked */
    /* The directory in which the last mount point was made, and its path up to the last slash:
     * often the next one belongs there, too.  Nothing has been mounted since, but in it. */
    int parent;
    const char *parent_path;
    size_t parent_length;
};

/* Programs trust these two by name, so that they must be where they seem to be (T02, T03). */
static bool is_trusted(const struct mount_plan *mount)
{
    const char *type = mount->filesystem.type;
    return mount->kind == MOUNT_KIND_NEW && (text_equal(type, "proc") || text_equal(type, "sysfs"));
}

static fallible refuse_destination(const struct mount_plan *mount, const char *reason)
{
    char field[64];
    text_format(field, sizeof(field), "%s.destination", mount->field);
    return error_config(field, "%s", reason);
}

static fallible check_type(const struct mount_plan *mount, mode_t type)
{
    if (S_ISLNK(type))
        return error_new(ERROR_PATH, "%s is a symbolic link in the root filesystem",
                         mount->destination);
    if (mount->is_file && S_ISDIR(type))
        return refuse_destination(mount, "the source is a file, the destination a directory");
    if (!mount->is_file && !S_ISDIR(type))
        return refuse_destination(mount,
                                  mount->kind == MOUNT_KIND_BIND
                                      ? "a directory cannot be mounted on a file"
                                      : "the destination is a file, where a directory has to be");
    return OK;
}

static fallible make_target(const struct mount_plan *mount, int root)
{
    auto_close int made = -1;
    if (mount->is_file)
        return path_make_file(root, mount->destination, FILE_MODE, &made);
    return path_make_missing_directory(root, mount->destination, mount->directory_mode);
}

/* MODE is that of the directory, or 0 when it was made now.  What is checked is the descriptor that
 * is mounted on; so what has just been made is opened as if found, a link put there meanwhile seen.
 */
static fallible open_any(const struct mount_plan *mount, struct root *root, mode_t *mode,
                         int *target)
{
    auto_close int found = -1;
    bool may_be_link = !is_trusted(mount) && !(root->is_live && mount->is_file);
    const int flags = O_PATH | (may_be_link ? 0 : O_NOFOLLOW);
    struct error *failure = path_open(root->fd, mount->destination, flags, &found);
    bool is_missing = error_forget_if(failure, ENOENT);
    if (is_missing) {
        try(make_target(mount, root->fd));
        failure = path_open(root->fd, mount->destination, flags, &found);
    }
    try(failure);

    struct mount_place place;
    try_within(mount_look(found, &place), "look at %s", mount->destination);
    try(check_type(mount, place.mode));
    if (!root->place.mount)
        try(mount_look(root->fd, &root->place));
    if (mount_is_same_place(&place, &root->place))
        return error_config(mount->field, "the destination %s is the root itself",
                            mount->destination);
    if (!is_missing)
        *mode = place.mode & 07777;
    *target = take_fd(&found);
    return OK;
}

static bool has_option(const struct mount_filesystem *filesystem, const char *start)
{
    for (uint32_t i = 0; i < filesystem->option_count; i++)
        if (text_starts(filesystem->options[i], start))
            return true;
    return false;
}

static bool takes_mode(const struct mount_plan *mount)
{
    return mount->kind == MOUNT_KIND_NEW && text_equal(mount->filesystem.type, "tmpfs") &&
           !has_option(&mount->filesystem, "mode=");
}

/* Right below the directory that is held. */
static bool is_made_beside(const struct mount_plan *mount, struct root *root, int *target)
{
    const char *path = mount->destination;
    size_t length = root->parent_length;
    if (root->parent < 0 || strncmp(path, root->parent_path, length) != 0 ||
        strchr(path + length, '/'))
        return false;
    struct error *failure =
        path_make_below(root->parent, path + length, mount->directory_mode, target);
    error_forget(failure);
    return !failure;
}

static void forget_parent(struct root *root)
{
    fd_leave(&root->parent);
}

static bool is_opened_plain(int root, const char *path, int *fd, int *number)
{
    struct error *failure = path_open_plain(root, path, fd);
    *number = failure ? failure->number : 0;
    error_forget(failure);
    return !*number;
}

/* What is missing, but for the directory that it belongs in. */
static bool is_made_below(const struct mount_plan *mount, struct root *root, int *target)
{
    char directory[PATH_MAX];
    const char *path = mount->destination;
    size_t length = (size_t) (strrchr(path, '/') + 1 - path);
    int number;
    if (length >= sizeof(directory))
        return false;
    text_format(directory, sizeof(directory), "%.*s", (int) length, path);
    if (!is_opened_plain(root->fd, directory, &root->parent, &number))
        return false;
    root->parent_path = path;
    root->parent_length = length;
    return is_made_beside(mount, root, target);
}

/* Most often the destination is a directory, or can be made one, and no link is on the way.  Such a
 * one is not the root, since the plan has none that is by its name. */
static bool is_opened_simply(const struct mount_plan *mount, struct root *root, int *target)
{
    int number;
    if (mount->is_file || takes_mode(mount) || mount->copies_up)
        return false;
    if (is_made_beside(mount, root, target))
        return true;
    forget_parent(root);
    return is_opened_plain(root->fd, mount->destination, target, &number) ||
           (number == ENOENT && is_made_below(mount, root, target));
}

static fallible open_target(const struct mount_plan *mount, struct root *root, mode_t *mode,
                            int *target)
{
    if (mount->kind != MOUNT_KIND_REMOUNT && is_opened_simply(mount, root, target))
        return OK;
    forget_parent(root);
    if (mount->kind == MOUNT_KIND_REMOUNT)
        return path_open(root->fd, mount->destination, O_PATH, target);
    return open_any(mount, root, mode, target);
}

static fallible make_filesystem(const struct mount_plan *mount, mode_t hidden, int *tree)
{
    struct mount_filesystem filesystem = mount->filesystem;
    auto_leave int context = -1;
    char mode[16];
    if (hidden && takes_mode(mount)) {
        text_format(mode, sizeof(mode), "mode=%o", (unsigned) hidden);
        filesystem.last_option = mode;
    }
    return mount_new_from(&filesystem, &context, tree);
}

/* One that the host has made, since its ids are mapped. */
static fallible follow_mode(const struct mount_plan *mount, mode_t hidden, int tree)
{
    auto_close int top = -1;
    if (!hidden || !takes_mode(mount))
        return OK;
    try(path_open(tree, ".", O_RDONLY | O_DIRECTORY, &top));
    if (fchmod(top, hidden))
        return error_hint(error_errno(ERROR_MOUNT, "set the mode of the hidden directory"),
                          "its root has an owner that the container does not know: say which mode "
                          "it is to have, mode=755");
    return OK;
}

static bool is_changed(const struct mount_change *change)
{
    return change->set | change->clear | change->propagation;
}

/* Most filesystems need nothing between their making and their place. */
static bool is_mounted_at_once(const struct mount_plan *mount, int target)
{
    const struct mount_filesystem *filesystem = &mount->filesystem;
    if (mount->kind != MOUNT_KIND_NEW || mount->tree >= 0 || mount->label || mount->copies_up ||
        mount->becomes_read_only || is_changed(&mount->change) ||
        is_changed(&mount->recursive_change))
        return false;
    return !takes_mode(mount) && mount_new_here(filesystem, target);
}

static fallible copy_up(const struct mount_plan *mount, int hidden, int tree)
{
    const struct mount_filesystem *filesystem = &mount->filesystem;
    bool keeps_owner = has_option(filesystem, "uid=") || has_option(filesystem, "gid=");
    struct error *error = path_copy_tree(hidden, tree, keeps_owner);
    if (error && error->number == ENOSPC)
        error = error_hint(error, "what the image has there is larger than the tmpfs: give it "
                                  "another size=, or leave out tmpcopyup");
    return error_within(error, "tmpcopyup");
}

/* In a user namespace what the host has mounted keeps its flags. */
static fallible explain_change(struct error *error, const struct mount_change changes[2])
{
    if (!error || error->number != EPERM || !(changes[0].clear | changes[1].clear))
        return error;
    return error_hint(error, "the host has the source mounted with flags that a user namespace may "
                             "not clear: leave out rw, dev, suid, exec or the mode of atime");
}

static fallible attach_tree(const struct mount_plan *mount, mode_t hidden, int target, int *tree)
{
    struct mount_change changes[] = { mount->recursive_change, mount->change };
    if (mount->becomes_read_only) {
        changes[1].set &= ~(uint64_t) MOUNT_ATTR_RDONLY;
        changes[1].clear |= MOUNT_ATTR_RDONLY;
    }
    if (*tree < 0)
        try(make_filesystem(mount, hidden, tree));
    else
        try(follow_mode(mount, hidden, *tree));
    try(mount_label_verify(mount, *tree));
    if (mount->copies_up)
        try(copy_up(mount, target, *tree));
    return explain_change(mount_attach_changed(*tree, target, changes, 2), changes);
}

static fallible attach(const struct mount_plan *mount, mode_t hidden, int target, int *tree)
{
    const struct mount_change changes[] = { mount->recursive_change, mount->change };
    if (mount->kind == MOUNT_KIND_REMOUNT) {
        try(explain_change(mount_change(target, &changes[0]), changes));
        return explain_change(mount_change(target, &changes[1]), changes);
    }
    return is_mounted_at_once(mount, target) ? OK : attach_tree(mount, hidden, target, tree);
}

static fallible apply(struct mount_plan *mount, struct root *root)
{
    auto_close int target = -1, tree = mount->tree; /* one that the host made is ours to close */
    mode_t hidden = 0;
    if (mount->kind == MOUNT_KIND_NONE)
        return OK;
    try(open_target(mount, root, &hidden, &target));
    try(attach(mount, hidden, target, &tree));
    fd_leave(&target);
    if (mount->becomes_read_only)
        mount->made = take_fd(&tree);
    fd_leave(&tree);
    return OK;
}

static const char *describe(const struct mount_plan *mount)
{
    if (mount->kind == MOUNT_KIND_REMOUNT)
        return "remount";
    return mount->kind == MOUNT_KIND_BIND ? mount->source : mount->filesystem.type;
}

static fallible explain(struct error *failure, const struct mount_plan *mount)
{
    failure =
        error_within(failure, "%s: %s on %s", mount->field, describe(mount), mount->destination);
    return error_field(failure, "%s", mount->field);
}

static fallible apply_all(struct mounts_plan *plan, struct root *root)
{
    for (uint32_t i = 0; i < plan->n; i++)
        try(explain(apply(&plan->v[i], root), &plan->v[i]));
    return OK;
}

fallible mounts_apply(struct mounts_plan *plan, int root_fd)
{
    struct root root = { .fd = root_fd, .parent = -1 };
    struct error *failure = apply_all(plan, &root);
    forget_parent(&root);
    return failure;
}

bool mounts_is_made_late(const struct mount_plan *mount)
{
    return mount->kind == MOUNT_KIND_NEW && !mount->is_made_by_host && !mount->is_made_early;
}

fallible mounts_try(const struct mounts_plan *plan)
{
    for (uint32_t i = 0; i < plan->n; i++)
        if (mounts_is_made_late(&plan->v[i]))
            try(explain(mount_try(&plan->v[i].filesystem), &plan->v[i]));
    return OK;
}

static fallible protect(const struct mount_plan *mount)
{
    const struct mount_change change = { .set = MOUNT_ATTR_RDONLY };
    auto_leave int made = mount->made;
    return mount_change(made, &change);
}

fallible mounts_finish(const struct mounts_plan *plan)
{
    for (uint32_t i = 0; i < plan->n; i++)
        if (plan->v[i].becomes_read_only)
            try(explain(protect(&plan->v[i]), &plan->v[i]));
    return OK;
}

fallible mounts_open_live(struct mount_plan *mount, int root_fd, struct mounts_target *target)
{
    struct root root = { .fd = root_fd, .is_live = true, .parent = -1 };
    struct mount_plan below = *mount;
    if (mount->is_file) {
        try(path_open_parent(root_fd, mount->destination, true, &mount->parent,
                             &below.destination));
        root.fd = mount->parent;
    }
    return open_any(&below, &root, &target->hidden, &target->fd);
}

fallible mounts_attach_live(struct mount_plan *mount, const struct mounts_target *target)
{
    return attach_tree(mount, target->hidden, target->fd, &mount->tree);
}
