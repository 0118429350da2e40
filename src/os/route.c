/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network devices and their addresses; serves linux.netDevices.
 *
 * What surprises: the index of a device may change when it is moved, and the name as well.  The one
 * place where the kernel tells the new index is the notice to those who listen in the namespace
 * that the device leaves; it comes before the answer.
 */
#include "os/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "os/netlink.h"

enum {
    ADDRESS_SIZE = 768,
    DUMPS = 20,     /* trials, while others change what is read */
    IMMUTABLE = 67, /* IFLA_NETNS_IMMUTABLE */
};

static fallible take_link(const struct nlmsghdr *message, void *context)
{
    const struct ifinfomsg *info = NLMSG_DATA(message);
    struct route_link *link = context;
    const char *name = netlink_find(message, sizeof(*info), IFLA_IFNAME, 1);
    const uint32_t *master = netlink_find(message, sizeof(*info), IFLA_MASTER, sizeof(*master));
    const uint8_t *immutable = netlink_find(message, sizeof(*info), IMMUTABLE, sizeof(*immutable));

    if (message->nlmsg_type != RTM_NEWLINK || !name)
        return OK;
    *link = (struct route_link){
        .index = info->ifi_index,
        .master = master ? (int) *master : 0,
        .is_up = info->ifi_flags & IFF_UP,
        .is_immutable = immutable && *immutable,
    };
    text_format(link->name, sizeof(link->name), "%s", name);
    return OK;
}

static fallible get_link(int socket, int index, const char *name, struct route_link *link)
{
    union netlink_request request;
    struct route_link found = { 0 };
    const struct netlink_exchange exchange = { socket, &request, take_link, &found, false };
    const uint32_t mask = RTEXT_FILTER_SKIP_STATS;

    struct ifinfomsg *info = netlink_begin(&request, RTM_GETLINK, NLM_F_ACK, sizeof(*info));
    info->ifi_index = index;
    netlink_add(&request, IFLA_EXT_MASK, &mask, sizeof(mask));
    if (name)
        netlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
    try(netlink_perform(&exchange));
    if (!found.index)
        return error_new(ERROR_PROTOCOL, "the kernel answers without a device");
    *link = found;
    return OK;
}

fallible route_find_link(int socket, const char *name, struct route_link *link)
{
    return get_link(socket, 0, name, link);
}

fallible route_read_link(int socket, int index, struct route_link *link)
{
    return get_link(socket, index, NULL, link);
}

struct address_list {
    int index; /* of the device */
    struct arena *arena;
    struct route_address *first;
};

/* The header has room for eight flags only, which are enough here. */
static bool is_permanent(const struct ifaddrmsg *address)
{
    return address->ifa_flags & IFA_F_PERMANENT;
}

/* In the order in which they have to be added: of addresses of IPv6 the kernel puts each new one
 * before the others. */
static void link_address(struct address_list *list, struct route_address *address, bool is_first)
{
    struct route_address **at = &list->first;

    while (*at && !is_first)
        at = &(*at)->next;
    address->next = *at;
    *at = address;
}

static fallible take_address(const struct nlmsghdr *message, void *context)
{
    const struct ifaddrmsg *address = NLMSG_DATA(message);
    struct address_list *list = context;
    struct route_address *made;
    char *bytes;

    if (message->nlmsg_type != RTM_NEWADDR || message->nlmsg_len < NLMSG_SPACE(sizeof(*address)) ||
        address->ifa_index != (uint32_t) list->index || address->ifa_scope != RT_SCOPE_UNIVERSE ||
        !is_permanent(address))
        return OK;
    size_t size = message->nlmsg_len - NLMSG_HDRLEN;
    if (size > ADDRESS_SIZE)
        return error_new(ERROR_PROTOCOL, "an address of %zu bytes", size);
    try_new(made, list->arena, 1);
    try_new(bytes, list->arena, size);
    memcpy(bytes, address, size);
    *made = (struct route_address){ .size = size, .bytes = bytes };
    link_address(list, made, address->ifa_family == AF_INET6);
    return OK;
}

fallible route_read_addresses(int socket, int index, struct arena *arena,
                              struct route_address **first)
{
    union netlink_request request;
    struct address_list list;
    const struct netlink_exchange exchange = { socket, &request, take_address, &list, false };
    struct error *error;
    int trial = 0;

    do {
        list = (struct address_list){ .index = index, .arena = arena };
        struct ifaddrmsg *body = netlink_begin(&request, RTM_GETADDR, NLM_F_DUMP, sizeof(*body));
        body->ifa_index = (uint32_t) index;
        error = netlink_perform(&exchange);
    } while (++trial < DUMPS && error_forget_if(error, EINTR));
    try(error);
    *first = list.first;
    return OK;
}

/* What the kernel makes of labels when a device gets another name: "eth0:1" becomes "net0:1". */
static void change_label(const char *label, const struct route_link *from,
                         const struct route_link *to, char changed[IFNAMSIZ])
{
    size_t length = strlen(from->name);
    bool is_named = text_starts(label, from->name) && (!label[length] || label[length] == ':');

    text_format(changed, IFNAMSIZ, "%s", label);
    if (is_named && strlen(to->name) + strlen(label + length) < IFNAMSIZ)
        text_format(changed, IFNAMSIZ, "%s%s", to->name, label + length);
}

