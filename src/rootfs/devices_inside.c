/* SPDX-License-Identifier: Apache-2.0 */
/* linux.devices: makes the devices and the symbolic links of /dev.  What surprises: a link whose
 * name is taken stays as it is, a device must be the right one. */

#include "rootfs/devices.h"

#include <errno.h>

#include "base/list.h"

struct link {
    const char *path, *target;
};

static const struct link links[] = {
    { "/dev/fd", "/proc/self/fd" },       { "/dev/stdin", "/proc/self/fd/0" },
    { "/dev/stdout", "/proc/self/fd/1" }, { "/dev/stderr", "/proc/self/fd/2" },
    { "/dev/core", "/proc/kcore" },
};

static fallible make(const struct device_plan *device, int root)
{
    struct error *failure = path_make_node(root, device->path, &device->node);
    if (error_is_errno(failure, EEXIST)) {
        errno = EEXIST;
        failure = error_errno(ERROR_PATH, "%s is there, and is another file than the device asked",
                              device->path);
    }
    return device->field ? error_field(failure, "%s", device->field) : failure;
}

fallible devices_apply(const struct devices_plan *plan, int root)
{
    for (uint32_t i = 0; i < plan->n; i++)
        try(make(&plan->v[i], root));
    for (size_t i = 0; plan->has_links && i < LENGTH(links); i++)
        try(path_make_link(root, links[i].path, links[i].target));
    if (plan->has_ptmx)
        try(path_make_link(root, "/dev/ptmx", "pts/ptmx"));
    return OK;
}
