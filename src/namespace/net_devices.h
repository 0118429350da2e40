/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "os/route.h"

struct arena;
struct oci_linux;

/* linux.netDevices (config-linux.md#network-devices): devices of the host that become the
 * container's. */
struct net_device {
    const char *name;   /* on the host */
    const char *wanted; /* inside; NULL for the same, "eth%d" for one that the kernel finds */
    struct route_link outside, inside;
    struct route_address *addresses;
    struct route_entry *routes; /* of the host, for when it comes back */
    bool has_left;              /* the host, for the container's namespace */
};
struct net_devices_plan {
    struct net_device *v;
    uint32_t n;
};

/* The sockets through which both sides are spoken to (os/netlink.h). */
struct net_devices_sockets {
    int outside, inside;
};

/* "%d", once, is for the kernel to fill in. */
bool net_devices_is_template(const char *name);

/* Names that are none, or are there twice, are ERROR_CONFIG, and so are devices for a container
 * that HAS_NETWORK says to share the host's network.  LINUX_ may be NULL. */
fallible net_devices_plan(const struct oci_linux *linux_, bool has_network, struct arena *arena,
                          struct net_devices_plan *plan);

/* On the host, before anything is made: finds them all, with their addresses (arena). */
fallible net_devices_find(const struct net_devices_plan *plan, int outside, struct arena *arena);

/* On the host: moves them from outside to inside, gives them their addresses there, and sets them
 * up.  On failure those that have left come back. */
fallible net_devices_move(const struct net_devices_plan *plan,
                          const struct net_devices_sockets *sockets);

/* Takes back what can be, wherever the caller is by now: warns of the rest. */
void net_devices_take_back(const struct net_devices_plan *plan,
                           const struct net_devices_sockets *sockets);

/* Inside: a socket that speaks of the caller's network namespace, for the host. */
fallible net_devices_open_socket(int *socket);
