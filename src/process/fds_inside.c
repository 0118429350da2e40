/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptors of the process.  Never a terminal, a file or a device is given away, only what
 * cannot be anybody else's business: pipes and sockets. */

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/fd.h"
#include "process/fds.h"

fallible fds_own_standard(uint32_t uid)
{
    for (int fd = 0; fd <= 2; fd++) {
        struct stat status;
        if (fstat(fd, &status) < 0)
            return error_system("look at descriptor %d", fd);
        bool is_given = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
        if (!is_given || status.st_uid == uid)
            continue;
        /* Somebody else's, no such user in our namespace, a fifo on a read-only mount: all of them
         * still work as they are. */
        if (fchown(fd, uid, (gid_t) -1) < 0 && errno != EPERM && errno != EINVAL && errno != EROFS)
            return error_system("give descriptor %d to uid %u", fd, uid);
    }
    return OK;
}

fallible fds_close_others(uint32_t preserved)
{
    if (preserved > INT_MAX - 3)
        return OK;
    return fd_inherit_none_from(3 + preserved);
}
