/* SPDX-License-Identifier: Apache-2.0 */
/* linux.devices: opens the host's devices for a container that may not make any.  What surprises:
 * udev gives devices names of their own, so that the path of the config may be unknown here, and
 * the numbers are not. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "os/mount_api.h"
#include "rootfs/devices.h"

enum { PERMISSIONS = 07777 };

/* Whether open(2) has said that there is nothing of the name for us; anything else says nothing of
 * it (ENOMEM, EMFILE). */
static bool says_missing(int number)
{
    return number == ENOENT || number == ENOTDIR || number == EACCES || number == ELOOP ||
           number == ENAMETOOLONG;
}

/* Leaves FOUND at -1 unless PATH is the very device. */
static fallible open_verified(const char *path, const struct path_node *node, int *found,
                              struct stat *status)
{
    auto_close int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 && says_missing(errno))
        return OK;
    if (fd < 0 || fstat(fd, status))
        return error_call(error_system("open %s", path), CALL_OPEN, path);
    if ((status->st_mode & S_IFMT) == (node->mode & S_IFMT) && status->st_rdev == node->device)
        *found = take_fd(&fd);
    return OK;
}

static fallible refuse(const struct device_plan *device, const char *kind)
{
    const struct path_node *node = &device->node;
    return error_hint(
        error_config(device->field ? device->field : "linux.devices",
                     "the host has no %s device %u:%u on %s, and none can be made in a user "
                     "namespace",
                     kind, major(node->device), minor(node->device), device->path),
        "the driver may not be loaded, or the device has another path here");
}

/* The owner is who the host says; what the entry leaves open may be anything. */
static void warn_of_difference(const struct device_plan *device, const struct stat *status)
{
    const struct path_node *node = &device->node;
    mode_t mode = (node->keeps_mode ? status->st_mode : node->mode) & PERMISSIONS;
    uid_t uid = node->keeps_uid ? status->st_uid : node->uid;
    gid_t gid = node->keeps_gid ? status->st_gid : node->gid;
    bool has_owner = status->st_uid == uid && status->st_gid == gid;
    if (!has_owner || (status->st_mode & PERMISSIONS) != mode)
        log_warning("%s: '%s' is the host's device and stays %u:%u with mode 0%o: a user namespace "
                    "may not change it to %u:%u, 0%o",
                    device->field, device->path, status->st_uid, status->st_gid,
                    status->st_mode & PERMISSIONS, uid, gid, mode);
}

static fallible open_device(struct device_plan *device, struct arena *notes)
{
    const struct path_node *node = &device->node;
    const char *kind = S_ISCHR(node->mode) ? "char" : "block";
    struct stat status;
    char path[64];

    auto_close int fd = -1;
    try(open_verified(device->path, node, &fd, &status));
    if (fd < 0) {
        text_format(path, sizeof(path), "/dev/%s/%u:%u", kind, major(node->device),
                    minor(node->device));
        try(open_verified(path, node, &fd, &status));
    }
    if (fd < 0)
        return refuse(device, kind);
    warn_of_difference(device, &status);
    return notes ? host_object_note(fd, notes, &device->object)
                 : mount_clone(fd, false, &device->tree);
}

fallible devices_open(struct devices_plan *plan, struct arena *notes)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        struct error *failure = plan->v[i].is_bound ? open_device(&plan->v[i], notes) : OK;
        if (!failure)
            continue;
        devices_close(plan);
        return failure;
    }
    return OK;
}

void devices_close(struct devices_plan *plan)
{
    for (uint32_t i = 0; i < plan->n; i++)
        close_fd(&plan->v[i].tree);
}
