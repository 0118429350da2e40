/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of the host that init copies by their paths; init's half.
 *
 * What surprises: a copy without what is mounted below would show what the mounts there hide, so
 * that the kernel refuses it in a mount namespace of a user namespace.
 */
#include "os/host_object.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"

static fallible explain(struct error *error, bool recursive)
{
    if (recursive || !error || error->number != EINVAL)
        return error;
    return error_hint(error, "there are mounts below it, which a user namespace may not leave out: "
                             "rbind takes them along");
}

fallible host_object_clone(const struct host_object *object, bool recursive, int *tree)
{
    auto_close int copy = -1;
    struct stat status;

    try(explain(mount_clone_path(AT_FDCWD, object->path, recursive, &copy), recursive));
    if (fstat(copy, &status))
        return error_errno(ERROR_MOUNT, "look at %s", object->path);
    if (status.st_dev != object->device || status.st_ino != object->inode)
        return error_new(ERROR_MOUNT, "%s is not what it was when the host looked", object->path);
    *tree = take_fd(&copy);
    return OK;
}

/* statfs(2) and mount_setattr(2) have the same bits for these. */
static const struct {
    uint64_t flag;
    const char *word;
} lockable[] = {
    { MOUNT_ATTR_RDONLY, "ro" },
    { MOUNT_ATTR_NOSUID, "nosuid" },
    { MOUNT_ATTR_NODEV, "nodev" },
    { MOUNT_ATTR_NOEXEC, "noexec" },
};

static fallible see_lost(int tree, int number, struct host_object_lost *lost)
{
    struct statfs status;

    if (fstatfs(tree, &status))
        return error_errno(ERROR_MOUNT, "ask for the flags of a mount");
    lost->number = number;
    for (size_t i = 0; i < LENGTH(lockable); i++)
        lost->flags |= (uint64_t) status.f_flags & lockable[i].flag;
    return OK;
}

fallible host_object_take(const struct host_object *object, bool recursive, int *tree,
                          struct host_object_lost *lost)
{
    int copy = -1;
    struct error *error = host_object_clone(object, recursive, &copy);
    if (!error) {
        close_fd(tree);
        *tree = copy;
    } else if (*tree >= 0) {
        int number = error->number;
        error_forget(error);
        return see_lost(*tree, number, lost);
    }
    return error;
}

void host_object_take_early(struct host_object *object, bool recursive, int tree)
{
    auto_close int copy = -1;
    struct error *error = host_object_clone(object, recursive, &copy);
    if (!error && dup2(copy, tree) == tree)
        object->path = NULL;
    error_forget(error);
}

fallible host_object_warning(const struct host_object_lost *lost, const char *field,
                             const char *destination, uint64_t cleared)
{
    char words[32] = "";
    size_t used = 0;

    for (size_t i = 0; i < LENGTH(lockable); i++)
        if (lost->flags & ~cleared & lockable[i].flag)
            used += text_format(words + used, sizeof(words) - used, "%s%s", used ? "," : "",
                                lockable[i].word);
    if (!used)
        return OK;
    return error_new(ERROR_MOUNT,
                     "%s: the host has it mounted %s, which root of the container may clear on %s: "
                     "%s",
                     field, words, destination,
                     lost->number == EINVAL ? "there are mounts below it; rbind takes them along"
                                            : "it cannot reach the source");
}
