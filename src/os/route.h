/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct arena;

/* Network devices and their addresses (rtnetlink(7)), over sockets of os/netlink.h.  To change them
 * takes CAP_NET_ADMIN over the namespace. */

struct route_link {
    int index;
    int master; /* the index of the bridge or the like that it is a port of, or 0 */
    char name[IFNAMSIZ];
    bool is_up;
    bool is_immutable; /* it cannot leave its namespace; said by the kernel since Linux 6.15 */
};

/* An address as the kernel has told it, with all its attributes. */
struct route_address {
    struct route_address *next;
    size_t size;
    const void *bytes; /* struct ifaddrmsg, and what follows it */
};

/* By its name, or another one that it has (ENODEV if there is none), or by its index. */
fallible route_find_link(int socket, const char *name, struct route_link *link);
fallible route_read_link(int socket, int index, struct route_link *link);

/* The addresses of the device that are permanent and of global scope, of all families; added one
 * after the other they come into the kernel's order again (arena). */
fallible route_read_addresses(int socket, int index, struct arena *arena,
                              struct route_address **first);

/* Gives an address of the device FROM, of another namespace maybe, to the device TO.  A label that
 * begins with FROM's name begins with TO's then. */
fallible route_add_address(int socket, const struct route_link *from, const struct route_link *to,
                           const struct route_address *address);

/* Moves the device into the network namespace of the socket TO (SIOCGSKNS), with its addresses and
 * state lost, and names it NAME there; NULL keeps the name, "eth%d" lets the kernel choose one.
 * NEW_INDEX gets its index there, or 0 if it has not been moved, or the notice of it was lost
 * (ENOBUFS): also on failure, since the name may be refused behind the move. */
fallible route_move_link(int socket, int index, int to, const char *name, int *new_index);

/* Sets it up. */
fallible route_raise_link(int socket, int index);

/* Makes it a port of the device MASTER. */
fallible route_join_master(int socket, int index, int master);

/* A route as the kernel has told it. */
struct route_entry {
    struct route_entry *next;
    size_t size;
    const void *bytes; /* struct rtmsg, and what follows it */
};

/* The routes of IPv4 and IPv6 through the device that the kernel has not made itself, but for those
 * over several devices; those over a gateway, which others lead to, come last (arena). */
fallible route_read_routes(int socket, int index, struct arena *arena, struct route_entry **first);

/* Makes such a route again, through the device INDEX.  One that is there stays. */
fallible route_add_route(int socket, int index, const struct route_entry *route);
