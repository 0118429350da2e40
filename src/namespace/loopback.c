/* SPDX-License-Identifier: Apache-2.0 */
/* A new network namespace has its loopback interface, but down, with none of the flags set that can
 * be.  Any socket will do for netdevice(7); one of AF_UNIX is there even in a kernel without IPv4.
 */

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "namespace/loopback.h"
#include "os/fd_left.h"

fallible loopback_bring_up(void)
{
    auto_leave int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_system("a socket for the interface lo");
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return error_call(error_system("bring up the interface lo"), CALL_IOCTL, "lo");
    return OK;
}
