/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start: the host's side of the socket on which init waits (runtime.md#start).
 *
 * "Go" is one datagram, with the end of a connection in it: nobody can keep init by half of it.
 *
 * The name outlives a `start` that is killed behind its "go"; so who asks whether init waits has to
 * connect, which leaves no trace: init's end closes when it executes the program.
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

enum { ROOM_TRIALS = 50, ROOM_MILLISECONDS = 100 };

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

static int bind_unpublished(const struct entry *entry, int bound)
{
    const struct sockaddr_un address = address_of(entry, unpublished);
    int failed = bind(bound, (const void *) &address, sizeof(address));
    if (failed && errno == EADDRINUSE && !unlinkat(entry->directory, unpublished, 0))
        failed = bind(bound, (const void *) &address, sizeof(address));
    return failed;
}

/* What it does waits for nothing. */
static int make_socket(void)
{
    return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

fallible start_socket_open(const struct entry *entry, int *bound)
{
    auto_close int opened = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (opened < 0 || bind_unpublished(entry, opened))
        return error_system("make the socket for the start of container \"%s\"", entry->id);
    *bound = take_fd(&opened);
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

static fallible look_for(const struct entry *entry, const char *file, bool *is_there)
{
    struct stat status;

    *is_there = !fstatat(entry->directory, file, &status, AT_SYMLINK_NOFOLLOW);
    return *is_there || errno == ENOENT
               ? OK
               : error_system("look for %s of container \"%s\"", file, entry->id);
}

fallible start_socket_is_unpublished(const struct entry *entry, bool *is_unpublished)
{
    return look_for(entry, unpublished, is_unpublished);
}

/* The queue of an init that is stopped may be full, of what others have sent; who waits for room
 * holds the container's lock. */
static fallible await_room(int *trials)
{
    struct pollfd event = { .fd = channel_interrupts, .events = POLLIN };

    if (++*trials > ROOM_TRIALS)
        return error_hint(error_new(ERROR_TIMEOUT, "init takes no word"),
                          "its process may be stopped: kill -CONT lets it go on");
    if (poll(&event, 1, ROOM_MILLISECONDS) > 0)
        return channel_interrupt(channel_interrupts);
    return OK;
}

/* False, with errno, if nobody is behind the name. */
static bool reaches(const struct entry *entry, const char *file, int from)
{
    const struct sockaddr_un address = address_of(entry, file);

    return !connect(from, (const void *) &address, sizeof(address));
}

/* A socket that could not be connected may try again.  Where a tare of another version has made
 * the container somebody waits as well, at a socket of another type. */
static fallible look_behind(const struct entry *entry, const char *file, int from, bool *is_waiting)
{
    *is_waiting = reaches(entry, file, from) || errno == EPROTOTYPE;
    return *is_waiting || errno == ENOENT || errno == ECONNREFUSED
               ? OK
               : error_system("look whether the init of container \"%s\" waits", entry->id);
}

/* Where the container runs neither name is there, which is the cheapest to see. */
fallible start_socket_is_waiting(const struct entry *entry, bool *is_waiting)
{
    try(look_for(entry, name, is_waiting));
    if (!*is_waiting)
        try(look_for(entry, going, is_waiting));
    if (!*is_waiting)
        return OK;

    auto_close int from = make_socket();
    if (from < 0)
        return error_system("make a socket to the init of container \"%s\"", entry->id);
    try(look_behind(entry, name, from, is_waiting));
    return *is_waiting ? OK : look_behind(entry, going, from, is_waiting);
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

/* IS_TOLD is false, with errno, if nobody is there. */
static fallible tell(const struct entry *entry, int theirs, bool *is_told)
{
    auto_close int from = make_socket();
    int trials = 0;
    struct error *error;

    *is_told = false;
    if (from < 0 || !reaches(entry, name, from))
        return OK;
    while ((error = channel_send_descriptor(from, theirs))) {
        int number = error->number;
        error_forget(error);
        if (number != EAGAIN) {
            errno = number;
            return OK;
        }
        try(await_room(&trials));
    }
    *is_told = true;
    return OK;
}

/* Killed between the two, we leave a name behind which nobody waits once the program runs. */
static fallible go(const struct entry *entry, int theirs)
{
    bool is_told;

    try(tell(entry, theirs, &is_told));
    if (!is_told && errno == ENOENT)
        return error_new(ERROR_STATE, "cannot start an already running container");
    if (!is_told && errno == ECONNREFUSED) {
        unlinkat(entry->directory, name, 0);
        return error_new(ERROR_STATE, "cannot start a container that has stopped");
    }
    if (!is_told && errno == EPROTOTYPE)
        return error_hint(error_new(ERROR_STATE, "cannot start a container that another version "
                                                 "of tare has created"),
                          "delete it, and create it again");
    if (!is_told)
        return error_system("reach the init of container \"%s\"", entry->id);
    if (!renameat(entry->directory, name, entry->directory, going))
        return OK;
    struct error *error = error_system("note that container \"%s\" is being started", entry->id);
    unlinkat(entry->directory, name, 0);
    return error;
}

fallible start_socket_say_go(const struct entry *entry, int *connection)
{
    auto_close int ours = -1, theirs = -1;

    try(channel_open(&ours, &theirs));
    try(go(entry, theirs));
    *connection = take_fd(&ours);
    return OK;
}

fallible start_socket_hear_end(const struct entry *entry, int connection)
{
    struct error *failed = channel_hear_end(connection, NULL, NULL);
    unlinkat(entry->directory, going, 0);
    return failed;
}
