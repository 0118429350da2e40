/* SPDX-License-Identifier: Apache-2.0 */
/* Makes, copies and attaches mounts by descriptor.  What surprises: why a filesystem does not take
 * an option is told only through read(2) on its context, one message a call. */

#include "os/mount_api.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/mount_attributes.h"
#include "os/mount_layers.h"

enum { LONGEST_KEY = 127, LONGEST_VALUE = 255, LOG_SIZE = 512 };

/* Joins the kernel's messages ("e tmpfs: Unknown parameter 'x'") as ": tmpfs: Unknown ...". */
static void read_log(int context, char *log, size_t size)
{
    char line[256];
    size_t used = 0;
    ssize_t length;
    log[0] = '\0';
    while (used < size && (length = read(context, line, sizeof(line) - 1)) > 0) {
        line[length] = '\0';
        line[strcspn(line, "\n")] = '\0';
        const char *words = length > 2 && line[1] == ' ' ? line + 2 : line;
        used += text_format(log + used, size - used, ": %s", words);
    }
}

static fallible explain(int context, const struct mount_filesystem *filesystem, const char *option)
{
    int number = errno;
    char log[LOG_SIZE];
    read_log(context, log, sizeof(log));
    errno = number;
    struct error *error =
        option
            ? error_errno(ERROR_MOUNT, "filesystem %s: option %s%s", filesystem->type, option, log)
            : error_errno(ERROR_MOUNT, "make filesystem %s%s", filesystem->type, log);
    return error_call(error, CALL_FSMOUNT, filesystem->type);
}

static int set_value(int context, const char *key, const char *value)
{
    if (strlen(value) > LONGEST_VALUE) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return (int) syscall(SYS_fsconfig, context, MOUNT_SET_STRING, key, value, 0);
}

/* The layers are closed when the filesystem has been made, and not before. */
static int set_layers(int context, const char *value, struct mount_layers *layers)
{
    char shorter[LONGEST_VALUE + 1];
    if (mount_layers_open(layers, value, shorter, sizeof(shorter)))
        return -1;
    return set_value(context, "lowerdir", shorter);
}

static int set_option(int context, const char *option, struct mount_layers *layers)
{
    size_t length = strcspn(option, "=");
    if (!option[length])
        return (int) syscall(SYS_fsconfig, context, MOUNT_SET_FLAG, option, NULL, 0);
    if (length > LONGEST_KEY) {
        errno = ENAMETOOLONG;
        return -1;
    }
    char key[LONGEST_KEY + 1];
    memcpy(key, option, length);
    key[length] = '\0';
    const char *value = option + length + 1;
    if (strlen(value) > LONGEST_VALUE && strcmp(key, "lowerdir") == 0 && layers->count == 0)
        return set_layers(context, value, layers);
    return set_value(context, key, value);
}

static fallible configure(int context, const struct mount_filesystem *filesystem,
                          struct mount_layers *layers)
{
    const char *source = filesystem->source ? filesystem->source : filesystem->type;
    if (set_value(context, "source", source))
        return explain(context, filesystem, "source");
    for (uint32_t i = 0; i < filesystem->option_count; i++)
        if (set_option(context, filesystem->options[i], layers))
            return explain(context, filesystem, filesystem->options[i]);
    if (filesystem->last_option && set_option(context, filesystem->last_option, layers))
        return explain(context, filesystem, filesystem->last_option);
    if (filesystem->is_read_only && set_option(context, "ro", layers))
        return explain(context, filesystem, "ro");
    return OK;
}

bool mount_is_permitted(void)
{
    auto_close int context = (int) syscall(SYS_fsopen, "tmpfs", MOUNT_FSOPEN_CLOEXEC);
    return context >= 0 || errno != EPERM;
}

static fallible make(int context, const struct mount_filesystem *filesystem)
{
    struct mount_layers layers = { .count = 0 };
    struct error *error = configure(context, filesystem, &layers);
    if (!error && syscall(SYS_fsconfig, context, MOUNT_CREATE, NULL, NULL, 0))
        error = explain(context, filesystem, NULL);
    mount_layers_close(&layers);
    return error;
}

static fallible open_context(const struct mount_filesystem *filesystem, int *context)
{
    *context = (int) syscall(SYS_fsopen, filesystem->type, MOUNT_FSOPEN_CLOEXEC);
    if (*context < 0)
        return error_call(error_errno(ERROR_MOUNT, "open filesystem %s", filesystem->type),
                          CALL_FSMOUNT, filesystem->type);
    return OK;
}

fallible mount_try(const struct mount_filesystem *filesystem)
{
    struct mount_layers layers = { .count = 0 };
    auto_close int context = -1;
    try(open_context(filesystem, &context));
    struct error *error = configure(context, filesystem, &layers);
    mount_layers_close(&layers);
    return error;
}

fallible mount_new_from(const struct mount_filesystem *filesystem, int *opened, int *tree)
{
    int context;
    try(open_context(filesystem, &context));
    *opened = context;
    try(make(context, filesystem));
    long made = syscall(SYS_fsmount, context, MOUNT_FSMOUNT_CLOEXEC, filesystem->attributes);
    if (made < 0)
        return explain(context, filesystem, NULL);
    *tree = (int) made;
    return OK;
}

fallible mount_new(const struct mount_filesystem *filesystem, int *tree)
{
    auto_close int context = -1;
    return mount_new_from(filesystem, &context, tree);
}

static unsigned flags_of_copy(const char *path, bool recursive)
{
    return OPEN_TREE_CLONE | (recursive ? AT_RECURSIVE : 0) | (*path ? 0 : AT_EMPTY_PATH);
}

