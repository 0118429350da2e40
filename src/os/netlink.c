/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the kernel over netlink; serves linux.netDevices.  What surprises: whoever may use
 * the socket's namespace may send to it as well, so that it matters who has sent. */
#include "os/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { ANSWER_SIZE = 1 << 15 /* the most that the kernel puts into one */ };

static fallible set_option(int socket, int option, int value, const char *what)
{
    if (setsockopt(socket, SOL_NETLINK, option, &value, sizeof(value)))
        return error_system("%s", what);
    return OK;
}

/* The kernel's words for an error, without our request; and only what was asked for. */
fallible netlink_adopt(int socket)
{
    try(set_option(socket, NETLINK_EXT_ACK, 1, "ask for extended answers"));
    try(set_option(socket, NETLINK_CAP_ACK, 1, "ask for short answers"));
    return set_option(socket, NETLINK_GET_STRICT_CHK, 1, "ask for filtered answers");
}

fallible netlink_open(int *fd)
{
    auto_close int opened = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (opened < 0)
        return error_system("open a socket for network devices");
    try(netlink_adopt(opened));
    *fd = take_fd(&opened);
    return OK;
}

fallible netlink_listen(int socket, int group, bool is_wanted)
{
    return set_option(socket, is_wanted ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP, group,
                      "listen to notices");
}

void *netlink_begin(union netlink_request *request, uint16_t type, uint16_t flags, size_t size)
{
    static uint32_t count;

    memset(request, 0, sizeof(*request));
    request->header = (struct nlmsghdr){
        .nlmsg_len = (uint32_t) NLMSG_LENGTH(size),
        .nlmsg_type = type,
        .nlmsg_flags = NLM_F_REQUEST | flags,
        .nlmsg_seq = ++count,
    };
    return NLMSG_DATA(request);
}

void netlink_add(union netlink_request *request, uint16_t type, const void *data, size_t size)
{
    size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
    const struct rtattr attribute = { .rta_len = (uint16_t) RTA_LENGTH(size), .rta_type = type };

    memcpy(request->bytes + at, &attribute, sizeof(attribute));
    memcpy(request->bytes + at + RTA_LENGTH(0), data, size);
    request->header.nlmsg_len = (uint32_t) (at + RTA_LENGTH(size));
}

/* What follows LENGTH of LEFT bytes. */
static const void *step_over(const void *at, size_t length, int *left)
{
    *left -= (int) length;
    return (const char *) at + length;
}

const struct rtattr *netlink_next(const struct rtattr *at, int *left)
{
    return step_over(at, RTA_ALIGN(at->rta_len), left);
}

const void *netlink_find_among(const void *attributes, size_t size, uint16_t type, size_t least)
{
    const struct rtattr *at = attributes;

    for (int left = (int) size; RTA_OK(at, left); at = netlink_next(at, &left))
        if ((at->rta_type & NLA_TYPE_MASK) == type && RTA_PAYLOAD(at) >= least)
            return RTA_DATA(at);
    return NULL;
}

const void *netlink_find(const struct nlmsghdr *message, size_t body, uint16_t type, size_t least)
{
    size_t before = NLMSG_SPACE(body);

    if (message->nlmsg_len < before)
        return NULL;
    return netlink_find_among((const char *) message + before, message->nlmsg_len - before, type,
                              least);
}

/* The answer's end: errno's number, negative, and maybe the kernel's words. */
static fallible read_end(const struct nlmsghdr *message)
{
    const struct nlmsgerr *end = NLMSG_DATA(message);
    const char *words = NULL;

    if (message->nlmsg_len < NLMSG_LENGTH(sizeof(end->error)))
        return error_new(ERROR_PROTOCOL, "the kernel ends with %u bytes", message->nlmsg_len);
    if (end->error >= 0)
        return OK;
    if (message->nlmsg_type == NLMSG_ERROR && message->nlmsg_flags & NLM_F_ACK_TLVS)
        words = netlink_find(message, sizeof(*end), NLMSGERR_ATTR_MSG, 1);
    errno = -end->error;
    if (!words)
        return error_system("the kernel refuses");
    return error_system("%.*s", (int) strnlen(words, 128), words);
}

/* How far an answer has come. */
struct progress {
    bool is_end, is_interrupted;
};

static bool is_whole(const struct nlmsghdr *message, int left)
{
    return left >= (int) sizeof(*message) && message->nlmsg_len >= sizeof(*message) &&
           message->nlmsg_len <= (unsigned) left;
}

static fallible take_messages(const struct netlink_exchange *exchange, const char *bytes,
                              size_t size, struct progress *progress)
{
    const struct nlmsghdr *message = (const void *) bytes;
    int left = (int) size;

    for (; is_whole(message, left);
         message = step_over(message, NLMSG_ALIGN(message->nlmsg_len), &left)) {
        bool is_ours = message->nlmsg_seq == exchange->request->header.nlmsg_seq;
        progress->is_interrupted |= is_ours && message->nlmsg_flags & NLM_F_DUMP_INTR;
        progress->is_end =
            is_ours && (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE);
        if (progress->is_end)
            return read_end(message);
        if (exchange->take && (is_ours || exchange->hears_notices))
            try(exchange->take(message, exchange->context));
    }
    return OK;
}

static fallible receive(const struct netlink_exchange *exchange, struct progress *progress)
{
    static _Alignas(struct nlmsghdr) char bytes[ANSWER_SIZE];
    struct sockaddr_nl sender = { 0 };
    socklen_t length = sizeof(sender);
    ssize_t got = recvfrom(exchange->socket, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC,
                           (struct sockaddr *) &sender, &length);

    if (got < 0)
        return error_system("hear the kernel's answer");
    if (sender.nl_pid) /* a process sends to us */
        return OK;
    if ((size_t) got > sizeof(bytes))
        return error_new(ERROR_PROTOCOL, "the kernel's answer has %zd bytes", got);
    return take_messages(exchange, bytes, (size_t) got, progress);
}

/* What is left of an exchange that has failed would keep the answers of the next one out. */
static void drain(int socket)
{
    char byte;

    while (recv(socket, &byte, sizeof(byte), MSG_DONTWAIT) >= 0 || errno == ENOBUFS)
        continue;
}

static fallible hear_answer(const struct netlink_exchange *exchange, struct progress *progress)
{
    struct error *error = OK;

    while (!error && !progress->is_end)
        error = receive(exchange, progress);
    if (error && !progress->is_end)
        drain(exchange->socket);
    return error;
}

/* Without an address the kernel would look at the rights of whoever has opened the socket as well
 * (netlink_ns_capable()), who may be root of a user namespace alone. */
fallible netlink_perform(const struct netlink_exchange *exchange)
{
    const struct nlmsghdr *header = &exchange->request->header;
    const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
    struct progress progress = { false, false };

    if (sendto(exchange->socket, header, header->nlmsg_len, 0, (const struct sockaddr *) &kernel,
               sizeof(kernel)) < 0)
        return error_call(error_system("ask the kernel"), CALL_SENDTO, NULL);
    try(error_call(hear_answer(exchange, &progress), CALL_SENDTO, NULL));
    if (!progress.is_interrupted)
        return OK;
    errno = EINTR;
    return error_system("it changes while it is read");
}
