/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A seccomp agent: listens at a socket, takes what a runtime sends there, and answers for it.
 *
 *     seccomp_agent SOCKET OUTPUT allow            every call goes on
 *     seccomp_agent SOCKET OUTPUT NUMBER ERRNO     call NUMBER fails with ERRNO, others go on
 *     seccomp_agent SOCKET OUTPUT silent           hears every call, and never answers
 *     seccomp_agent SOCKET OUTPUT close            closes the listener at once
 *     seccomp_agent SOCKET OUTPUT refuse           closes the connection without reading all of it
 *
 * OUTPUT gets the state as it was sent, and behind it, one a line: `fds=COUNT` for each message,
 * `listener=ok` if that is what the first descriptor is, `end` at the end of the connection, and
 * `call=NUMBER` for each notification.  It ends with the last process under the filter.  SOCKET is
 * there when it is ready.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static FILE *output;

static int fail(const char *what)
{
    fprintf(stderr, "seccomp_agent: %s: %s\n", what, strerror(errno));
    return 1;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char unready[sizeof(address.sun_path)];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(unready, sizeof(unready), "%s.new", path);
    memcpy(address.sun_path, unready, sizeof(unready));
    if (fd < 0 || bind(fd, (const void *) &address, sizeof(address)) || listen(fd, 1) ||
        rename(unready, path))
        exit(fail(path));
    return fd;
}

/* Returns the bytes of one message, and the descriptor that came with it. */
static ssize_t receive(int connection, int *listener)
{
    char text[4096], control[256];
    struct iovec part = { text, sizeof(text) };
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof(control),
    };
    ssize_t length = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    size_t count = 0;

    if (length < 0)
        exit(fail("receive"));
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(listener, CMSG_DATA(header), sizeof(int));
    }
    if (length > 0)
        fprintf(output, "%.*s\nfds=%zu\n", (int) length, text, count);
    return length;
}

static int take(int connection)
{
    int listener = -1;
    __u64 none = 0;

    while (receive(connection, &listener) > 0) {
    }
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &none) < 0 && errno == ENOENT)
        fprintf(output, "listener=ok\n");
    fprintf(output, "end\n");
    fflush(output);
    return listener;
}

static bool is_silent;

/* False when there is nobody left who could ask. */
static bool answer(int listener, int denied, int error)
{
    struct pollfd word = { .fd = listener, .events = POLLIN };
    struct seccomp_notif asked = { 0 };
    struct seccomp_notif_resp answered = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

    if (poll(&word, 1, -1) < 0 || !(word.revents & POLLIN))
        return false;
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
        return errno == ENOENT || errno == EINTR; /* killed in the meantime */
    fprintf(output, "call=%d\n", asked.data.nr);
    fflush(output);
    if (is_silent)
        return true;
    answered.id = asked.id;
    if (asked.data.nr == denied) {
        answered.flags = 0;
        answered.error = -error;
    }
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answered);
    return true;
}

int main(int count, char **arguments)
{
    int server, connection, listener, denied = -1, error = 0;

    if (count < 4)
        return 64;
    output = fopen(arguments[2], "we");
    if (!output)
        return fail(arguments[2]);
    if (count > 4) {
        denied = atoi(arguments[3]);
        error = atoi(arguments[4]);
    }
    server = listen_at(arguments[1]);
    connection = accept4(server, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0)
        return fail("accept");
    if (strcmp(arguments[3], "refuse") == 0) {
        int ignored = -1;
        receive(connection, &ignored);
        return 0;
    }
    is_silent = strcmp(arguments[3], "silent") == 0;
    listener = take(connection);
    if (listener < 0 || strcmp(arguments[3], "close") == 0)
        return 0;
    while (answer(listener, denied, error)) {
    }
    return 0;
}
