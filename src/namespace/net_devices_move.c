/* SPDX-License-Identifier: Apache-2.0 */
/* linux.netDevices, carried out by the host.  A device that is moved keeps what is its own (mtu,
 * hardware address, alias) and loses what the namespace knew of it: its addresses, and that it was
 * up.  The addresses that are permanent and global are put back, with all that the kernel had said
 * of them. */

#include <errno.h>

#include "base/error_names.h"
#include "base/log.h"
#include "base/text.h"
#include "namespace/net_devices.h"

static const char field[] = "linux.netDevices";

static fallible explain(struct error *error, const struct net_device *device)
{
    int number = error ? error->number : 0;

    error = error_field(error_within(error, "'%s'", device->name), "%s.%s", field, device->name);
    if (number == EPERM)
        return error_hint(error, "it takes CAP_NET_ADMIN over the network namespaces of the host "
                                 "and of the container");
    if (number == ENODEV)
        return error_hint(error, "'ip link' lists those of the host");
    return error;
}

static fallible find_device(struct net_device *device, int outside, struct arena *arena)
{
    try(route_find_link(outside, device->name, &device->outside));
    if (device->outside.is_immutable)
        return error_new(ERROR_UNSUPPORTED, "it cannot leave its network namespace");
    try(route_read_addresses(outside, device->outside.index, arena, &device->addresses));
    return route_read_routes(outside, device->outside.index, arena, &device->routes);
}

/* A device has several names if one says so (ip-link(8), altname). */
static fallible check_twice(const struct net_devices_plan *plan, uint32_t i)
{
    for (uint32_t j = 0; j < i; j++)
        if (plan->v[j].outside.index == plan->v[i].outside.index)
            return error_new(ERROR_CONFIG, "it is the same device as '%s'", plan->v[j].name);
    return OK;
}

fallible net_devices_find(const struct net_devices_plan *plan, int outside, struct arena *arena)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        try(explain(find_device(&plan->v[i], outside, arena), &plan->v[i]));
        try(explain(check_twice(plan, i), &plan->v[i]));
    }
    return OK;
}

/* The kernel would find out behind the move. */
static fallible check_free(const char *name, int inside)
{
    struct route_link other;
    struct error *error = route_find_link(inside, name, &other);

    if (error_forget_if(error, ENODEV))
        return OK;
    try(error);
    return error_new(ERROR_CONFIG, "the container's network namespace has a '%s' already", name);
}

/* Without the notice of its departure: a device that is no longer outside is inside, under its
 * name. One whose name the kernel has chosen is not known there. */
static void find_lost(struct net_device *device, const struct net_devices_sockets *sockets,
                      const char *name)
{
    struct route_link link;
    struct error *error = route_read_link(sockets->outside, device->outside.index, &link);
    bool is_gone = error_forget_if(error, ENODEV);

    error_forget(error);
    if (!is_gone)
        return;
    error = route_find_link(sockets->inside, name, &device->inside);
    device->has_left = !error;
    if (error)
        log_warning("network device '%s' has left, and is not found: %s", device->name,
                    error_line(error));
    error_forget(error);
}

static fallible leave(struct net_device *device, const struct net_devices_sockets *sockets)
{
    const char *name = device->wanted ? device->wanted : device->outside.name;
    struct error *error;
    int index;

    if (!net_devices_is_template(name))
        try(check_free(name, sockets->inside));
    error = route_move_link(sockets->outside, device->outside.index, sockets->inside,
                            device->wanted, &index);
    device->has_left = index;
    device->inside = device->outside;
    device->inside.index = index;
    if (error && !index)
        find_lost(device, sockets, name);
    if (error && error->number == EINVAL)
        return error_hint(error, "some devices cannot leave their network namespace, as lo, "
                                 "bridges and most tunnels");
    return error;
}

static fallible restore(const struct net_device *device, int socket, const struct route_link *to)
{
    const struct route_address *address = device->addresses;

    for (; address; address = address->next)
        try(route_add_address(socket, &device->outside, to, address));
    return OK;
}

static fallible check_inside(const struct net_device *device)
{
    const char *name = device->wanted ? device->wanted : device->outside.name;

    if (!device->inside.is_up)
        return error_new(ERROR_READ_BACK, "it is not up");
    if (!net_devices_is_template(name) && !text_equal(name, device->inside.name))
        return error_new(ERROR_READ_BACK, "it is called '%s' inside, not '%s'", device->inside.name,
                         name);
    return OK;
}

static fallible move_device(struct net_device *device, const struct net_devices_sockets *sockets)
{
    int inside = sockets->inside;

    try(leave(device, sockets));
    try(route_read_link(inside, device->inside.index, &device->inside));
    try(restore(device, inside, &device->inside));
    try(route_raise_link(inside, device->inside.index));
    try(route_read_link(inside, device->inside.index, &device->inside));
    return check_inside(device);
}

fallible net_devices_move(const struct net_devices_plan *plan,
                          const struct net_devices_sockets *sockets)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        struct net_device *device = &plan->v[i];
        struct error *error = explain(move_device(device, sockets), device);
        if (error) {
            net_devices_take_back(plan, sockets);
            return error;
        }
    }
    return OK;
}

/* All that can be, though some cannot: a bridge may be gone by now, too. */
static fallible rejoin(const struct net_device *device, int socket)
{
    const struct route_link *link = &device->outside;
    struct error *error = OK, *next;

    if (link->master)
        error = error_within(route_join_master(socket, link->index, link->master),
                             "make it a port of device %d", link->master);
    for (const struct route_entry *route = device->routes; route; route = route->next) {
        next = error_within(route_add_route(socket, link->index, route), "add a route");
        error_forget(error ? next : OK);
        error = error ? error : next;
    }
    return error;
}

static fallible take_back(struct net_device *device, const struct net_devices_sockets *sockets)
{
    const char *name = device->outside.name;
    struct route_link *outside = &device->outside;
    int index;

    struct error *error =
        route_move_link(sockets->inside, device->inside.index, sockets->outside, name, &index);
    device->has_left = !index;
    try(error);
    outside->index = index;
    try(restore(device, sockets->outside, outside));
    if (outside->is_up)
        try(route_raise_link(sockets->outside, index));
    return rejoin(device, sockets->outside);
}

void net_devices_take_back(const struct net_devices_plan *plan,
                           const struct net_devices_sockets *sockets)
{
    for (uint32_t i = plan->n; i > 0; i--) {
        struct net_device *device = &plan->v[i - 1];
        struct error *error = device->has_left ? take_back(device, sockets) : OK;
        if (error)
            log_warning("take network device '%s' back: %s", device->name, error_line(error));
        error_forget(error);
    }
}
