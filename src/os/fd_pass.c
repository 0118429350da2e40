/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors that go from one process to another (unix(7), SCM_RIGHTS); serves process.terminal.
 *
 * What surprises: a descriptor travels only with bytes, and room for one more than is wanted has to
 * be offered, since the kernel closes what does not fit and says no more than that.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "os/fd.h"

enum { MOST_RECEIVED = 2 };

union control {
    char bytes[CMSG_SPACE(MOST_RECEIVED * sizeof(int))];
    struct cmsghdr header;
};

fallible fd_send(int socket, const char *text, int fd)
{
    union control control = { .bytes = "" };
    struct iovec payload = { (char *) text, strlen(text) };
    struct msghdr message = {
        .msg_iov = &payload,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = CMSG_SPACE(sizeof(int)),
    };
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
    ssize_t sent;
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return error_system("send a descriptor");
    if ((size_t) sent != payload.iov_len)
        return error_new(ERROR_PROTOCOL, "sent %zd of %zu bytes with a descriptor", sent,
                         payload.iov_len);
    return OK;
}

/* How many descriptors came, the first of them in FDS; all are the caller's. */
static size_t read_rights(struct msghdr *message, int *fds)
{
    struct cmsghdr *rights = CMSG_FIRSTHDR(message);
    if (!rights || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
        return 0;
    size_t size = rights->cmsg_len - CMSG_LEN(0);
    memcpy(fds, CMSG_DATA(rights), size);
    return size / sizeof(int);
}

fallible fd_receive(int socket, int *fd)
{
    union control control;
    char bytes[64];
    struct iovec payload = { bytes, sizeof(bytes) };
    struct msghdr message = {
        .msg_iov = &payload,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };
    int fds[MOST_RECEIVED];
    ssize_t got;

    do
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_system("receive a descriptor");
    size_t count = read_rights(&message, fds);
    if (got > 0 && count == 1 && !(message.msg_flags & MSG_CTRUNC)) {
        *fd = fds[0];
        return OK;
    }
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
    return error_new(ERROR_PROTOCOL, "received %zu descriptors with %zd bytes", count, got);
}
