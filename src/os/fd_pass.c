/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors that go from one process to another (unix(7), SCM_RIGHTS); serves process.terminal,
 * the channel to init and linux.seccomp.listenerPath.
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

ssize_t fd_pass(int socket, const void *bytes, size_t length, int fd)
{
    union control control = { .bytes = "" };
    struct iovec payload = { (void *) bytes, length };
    const struct msghdr message = {
        .msg_iov = &payload,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = CMSG_SPACE(sizeof(int)),
    };
    ssize_t sent;

    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent;
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

ssize_t fd_take(int socket, void *bytes, size_t size, int *fd)
{
    union control control;
    struct iovec payload = { bytes, size };
    struct msghdr message = {
        .msg_iov = &payload,
        .msg_iovlen = 1,
        .msg_control = fd ? control.bytes : NULL,
        .msg_controllen = fd ? sizeof(control.bytes) : 0,
    };
    int fds[MOST_RECEIVED] = { -1 };
    ssize_t got = recvmsg(socket, &message, MSG_TRUNC | MSG_CMSG_CLOEXEC);

    if (got < 0 || !fd)
        return got;
    size_t count = read_rights(&message, fds);
    if (count <= 1 && !(message.msg_flags & MSG_CTRUNC)) {
        *fd = fds[0];
        return got;
    }
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
    errno = count ? EPROTO : EMFILE; /* the kernel had no room for it among ours */
    return -1;
}

fallible fd_send(int socket, const char *text, int fd)
{
    size_t length = strlen(text);
    ssize_t sent = fd_pass(socket, text, length, fd);

    if (sent < 0)
        return error_system("send a descriptor");
    if ((size_t) sent != length)
        return error_new(ERROR_PROTOCOL, "sent %zd of %zu bytes with a descriptor", sent, length);
    return OK;
}

fallible fd_receive(int socket, int *fd)
{
    char bytes[64];
    auto_close int taken = -1;
    ssize_t got;

    do
        got = fd_take(socket, bytes, sizeof(bytes), &taken);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EPROTO)
        return error_new(ERROR_PROTOCOL, "received several descriptors at once");
    if (got < 0)
        return error_system("receive a descriptor");
    if (got == 0 || taken < 0)
        return error_new(ERROR_PROTOCOL, "received no descriptor with %zd bytes", got);
    *fd = take_fd(&taken);
    return OK;
}
