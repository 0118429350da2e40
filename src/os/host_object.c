/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of the host that init copies by their paths; the host's half.
 */
#include "os/host_object.h"

#include <sys/stat.h>

#include "os/fd_path.h"

fallible host_object_find(int fd, struct arena *arena, const char **path)
{
    return error_within(fd_path(fd, arena, path), "find the path of what is to be mounted");
}

fallible host_object_note(int fd, struct arena *arena, struct host_object *object)
{
    struct stat status;
    struct host_object noted;

    if (fstat(fd, &status))
        return error_errno(ERROR_MOUNT, "look at what is to be mounted");
    try(host_object_find(fd, arena, &noted.path));
    if (noted.path[0] != '/')
        return error_new(ERROR_MOUNT, "what is to be mounted has no path here");
    noted.device = status.st_dev;
    noted.inode = status.st_ino;
    *object = noted;
    return OK;
}
