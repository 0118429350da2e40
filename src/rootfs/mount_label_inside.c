/* SPDX-License-Identifier: Apache-2.0 */
/* linux.mountLabel, read back. */

#include <fcntl.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/path.h"
#include "rootfs/mount_label.h"

enum { LABEL_SIZE = 512 };

fallible mount_label_verify(const struct mount_plan *plan, int tree)
{
    char now[LABEL_SIZE] = "";
    auto_close int directory = -1;

    if (!plan->label)
        return OK;
    /* The descriptor of a mount is O_PATH, and has no attributes. */
    try(path_open(tree, "/", O_RDONLY | O_DIRECTORY, &directory));
    if (fgetxattr(directory, "security.selinux", now, sizeof(now) - 1) < 0)
        return error_errno(ERROR_MOUNT, "read the label \"%s\"", plan->label);
    if (!text_equal(now, plan->label))
        return error_new(ERROR_READ_BACK, "label \"%s\": the kernel says \"%s\"", plan->label, now);
    return OK;
}
