/* SPDX-License-Identifier: Apache-2.0 */
/* linux.netDevices, from inside: all that it takes is a socket.  The rights of the host, which uses
 * it, will count, and not ours (os/netlink.c). */

#include <linux/netlink.h>
#include <sys/socket.h>

#include "namespace/net_devices.h"

fallible net_devices_open_socket(int *fd)
{
    int opened = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (opened < 0)
        return error_system("open a socket for network devices");
    *fd = opened;
    return OK;
}
