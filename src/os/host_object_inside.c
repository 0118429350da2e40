/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of the host that init copies by their paths; init's half.
 *
 * A copy without what is mounted below would show what the mounts there hide, so that the kernel
 * refuses it in a mount namespace of a user namespace.
 */
#include "os/host_object.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "os/mount_api.h"

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

fallible host_object_take(const struct host_object *object, bool recursive, int *tree)
{
    int copy = -1;
    struct error *error = host_object_clone(object, recursive, &copy);
    if (!error) {
        close_fd(tree);
        *tree = copy;
    } else if (*tree >= 0) {
        error_forget(error);
        return OK;
    }
    return error;
}
