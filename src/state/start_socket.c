/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start: the host's side of the socket on which init waits (runtime.md#start).
 *
 * The name outlives a `start` that is killed behind its "go"; so who asks whether init waits has to
 * connect: the listening end closes when init executes the program.
 *
 * Behind "go" it gets another name: until the startContainer hooks have run the container is still
 * created, but nobody can start it again.
 */
#include "state/start_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/channel.h"

enum { BACKLOG = 8, ROOM_TRIALS = 50, ROOM_MILLISECONDS = 100 };

static const char name[] = "start";
static const char unpublished[] = "start.new";
static const char going[] = "start.going";

/* The path of a state directory may be longer than an address: the kernel is told a short one. */
static struct sockaddr_un address_of(const struct entry *entry, const char *file)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    text_format(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", entry->directory,
                file);
    return address;
}

static int bind_unpublished(const struct entry *entry, int listener)
{
    const struct sockaddr_un address = address_of(entry, unpublished);
    int failed = bind(listener, (const void *) &address, sizeof(address));
    if (failed && errno == EADDRINUSE && !unlinkat(entry->directory, unpublished, 0))
        failed = bind(listener, (const void *) &address, sizeof(address));
    return failed;
}

fallible start_socket_open(const struct entry *entry, int *listener)
{
    auto_close int opened = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (opened < 0 || bind_unpublished(entry, opened) || listen(opened, BACKLOG))
        return error_system("make the socket for the start of container \"%s\"", entry->id);
    *listener = take_fd(&opened);
    return OK;
}

fallible start_socket_withhold(const struct entry *entry)
{
    if (mknodat(entry->directory, unpublished, S_IFREG | S_IRUSR, 0))
        return error_system("note that container \"%s\" is being made", entry->id);
    return OK;
}

fallible start_socket_publish(const struct entry *entry)
{
    if (renameat(entry->directory, unpublished, entry->directory, name))
        return error_system("publish the socket for the start of container \"%s\"", entry->id);
    return OK;
}

fallible start_socket_withdraw(const struct entry *entry)
{
    return unlinkat(entry->directory, unpublished, 0)
               ? error_system("withdraw the socket for the start of container \"%s\"", entry->id)
               : OK;
}

fallible start_socket_is_unpublished(const struct entry *entry, bool *is_unpublished)
{
    struct stat status;
    bool is_there = !fstatat(entry->directory, unpublished, &status, AT_SYMLINK_NOFOLLOW);

    if (!is_there && errno != ENOENT)
        return error_system("look whether container \"%s\" is whole", entry->id);
    *is_unpublished = is_there;
    return OK;
}

/* The queue of an init that is stopped stays full; who waits for room holds the container's lock.
 */
static fallible await_room(int *trials)
{
    struct pollfd event = { .fd = channel_interrupts, .events = POLLIN };

    if (++*trials > ROOM_TRIALS)
        return error_hint(error_new(ERROR_TIMEOUT, "init takes no connection"),
                          "its process may be stopped: kill -CONT lets it go on");
    if (poll(&event, 1, ROOM_MILLISECONDS) > 0)
        return channel_interrupt(channel_interrupts);
    return OK;
}

/* CONNECTION is -1 if there is none: errno says why.  It does not block: who hears on it waits for
 * interrupts, too. */
static fallible connect_to(const struct entry *entry, const char *file, int *connection)
{
    const struct sockaddr_un address = address_of(entry, file);
    auto_close int made = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int trials = 0;

    while (made >= 0 && connect(made, (const void *) &address, sizeof(address))) {
        if (errno != EAGAIN)
            return OK;
        try(await_room(&trials));
    }
    *connection = take_fd(&made);
    return OK;
}

/* A socket that could not be connected may try again. */
static fallible look_behind(const struct entry *entry, const char *file, int connection,
                            bool *is_listening)
{
    const struct sockaddr_un address = address_of(entry, file);

    /* An init that is frozen or runs hooks accepts nothing, and its queue may be full. */
    *is_listening =
        !connect(connection, (const void *) &address, sizeof(address)) || errno == EAGAIN;
    return *is_listening || errno == ENOENT || errno == ECONNREFUSED
               ? OK
               : error_system("look whether the init of container \"%s\" waits", entry->id);
}

fallible start_socket_is_waiting(const struct entry *entry, bool *is_waiting)
{
    auto_close int connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connection < 0)
        return error_system("make a socket to the init of container \"%s\"", entry->id);

    try(look_behind(entry, name, connection, is_waiting));
    return *is_waiting ? OK : look_behind(entry, going, connection, is_waiting);
}

static bool is_there(const struct entry *entry, const char *file)
{
    struct stat status;

    return !fstatat(entry->directory, file, &status, AT_SYMLINK_NOFOLLOW);
}

bool start_socket_is_left(const struct entry *entry)
{
    return is_there(entry, name);
}

bool start_socket_is_going(const struct entry *entry)
{
    return is_there(entry, going);
}

/* Killed between the two, we leave a name behind which nobody listens once the program runs. */
static fallible go(const struct entry *entry, int connection)
{
    try(channel_release(connection));
    if (renameat(entry->directory, name, entry->directory, going))
        return error_system("note that container \"%s\" is being started", entry->id);
    return OK;
}

fallible start_socket_say_go(const struct entry *entry, int *connection)
{
    auto_close int connected = -1;

    try(connect_to(entry, name, &connected));
    if (connected < 0 && errno == ENOENT)
        return error_new(ERROR_STATE, "cannot start an already running container");
    if (connected < 0 && errno != ECONNREFUSED)
        return error_system("reach the init of container \"%s\"", entry->id);

    struct error *failed = connected < 0
                               ? error_new(ERROR_STATE, "cannot start a container that has stopped")
                               : go(entry, connected);
    if (failed)
        unlinkat(entry->directory, name, 0);
    else
        *connection = take_fd(&connected);
    return failed;
}

fallible start_socket_hear_end(const struct entry *entry, int connection)
{
    struct error *failed = channel_hear_end(connection, NULL, NULL);
    unlinkat(entry->directory, going, 0);
    return failed;
}
