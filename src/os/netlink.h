/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Requests to the kernel over a socket of NETLINK_ROUTE (netlink(7)).  What such a socket speaks of
 * is the network namespace in which it was opened, wherever it is used.  The rights that count are
 * the user's, not of whoever has opened it.  The kernel answers at once: nothing here waits.
 */

enum { NETLINK_REQUEST_SIZE = 1024 };

union netlink_request {
    struct nlmsghdr header;
    char bytes[NETLINK_REQUEST_SIZE];
};

/* A request, and who looks at the messages that come before the end of its answer. */
struct netlink_exchange {
    int socket;
    union netlink_request *request;
    struct error *(*take)(const struct nlmsghdr *message, void *context); /* or NULL */
    void *context;
    bool hears_notices; /* also those that nobody has asked for */
};

fallible netlink_open(int *socket);

/* Makes a socket that somebody else has opened like one of netlink_open(). */
fallible netlink_adopt(int socket);

/* Hears the notices of a group (RTNLGRP_*), or no longer. */
fallible netlink_listen(int socket, int group, bool is_wanted);

/* Begins a request whose body has SIZE bytes; gives the body, zeroed. */
void *netlink_begin(union netlink_request *request, uint16_t type, uint16_t flags, size_t size);

/* The caller sees to it that there is room. */
void netlink_add(union netlink_request *request, uint16_t type, const void *data, size_t size);

/* Asks, and hears the answer to its end.  An error has errno's number, and the kernel's words if it
 * has some.  EINTR: what is listed has changed meanwhile. */
fallible netlink_perform(const struct netlink_exchange *exchange);

/* The attribute behind AT; LEFT is how many bytes there are from AT on, and then from that one. */
const struct rtattr *netlink_next(const struct rtattr *at, int *left);

/* The data of the first attribute of TYPE that has LEAST bytes, in a message whose body has BODY
 * bytes, or among SIZE bytes of attributes; NULL if there is none. */
const void *netlink_find(const struct nlmsghdr *message, size_t body, uint16_t type, size_t least);
const void *netlink_find_among(const void *attributes, size_t size, uint16_t type, size_t least);
