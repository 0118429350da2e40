/* SPDX-License-Identifier: Apache-2.0 */
/* Idmapped mounts: files have other owners in one mount of a filesystem than in another.  What
 * surprises: the user namespace is no more than a table here, and nobody need live in it. */

#include <errno.h>
#include <fcntl.h>

#include "os/mount_api.h"
#include "os/mount_attributes.h"

fallible mount_map_ids(int tree, int user_namespace, bool recursive)
{
    const struct mount_attributes attributes = {
        .set = MOUNT_ATTR_IDMAP,
        .user_namespace = (uint64_t) user_namespace,
    };
    unsigned how = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
    if (syscall(SYS_mount_setattr, tree, "", how, &attributes, sizeof(attributes)))
        return error_call(error_errno(ERROR_MOUNT, "map the ids of a mount"), CALL_MOUNT_SETATTR,
                          NULL);
    return OK;
}
