/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes through a network device; serves linux.netDevices.
 *
 * What surprises: they go when a device leaves, and the kernel makes those of its addresses anew;
 * of the others it says more than it wants to hear.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/allocate.h"
#include "base/list.h"
#include "os/netlink.h"
#include "os/route.h"

enum { ROUTE_SIZE = 768, DUMPS = 20 /* trials, while others change what is read */ };

struct route_list {
    int index; /* of the device */
    struct arena *arena;
    struct route_entry *first;
};

static void link_route(struct route_list *list, struct route_entry *route, bool is_first)
{
    struct route_entry **at = &list->first;

    while (*at && !is_first)
        at = &(*at)->next;
    route->next = *at;
    *at = route;
}

static bool is_wanted(const struct nlmsghdr *message, int index)
{
    const struct rtmsg *route = NLMSG_DATA(message);
    const int32_t *device = netlink_find(message, sizeof(*route), RTA_OIF, sizeof(*device));

    return message->nlmsg_type == RTM_NEWROUTE && device && *device == index &&
           route->rtm_type == RTN_UNICAST && route->rtm_protocol != RTPROT_KERNEL &&
           route->rtm_protocol != RTPROT_RA && route->rtm_protocol != RTPROT_REDIRECT &&
           !(route->rtm_flags & RTM_F_CLONED);
}

static fallible take_route(const struct nlmsghdr *message, void *context)
{
    struct route_list *list = context;
    struct route_entry *made;
    char *bytes;

    if (!is_wanted(message, list->index))
        return OK;
    size_t size = message->nlmsg_len - NLMSG_HDRLEN;
    if (size > ROUTE_SIZE)
        return error_new(ERROR_PROTOCOL, "a route of %zu bytes", size);
    try_new(made, list->arena, 1);
    try_new(bytes, list->arena, size);
    memcpy(bytes, NLMSG_DATA(message), size);
    *made = (struct route_entry){ .size = size, .bytes = bytes };
    bool has_gateway = netlink_find(message, sizeof(struct rtmsg), RTA_GATEWAY, 4) ||
                       netlink_find(message, sizeof(struct rtmsg), RTA_VIA, 2);
    link_route(list, made, !has_gateway);
    return OK;
}

static fallible read_family(int socket, uint8_t family, struct route_list *list)
{
    union netlink_request request;
    const struct netlink_exchange exchange = { socket, &request, take_route, list, false };
    struct route_entry *before = list->first;
    struct error *error;
    int trial = 0;

    do {
        list->first = before;
        struct rtmsg *body = netlink_begin(&request, RTM_GETROUTE, NLM_F_DUMP, sizeof(*body));
        body->rtm_family = family;
        netlink_add(&request, RTA_OIF, &list->index, sizeof(list->index));
        error = netlink_perform(&exchange);
    } while (++trial < DUMPS && error_forget_if(error, EINTR));
    return error;
}

/* Each family has a list of its own, since another try begins anew. */
fallible route_read_routes(int socket, int index, struct arena *arena, struct route_entry **first)
{
    static const uint8_t families[] = { AF_INET, AF_INET6 };
    struct route_entry **end = first;

    *first = NULL;
    for (size_t i = 0; i < LENGTH(families); i++) {
        struct route_list list = { .index = index, .arena = arena };
        struct error *error = read_family(socket, families[i], &list);
        /* A kernel without IPv6. */
        if (error_forget_if(error, EOPNOTSUPP))
            error_forget(error);
        else
            try(error);
        *end = list.first;
        while (*end)
            end = &(*end)->next;
    }
    return OK;
}

fallible route_add_route(int socket, int index, const struct route_entry *route)
{
    union netlink_request request;
    const struct netlink_exchange exchange = { socket, &request, NULL, NULL, false };
    size_t before = NLMSG_ALIGN(sizeof(struct rtmsg));
    const struct rtattr *at = (const void *) ((const char *) route->bytes + before);

    struct rtmsg *body = netlink_begin(&request, RTM_NEWROUTE,
                                       NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND, sizeof(*body));
    memcpy(body, route->bytes, sizeof(*body));
    body->rtm_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE; /* the rest is what the kernel has seen */
    for (int left = (int) (route->size - before); RTA_OK(at, left); at = netlink_next(at, &left))
        if (at->rta_type == RTA_OIF)
            netlink_add(&request, RTA_OIF, &index, sizeof(index));
        else if (at->rta_type != RTA_CACHEINFO)
            netlink_add(&request, at->rta_type, RTA_DATA(at), RTA_PAYLOAD(at));
    struct error *error = netlink_perform(&exchange);
    if (!error_forget_if(error, EEXIST))
        return error;
    error_forget(error);
    return OK;
}