static long copy_tree(int directory, const char *path, bool recursive)
{
    unsigned flags = flags_of_copy(path, recursive);
    return syscall(SYS_open_tree, directory, path, flags | OPEN_TREE_CLOEXEC);
}

fallible mount_clone(int fd, bool recursive, int *tree)
{
    long copy = copy_tree(fd, "", recursive);
    if (copy < 0)
        return error_call(error_errno(ERROR_MOUNT, "copy a mount"), CALL_OPEN_TREE, NULL);
    *tree = (int) copy;
    return OK;
}

fallible mount_clone_path(int directory, const char *path, bool recursive, int *tree)
{
    long copy = copy_tree(directory, path, recursive);
    if (copy < 0 && !*path)
        return error_call(error_errno(ERROR_MOUNT, "copy a mount"), CALL_OPEN_TREE, NULL);
    if (copy < 0)
        return error_call(error_errno(ERROR_MOUNT, "copy the mount of %s", path), CALL_OPEN_TREE,
                          path);
    *tree = (int) copy;
    return OK;
}

/* One call in place of two (Linux 6.15); what is wrong, the two will say. */
static bool is_copied_changed(int directory, const char *path, const struct mount_change *change,
                              int *tree)
{
    const struct mount_attributes attributes = {
        .set = change->set,
        .clear = change->clear,
        .propagation = change->propagation,
    };
    unsigned flags = flags_of_copy(path, change->is_recursive) | OPEN_TREE_CLOEXEC;
    *tree =
        (int) syscall(SYS_open_tree_attr, directory, path, flags, &attributes, sizeof(attributes));
    return *tree >= 0;
}

fallible mount_clone_changed(int directory, const char *path, const struct mount_change *change,
                             int *tree, bool *is_changed)
{
    int copy = -1;
    *is_changed = is_copied_changed(directory, path, change, &copy);
    if (!*is_changed)
        return mount_clone_path(directory, path, change->is_recursive, tree);
    *tree = copy;
    return OK;
}

fallible mount_attach_copy(int target, const struct mount_change *change, int *tree)
{
    auto_close int copy = -1;
    bool is_changed;
    try(mount_clone_changed(target, "", change, &copy, &is_changed));
    try(mount_attach_changed(copy, target, change, !is_changed));
    *tree = take_fd(&copy);
    return OK;
}

static int attach_by_name(int tree, int directory, const char *name)
{
    return syscall(SYS_move_mount, tree, "", directory, name, MOVE_MOUNT_F_EMPTY_PATH) ? errno : 0;
}

/* With the slash it is a directory; without it what is mounted on is no link. */
int mount_attach_copy_by_name(int directory, const char *name, const struct mount_change *change,
                              int *tree)
{
    char slashed[NAME_MAX + 2];
    auto_close int copy = -1;
    if (text_format(slashed, sizeof(slashed), "%s/", name) >= sizeof(slashed))
        return ENAMETOOLONG;
    int wrong = is_copied_changed(directory, slashed, change, &copy)
                    ? attach_by_name(copy, directory, name)
                    : errno;
    if (!wrong)
        *tree = take_fd(&copy);
    return wrong;
}

fallible mount_attach(int tree, int target)
{
    unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
    if (syscall(SYS_move_mount, tree, "", target, "", flags))
        return error_call(error_errno(ERROR_MOUNT, "attach a mount"), CALL_MOVE_MOUNT, NULL);
    return OK;
}

fallible mount_attach_changed(int tree, int target, const struct mount_change *changes,
                              uint32_t count)
{
    uint32_t done = 0;
    struct error *failure = OK;
    while (done < count && !(failure = mount_change_detached(tree, &changes[done])))
        done++;
    if (failure && !error_forget_if(failure, ENOSYS))
        return failure;
    try(mount_attach(tree, target));
    for (; done < count; done++)
        try(mount_change(tree, &changes[done]));
    return OK;
}

static fallible look(int directory, const char *path, int flags, struct mount_place *place)
{
    const unsigned wanted = MOUNT_FACTS_TYPE | MOUNT_FACTS_INODE | MOUNT_FACTS_MOUNT;
    struct mount_facts facts = { 0 };
    if (syscall(SYS_statx, directory, path, flags, wanted, &facts))
        return error_errno(ERROR_MOUNT, "read a mount id");
    if ((facts.mask & wanted) != wanted) {
        errno = EOPNOTSUPP; /* before 5.8 */
        return error_errno(ERROR_MOUNT, "read a mount id");
    }
    *place = (struct mount_place){
        .mode = facts.mode,
        .device = makedev(facts.device_major, facts.device_minor),
        .inode = facts.inode,
        .mount = facts.mount,
        .is_mount_root = facts.attributes & MOUNT_FACTS_IS_ROOT,
    };
    return OK;
}

fallible mount_look(int fd, struct mount_place *place)
{
    return look(fd, "", AT_EMPTY_PATH, place);
}

fallible mount_look_at(int directory, const char *path, struct mount_place *place)
{
    return look(directory, path, AT_NO_AUTOMOUNT, place);
}

fallible mount_id(int fd, uint64_t *id)
{
    struct mount_place place;
    try(mount_look(fd, &place));
    *id = place.mount;
    return OK;
}

bool mount_is_same_place(const struct mount_place *a, const struct mount_place *b)
{
    return a->mount == b->mount && a->inode == b->inode;
}

fallible mount_is_same(int a, int b, bool *is_same)
{
    struct mount_place first, second;
    try(mount_look(a, &first));
    try(mount_look(b, &second));
    *is_same = mount_is_same_place(&first, &second);
    return OK;
}
