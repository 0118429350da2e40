/* SPDX-License-Identifier: Apache-2.0 */
/* linux.devices: makes the devices and the symbolic links of /dev.  What surprises: a link whose
 * name is taken stays as it is, a device must be the right one. */

#include "rootfs/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "os/fd_left.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"

enum { DIRECTORY_MODE = 0755, FILE_MODE = 0644, PERMISSIONS = 07777 };

/* In /dev. */
struct link {
    const char *name, *target;
};

static const struct link links[] = {
    { "fd", "/proc/self/fd" },       { "stdin", "/proc/self/fd/0" },
    { "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
    { "core", "/proc/kcore" },
};

/* A device is bound on a regular file, or on itself: where it is there, its mount may be nodev. */
static fallible check_place(const struct device_plan *device, int target)
{
    struct stat status;
    if (fstat(target, &status))
        return error_errno(ERROR_PATH, "look at %s", device->path);
    bool is_device = (status.st_mode & S_IFMT) == (device->node.mode & S_IFMT) &&
                     status.st_rdev == device->node.device;
    if (is_device || S_ISREG(status.st_mode))
        return OK;
    errno = EEXIST;
    return error_errno(ERROR_PATH, "%s", device->path);
}

/* What has just been made is opened as if found, so that a link put there meanwhile is seen. */
static fallible open_place(const struct device_plan *device, int root, int *target)
{
    auto_close int made = -1;
    struct error *failure = path_open(root, device->path, O_PATH | O_NOFOLLOW, target);
    if (!error_forget_if(failure, ENOENT))
        return failure;
    try(path_make_file(root, device->path, FILE_MODE, &made));
    return path_open(root, device->path, O_PATH | O_NOFOLLOW, target);
}

/* The copy came as a peer of the host's mount. */
static fallible bind(const struct device_plan *device, int root)
{
    const struct mount_change change = { .propagation = MS_PRIVATE };
    auto_leave int tree = device->tree, target = -1; /* the tree is ours to close */
    try(open_place(device, root, &target));
    try(check_place(device, target));
    return mount_attach_changed(tree, target, &change, 1);
}

static fallible refuse_mode(const struct device_plan *device)
{
    return error_hint(error_unsupported(device->mode_field ? device->mode_field : "linux.devices",
                                        "%s has another mode than 0%o, and it cannot be changed",
                                        device->path, device->node.mode & PERMISSIONS),
                      "needs fchmodat2(2) of Linux 6.6, or the right mode beforehand");
}

/* Most are in /dev itself, which is open. */
static fallible make_node(const struct device_plan *device, int root, struct path_nodes *dev)
{
    const char *path = device->path;
    bool is_there = text_starts(path, "/dev/") && !strchr(path + strlen("/dev/"), '/');
    return is_there ? path_make_node_in(dev, path + strlen("/dev/"), &device->node)
                    : path_make_node(root, path, &device->node);
}

static fallible make(const struct device_plan *device, int root, struct path_nodes *dev)
{
    struct error *failure = device->is_bound ? bind(device, root) : make_node(device, root, dev);
    if (error_forget_if(failure, EEXIST)) {
        errno = EEXIST;
        failure = error_errno(ERROR_PATH, "%s is there, and is another file than the device asked",
                              device->path);
    }
    if (!device->is_bound && error_forget_if(failure, EOPNOTSUPP))
        return refuse_mode(device);
    return device->field ? error_field(failure, "%s", device->field) : failure;
}

fallible devices_open_inside(struct devices_plan *plan)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        struct device_plan *device = &plan->v[i];
        if (device->object.path)
            try_within(host_object_clone(&device->object, false, &device->tree), "bind %s",
                       device->path);
    }
    return OK;
}

fallible devices_apply(const struct devices_plan *plan, int root)
{
    auto_leave int dev = -1;
    if (!plan->n && !plan->has_links && !plan->has_ptmx)
        return OK;
    try(path_make_directory(root, "/dev", DIRECTORY_MODE, &dev));
    struct path_nodes nodes = { .directory = dev };
    for (uint32_t i = 0; i < plan->n; i++)
        try(make(&plan->v[i], root, &nodes));
    for (size_t i = 0; plan->has_links && i < LENGTH(links); i++)
        try(path_make_link(dev, links[i].name, links[i].target));
    if (plan->has_ptmx)
        try(path_make_link(dev, "ptmx", "pts/ptmx"));
    return OK;
}
