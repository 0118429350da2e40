/* SPDX-License-Identifier: Apache-2.0 */
/* /dev/console, carried out.  What surprises: the copy of the terminal's mount is made from its
 * descriptor, so that no name in /dev/pts matters; and what is mounted on is made by the same walk
 * as all else, then opened anew, without following a link. */

#include "rootfs/console.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/path.h"

enum { FILE_MODE = 0600 };

static const char path[] = "/dev/console";

static fallible open_there(int root, int *target)
{
    return path_open(root, path, O_PATH | O_NOFOLLOW, target);
}

static fallible open_or_make(int root, int *target)
{
    auto_close int found = -1, made = -1;
    struct error *failure = open_there(root, &found);
    if (error_forget_if(failure, ENOENT)) {
        try(path_make_file(root, path, FILE_MODE, &made));
        failure = open_there(root, &found);
    }
    try(failure);

    struct stat status;
    if (fstat(found, &status))
        return error_errno(ERROR_PATH, "look at %s", path);
    if (S_ISLNK(status.st_mode))
        return error_new(ERROR_PATH, "%s is a symbolic link in the root filesystem", path);
    if (S_ISDIR(status.st_mode))
        return error_new(ERROR_PATH, "%s of the root filesystem must be no directory", path);
    *target = take_fd(&found);
    return OK;
}

fallible console_mount(int slave, int root)
{
    const struct mount_change change = { .propagation = MS_PRIVATE };
    auto_close int target = -1, tree = -1, top = -1;
    bool is_on_top;

    try(open_or_make(root, &target));
    try(mount_clone(slave, false, &tree));
    try(mount_attach_changed(tree, target, &change, 1));
    try(open_there(root, &top));
    try(mount_is_same(top, tree, &is_on_top));
    return is_on_top ? OK : error_new(ERROR_MOUNT, "%s leads elsewhere after the mount", path);
}
