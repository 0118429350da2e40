/* SPDX-License-Identifier: Apache-2.0 */
/* Gives the caller's mount namespace another root.  What surprises: after pivot_root(".", ".") the
 * old root lies on top of the new one, so that "." is what has to be unmounted; and the working
 * directory is the new root all along. */

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"

fallible mount_attach_on_root(int tree)
{
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH))
        return error_call(error_errno(ERROR_MOUNT, "attach the root filesystem on /"),
                          CALL_MOVE_MOUNT, "/");
    return OK;
}

fallible mount_attach_at(int tree, const char *path)
{
    auto_close int target = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat copied, found;

    if (target < 0 || fstat(target, &found) || fstat(tree, &copied))
        return error_errno(ERROR_MOUNT, "attach the root filesystem on %s", path);
    if (copied.st_dev != found.st_dev || copied.st_ino != found.st_ino)
        return error_new(ERROR_MOUNT, "%s is no longer the root filesystem that was opened", path);
    return mount_attach(tree, target);
}

bool mount_can_build_detached(void)
{
    const struct mount_filesystem filesystem = { .type = "tmpfs" };
    const struct mount_change change = { .propagation = MS_PRIVATE };
    auto_close int below = -1, above = -1;

    struct error *error = mount_new(&filesystem, &below);
    if (!error)
        error = mount_change_detached(below, &change);
    if (!error)
        error = mount_new(&filesystem, &above);
    if (!error)
        error = mount_attach(above, below);
    bool is_possible = !error;
    error_forget(error);
    return is_possible;
}

fallible mount_isolate_all(uint64_t propagation)
{
    if (!mount(NULL, "/", NULL, MS_REC | (unsigned long) propagation, NULL))
        return OK;
    struct error *error = error_call(
        error_errno(ERROR_MOUNT, "change the propagation of all mounts"), CALL_MOUNT, "/");
    if (error->number != EINVAL)
        return error;
    return error_hint(error, "/ is no mount point here, as in a plain chroot: bind it onto itself");
}

fallible mount_pivot(int tree)
{
    if (fchdir(tree))
        return error_errno(ERROR_MOUNT, "enter the new root");
    if (syscall(SYS_pivot_root, ".", "."))
        return error_hint(
            error_call(error_errno(ERROR_MOUNT, "pivot into the new root"), CALL_PIVOT_ROOT, NULL),
            "on an initramfs only --no-pivot works");
    return umount2(".", MNT_DETACH)
               ? error_call(error_errno(ERROR_MOUNT, "detach the old root"), CALL_UMOUNT, NULL)
               : OK;
}

fallible mount_detach_name(const char *name)
{
    if (!umount2(name, MNT_DETACH | UMOUNT_NOFOLLOW))
        return OK;
    struct error *error = error_call(error_errno(ERROR_MOUNT, "unmount it"), CALL_UMOUNT, NULL);
    if (error->number != EINVAL)
        return error;
    return error_hint(error, "in a user namespace what came with it cannot be unmounted");
}

fallible mount_detach(int tree)
{
    if (fchdir(tree))
        return error_errno(ERROR_MOUNT, "enter what is mounted");
    return mount_detach_name(".");
}

fallible mount_move_root(int tree)
{
    if (fchdir(tree))
        return error_errno(ERROR_MOUNT, "enter the new root");
    return chroot(".") ? error_call(error_errno(ERROR_MOUNT, "change the root"), CALL_CHROOT, NULL)
                       : OK;
}

fallible mount_open_root(int *root)
{
    *root = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return *root < 0 ? error_errno(ERROR_MOUNT, "open / of the container") : OK;
}

fallible mount_check_root(int tree)
{
    struct mount_place here, wanted, outside;
    try(mount_look_at(AT_FDCWD, "/", &here));
    try(mount_look_at(AT_FDCWD, "/..", &outside));
    try(mount_look(tree, &wanted));
    if (!mount_is_same_place(&here, &wanted) || !mount_is_same_place(&here, &outside))
        return error_new(ERROR_MOUNT, "the root is not the container's after the switch");
    return OK;
}
