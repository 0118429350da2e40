/* SPDX-License-Identifier: Apache-2.0 */
/* Which boot this is; serves records of containers that outlive one. */

#include "os/boot.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"

void boot_read_id(char id[BOOT_ID_SIZE])
{
    auto_close int fd =
        openat(AT_FDCWD, "/proc/sys/kernel/random/boot_id", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, id, BOOT_ID_SIZE - 1);

    id[got == BOOT_ID_SIZE - 1 ? got : 0] = '\0';
}