static fallible explain_address(struct error *error, const struct route_address *address)
{
    const struct ifaddrmsg *body = address->bytes;
    size_t before = NLMSG_ALIGN(sizeof(*body)), after = address->size - before;
    const char *attributes = (const char *) address->bytes + before;
    size_t least = body->ifa_family == AF_INET6 ? 16 : 4;
    const void *number = netlink_find_among(attributes, after, IFA_LOCAL, least);
    char text[INET6_ADDRSTRLEN] = "?";

    if (!number)
        number = netlink_find_among(attributes, after, IFA_ADDRESS, least);
    if (number && (body->ifa_family == AF_INET || body->ifa_family == AF_INET6))
        inet_ntop(body->ifa_family, number, text, sizeof(text));
    return error_within(error, "the address %s/%u of family %u", text, body->ifa_prefixlen,
                        body->ifa_family);
}

/* One attribute of an address, as it has to be said to the kernel. */
static void add_attribute(union netlink_request *request, const struct rtattr *attribute,
                          const struct route_link *from, const struct route_link *to)
{
    const struct ifaddrmsg *body = NLMSG_DATA(request);
    const char *text = RTA_DATA(attribute);
    char label[IFNAMSIZ], changed[IFNAMSIZ];
    struct ifa_cacheinfo times;

    if (attribute->rta_type == IFA_LABEL) {
        text_format(label, sizeof(label), "%.*s", (int) RTA_PAYLOAD(attribute), text);
        change_label(label, from, to, changed);
        netlink_add(request, IFA_LABEL, changed, strlen(changed) + 1);
    } else if (attribute->rta_type == IFA_CACHEINFO && RTA_PAYLOAD(attribute) >= sizeof(times)) {
        /* Of IPv4 the kernel tells by a flag alone that no more use is wanted. */
        memcpy(&times, text, sizeof(times));
        if (body->ifa_flags & IFA_F_DEPRECATED)
            times.ifa_prefered = 0;
        netlink_add(request, IFA_CACHEINFO, &times, sizeof(times));
    } else {
        netlink_add(request, attribute->rta_type, text, RTA_PAYLOAD(attribute));
    }
}

fallible route_add_address(int socket, const struct route_link *from, const struct route_link *to,
                           const struct route_address *address)
{
    union netlink_request request;
    const struct netlink_exchange exchange = { socket, &request, NULL, NULL, false };
    size_t before = NLMSG_ALIGN(sizeof(struct ifaddrmsg));
    const struct rtattr *at = (const void *) ((const char *) address->bytes + before);

    struct ifaddrmsg *body =
        netlink_begin(&request, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, sizeof(*body));
    memcpy(body, address->bytes, sizeof(*body));
    body->ifa_index = (uint32_t) to->index;
    for (int left = (int) (address->size - before); RTA_OK(at, left); at = netlink_next(at, &left))
        add_attribute(&request, at, from, to);
    struct error *error = netlink_perform(&exchange);
    return error ? explain_address(error, address) : OK;
}

struct departure {
    int index, new_index;
};

static fallible take_departure(const struct nlmsghdr *message, void *context)
{
    const struct ifinfomsg *info = NLMSG_DATA(message);
    struct departure *departure = context;
    const int32_t *index = netlink_find(message, sizeof(*info), IFLA_NEW_IFINDEX, sizeof(*index));

    if (message->nlmsg_type == RTM_DELLINK && info->ifi_index == departure->index && index)
        departure->new_index = *index;
    return OK;
}

fallible route_move_link(int socket, int index, int to, const char *name, int *new_index)
{
    union netlink_request request;
    struct departure departure = { .index = index };
    const struct netlink_exchange exchange = { socket, &request, take_departure, &departure, true };

    *new_index = 0;
    auto_close int network = ioctl(to, SIOCGSKNS);
    if (network < 0)
        return error_call(error_system("find where it is to go"), CALL_IOCTL, NULL);
    try(netlink_listen(socket, RTNLGRP_LINK, true));
    struct ifinfomsg *info = netlink_begin(&request, RTM_SETLINK, NLM_F_ACK, sizeof(*info));
    info->ifi_index = index;
    netlink_add(&request, IFLA_NET_NS_FD, &network, sizeof(network));
    if (name)
        netlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
    struct error *error = netlink_perform(&exchange);
    *new_index = departure.new_index;
    struct error *deaf = netlink_listen(socket, RTNLGRP_LINK, false);
    error_forget(error ? deaf : OK);
    try(error ? error : deaf);
    if (!departure.new_index)
        return error_new(ERROR_PROTOCOL, "the kernel does not say where the device is now");
    return OK;
}

fallible route_raise_link(int socket, int index)
{
    union netlink_request request;
    const struct netlink_exchange exchange = { socket, &request, NULL, NULL, false };

    struct ifinfomsg *info = netlink_begin(&request, RTM_SETLINK, NLM_F_ACK, sizeof(*info));
    info->ifi_index = index;
    info->ifi_flags = info->ifi_change = IFF_UP;
    return netlink_perform(&exchange);
}

fallible route_join_master(int socket, int index, int master)
{
    union netlink_request request;
    const struct netlink_exchange exchange = { socket, &request, NULL, NULL, false };
    const uint32_t number = (uint32_t) master;

    struct ifinfomsg *info = netlink_begin(&request, RTM_SETLINK, NLM_F_ACK, sizeof(*info));
    info->ifi_index = index;
    netlink_add(&request, IFLA_MASTER, &number, sizeof(number));
    return netlink_perform(&exchange);
}
