/* SPDX-License-Identifier: Apache-2.0 */
/* The network in the storyboard of the host.  For linux.netDevices the host stays where it is: it
 * speaks to the container's network through a socket that init has opened there.  That also keeps
 * the network, and the devices in it, until it is clear that nothing has to be taken back. */

#include "os/network.h"

#include <errno.h>

#include "base/cleanup.h"
#include "launch/host.h"
#include "namespace/loopback.h"
#include "os/netlink.h"

/* Nothing of the container's runs yet: only init is there.  One that is about to end has no network
 * any more; it is missed at the next meeting, where it is known how that came. */
fallible network_bring_up_loopback(struct launch *launch)
{
    int own;
    struct error *error = network_enter(launch->host->pidfd, &own);

    if (error)
        return error_forget_if(error, ESRCH) ? OK : error;
    return network_return(&own, loopback_bring_up());
}

void network_close(struct launch *launch)
{
    close_fd(&launch->host->net_sockets.outside);
    close_fd(&launch->host->net_sockets.inside);
}

fallible network_find_devices(struct launch *launch)
{
    struct host *host = launch->host;
    int *outside = &host->net_sockets.outside;

    try(netlink_open(outside));
    struct error *error = net_devices_find(&host->net_devices, *outside, host->arena);
    if (error)
        network_close(launch);
    return error;
}

fallible network_move_devices(struct launch *launch)
{
    struct host *host = launch->host;

    try(channel_hear_descriptor(launch->channel, &host->net_sockets.inside));
    try(netlink_adopt(host->net_sockets.inside));
    return net_devices_move(&host->net_devices, &host->net_sockets);
}

/* A process of the container that lives might be quicker: delete a device, and make another with
 * its number.  The socket keeps the network. */
void network_take_back(struct launch *launch)
{
    birth_end(launch->host);
    net_devices_take_back(&launch->host->net_devices, &launch->host->net_sockets);
}
